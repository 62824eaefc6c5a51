//! Repairs of traces as rows of `repairs`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, FixedSizeBinaryArray, Int64Array, ListArray, RecordBatch};
use arrow::array::{StringViewArray, UInt32Array};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field};
use model::{SpanId, Table, TenantId, TraceId, UnixNanos};
use stitch::{Repair, RepairKind, Source, SpanInput, Story};
use store::Snapshot;
use tracing::warn;
use xxhash_rust::xxh3::xxh3_64;

use super::columns::{floats, rows, signed, texts, times, unsigned};
use crate::cells::Cells;

/// Causes that are told of one trace: kinds, services and pairs of hosts. A trace of more than these is a mess wherever it is
/// looked at.
const CAUSES_MAX: usize = 64;

/// Services that are named of one cause.
const SERVICES_MAX: usize = 16;

/// Rows of one flush, about 64 MiB of them. What comes beyond cannot be searched, and the log says so.
const ROWS_MAX: usize = 131_072;

/// Rows of `repairs` that are read of one trace.
const TOLD_MAX: usize = 4_096;

/// Repairs of one trace with one cause, as a row tells them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RepairRow {
    time: UnixNanos,
    kind: String,
    service: Option<String>,
    services: Vec<String>,
    host: Option<String>,
    reference_host: Option<String>,
    shift_ns: Option<i64>,
    error_ns: Option<i64>,
    spans: u32,
    confidence: f64,
    /// How many repairs.
    count: i64,
}

/// Whose fault a repair is, where that is known: the service of a lost span, of one that came twice, of a clock that is off.
/// With the services of all spans that it touches.
pub(crate) fn culprit<'a>(
    repair: &Repair,
    by_id: &BTreeMap<SpanId, Vec<usize>>,
    (story, spans): (&Story<'a>, &[SpanInput<'a>]),
) -> (Option<&'a str>, BTreeSet<&'a str>) {
    let rows = repair.span_ids.iter().filter_map(|id| by_id.get(id)).flatten();
    let mut named: Vec<Option<&'a str>> = rows.map(|row| service_of(story.rows[*row].source, spans)).collect();
    // Of a missing parent the phantom comes first, and in its place nobody stands for it.
    let first = named.first().copied().flatten();
    let services = named.drain(..).flatten().collect();
    (first, services)
}

/// The rows of each span id.
pub(crate) fn rows_by_id(story: &Story<'_>) -> BTreeMap<SpanId, Vec<usize>> {
    let mut by_id: BTreeMap<SpanId, Vec<usize>> = BTreeMap::new();
    story.rows.iter().enumerate().for_each(|(row, placed)| by_id.entry(placed.span_id).or_default().push(row));
    by_id
}

fn service_of<'a>(source: Source<'a>, spans: &[SpanInput<'a>]) -> Option<&'a str> {
    let service = match source {
        Source::Arrived(span) => Some(spans[span].service),
        Source::Phantom { service } => service,
        Source::Logged { service } => Some(service),
    };
    service.filter(|service| !service.is_empty())
}

/// The kind, whose fault it is and, of a clock, its host and the one that it is compared with.
type Cause<'a> = (RepairKind, Option<&'a str>, Option<(&'a str, &'a str)>);

/// The repairs of a story, by cause.
pub(super) fn of_story(story: &Story<'_>, spans: &[SpanInput<'_>]) -> Vec<RepairRow> {
    if story.repairs.is_empty() {
        return Vec::new();
    }
    let by_id = rows_by_id(story);
    let mut shifts = story.shifts.iter();
    let mut causes: BTreeMap<Cause<'_>, RepairRow> = BTreeMap::new();
    for repair in &story.repairs {
        let shift = if repair.kind == RepairKind::ClockSkew { shifts.next() } else { None };
        let (service, services) = culprit(repair, &by_id, (story, spans));
        let cause = (repair.kind, service, shift.map(|shift| (shift.host, shift.reference)));
        if causes.len() >= CAUSES_MAX && !causes.contains_key(&cause) {
            continue;
        }
        let row = causes.entry(cause).or_insert_with(|| RepairRow {
            time: UnixNanos::MAX,
            kind: repair.kind.as_str().to_owned(),
            service: service.map(str::to_owned),
            services: Vec::new(),
            host: shift.map(|shift| shift.host.to_owned()),
            reference_host: shift.map(|shift| shift.reference.to_owned()),
            shift_ns: shift.map(|shift| shift.shift_ns),
            error_ns: shift.and_then(|shift| shift.error_ns),
            spans: 0,
            confidence: 0.0,
            count: 0,
        });
        let touched = repair.span_ids.iter().filter_map(|id| by_id.get(id)).flatten();
        let start = touched.map(|row| story.rows[*row].start).min().unwrap_or(story.start);
        row.add(repair, start, services);
    }
    causes.into_values().collect()
}

/// What blocks tell of the repairs of a trace. A block that cannot be read tells nothing.
pub(super) fn told_of(older: &Snapshot, tenant: &TenantId, trace_id: TraceId) -> Vec<RepairRow> {
    let mut told: Vec<(RepairRow, i64)> = Vec::new();
    for block in older.blocks(tenant, Table::Repairs) {
        match block.rows_of_trace(trace_id, TOLD_MAX) {
            Ok(None) => {}
            Ok(Some(batch)) => {
                let cells = Cells::new(&batch);
                for row in 0..batch.num_rows() {
                    let (read, weight) = (RepairRow::read(&cells, row), cells.int("weight", row).unwrap_or_default());
                    match told.iter_mut().find(|(known, _)| *known == read) {
                        Some((_, sum)) => *sum += weight,
                        None => told.push((read, weight)),
                    }
                }
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(block = %block.meta().id, error, "cannot read what was repaired before");
            }
        }
    }
    told.into_iter().filter(|(_, count)| *count > 0).map(|(row, count)| RepairRow { count, ..row }).collect()
}

impl RepairRow {
    fn add(&mut self, repair: &Repair, start: UnixNanos, services: BTreeSet<&str>) {
        self.time = self.time.min(start);
        for service in services {
            if self.services.len() < SERVICES_MAX && self.services.iter().all(|known| known != service) {
                self.services.push(service.to_owned());
            }
        }
        self.spans = self.spans.saturating_add(u32::try_from(repair.span_ids.len()).unwrap_or(u32::MAX));
        self.count += 1;
        // The mean of all so far.
        self.confidence += (repair.confidence - self.confidence) / self.count as f64;
    }

    fn read(cells: &Cells<'_>, row: usize) -> Self {
        let text = |column| cells.text(column, row).map(str::to_owned);
        let services = cells.list("services", row);
        let services = services.as_ref().and_then(|items| items.as_string_view_opt());
        Self {
            time: cells.time("time", row).unwrap_or_default(),
            kind: text("kind").unwrap_or_default(),
            service: text("service"),
            services: services.into_iter().flatten().flatten().map(str::to_owned).collect(),
            host: text("host"),
            reference_host: text("reference_host"),
            shift_ns: cells.int("shift_ns", row),
            error_ns: cells.int("error_ns", row),
            spans: cells.count("spans", row),
            confidence: cells.float("confidence", row).unwrap_or_default(),
            count: 0,
        }
    }

    fn group_id(&self) -> u64 {
        xxh3_64(format!("{}\u{1f}{}", self.service.as_deref().unwrap_or_default(), self.kind).as_bytes())
    }
}

/// The repairs of a flush.
#[derive(Debug, Default)]
pub(super) struct RepairRows {
    rows: Vec<(TraceId, RepairRow, i64)>,
    /// Rows for which there was no room.
    untold: u64,
}

impl RepairRows {
    /// Puts a trace's repairs in the place of those that were told before.
    pub(super) fn replace(&mut self, trace_id: TraceId, mut told: Vec<RepairRow>, now: Vec<RepairRow>) {
        for repair in now {
            match told.iter().position(|before| *before == repair) {
                Some(known) => drop(told.swap_remove(known)),
                None => self.tell(trace_id, repair.count, repair),
            }
        }
        told.into_iter().for_each(|repair| self.tell(trace_id, -repair.count, repair));
    }

    fn tell(&mut self, trace_id: TraceId, weight: i64, repair: RepairRow) {
        if self.rows.len() < ROWS_MAX {
            self.rows.push((trace_id, repair, weight));
        } else {
            self.untold += 1;
        }
    }

    /// The rows of `repairs`.
    pub(super) fn into_rows(self) -> RecordBatch {
        if self.untold > 0 {
            warn!(causes = self.untold, "more was repaired than is kept of one flush");
        }
        let told = || self.rows.iter().map(|(_, repair, _)| repair);
        let ids = FixedSizeBinaryArray::try_from_sparse_iter_with_size(
            self.rows.iter().map(|(trace_id, ..)| Some(trace_id.as_bytes())),
            16,
        );
        let optional = |numbers: Vec<Option<i64>>| Arc::new(Int64Array::from(numbers)) as ArrayRef;
        let columns: Vec<ArrayRef> = vec![
            times(told().map(|repair| repair.time.get())),
            Arc::new(ids.expect("ids have sixteen bytes")),
            texts(told().map(|repair| Some(repair.kind.as_str()))),
            texts(told().map(|repair| repair.service.as_deref())),
            lists_of_texts(told().map(|repair| repair.services.as_slice())),
            texts(told().map(|repair| repair.host.as_deref())),
            texts(told().map(|repair| repair.reference_host.as_deref())),
            optional(told().map(|repair| repair.shift_ns).collect()),
            optional(told().map(|repair| repair.error_ns).collect()),
            Arc::new(UInt32Array::from_iter_values(told().map(|repair| repair.spans))),
            floats(told().map(|repair| repair.confidence)),
            signed(self.rows.iter().map(|(.., weight)| *weight)),
            unsigned(told().map(RepairRow::group_id)),
        ];
        rows(Table::Repairs, columns)
    }
}

fn lists_of_texts<'a>(lists: impl Iterator<Item = &'a [String]> + Clone) -> ArrayRef {
    let items = StringViewArray::from_iter_values(lists.clone().flatten());
    let item = Field::new("item", DataType::Utf8View, false);
    Arc::new(ListArray::new(
        Arc::new(item),
        OffsetBuffer::from_lengths(lists.map(<[String]>::len)),
        Arc::new(items),
        None,
    ))
}
