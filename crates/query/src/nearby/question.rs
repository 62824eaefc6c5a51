//! The question what lies around a trace, and its answer.

use model::{Table, TenantId, TimeRange, TraceId, UnixNanos};

use super::exemplar::{ExemplarRow, of_trace};
use super::pod::{PODS_MAX, Pod, pods_of};
use super::pod_metrics::{DESCRIBED_MAX, METRICS_PER_POD_MAX, NearbyMetric, PodSeries};
use super::records::{RECORDS_MAX, RECORDS_PER_POD_MAX, unattached};
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::logs::LogRow;
use crate::session::View;
use crate::traces::{find, not_found};

/// What lies around one trace.
#[derive(Clone, Debug, PartialEq)]
pub struct NearbyFound {
    /// The trace.
    pub trace_id: TraceId,
    /// The pods that its spans ran in, most spans first.
    pub pods: Vec<NearbyPod>,
    /// Exemplars that name the trace, by time.
    pub exemplars: Vec<ExemplarRow>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// One pod at the time of the trace.
#[derive(Clone, Debug, PartialEq)]
pub struct NearbyPod {
    /// Its service, as its spans say; empty where they do not.
    pub service: String,
    /// Its name; `None` where its resource does not say. Then records of that very resource are meant.
    pub pod: Option<String>,
    /// Its first span's start, by its own clock.
    pub from: UnixNanos,
    /// Its last span's end, by its own clock.
    pub to: UnixNanos,
    /// What it logged about that time without a trace id, by time.
    pub logs: Vec<LogRow>,
    /// Whether there is more of that.
    pub logs_cut: bool,
    /// What was measured of it about that time, by name.
    pub metrics: Vec<NearbyMetric>,
    /// Whether there is more of that.
    pub metrics_cut: bool,
}

/// What may name a trace.
const TABLES: &[Table] = &[Table::Spans, Table::Logs, Table::Exemplars];

impl Engine {
    /// What the pods of a trace logged and measured at its time, and the exemplars that name it.
    pub async fn nearby(&self, tenant: &TenantId, trace_id: TraceId) -> Result<NearbyFound, QueryError> {
        let view = self.view(tenant, TimeRange::ALL);
        self.ask(view, move |engine, view| async move { nearby(&engine, view, trace_id).await }).await
    }
}

async fn nearby(engine: &Engine, view: View, trace_id: TraceId) -> Result<NearbyFound, QueryError> {
    let found = find(&view, TABLES, trace_id).await?;
    if found.iter().flatten().all(|batch| batch.num_rows() == 0) {
        return Err(not_found(trace_id, &view.tally.coverage(0)));
    }
    let mut notes = Coverage::default();
    let mut pods = pods_of(&found[0]);
    if pods.len() > PODS_MAX {
        notes.cut(format!("the trace ran in {} pods: those with the fewest spans are not shown", pods.len()));
        pods.truncate(PODS_MAX);
    }
    let exemplars = of_trace(engine, &view, &found[2], &mut notes).await?;
    let series = PodSeries::of(engine, &view, &pods).await?;
    let (mut shown, mut room) = (Vec::with_capacity(pods.len()), RECORDS_MAX);
    for (number, pod) in pods.iter().enumerate() {
        let (logs, logs_cut) = unattached(engine, &view, pod, room).await?;
        room -= logs.len();
        let (metrics, metrics_cut) = series.measured(engine, &view, pod, number).await?;
        shown.push(shown_pod(pod, (logs, logs_cut), (metrics, metrics_cut)));
    }
    if shown.iter().any(|pod| pod.logs_cut) {
        let limits = format!("{RECORDS_PER_POD_MAX} of a pod, {RECORDS_MAX} in all");
        notes.cut(format!("there are more log records without a trace id (limit of {limits})"));
    }
    if shown.iter().any(|pod| pod.metrics_cut) {
        notes.cut(format!("there are more metrics (limit of {METRICS_PER_POD_MAX} of a pod)"));
    }
    if series.is_cut {
        notes.cut(format!(
            "the pods have more than {DESCRIBED_MAX} metrics: those that were described last are looked for"
        ));
    }
    let rows = shown.iter().map(|pod| pod.logs.len() + pod.metrics.len()).sum::<usize>() + exemplars.len();
    let mut coverage = view.tally.coverage(rows);
    coverage.truncated = notes.truncated;
    coverage.notes.extend(notes.notes);
    Ok(NearbyFound { trace_id, pods: shown, exemplars, coverage })
}

fn shown_pod(pod: &Pod, logs: (Vec<LogRow>, bool), metrics: (Vec<NearbyMetric>, bool)) -> NearbyPod {
    NearbyPod {
        service: pod.service.clone(),
        pod: pod.name.clone(),
        from: pod.from,
        to: pod.to,
        logs: logs.0,
        logs_cut: logs.1,
        metrics: metrics.0,
        metrics_cut: metrics.1,
    }
}
