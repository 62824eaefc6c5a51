//! One trace as a story: every span in its place, what was repaired to get there, and the log records.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model::{SpanId, Table, TenantId, TimeRange, TraceId, UnixNanos, Value};
use stitch::{Repair, SpanInput, SpanKind, Surroundings};

use super::find::find;
use super::row::{SpanRow, text_of};
use super::summary::ServiceShare;
use crate::config::{TRACE_LOGS_MAX, TRACE_SPANS_MAX};
use crate::coverage::Coverage;
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
    /// Log records of the trace, by time.
    pub logs: Vec<LogRow>,
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
        let view = self.view(tenant, TimeRange::ALL);
        self.run(async move {
            let found = find(&view, TABLES, trace_id).await?;
            let mut spans: Vec<SpanRow> = found[0].iter().flat_map(SpanRow::read_all).collect();
            let mut logs: Vec<LogRow> = found[1].iter().flat_map(LogRow::read_all).collect();
            let mut coverage = view.tally.coverage(0);
            if spans.is_empty() && logs.is_empty() {
                return Err(not_found(trace_id, &coverage));
            }
            if spans.len() > TRACE_SPANS_MAX {
                coverage.cut(format!("the trace has more than {TRACE_SPANS_MAX} spans: the rest is not shown"));
                spans.sort_by_key(|span| (span.start, span.span_id));
                spans.truncate(TRACE_SPANS_MAX);
            }
            logs.sort_by_key(|log| log.time);
            if logs.len() > TRACE_LOGS_MAX {
                coverage.cut(format!("the trace has more than {TRACE_LOGS_MAX} log records: the rest is not shown"));
                logs.truncate(TRACE_LOGS_MAX);
            }
            coverage.rows_returned = (spans.len() + logs.len()) as u64;
            // As it was received; what came in one request has no order of its own, and gets one that is always the same.
            spans.sort_by(|a, b| {
                (a.received, a.start, a.duration_ns, &a.name).cmp(&(b.received, b.start, b.duration_ns, &b.name))
            });
            Ok(tell(trace_id, shown, spans, logs, coverage))
        })
        .await
    }
}

pub(super) fn not_found(trace_id: TraceId, coverage: &Coverage) -> QueryError {
    let unread = coverage.blocks_failed;
    if unread > 0 {
        let message = format!("nothing of trace {trace_id} was found, but {unread} blocks could not be read");
        return QueryError::new(QueryErrorKind::Internal, message, coverage.notes.join("; "));
    }
    let message = format!("no span and no log record of trace {trace_id} is stored");
    QueryError::new(QueryErrorKind::NotFound, message, "it may be older than the retention, or not have arrived yet")
}

/// Nothing is known from other traces, and one trace does not tell a clock that is off from one that is coarse: the stock
/// SDKs of two processes on one machine are a millisecond apart.
const SURROUNDINGS: Surroundings<'static> =
    Surroundings { offsets: None, addresses: None, callers: None, at: None, one_trace_skew_ns_max: 0 };

/// How many repairs the story of these spans has.
pub(super) fn repair_count(spans: &[SpanRow]) -> usize {
    let inputs: Vec<SpanInput<'_>> = spans.iter().enumerate().map(|(order, span)| input(span, order)).collect();
    stitch::stitch_within(&inputs, &SURROUNDINGS).repairs.len()
}

fn tell(trace_id: TraceId, shown: TraceView, spans: Vec<SpanRow>, logs: Vec<LogRow>, coverage: Coverage) -> TraceStory {
    let inputs: Vec<SpanInput<'_>> = spans.iter().enumerate().map(|(order, span)| input(span, order)).collect();
    let story = match shown {
        TraceView::Repaired => stitch::stitch_within(&inputs, &SURROUNDINGS),
        TraceView::Raw => stitch::arrange(&inputs),
    };
    let lines = story.rows.iter().map(|row| StoryLine {
        span_id: row.span_id,
        depth: row.depth,
        start: row.start,
        end: row.end,
        marks: row.marks.iter().map(stitch::Mark::as_str).collect(),
        span: match row.source {
            // Each arrived span is shown at most once per view, yet a clone keeps this independent of that.
            stitch::Source::Arrived(index) => PlacedSpan::Arrived(Box::new(spans[index].clone())),
            stitch::Source::Phantom { service } => PlacedSpan::Phantom(service.map(str::to_owned)),
        },
    });
    let lines: Vec<StoryLine> = lines.collect();
    let services = shares(&lines, &logs);
    let (start, end) = match (lines.is_empty(), logs.first(), logs.last()) {
        (true, Some(first), Some(last)) => (first.time, last.time),
        _ => (story.start, story.end),
    };
    let duration_ns = end.get().saturating_sub(start.get());
    TraceStory { trace_id, start, duration_ns, lines, repairs: story.repairs, logs, services, coverage }
}

fn input(span: &SpanRow, order: usize) -> SpanInput<'_> {
    SpanInput {
        span_id: span.span_id,
        parent_span_id: span.parent_span_id,
        start: span.start,
        duration_ns: span.duration_ns,
        kind: kind_of(span.kind),
        service: &span.service,
        host: first_of(&span.resource, &stitch::HOST_KEYS).unwrap_or_default(),
        caller_addresses: [
            first_of(&span.attributes, CLIENT_ADDRESS_KEYS).unwrap_or_default(),
            first_of(&span.attributes, PEER_ADDRESS_KEYS).unwrap_or_default(),
        ],
        has_links: !span.links.is_empty(),
        name: &span.name,
        is_error: span.is_error(),
        received_order: order as u64,
    }
}

/// Who began the call, behind proxies if the server saw through them; by its name before it was stable, too.
const CLIENT_ADDRESS_KEYS: &[&str] = &["client.address", "http.client_ip"];

/// Who the connection was from: the client, or a proxy.
const PEER_ADDRESS_KEYS: &[&str] = &["network.peer.address", "net.sock.peer.addr", "net.peer.ip"];

/// The first of these attributes that says something.
fn first_of<'a>(attributes: &'a [(String, Value)], keys: &[&str]) -> Option<&'a str> {
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
fn shares(lines: &[StoryLine], logs: &[LogRow]) -> Vec<ServiceShare> {
    let mut shares: BTreeMap<&str, ServiceShare> = BTreeMap::new();
    for line in lines {
        let PlacedSpan::Arrived(span) = &line.span else { continue };
        let share = shares.entry(&span.service).or_default();
        share.span_count += 1;
        share.error_count += u64::from(span.is_error());
        share.squad = share.squad.take().or_else(|| squad_by(|key| text_of(&span.resource, key).map(Cow::Borrowed)));
    }
    for log in logs {
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
