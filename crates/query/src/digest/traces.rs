//! Fresh spans by trace, and older spans of the same traces.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use model::{HOUR_NANOS, Table, TenantId, TimeRange, TraceId, UnixNanos};
use stitch::{LogMention, SpanInput};
use store::{Block, BlockReadError, Snapshot};
use tracing::warn;

use super::mentions::Mentions;
use super::span_columns::SpanColumns;

/// Older spans are looked for in blocks of the hours in which a trace's fresh spans began, and of the hours before and after:
/// requests end within that, and what runs for longer, such as a job, is cut there.
const OLDER_NANOS: i64 = HOUR_NANOS;

/// Hours of one trace in whose blocks is looked. Its fresh spans began in one or two, if no clock is far off.
const HOURS_MAX: usize = 8;

/// Spans of one trace that are digested together. Whoever sends more in one trace gets no more digests of it.
const TRACE_SPANS_MAX: usize = 100_000;

/// Rows that are read of one trace in one block.
const OLDER_ROWS_MAX: usize = 20_000;

/// Bytes of older rows that are in memory at once, before no more are read: of some hundred thousand spans, those that a few
/// seconds of heavy traffic leave unfinished. Of further traces the fresh spans are taken for all there is.
const OLDER_BYTES_MAX: usize = 64 << 20;

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
        spans
    }

    /// When its last span was received.
    pub(super) fn received(&self) -> UnixNanos {
        let times = self.places.iter().map(|place| self.columns_of(place).received()[place.row as usize]);
        UnixNanos::new(times.max().unwrap_or_default())
    }

    /// The hours in which its older spans may have begun.
    fn hours(&self) -> Hours {
        let mut hours = Hours::default();
        self.places.iter().for_each(|place| hours.add(self.columns_of(place).start(place.row as usize)));
        hours
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
        let asked: Vec<(TraceId, Hours)> = traces.iter().map(|trace| (trace.id(), trace.hours())).collect();
        let (mut found, mut room) = (Self::default(), OLDER_BYTES_MAX);
        found.by_trace = rows_of_traces(older.blocks(tenant, Table::Spans), &asked, &SpanColumns::NAMES, &mut room);
        let joined: Vec<(TraceId, Hours)> =
            asked.into_iter().filter(|(trace, _)| found.by_trace.contains_key(trace)).collect();
        found.logs = rows_of_traces(older.blocks(tenant, Table::Logs), &joined, &Mentions::NAMES, &mut room);
        if room == 0 {
            warn!(joined = joined.len(), "digesting further traces of this flush without their older spans");
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

/// A few hours, each once, the latest if there are too many.
#[derive(Clone, Debug, Default)]
struct Hours(Vec<UnixNanos>);

impl Hours {
    fn add(&mut self, time: UnixNanos) {
        let Err(place) = self.0.binary_search(&time.hour()) else { return };
        self.0.insert(place, time.hour());
        if self.0.len() > HOURS_MAX {
            self.0.remove(0);
        }
    }

    /// Whether the block has rows of one of them, or of the hour before or after.
    fn are_near(&self, block: &Block) -> bool {
        let (first, last) = (block.meta().min_time.get(), block.meta().max_time.get());
        self.0.iter().any(|hour| {
            let (from, to) =
                (hour.get().saturating_sub(OLDER_NANOS), hour.get().saturating_add(HOUR_NANOS + OLDER_NANOS));
            last >= from && first <= to
        })
    }
}

/// What blocks have of the traces. Each block's filter is asked once for all that may be in it, and rules out nearly all;
/// of the rest rows are read until `room` bytes are used up.
fn rows_of_traces(
    blocks: &[Arc<Block>],
    asked: &[(TraceId, Hours)],
    columns: &[&str],
    room: &mut usize,
) -> HashMap<TraceId, Vec<RecordBatch>> {
    let mut found: HashMap<TraceId, Vec<RecordBatch>> = HashMap::new();
    for block in blocks {
        let near: Vec<TraceId> =
            asked.iter().filter(|(_, hours)| hours.are_near(block)).map(|(trace, _)| *trace).collect();
        if near.is_empty() {
            continue;
        }
        if let Err(error) = add_rows(block, &near, columns, (&mut found, room)) {
            let error = &error as &dyn std::error::Error;
            warn!(block = %block.meta().id, error, "digesting without the rows of a block");
        }
    }
    found
}

fn add_rows(
    block: &Block,
    traces: &[TraceId],
    columns: &[&str],
    (found, room): (&mut HashMap<TraceId, Vec<RecordBatch>>, &mut usize),
) -> Result<(), BlockReadError> {
    let may_have = block.may_have_traces(traces)?;
    for (trace, _) in traces.iter().zip(may_have).filter(|(_, may_have)| *may_have) {
        if *room == 0 {
            break;
        }
        if let Some(rows) = block.columns_of_trace(*trace, columns, OLDER_ROWS_MAX)? {
            *room = room.saturating_sub(rows.get_array_memory_size());
            found.entry(*trace).or_default().push(rows);
        }
    }
    Ok(())
}
