//! Questions about a resource: does a selector match it, who owns it, which instance is it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Mutex;

use model::{Attributes, Labels, ResourceLabels, Selectors, resource_text, value_text};

/// Whether any of the selectors matches the resource, by the documented lookup order.
pub(crate) fn resource_matches(selectors: &Selectors, resource: Attributes<'_>) -> bool {
    selectors.matches(&ResourceLabels::new(|key: &str| resource_text(resource, key)))
}

/// The squad that owns it: the label `squad`, else `service.owner`.
pub(crate) fn squad_of(resource: Attributes<'_>) -> Option<String> {
    squad_by(|key| resource_text(resource, key))
}

/// The same over a lookup of one attribute by its exact key.
pub(crate) fn squad_by<'a>(attribute: impl Fn(&str) -> Option<Cow<'a, str>>) -> Option<String> {
    let labels = ResourceLabels::new(attribute);
    labels.get("squad").or_else(|| labels.get("service.owner")).map(Cow::into_owned)
}

/// The pod, else the service instance, else the host.
pub(crate) fn instance_of(resource: Attributes<'_>) -> Option<String> {
    ["k8s.pod.name", "service.instance.id", "host.name"]
        .into_iter()
        .find_map(|key| resource.get(key).and_then(value_text))
}

/// Resources that a selector has been asked about, with the answer. Rows of one resource stand
/// together and there are few of them, so each is looked at once.
#[derive(Debug, Default)]
pub(crate) struct ResourceVerdicts {
    known: Mutex<HashMap<u64, bool>>,
}

/// More distinct resources than this are not remembered, so that a flood of them costs time and not memory.
const KNOWN_MAX: usize = 100_000;

impl ResourceVerdicts {
    /// The verdict on the resource with this id, where there was one.
    pub(crate) fn known(&self, id: u64) -> Option<bool> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(&id).copied()
    }

    /// The verdict on the resource with this id.
    pub(crate) fn of(&self, id: u64, verdict: impl FnOnce() -> bool) -> bool {
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(verdict) = known.get(&id) {
            return *verdict;
        }
        let verdict = verdict();
        if known.len() < KNOWN_MAX {
            known.insert(id, verdict);
        }
        verdict
    }
}
