//! Fresh spans by trace, and older spans of the same traces.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use model::{Table, TenantId, TimeRange, TraceId, UnixNanos};
use stitch::{LogMention, SpanInput};
use store::{Block, Snapshot};
use tracing::warn;

use super::mentions::Mentions;
use super::span_columns::SpanColumns;

/// Older spans are looked for in blocks of the time of a trace's fresh spans, and this much before and after: requests end
/// within it, and what runs for longer, such as a job, is cut there.
const OLDER_NANOS: i64 = 3_600_000_000_000;

/// Spans of one trace that are digested together. Whoever sends more in one trace gets no more digests of it.
const TRACE_SPANS_MAX: usize = 100_000;

/// Traces of which older spans are read in one flush: a second or two of work. Of others, the fresh spans are taken for
/// all there is.
const OLDER_TRACES_MAX: usize = 4_096;

/// Rows of these that are in memory at once, about 256 MiB of ordinary ones, before no more are read.
const OLDER_ROWS_MAX: usize = 200_000;

/// Spans of one trace as stitching sees them, and in which environment each was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct TraceSpans<'a> {
    pub(super) inputs: Vec<SpanInput<'a>>,
    /// `deployment.environment.name` of each; empty where not said.
    pub(super) environments: Vec<&'a str>,
}

impl<'a> TraceSpans<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// These, and then those, which are newer; no more than are digested together.
    pub(super) fn with(&self, newer: &Self) -> Self {
        let mut all = Self::default();
        for spans in [self, newer] {
            all.inputs.extend_from_slice(&spans.inputs);
            all.environments.extend_from_slice(&spans.environments);
        }
        all.inputs.truncate(TRACE_SPANS_MAX);
        all.environments.truncate(TRACE_SPANS_MAX);
        all
    }

    fn push(&mut self, columns: &SpanColumns<'a>, row: usize) {
        self.inputs.extend(columns.input(row));
        self.environments.resize(self.inputs.len(), columns.environment(row));
    }
}

/// The spans of a flush, by trace.
#[derive(Debug)]
pub(super) struct Traces<'a> {
    columns: Vec<SpanColumns<'a>>,
    /// Trace, batch, row: ordered, so that spans of one trace are neighbours, in the order in which they came.
    places: Vec<Place>,
    received: TimeRange,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    trace_id: TraceId,
    batch: u32,
    row: u32,
}

/// The fresh spans of one trace.
#[derive(Clone, Copy, Debug)]
pub(super) struct FreshTrace<'t, 'a> {
    traces: &'t Traces<'a>,
    places: &'t [Place],
}

impl<'a> Traces<'a> {
    /// Of the batches of `spans`, of which there is at least one row.
    pub(super) fn of(batches: &'a [Arc<RecordBatch>]) -> Self {
        let columns: Vec<SpanColumns<'a>> = batches.iter().map(|batch| SpanColumns::new(batch)).collect();
        let mut places = Vec::with_capacity(batches.iter().map(|batch| batch.num_rows()).sum());
        let (mut first, mut last) = (UnixNanos::MAX, UnixNanos::MIN);
        for (batch, columns) in (0..).zip(&columns) {
            for (row, received) in (0..).zip(columns.received()) {
                let Some(trace_id) = columns.trace_id(row as usize) else { continue };
                places.push(Place { trace_id, batch, row });
                (first, last) = (first.min(UnixNanos::new(*received)), last.max(UnixNanos::new(*received)));
            }
        }
        places.sort_unstable();
        Self { columns, places, received: TimeRange { from: first, to: last } }
    }

    /// When the first and the last span was received, both inclusive.
    pub(super) fn received(&self) -> TimeRange {
        self.received
    }

    /// Each trace once.
    pub(super) fn iter(&self) -> impl Iterator<Item = FreshTrace<'_, 'a>> {
        let of_one = self.places.chunk_by(|a, b| a.trace_id == b.trace_id);
        of_one.map(|places| FreshTrace { traces: self, places: &places[..places.len().min(TRACE_SPANS_MAX)] })
    }
}

impl<'a> FreshTrace<'_, 'a> {
    pub(super) fn id(&self) -> TraceId {
        self.places[0].trace_id
    }

    pub(super) fn spans(&self) -> TraceSpans<'a> {
        let mut spans = TraceSpans::default();
        self.places.iter().for_each(|place| spans.push(self.columns_of(place), place.row as usize));
        // What came together counts as one after the other, in an order that a later reading has, too.
        spans
    }

    /// When its last span was received.
    pub(super) fn received(&self) -> UnixNanos {
        let times = self.places.iter().map(|place| self.columns_of(place).received()[place.row as usize]);
        UnixNanos::new(times.max().unwrap_or_default())
    }

    /// When its older spans may have begun, both ends inclusive.
    fn near(&self) -> TimeRange {
        let starts = self.places.iter().map(|place| self.columns_of(place).start(place.row as usize));
        let near = |start: UnixNanos| TimeRange {
            from: UnixNanos::new(start.get().saturating_sub(OLDER_NANOS)),
            to: UnixNanos::new(start.get().saturating_add(OLDER_NANOS)),
        };
        starts.map(near).fold(NONE, union)
    }

    fn columns_of(&self, place: &Place) -> &SpanColumns<'a> {
        &self.traces.columns[place.batch as usize]
    }
}

/// Spans in blocks, of traces that have fresh ones.
#[derive(Debug, Default)]
pub(super) struct OlderSpans {
    by_trace: HashMap<TraceId, Vec<RecordBatch>>,
    logs: HashMap<TraceId, Vec<RecordBatch>>,
}

impl OlderSpans {
    /// Finds them. A block that cannot be read is passed over: its spans are then taken not to be there.
    pub(super) fn find(older: &Snapshot, tenant: &TenantId, traces: &Traces<'_>) -> Self {
        let mut found = Self::default();
        let (mut near_any, mut rows) = (NONE, 0);
        traces.iter().for_each(|trace| near_any = union(near_any, trace.near()));
        let blocks = [Table::Spans, Table::Logs].map(|table| blocks_near(older.blocks(tenant, table), near_any));
        for trace in traces.iter() {
            if found.by_trace.len() >= OLDER_TRACES_MAX || rows >= OLDER_ROWS_MAX {
                warn!(
                    joined = found.by_trace.len(),
                    "digesting further traces of this flush without their older spans"
                );
                break;
            }
            let near = trace.near();
            let spans = rows_near(&blocks[0], trace.id(), near);
            if !spans.is_empty() {
                let logs = rows_near(&blocks[1], trace.id(), near);
                rows += spans.iter().chain(&logs).map(RecordBatch::num_rows).sum::<usize>();
                found.by_trace.insert(trace.id(), spans);
                found.logs.insert(trace.id(), logs);
            }
        }
        found
    }

    /// What was logged of a trace that has older spans, by services of which none of these spans is.
    pub(super) fn logged(&self, trace: TraceId, spans: &[SpanInput<'_>]) -> Vec<LogMention<'_>> {
        let batches = self.logs.get(&trace).map_or(&[][..], |batches| batches);
        Mentions::of_rows(batches.iter()).beside(trace, spans)
    }

    /// Those of one trace, in the order in which they were received.
    pub(super) fn of(&self, trace: TraceId) -> TraceSpans<'_> {
        let mut spans = TraceSpans::default();
        let batches = self.by_trace.get(&trace).map_or(&[][..], |batches| batches);
        let columns: Vec<SpanColumns<'_>> = batches.iter().map(SpanColumns::new).collect();
        let mut places: Vec<(i64, usize, usize)> = Vec::new();
        for (batch, columns) in columns.iter().enumerate() {
            places.extend(columns.received().iter().enumerate().map(|(row, received)| (*received, batch, row)));
        }
        places.sort_unstable();
        places.truncate(TRACE_SPANS_MAX);
        places.iter().for_each(|(_, batch, row)| spans.push(&columns[*batch], *row));
        spans
    }
}

/// No time at all.
const NONE: TimeRange = TimeRange { from: UnixNanos::MAX, to: UnixNanos::MIN };

/// All of both, and what is between.
fn union(a: TimeRange, b: TimeRange) -> TimeRange {
    TimeRange { from: a.from.min(b.from), to: a.to.max(b.to) }
}

/// Those with rows of the time, both ends inclusive.
fn blocks_near(blocks: &[Arc<Block>], near: TimeRange) -> Vec<&Block> {
    let is_near = |block: &&Block| block.meta().max_time >= near.from && block.meta().min_time <= near.to;
    blocks.iter().map(AsRef::as_ref).filter(is_near).collect()
}

/// The rows of a trace in those of the blocks that are of about a time. A block that cannot be read is passed over.
fn rows_near(blocks: &[&Block], trace: TraceId, near: TimeRange) -> Vec<RecordBatch> {
    let mut found = Vec::new();
    let is_near = |block: &&&Block| block.meta().max_time >= near.from && block.meta().min_time <= near.to;
    for block in blocks.iter().filter(is_near) {
        match block.rows_of_trace(trace, TRACE_SPANS_MAX) {
            Ok(rows) => found.extend(rows),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(block = %block.meta().id, error, "digesting without the rows of a block");
            }
        }
    }
    found
}
