//! One line about a trace.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::RecordBatch;
use model::{Attributes, SpanId, TraceId, UnixNanos};

use crate::cells::Cells;
use crate::resource::squad_of;

/// One trace in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceSummary {
    /// Its id.
    pub trace_id: TraceId,
    /// Service and name of the root span; `None` when no root has arrived.
    pub root: Option<(String, String)>,
    /// Start of the earliest span.
    pub start: UnixNanos,
    /// From the earliest start to the latest end, nanoseconds.
    pub duration_ns: i64,
    /// Spans, each id counted once.
    pub span_count: u64,
    /// Spans with status error.
    pub error_count: u64,
    /// Spans that matched the search.
    pub matched_spans: u64,
    /// The services on the way, most spans first.
    pub services: Vec<ServiceShare>,
}

/// One service's share of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceShare {
    /// `service.name`.
    pub service: String,
    /// Who owns it.
    pub squad: Option<String>,
    /// Its spans.
    pub span_count: u64,
    /// Its spans with status error.
    pub error_count: u64,
    /// Its log records.
    pub log_count: u64,
}

impl TraceSummary {
    /// From all spans of the trace; `None` without any.
    pub(crate) fn of(trace_id: TraceId, matched_spans: u64, batches: &[RecordBatch]) -> Option<Self> {
        let mut seen: BTreeSet<SpanId> = BTreeSet::new();
        let mut shares: BTreeMap<String, ServiceShare> = BTreeMap::new();
        let mut squads: HashMap<u64, Option<String>> = HashMap::new();
        let mut bounds: Option<(UnixNanos, i64)> = None;
        let mut roots: Vec<(UnixNanos, String, String)> = Vec::new();
        let mut error_count = 0;
        for batch in batches {
            let cells = Cells::new(batch);
            for row in 0..batch.num_rows() {
                let start = cells.time("start_time", row).unwrap_or_default();
                let duration = cells.int("duration_ns", row).unwrap_or_default();
                let end = start.get().saturating_add(duration.max(0));
                let (first, last) = bounds.unwrap_or((start, end));
                bounds = Some((first.min(start), last.max(end)));
                let id = cells.bytes("span_id", row).and_then(|id| SpanId::from_bytes(id).ok());
                if !id.is_some_and(|id| seen.insert(id)) {
                    continue;
                }
                let service = cells.text("service_name", row).unwrap_or_default().to_owned();
                if cells.bytes("parent_span_id", row).is_none() {
                    let name = cells.text("name", row).unwrap_or_default().to_owned();
                    roots.push((start, service.clone(), name));
                }
                let resource =
                    || squad_of(Attributes::new(cells.bytes("resource_attributes", row).unwrap_or_default()));
                let squad = squads.entry(cells.uint("resource_id", row).unwrap_or_default()).or_insert_with(resource);
                let is_error = cells.int("status_code", row) == Some(2);
                error_count += u64::from(is_error);
                let share =
                    shares.entry(service.clone()).or_insert_with(|| ServiceShare { service, ..Default::default() });
                share.span_count += 1;
                share.error_count += u64::from(is_error);
                share.squad = share.squad.take().or_else(|| squad.clone());
            }
        }
        let (start, end) = bounds?;
        let mut services: Vec<ServiceShare> = shares.into_values().collect();
        services.sort_by_key(|share| Reverse(share.span_count));
        Some(Self {
            trace_id,
            root: roots.into_iter().min().map(|(_, service, name)| (service, name)),
            start,
            duration_ns: end.saturating_sub(start.get()),
            span_count: seen.len() as u64,
            error_count,
            matched_spans,
            services,
        })
    }
}
