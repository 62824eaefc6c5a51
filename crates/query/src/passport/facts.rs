//! What is known of a service besides its telemetry's figures, and where that is looked up.
//!
//! The first that is there is taken, of the resource that was heard from last:
//!
//! | fact | 1. services file | 2. attribute or label | 3. annotation |
//! |---|---|---|---|
//! | owner | `owner` | `squad`, `service.owner` | `squad`, `owner` |
//! | runbook | `runbook` | `service.runbook`, `service.runbook.url`, `runbook` | `runbook`, `runbook-url` |
//! | repository | `repository` | `vcs.repository.url.full`, `service.repository`, `repository` | `repository`, `source` |
//! | contact | `contact` | `service.contact`, `contact` | `contact`, `chat`, `support` |
//! | description | `description` | `service.description` | `description` |
//!
//! - *Attribute or label*: as selectors look a key up ([`model::resource_attribute_keys`]): the attribute of that name, then
//!   labels of the pod, of what made it, of its namespace.
//! - *Annotation*: `k8s.pod.annotation.KEY` (or `annotations`), then of what made the pod, then of its namespace. A domain
//!   in front of the key does not matter: `a8r.io/runbook` is a `runbook`.

use std::collections::BTreeMap;

use model::{Attributes, resource_attribute_keys, resource_text};

/// Longer values are no facts: addresses beyond 2 KiB do not work in browsers either, and thousands of pods may each say
/// something else.
const FACT_BYTES_MAX: usize = 2_048;

/// What carries annotations in Kubernetes, in the order in which it is asked.
const ANNOTATION_CARRIERS: [&str; 7] = ["pod", "deployment", "statefulset", "daemonset", "job", "cronjob", "namespace"];

/// Where a fact is looked up.
struct Lookup {
    labels: &'static [&'static str],
    annotations: &'static [&'static str],
}

/// Of owner, runbook, repository, contact and description.
const LOOKUPS: [Lookup; 5] = [
    Lookup { labels: &["squad", "service.owner"], annotations: &["squad", "owner"] },
    Lookup { labels: &["service.runbook", "service.runbook.url", "runbook"], annotations: &["runbook", "runbook-url"] },
    Lookup {
        labels: &["vcs.repository.url.full", "service.repository", "repository"],
        annotations: &["repository", "source"],
    },
    Lookup { labels: &["service.contact", "contact"], annotations: &["contact", "chat", "support"] },
    Lookup { labels: &["service.description"], annotations: &["description"] },
];

/// Something that is known, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What is known; never empty.
    pub value: String,
    /// Who says so.
    pub source: FactSource,
}

/// Who says something of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactSource {
    /// The server's services file.
    ServicesFile,
    /// The attribute of this key, of a resource that sent telemetry.
    Attribute(String),
}

/// What an operator states of a service in the services file. It is believed before telemetry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedFacts {
    /// The squad that owns it.
    pub owner: Option<String>,
    /// Where it is told what to do when it fails.
    pub runbook: Option<String>,
    /// Where its source code is.
    pub repository: Option<String>,
    /// How its owner is reached.
    pub contact: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Anything else, by name.
    pub labels: BTreeMap<String, String>,
}

/// Owner, runbook, repository, contact, description.
pub(super) type Facts = [Option<Fact>; LOOKUPS.len()];

/// What an operator states.
pub(super) fn stated(facts: &StatedFacts) -> Facts {
    let StatedFacts { owner, runbook, repository, contact, description, labels: _ } = facts;
    [owner, runbook, repository, contact, description].map(|value| {
        let value = value.clone().filter(|value| !value.is_empty())?;
        Some(Fact { value, source: FactSource::ServicesFile })
    })
}

/// What a resource says of its service.
pub(super) fn told(resource: Attributes<'_>) -> Facts {
    LOOKUPS.each_ref().map(|lookup| {
        let (key, value) = by_label(lookup, resource).or_else(|| by_annotation(lookup, resource))?;
        Some(Fact { value, source: FactSource::Attribute(key) })
    })
}

fn by_label(lookup: &Lookup, resource: Attributes<'_>) -> Option<(String, String)> {
    let mut keys = lookup.labels.iter().flat_map(|key| resource_attribute_keys(key));
    keys.find_map(|key| Some((key.to_string(), fact_at(resource, &key)?)))
}

fn by_annotation(lookup: &Lookup, resource: Attributes<'_>) -> Option<(String, String)> {
    let rank_of = |key: &str| {
        let (carrier, annotation) = key.strip_prefix("k8s.")?.split_once('.')?;
        let carrier = ANNOTATION_CARRIERS.iter().position(|name| *name == carrier)?;
        let annotation = annotation.strip_prefix("annotation.").or_else(|| annotation.strip_prefix("annotations."))?;
        let name = annotation.rsplit('/').next()?;
        let name = lookup.annotations.iter().position(|wanted| *wanted == name)?;
        Some((name, carrier))
    };
    let keys = resource.iter().map_while(Result::ok).map(|entry| entry.key);
    let ranked = keys.filter_map(|key| Some((rank_of(key)?, key, fact_at(resource, key)?)));
    ranked.min().map(|(_, key, value)| (key.to_owned(), value))
}

fn fact_at(resource: Attributes<'_>, key: &str) -> Option<String> {
    let text = resource_text(resource, key)?;
    let text = text.trim();
    (!text.is_empty() && text.len() <= FACT_BYTES_MAX).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use model::AttributesWriter;

    use super::*;

    /// `expected` is the value and the key of each fact, or nothing.
    #[track_caller]
    fn check(attributes: &[(&str, &str)], expected: [(&str, &str); 5]) {
        let mut writer = AttributesWriter::new();
        for (key, value) in attributes {
            writer.key(key);
            writer.text(value);
        }
        let found = told(Attributes::new(writer.as_bytes())).map(|fact| {
            let Some(Fact { value, source: FactSource::Attribute(key) }) = fact else { return Default::default() };
            (value, key)
        });
        assert_eq!(found, expected.map(|(value, key)| (value.to_owned(), key.to_owned())), "{attributes:?}");
    }

    const NONE: (&str, &str) = ("", "");

    #[test]
    fn labels_go_before_annotations_and_the_pod_before_its_namespace() {
        check(&[], [NONE; 5]);
        check(
            &[
                ("k8s.namespace.annotation.a8r.io/runbook", "of the namespace"),
                ("k8s.pod.annotation.example.org/runbook", "of the pod"),
                ("k8s.pod.annotation.owner", "somebody"),
                ("k8s.deployment.label.squad", "money"),
                ("vcs.repository.url.full", "https://example.org/pay"),
                ("k8s.deployment.annotations.a8r.io/chat", "#pay"),
            ],
            [
                ("money", "k8s.deployment.label.squad"),
                ("of the pod", "k8s.pod.annotation.example.org/runbook"),
                ("https://example.org/pay", "vcs.repository.url.full"),
                ("#pay", "k8s.deployment.annotations.a8r.io/chat"),
                NONE,
            ],
        );
    }

    #[test]
    fn what_is_empty_or_endless_is_no_fact() {
        let endless = "x".repeat(FACT_BYTES_MAX + 1);
        let owner = ("money", "service.owner");
        check(
            &[("squad", " "), ("service.owner", "money"), ("service.runbook", &endless)],
            [owner, NONE, NONE, NONE, NONE],
        );
    }
}
