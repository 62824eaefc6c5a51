//! Which pods a trace ran in, and when, by their own clocks.
//!
//! A pod is known by its id, else by its name (and namespace, where that is said), so that what a log collector read of its
//! output is found, too, which has another resource than the spans have. Without either, a pod is one resource.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use arrow::array::RecordBatch;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::{Expr, col, lit};
use datafusion::prelude::SessionContext;
use model::{Attributes, TimeRange, UnixNanos, resource_text};

use crate::cells::Cells;
use crate::error::QueryError;

/// Pods that are looked at, those with the most spans. Each takes questions of its own.
pub(super) const PODS_MAX: usize = 20;

/// Resources of one pod by which it is asked about. A pod whose resource changes with each request is no pod.
const RESOURCES_MAX: usize = 100;

/// What tells pods apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum PodKey {
    Uid(String),
    Name { name: String, namespace: Option<String> },
    Resource(u64),
}

/// One pod, and its time in the trace.
#[derive(Clone, Debug)]
pub(super) struct Pod {
    key: PodKey,
    /// Of its spans; more of the same pod are found by its key.
    resource_ids: BTreeSet<u64>,
    pub(super) service: String,
    pub(super) name: Option<String>,
    pub(super) from: UnixNanos,
    pub(super) to: UnixNanos,
    spans: usize,
}

/// The pods of the spans in batches with all columns of `spans`, most spans first.
pub(super) fn pods_of(batches: &[RecordBatch]) -> Vec<Pod> {
    let mut pods: Vec<Pod> = Vec::new();
    let mut places: HashMap<PodKey, usize> = HashMap::new();
    let mut known: HashMap<u64, usize> = HashMap::new();
    for batch in batches {
        let cells = Cells::new(batch);
        for row in 0..batch.num_rows() {
            let id = cells.uint("resource_id", row).unwrap_or_default();
            let place = *known.entry(id).or_insert_with(|| {
                let resource = Attributes::new(cells.bytes("resource_attributes", row).unwrap_or_default());
                let service = cells.text("service_name", row).unwrap_or_default();
                let place = *places.entry(PodKey::of(id, resource)).or_insert_with_key(|key| {
                    pods.push(Pod::new(key.clone(), service, resource));
                    pods.len() - 1
                });
                pods[place].add_resource(id);
                place
            });
            let start = cells.time("start_time", row).unwrap_or_default();
            pods[place].add_span(start, cells.int("duration_ns", row).unwrap_or_default());
        }
    }
    pods.sort_by_key(|pod| Reverse(pod.spans));
    pods
}

impl PodKey {
    fn of(resource_id: u64, resource: Attributes<'_>) -> Self {
        let text = |key| resource_text(resource, key).filter(|text| !text.is_empty()).map(|text| text.into_owned());
        match (text("k8s.pod.uid"), text("k8s.pod.name")) {
            (Some(uid), _) => Self::Uid(uid),
            (None, Some(name)) => Self::Name { name, namespace: text("k8s.namespace.name") },
            (None, None) => Self::Resource(resource_id),
        }
    }
}

impl Pod {
    fn new(key: PodKey, service: &str, resource: Attributes<'_>) -> Self {
        let name = resource_text(resource, "k8s.pod.name").map(|name| name.into_owned());
        let (from, to) = (UnixNanos::MAX, UnixNanos::MIN);
        Self { key, resource_ids: BTreeSet::new(), service: service.to_owned(), name, from, to, spans: 0 }
    }

    fn add_resource(&mut self, id: u64) {
        if self.resource_ids.len() < RESOURCES_MAX {
            self.resource_ids.insert(id);
        }
    }

    fn add_span(&mut self, start: UnixNanos, duration_ns: i64) {
        self.spans += 1;
        self.from = self.from.min(start);
        self.to = self.to.max(UnixNanos::new(start.get().saturating_add(duration_ns.max(0))));
    }

    /// Its time, and so much before and after.
    pub(super) fn range(&self, margin: Duration) -> TimeRange {
        let margin = i64::try_from(margin.as_nanos()).unwrap_or(i64::MAX);
        TimeRange {
            from: UnixNanos::new(self.from.get().saturating_sub(margin)),
            // The end itself is inside.
            to: UnixNanos::new(self.to.get().saturating_add(margin).saturating_add(1)),
        }
    }

    /// Whether this resource is of the pod.
    pub(super) fn has(&self, resource_id: u64, resource: Attributes<'_>) -> bool {
        let is = |key, value: &str| resource_text(resource, key).is_some_and(|text| text == value);
        self.resource_ids.contains(&resource_id)
            || match &self.key {
                PodKey::Uid(uid) => is("k8s.pod.uid", uid),
                PodKey::Name { name, namespace } => {
                    is("k8s.pod.name", name)
                        && namespace.as_ref().is_none_or(|namespace| is("k8s.namespace.name", namespace))
                }
                PodKey::Resource(_) => false,
            }
    }

    /// [`Self::has`] as a predicate over `resource_id` and `resource_attributes`.
    pub(super) fn predicate(&self, session: &SessionContext) -> Result<Expr, QueryError> {
        let attr = session.udf("attr")?;
        let is = |key: &str, value: &str| attr.call(vec![col("resource_attributes"), lit(key)]).eq(lit(value));
        let ids = self.resource_ids.iter().map(|id| lit(*id)).collect();
        let by_id = col("resource_id").in_list(ids, false);
        Ok(match &self.key {
            PodKey::Uid(uid) => by_id.or(is("k8s.pod.uid", uid)),
            PodKey::Name { name, namespace: None } => by_id.or(is("k8s.pod.name", name)),
            PodKey::Name { name, namespace: Some(namespace) } => {
                by_id.or(is("k8s.pod.name", name).and(is("k8s.namespace.name", namespace)))
            }
            PodKey::Resource(_) => by_id,
        })
    }
}
