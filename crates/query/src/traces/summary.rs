//! One line about a trace.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use arrow::array::RecordBatch;
use model::{Attributes, TraceId, UnixNanos};
use stitch::RepairKind;

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
    /// Spans that matched the search; a span that arrived twice counts twice.
    pub matched_spans: u64,
    /// The services on the way, most spans first.
    pub services: Vec<ServiceShare>,
    /// Repairs by kind; empty where the trace was not stitched, or needed none.
    pub repairs: BTreeMap<RepairKind, u64>,
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
    /// Its log records; `None` where they were not looked at.
    pub log_count: Option<u64>,
}

impl TraceSummary {
    /// From all spans of the trace; `None` without any. Of the copies of one span the newest counts.
    pub(crate) fn of(trace_id: TraceId, matched_spans: u64, batches: &[RecordBatch]) -> Option<Self> {
        let (mut shares, mut squads): (BTreeMap<&str, ServiceShare>, HashMap<u64, Option<String>>) = Default::default();
        let (mut first, mut last) = (UnixNanos::MAX, UnixNanos::MIN);
        let mut roots: Vec<(UnixNanos, &str, &str)> = Vec::new();
        let spans = newest_copies(batches);
        for &(cells, row) in &spans {
            let start = cells.time("start_time", row).unwrap_or_default();
            let length = cells.int("duration_ns", row).unwrap_or_default().max(0);
            first = first.min(start);
            last = last.max(UnixNanos::new(start.get().saturating_add(length)));
            let service = cells.text("service_name", row).unwrap_or_default();
            if cells.bytes("parent_span_id", row).is_none() {
                roots.push((start, service, cells.text("name", row).unwrap_or_default()));
            }
            let resource = || squad_of(Attributes::new(cells.bytes("resource_attributes", row).unwrap_or_default()));
            let squad = squads.entry(cells.uint("resource_id", row).unwrap_or_default()).or_insert_with(resource);
            let share = shares.entry(service).or_default();
            share.span_count += 1;
            share.error_count += u64::from(cells.int("status_code", row) == Some(2));
            share.squad = share.squad.take().or_else(|| squad.clone());
        }
        if spans.is_empty() {
            return None;
        }
        let named = |(service, share): (&str, ServiceShare)| ServiceShare { service: service.to_owned(), ..share };
        let mut services: Vec<ServiceShare> = shares.into_iter().map(named).collect();
        services.sort_by_key(|share| Reverse(share.span_count));
        Some(Self {
            trace_id,
            root: roots.into_iter().min().map(|(_, service, name)| (service.to_owned(), name.to_owned())),
            start: first,
            duration_ns: last.get().saturating_sub(first.get()),
            span_count: spans.len() as u64,
            error_count: services.iter().map(|share| share.error_count).sum(),
            matched_spans,
            services,
            repairs: BTreeMap::new(),
        })
    }
}

/// One row per span id: the copy received last; of those received together, the one that says it began later.
fn newest_copies(batches: &[RecordBatch]) -> Vec<(Cells<'_>, usize)> {
    let mut copies = HashMap::new();
    for batch in batches {
        let cells = Cells::new(batch);
        for row in 0..batch.num_rows() {
            let Some(id) = cells.bytes("span_id", row) else { continue };
            let age = (cells.time("received_time", row), cells.time("start_time", row), cells.int("duration_ns", row));
            let newest = copies.entry(id).or_insert((age, cells, row));
            if age > newest.0 {
                *newest = (age, cells, row);
            }
        }
    }
    copies.into_values().map(|(_, cells, row)| (cells, row)).collect()
}
