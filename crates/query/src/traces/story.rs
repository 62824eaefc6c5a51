//! One trace as a story: every span in its place, what was repaired to get there, and the log records.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use model::{SpanId, Table, TenantId, TimeRange, TraceId, UnixNanos, Value};
use stitch::{
    CriticalPath, HOST_KEYS, LogMention, Mark, Peer, Remark, Repair, Source, SpanInput, SpanKind, Story, Surroundings,
    Trace,
};

use super::find::find;
use super::host_shift::HostShift;
use super::row::{SpanRow, text_of};
use super::story_log::StoryLog;
use super::summary::ServiceShare;
use crate::config::{TRACE_LOGS_MAX, TRACE_SPANS_MAX};
use crate::coverage::Coverage;
use crate::digest::{CLIENT_ADDRESS_KEYS, CONNECTION_ADDRESS_KEYS};
use crate::engine::Engine;
use crate::error::{QueryError, QueryErrorKind};
use crate::logs::LogRow;
use crate::resource::squad_by;

/// What is shown of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TraceView {
    /// The stitched story.
    #[default]
    Repaired,
    /// What arrived, untouched.
    Raw,
}

/// One trace, ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceStory {
    /// Its id.
    pub trace_id: TraceId,
    /// Start of the earliest span or, without spans, log record.
    pub start: UnixNanos,
    /// From the earliest start to the latest end, nanoseconds.
    pub duration_ns: i64,
    /// The spans depth-first: the rows of a waterfall from top to bottom.
    pub lines: Vec<StoryLine>,
    /// What stitching changed or added.
    pub repairs: Vec<Repair>,
    /// What it noticed and left as it was.
    pub remarks: Vec<Remark>,
    /// By how much hosts were moved: one for each repair of a clock, in the same order.
    pub shifts: Vec<HostShift>,
    /// What the main tree waited for, its rows by their index in `lines`; `None` in the raw view and without spans. The main
    /// tree is that of the earliest root or, where no root has arrived, the earliest tree.
    pub critical_path: Option<CriticalPath>,
    /// Log records of the trace, by the time at which they are shown.
    pub logs: Vec<StoryLog>,
    /// The services that took part, most spans first.
    pub services: Vec<ServiceShare>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// One row of the waterfall.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryLine {
    /// The id; of a phantom, the one its children name as their parent.
    pub span_id: SpanId,
    /// Distance from the top of its tree.
    pub depth: u32,
    /// When it is shown to begin.
    pub start: UnixNanos,
    /// When it is shown to end.
    pub end: UnixNanos,
    /// What is noteworthy, in the words of the API.
    pub marks: Vec<&'static str>,
    /// What stands there.
    pub span: PlacedSpan,
}

/// What stands in a row of the waterfall.
#[derive(Clone, Debug, PartialEq)]
pub enum PlacedSpan {
    /// A span that arrived.
    Arrived(Box<SpanRow>),
    /// A span that did not arrive and must have been; its service where the evidence allows.
    Phantom(Option<String>),
    /// What a service did of which only log records arrived.
    Logged(String),
}

const TABLES: &[Table] = &[Table::Spans, Table::Logs];

impl Engine {
    /// One trace by its id, found without a time range.
    pub async fn trace(
        &self,
        tenant: &TenantId,
        trace_id: TraceId,
        shown: TraceView,
    ) -> Result<TraceStory, QueryError> {
        let (engine, view) = (self.clone(), self.view(tenant, TimeRange::ALL));
        self.run(async move {
            let found = find(&view, TABLES, trace_id).await?;
            let mut logs: Vec<LogRow> = found[1].iter().flat_map(LogRow::read_all).collect();
            let mut coverage = view.tally.coverage(0);
            let spans = spans_of(&found[0], &mut coverage);
            if spans.is_empty() && logs.is_empty() {
                return Err(not_found(trace_id, &coverage));
            }
            logs.sort_by_key(|log| log.time);
            if logs.len() > TRACE_LOGS_MAX {
                coverage.cut(format!("the trace has more than {TRACE_LOGS_MAX} log records: the rest is not shown"));
                logs.truncate(TRACE_LOGS_MAX);
            }
            coverage.rows_returned = (spans.len() + logs.len()) as u64;
            let received = spans.iter().map(|span| span.received).max();
            let received = received.or(logs.first().map(|log| log.time)).unwrap_or_default();
            let knowledge = engine.knowledge(&view, received).await?;
            knowledge.tell_unread(&mut coverage);
            Ok(tell(trace_id, shown, Found { spans, logs, coverage }, &knowledge.surroundings(received)))
        })
        .await
    }
}

/// The spans of a trace in the order in which they were received; no more than an answer shows.
pub(super) fn spans_of(batches: &[RecordBatch], coverage: &mut Coverage) -> Vec<SpanRow> {
    let mut spans: Vec<SpanRow> = batches.iter().flat_map(SpanRow::read_all).collect();
    if spans.len() > TRACE_SPANS_MAX {
        coverage.cut(format!("the trace has more than {TRACE_SPANS_MAX} spans: the rest is not shown"));
        spans.sort_by_key(|span| (span.start, span.span_id));
        spans.truncate(TRACE_SPANS_MAX);
    }
    // What came in one request has no order of its own, and gets one that is always the same.
    spans.sort_by(|a, b| {
        (a.received, a.start, a.duration_ns, &a.name).cmp(&(b.received, b.start, b.duration_ns, &b.name))
    });
    spans
}

pub(crate) fn not_found(trace_id: TraceId, coverage: &Coverage) -> QueryError {
    let unread = coverage.blocks_failed;
    if unread > 0 {
        let message = format!("nothing of trace {trace_id} was found, but {unread} blocks could not be read");
        return QueryError::new(QueryErrorKind::Internal, message, coverage.notes.join("; "));
    }
    let message = format!("no span and no log record of trace {trace_id} is stored");
    QueryError::new(QueryErrorKind::NotFound, message, "it may be older than the retention, or not have arrived yet")
}

/// What was found of a trace.
struct Found {
    spans: Vec<SpanRow>,
    logs: Vec<LogRow>,
    coverage: Coverage,
}

/// How many repairs the story of these spans has.
pub(super) fn repair_count(spans: &[SpanRow], surroundings: &Surroundings<'_>) -> usize {
    stitch::stitch_within(Trace::of_spans(&inputs(spans)), surroundings).repairs.len()
}

fn tell(trace_id: TraceId, shown: TraceView, found: Found, surroundings: &Surroundings<'_>) -> TraceStory {
    let Found { spans, logs, coverage } = found;
    let inputs = inputs(&spans);
    let story = match shown {
        TraceView::Repaired => {
            let mentions: Vec<LogMention<'_>> = logs.iter().map(mention).collect();
            stitch::stitch_within(Trace { spans: &inputs, mentions: &mentions }, surroundings)
        }
        TraceView::Raw => stitch::arrange(&inputs),
    };
    let critical_path = match shown {
        TraceView::Repaired => main_top(&story).and_then(|top| stitch::critical_path(&story, &inputs, top)),
        TraceView::Raw => None,
    };
    // A copy, as the story may have its services' names from the records.
    let logs = StoryLog::place_all(logs.clone(), &story.shifts);
    let shifts = story.shifts.iter().map(HostShift::of).collect();
    let lines: Vec<StoryLine> = story.rows.iter().map(|row| line(row, &spans)).collect();
    let services = shares(&lines, &logs);
    let (start, end) = match (lines.is_empty(), logs.first(), logs.last()) {
        (true, Some(first), Some(last)) => (first.shown, last.shown),
        _ => (story.start, story.end),
    };
    let duration_ns = end.get().saturating_sub(start.get());
    let (repairs, remarks) = (story.repairs, story.remarks);
    TraceStory {
        trace_id,
        start,
        duration_ns,
        lines,
        repairs,
        remarks,
        shifts,
        critical_path,
        logs,
        services,
        coverage,
    }
}

fn line(row: &stitch::Row<'_>, spans: &[SpanRow]) -> StoryLine {
    StoryLine {
        span_id: row.span_id,
        depth: row.depth,
        start: row.start,
        end: row.end,
        marks: row.marks.iter().map(Mark::as_str).collect(),
        span: match row.source {
            // Each arrived span is shown at most once per view, yet a clone keeps this independent of that.
            Source::Arrived(index) => PlacedSpan::Arrived(Box::new(spans[index].clone())),
            Source::Phantom { service } => PlacedSpan::Phantom(service.map(str::to_owned)),
            Source::Logged { service } => PlacedSpan::Logged(service.to_owned()),
        },
    }
}

/// The top of the main tree: the earliest root, else the earliest top. Rows stand by time.
fn main_top(story: &Story<'_>) -> Option<usize> {
    let root = story.rows.iter().position(|row| row.parent.is_none() && row.has(Mark::Root));
    let is_waited_for = |row: &stitch::Row<'_>| row.parent.is_none() && !matches!(row.source, Source::Logged { .. });
    root.or_else(|| story.rows.iter().position(is_waited_for))
}

/// The spans as stitching sees them.
pub(super) fn inputs(spans: &[SpanRow]) -> Vec<SpanInput<'_>> {
    spans.iter().enumerate().map(|(order, span)| input(span, order)).collect()
}

fn input(span: &SpanRow, order: usize) -> SpanInput<'_> {
    SpanInput {
        span_id: span.span_id,
        parent_span_id: span.parent_span_id,
        start: span.start,
        duration_ns: span.duration_ns,
        kind: kind_of(span.kind),
        service: &span.service,
        host: first_of(&span.resource, &HOST_KEYS).unwrap_or_default(),
        caller_addresses: [
            first_of(&span.attributes, &CLIENT_ADDRESS_KEYS).unwrap_or_default(),
            first_of(&span.attributes, &CONNECTION_ADDRESS_KEYS).unwrap_or_default(),
        ],
        peer: Peer::read(kind_of(span.kind), |key| text_of(&span.attributes, key)),
        sampling_weight: stitch::sampling_weight(&span.trace_state),
        has_links: !span.links.is_empty(),
        name: &span.name,
        is_error: span.is_error(),
        received_order: order as u64,
    }
}

/// A log record as stitching sees it.
fn mention(log: &LogRow) -> LogMention<'_> {
    LogMention {
        service: &log.service,
        host: first_of(&log.resource, &HOST_KEYS).unwrap_or_default(),
        span_id: log.span_id,
        time: log.time,
    }
}

/// The first of these attributes that says something.
pub(super) fn first_of<'a>(attributes: &'a [(String, Value)], keys: &[&str]) -> Option<&'a str> {
    keys.iter().filter_map(|key| text_of(attributes, key)).find(|text| !text.is_empty())
}

pub(super) fn kind_of(kind: &str) -> SpanKind {
    match kind {
        "internal" => SpanKind::Internal,
        "server" => SpanKind::Server,
        "client" => SpanKind::Client,
        "producer" => SpanKind::Producer,
        "consumer" => SpanKind::Consumer,
        _ => SpanKind::Unspecified,
    }
}

/// Who took part, by what is shown: a span that arrived twice counts once in the stitched story.
fn shares(lines: &[StoryLine], logs: &[StoryLog]) -> Vec<ServiceShare> {
    let mut shares: BTreeMap<&str, ServiceShare> = BTreeMap::new();
    for line in lines {
        let PlacedSpan::Arrived(span) = &line.span else { continue };
        let share = shares.entry(&span.service).or_default();
        share.span_count += 1;
        share.error_count += u64::from(span.is_error());
        share.squad = share.squad.take().or_else(|| squad_by(|key| text_of(&span.resource, key).map(Cow::Borrowed)));
    }
    for StoryLog { record: log, .. } in logs {
        let share = shares.entry(&log.service).or_default();
        *share.log_count.get_or_insert_default() += 1;
        share.squad = share.squad.take().or_else(|| squad_by(|key| text_of(&log.resource, key).map(Cow::Borrowed)));
    }
    let named = |(service, share): (&str, ServiceShare)| ServiceShare {
        service: service.to_owned(),
        log_count: share.log_count.or(Some(0)),
        ..share
    };
    let mut shares: Vec<ServiceShare> = shares.into_iter().map(named).collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.span_count));
    shares
}
