//! The lookup order that finds a label among a resource's attributes: see [`resource_attribute_keys`].

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use super::labels::Labels;
use crate::{Attributes, ValueRef, value_text};

/// What carries labels in Kubernetes, in the order in which it is asked.
const LABEL_CARRIERS: [&str; 8] = [
    "k8s.pod",
    "k8s.deployment",
    "k8s.statefulset",
    "k8s.daemonset",
    "k8s.job",
    "k8s.cronjob",
    "k8s.namespace",
    "k8s.node",
];

/// The attribute keys under which a selector's key is looked up, the one to be taken first at the front.
///
/// An operator writes `app=checkout`, while OpenTelemetry says `k8s.pod.label.app`. A selector's key is looked up under
/// these attribute keys, and the first that the resource has is taken, also if its value is empty:
///
/// | order | attribute | for the key `app` |
/// |---|---|---|
/// | 1 | exactly the key | `app` |
/// | 2 | label of the pod | `k8s.pod.label.app`, `k8s.pod.labels.app` |
/// | 3 | label of what made the pod | the same two under `k8s.deployment`, `k8s.statefulset`, `k8s.daemonset`, … |
/// | 4 | label of what holds the pod | the same two under `k8s.namespace`, then `k8s.node` |
/// | 5 | the long name of a short one | none; see below |
///
/// Pods are made by a deployment, stateful set, daemon set, job or cron job, asked in this order.
/// (`label` is what OpenTelemetry's conventions say today, `labels` what its collector said for years.)
///
/// | short name | attribute |
/// |---|---|
/// | `service` | `service.name` |
/// | `namespace` | `k8s.namespace.name`, then `service.namespace` |
/// | `pod` | `k8s.pod.name` |
/// | `node` | `k8s.node.name` |
/// | `container` | `k8s.container.name` |
/// | `deployment` | `k8s.deployment.name` |
/// | `environment`, `env` | `deployment.environment.name`, then `deployment.environment` |
/// | `cluster` | `k8s.cluster.name` |
/// | `host` | `host.name` |
/// | `version` | `service.version` |
///
/// Labels come before short names: who labels a pod `version=blue` means that when asking for `version`.
pub fn resource_attribute_keys(key: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let labels = LABEL_CARRIERS.iter().flat_map(move |carrier| {
        ["label", "labels"].into_iter().map(move |label| Cow::Owned(format!("{carrier}.{label}.{key}")))
    });
    let long_names = long_names(key).iter().map(|&name| Cow::Borrowed(name));
    std::iter::once(Cow::Borrowed(key)).chain(labels).chain(long_names)
}

/// The value of a selector's key, given how to look up one attribute of the resource by its exact key.
///
/// `attribute` returns the attribute as text, and `None` only if the resource does not have it.
pub fn resource_label<'a>(key: &str, attribute: impl Fn(&str) -> Option<Cow<'a, str>>) -> Option<Cow<'a, str>> {
    resource_attribute_keys(key).find_map(|attribute_key| attribute(&attribute_key))
}

/// One attribute of a resource as a selector sees it: text as it is, anything else as [`value_text`] writes it.
pub fn resource_text<'a>(resource: Attributes<'a>, key: &str) -> Option<Cow<'a, str>> {
    match resource.get(key)? {
        ValueRef::Text(text) => Some(Cow::Borrowed(text)),
        other => value_text(other).map(Cow::Owned),
    }
}

/// A resource's attributes as labels, found in the order of [`resource_attribute_keys`].
pub struct ResourceLabels<'a, F> {
    attribute: F,
    resource: PhantomData<&'a ()>,
}

impl<'a, F: Fn(&str) -> Option<Cow<'a, str>>> ResourceLabels<'a, F> {
    /// Labels over a lookup of one attribute by its exact key, as [`resource_label`] takes it.
    pub fn new(attribute: F) -> Self {
        Self { attribute, resource: PhantomData }
    }
}

impl<'a, F: Fn(&str) -> Option<Cow<'a, str>>> Labels for ResourceLabels<'a, F> {
    fn get(&self, key: &str) -> Option<Cow<'_, str>> {
        resource_label(key, &self.attribute)
    }
}

impl<F> fmt::Debug for ResourceLabels<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceLabels").finish_non_exhaustive()
    }
}

fn long_names(key: &str) -> &'static [&'static str] {
    match key {
        "service" => &["service.name"],
        "namespace" => &["k8s.namespace.name", "service.namespace"],
        "pod" => &["k8s.pod.name"],
        "node" => &["k8s.node.name"],
        "container" => &["k8s.container.name"],
        "deployment" => &["k8s.deployment.name"],
        "environment" | "env" => &["deployment.environment.name", "deployment.environment"],
        "cluster" => &["k8s.cluster.name"],
        "host" => &["host.name"],
        "version" => &["service.version"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::super::Selectors;
    use super::*;

    /// The attributes are given in the reverse of the order in which they should be found.
    #[track_caller]
    fn check(key: &str, attributes: &[&str]) {
        for known in 0..attributes.len() {
            let attributes = &attributes[..=known];
            let found = resource_label(key, |attribute| {
                attributes.iter().find(|&&known| known == attribute).map(|&known| Cow::Borrowed(known))
            });
            assert_eq!(found.as_deref(), attributes.last().copied(), "{key} among {attributes:?}");
        }
    }

    #[test]
    fn the_documented_order_decides_between_attributes() {
        check(
            "app",
            &[
                "k8s.node.labels.app",
                "k8s.node.label.app",
                "k8s.namespace.labels.app",
                "k8s.namespace.label.app",
                "k8s.cronjob.labels.app",
                "k8s.cronjob.label.app",
                "k8s.job.labels.app",
                "k8s.job.label.app",
                "k8s.daemonset.labels.app",
                "k8s.daemonset.label.app",
                "k8s.statefulset.labels.app",
                "k8s.statefulset.label.app",
                "k8s.deployment.labels.app",
                "k8s.deployment.label.app",
                "k8s.pod.labels.app",
                "k8s.pod.label.app",
                "app",
            ],
        );
        check("app.kubernetes.io/name", &["k8s.pod.label.app.kubernetes.io/name", "app.kubernetes.io/name"]);
    }

    #[test]
    fn short_names_are_asked_last() {
        check("service", &["service.name", "k8s.node.label.service", "service"]);
        check("namespace", &["service.namespace", "k8s.namespace.name", "k8s.node.labels.namespace", "namespace"]);
        check("pod", &["k8s.pod.name", "k8s.pod.label.pod"]);
        check("node", &["k8s.node.name"]);
        check("container", &["k8s.container.name"]);
        check("deployment", &["k8s.deployment.name"]);
        check("environment", &["deployment.environment", "deployment.environment.name", "environment"]);
        check("env", &["deployment.environment", "deployment.environment.name", "env"]);
        check("cluster", &["k8s.cluster.name"]);
        check("host", &["host.name"]);
        check("version", &["service.version", "k8s.pod.label.version"]);
        check("service.name", &["service.name"]);
    }

    #[test]
    fn a_resource_is_selected_by_its_labels() {
        #[track_caller]
        fn check(selector: &str, expected: bool) {
            let attributes = [("service.name", "checkout"), ("k8s.pod.label.tier", "web"), ("k8s.node.label.gpu", "")];
            let labels = ResourceLabels::new(|key: &str| {
                attributes.iter().find(|(known, _)| *known == key).map(|(_, value)| Cow::Borrowed(*value))
            });
            let selectors = Selectors::parse(selector).expect("valid");
            assert_eq!(selectors.matches(&labels), expected, "{selector}");
        }
        check("service=checkout,tier in (web,api)", true);
        check("service.name=checkout,gpu,!canary", true);
        check("service=payment || gpu=", true);
        check("service!=checkout", false);
        check("checkout", false);
    }
}
