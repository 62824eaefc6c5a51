//! One trace of a journey: its line, its stops, its links.

use std::collections::{BTreeMap, HashSet};

use model::{SpanId, Table, TraceId};
use stitch::{Link, SpanRef, Stop};

use super::limits::JOURNEY_LINKS_PER_TRACE_MAX;
use super::stops::stops_of;
use crate::cells::Cells;
use crate::config::TRACE_LOGS_MAX;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::logs::LogRow;
use crate::session::View;
use crate::traces::find::find_first;
use crate::traces::row::SpanRow;
use crate::traces::story::repair_count;
use crate::traces::summary::{ServiceShare, TraceSummary};

/// What is kept of a trace that was read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// `None` where nothing of it is stored.
    pub(super) summary: Option<TraceSummary>,
    pub(super) repair_count: usize,
    /// Rows read, at most one more than were asked for.
    pub(super) rows: usize,
    pub(super) stops: Vec<Stop>,
    /// Each once; also those of a trace of which nothing else is stored.
    pub(super) links: Vec<Link>,
    /// Whether it has more stops or links than are here.
    pub(super) is_cut: bool,
}

/// Reads a trace, of which no more spans than that are of use.
pub(super) async fn read(
    engine: &Engine,
    view: &View,
    trace_id: TraceId,
    spans_max: usize,
) -> Result<Reading, QueryError> {
    let mut reading = Reading::default();
    let batches = find_first(view, Table::Links, trace_id, JOURNEY_LINKS_PER_TRACE_MAX + 1).await?;
    let mut back = LinkSet::default();
    for batch in &batches {
        let cells = Cells::new(batch);
        (0..batch.num_rows()).filter_map(|row| link_at(&cells, row)).for_each(|link| back.add(link));
    }

    let batches = find_first(view, Table::Spans, trace_id, spans_max + 1).await?;
    reading.rows = batches.iter().map(|batch| batch.num_rows()).sum();
    reading.summary = TraceSummary::of(trace_id, 0, &batches);
    let mut spans: Vec<SpanRow> = batches.iter().flat_map(SpanRow::read_all).collect();
    drop(batches);
    // As received; what came in one request has no order of its own, and gets one that is always the same.
    spans.sort_by(|a, b| {
        (a.received, a.start, a.duration_ns, &a.name).cmp(&(b.received, b.start, b.duration_ns, &b.name))
    });
    let mut ahead = LinkSet::default();
    spans.iter().flat_map(links_of).for_each(|link| ahead.add(link));

    reading.is_cut = back.is_cut || ahead.is_cut;
    reading.links = back.links.into_iter().chain(ahead.links).collect();
    let ends = reading.links.iter().flat_map(|link| [link.from, link.to]);
    let linked: HashSet<SpanId> = ends.filter(|end| end.trace_id == trace_id).map(|end| end.span_id).collect();
    let (stops, stops_are_cut) = stops_of(&spans, &linked);
    reading.stops = stops;
    reading.is_cut |= stops_are_cut;
    if let Some(received) = spans.last().map(|span| span.received) {
        let knowledge = engine.knowledge(view, received).await?;
        reading.repair_count = repair_count(&spans, &knowledge.surroundings(received));
    }
    if reading.summary.is_none() {
        reading.summary = summary_of_logs(view, trace_id).await?;
    }
    Ok(reading)
}

/// Links, each once and not too many.
#[derive(Debug, Default)]
struct LinkSet {
    seen: HashSet<Link>,
    links: Vec<Link>,
    is_cut: bool,
}

impl LinkSet {
    fn add(&mut self, link: Link) {
        if self.seen.contains(&link) {
            return;
        }
        if self.links.len() == JOURNEY_LINKS_PER_TRACE_MAX {
            self.is_cut = true;
            return;
        }
        self.seen.insert(link);
        self.links.push(link);
    }
}

fn link_at(cells: &Cells<'_>, row: usize) -> Option<Link> {
    let end = |trace: &str, span: &str| {
        let trace_id = TraceId::from_bytes(cells.bytes(trace, row)?).ok()?;
        let span_id = SpanId::from_bytes(cells.bytes(span, row)?).ok()?;
        Some(SpanRef { trace_id, span_id })
    };
    Some(Link { from: end("trace_id", "span_id")?, to: end("from_trace_id", "from_span_id")? })
}

fn links_of(span: &SpanRow) -> impl Iterator<Item = Link> {
    let to = SpanRef { trace_id: span.trace_id, span_id: span.span_id };
    span.links.iter().filter_map(move |link| {
        let (trace_id, span_id) = link.trace_id.zip(link.span_id)?;
        Some(Link { from: SpanRef { trace_id, span_id }, to })
    })
}

/// The line of a trace that has log records alone.
async fn summary_of_logs(view: &View, trace_id: TraceId) -> Result<Option<TraceSummary>, QueryError> {
    let batches = find_first(view, Table::Logs, trace_id, TRACE_LOGS_MAX + 1).await?;
    let mut times = Vec::new();
    let mut shares: BTreeMap<String, ServiceShare> = BTreeMap::new();
    for log in batches.iter().flat_map(LogRow::read_all) {
        times.push(log.time);
        let new = || ServiceShare { service: log.service.clone(), ..ServiceShare::default() };
        *shares.entry(log.service.clone()).or_insert_with(new).log_count.get_or_insert_default() += 1;
    }
    let Some((start, end)) = times.iter().min().copied().zip(times.iter().max().copied()) else { return Ok(None) };
    Ok(Some(TraceSummary {
        trace_id,
        root: None,
        start,
        duration_ns: end.get().saturating_sub(start.get()),
        span_count: 0,
        error_count: 0,
        matched_spans: 0,
        services: shares.into_values().collect(),
        repairs: BTreeMap::new(),
    }))
}
