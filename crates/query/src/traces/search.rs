//! Traces of which a span matches.

use std::time::Duration;

use datafusion::functions_aggregate::expr_fn::{count, max};
use datafusion::logical_expr::{Expr, col, lit};
use model::{Selectors, Table, TenantId, TextQuery, TimeRange, TraceId};

use super::find::find;
use super::repaired;
use super::summary::TraceSummary;
use stitch::RepairKind;

use crate::cells::Cells;
use crate::config::LIMIT_MAX;
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::matching::{matched, selected};
use crate::session::View;

/// Which traces: those with at least one span that passes everything asked.
#[derive(Clone, Debug)]
pub struct TraceQuestion {
    /// Of a resource that matches; `None` for all.
    pub selectors: Option<Selectors>,
    /// A span that the query matches; `None` for all.
    pub text: Option<TextQuery>,
    /// Exactly this `service.name`. With a repair: whose fault it is, or of whom it touches a span.
    pub service: Option<String>,
    /// Stitching repaired something of this kind in the trace.
    pub repair: Option<RepairKind>,
    /// Exactly this span name.
    pub operation: Option<String>,
    /// At least this long.
    pub min_duration: Option<Duration>,
    /// At most this long.
    pub max_duration: Option<Duration>,
    /// Ended like this.
    pub status: Option<SpanStatusFilter>,
    /// Started in this time.
    pub range: TimeRange,
    /// Traces, 1 to [`LIMIT_MAX`].
    pub limit: usize,
}

/// How a span ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanStatusFilter {
    /// No status was set.
    Unset,
    /// `ok`.
    Ok,
    /// `error`.
    Error,
}

/// Traces, newest matching span first.
#[derive(Clone, Debug, PartialEq)]
pub struct TracesFound {
    /// One line per trace.
    pub traces: Vec<TraceSummary>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

impl TraceQuestion {
    /// Whether it asks for more of a span than the service and the repair.
    pub(super) fn asks_of_spans(&self) -> bool {
        let Self { selectors, text, operation, min_duration, max_duration, status, .. } = self;
        selectors.is_some()
            || text.is_some()
            || operation.is_some()
            || min_duration.is_some()
            || max_duration.is_some()
            || status.is_some()
    }
}

impl Engine {
    /// Traces of which a span matches.
    pub async fn traces(&self, tenant: &TenantId, question: TraceQuestion) -> Result<TracesFound, QueryError> {
        if !(1..=LIMIT_MAX).contains(&question.limit) {
            return Err(QueryError::invalid(
                format!("limit must be 1 to {LIMIT_MAX}"),
                "narrow the time range to see others",
            ));
        }
        let view = self.view(tenant, question.range);
        self.ask(view, move |engine, view| {
            let question = question.clone();
            async move {
                match question.repair {
                    Some(kind) => repaired::search(&engine, view, kind, question).await,
                    None => search(&engine, view, question).await,
                }
            }
        })
        .await
    }
}

async fn search(engine: &Engine, view: View, question: TraceQuestion) -> Result<TracesFound, QueryError> {
    let limit = question.limit;
    let mut found = matching_traces(engine, &view, question, None).await?;
    let there_are_more = found.len() > limit;
    found.truncate(limit);
    // Every span of each trace counts, also those outside the range: a tally of its own keeps the
    // counts about the search.
    let whole = view.with_own_tally();
    let mut traces = Vec::with_capacity(found.len());
    for (trace_id, matched) in found {
        // One by one, so that nothing goes on for long after the asker has gone.
        let spans = find(&whole, SPANS, trace_id).await?;
        traces.extend(TraceSummary::of(trace_id, matched, &spans[0]));
    }
    view.tally.add_failed(&whole.tally);
    let mut coverage = view.tally.coverage(traces.len());
    if there_are_more {
        coverage.cut(format!("cut at {limit} traces (limit): there are more"));
    }
    Ok(TracesFound { traces, coverage })
}

pub(super) const SPANS: &[Table] = &[Table::Spans];

/// Ids of matching traces and how many of their spans match, newest first, at most one more than asked.
pub(super) async fn matching_traces(
    engine: &Engine,
    view: &View,
    question: TraceQuestion,
    among: Option<Expr>,
) -> Result<Vec<(TraceId, u64)>, QueryError> {
    let session = engine.sessions.open(view)?;
    let mut frame = session.table(Table::Spans.name()).await?;
    let TraceQuestion { selectors, text, service, operation, min_duration, max_duration, status, limit, .. } = question;
    let nanos = |duration: Duration| lit(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX));
    let conditions = [
        service.map(|service| col("service_name").eq(lit(service))),
        operation.map(|operation| col("name").eq(lit(operation))),
        min_duration.map(|duration| col("duration_ns").gt_eq(nanos(duration))),
        max_duration.map(|duration| col("duration_ns").lt_eq(nanos(duration))),
        status.map(|status| col("status_code").eq(lit(status as i32))),
        selectors.map(selected),
        text.map(|text| matched(Table::Spans, text)),
        among,
    ];
    for condition in conditions.into_iter().flatten() {
        frame = frame.filter(condition)?;
    }
    let batches = frame
        .aggregate(vec![col("trace_id")], vec![max(col("start_time")).alias("newest"), count(lit(1)).alias("matched")])?
        .sort(vec![col("newest").sort(false, false), col("trace_id").sort(true, false)])?
        .limit(0, Some(limit + 1))?
        .collect()
        .await?;
    let traces = batches.iter().flat_map(|batch| {
        let cells = Cells::new(batch);
        (0..batch.num_rows()).filter_map(move |row| {
            let trace_id = TraceId::from_bytes(cells.bytes("trace_id", row)?).ok()?;
            Some((trace_id, cells.int("matched", row)?.unsigned_abs()))
        })
    });
    Ok(traces.collect())
}
