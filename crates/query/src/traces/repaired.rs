//! Traces by what stitching repaired in them: found in the table of repairs, and stitched again to be sure.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::ScalarValue;
use datafusion::functions_aggregate::expr_fn::{max, sum};
use datafusion::functions_nested::expr_fn::array_has;
use datafusion::logical_expr::{Expr, col, lit};
use model::{Table, TraceId, UnixNanos};
use stitch::{RepairKind, SpanInput, Trace};

use super::find::find;
use super::search::{SPANS, TraceQuestion, TracesFound, matching_traces};
use super::summary::TraceSummary;
use crate::cells::Cells;
use crate::digest::{Mentions, SpanColumns, culprit, rows_by_id};
use crate::engine::Engine;
use crate::error::QueryError;
use crate::session::View;

/// Traces that the table of repairs names and that are looked into for one answer. Nearly all of them are as it says: late
/// spans change it with the flush that brings them.
const CANDIDATES_MAX: usize = 20_000;

/// The question's traces that have the repair, the newest repair first.
pub(super) async fn search(
    engine: &Engine,
    view: View,
    kind: RepairKind,
    question: TraceQuestion,
) -> Result<TracesFound, QueryError> {
    let digested = engine.digested(view.clone()).await?;
    let mut candidates = candidates(engine, &digested, kind, question.service.as_deref()).await?;
    let are_more = candidates.len() > CANDIDATES_MAX;
    candidates.truncate(CANDIDATES_MAX);
    let (limit, service) = (question.limit, question.service.clone());
    let matched = match question.asks_of_spans() {
        true => Some(matching_among(engine, &view, question, &candidates).await?),
        false => None,
    };
    // Every span of each trace counts, also those outside the range: a tally of its own keeps the counts about the search.
    let whole = view.with_own_tally();
    let (mut traces, mut is_cut) = (Vec::new(), are_more);
    for trace_id in candidates {
        let matched = match &matched {
            Some(matched) => match matched.get(&trace_id) {
                Some(spans) => *spans,
                None => continue,
            },
            None => 0,
        };
        if traces.len() == limit {
            is_cut = true;
            break;
        }
        // One by one, so that nothing goes on for long after the asker has gone.
        let found =
            find(&whole, if kind == RepairKind::LogOnlyService { SPANS_AND_LOGS } else { SPANS }, trace_id).await?;
        let wanted = Wanted { trace_id, kind, service: service.as_deref() };
        let Some(repairs) = repairs_of(engine, &whole, &found, wanted).await? else { continue };
        traces.extend(TraceSummary::of(trace_id, matched, &found[0]).map(|trace| TraceSummary { repairs, ..trace }));
    }
    view.tally.add_failed(&whole.tally);
    let mut coverage = view.tally.coverage(traces.len());
    if is_cut {
        coverage.cut(format!("cut at {} traces (limit): there are more", traces.len()));
    }
    Ok(TracesFound { traces, coverage })
}

/// Traces with the repair as the table has it, the newest first, at most one more than are looked into.
async fn candidates(
    engine: &Engine,
    view: &View,
    kind: RepairKind,
    service: Option<&str>,
) -> Result<Vec<TraceId>, QueryError> {
    let session = engine.sessions.open(view)?;
    let mut frame = session.table(Table::Repairs.name()).await?.filter(col("kind").eq(lit(kind.as_str())))?;
    if let Some(service) = service {
        frame = frame.filter(col("service").eq(lit(service)).or(array_has(col("services"), text_view(service))))?;
    }
    let batches = frame
        .aggregate(vec![col("trace_id")], vec![max(col("time")).alias("newest"), sum(col("weight")).alias("weight")])?
        .filter(col("weight").gt(lit(0)))?
        .sort(vec![col("newest").sort(false, false), col("trace_id").sort(true, false)])?
        .limit(0, Some(CANDIDATES_MAX + 1))?
        .collect()
        .await?;
    Ok(trace_ids(&batches))
}

fn trace_ids(batches: &[RecordBatch]) -> Vec<TraceId> {
    let of_batch = |batch| {
        let cells = Cells::new(batch);
        (0..batch.num_rows()).filter_map(move |row| TraceId::from_bytes(cells.bytes("trace_id", row)?).ok())
    };
    batches.iter().flat_map(of_batch).collect()
}

fn text_view(text: &str) -> Expr {
    lit(ScalarValue::Utf8View(Some(text.to_owned())))
}

/// Of the candidates, those of which a span passes what the question asks of spans, and how many do.
async fn matching_among(
    engine: &Engine,
    view: &View,
    question: TraceQuestion,
    candidates: &[TraceId],
) -> Result<HashMap<TraceId, u64>, QueryError> {
    let ids = candidates.iter().map(|id| lit(ScalarValue::FixedSizeBinary(16, Some(id.as_bytes().to_vec()))));
    let among = col("trace_id").in_list(ids.collect(), false);
    // The service is whose fault the repair is, or who is touched by it: the span that is asked for may be another's.
    let question = TraceQuestion { service: None, limit: candidates.len().max(1), ..question };
    Ok(matching_traces(engine, view, question, Some(among)).await?.into_iter().collect())
}

/// What services only logged is told by log records alone, and of other repairs these say nothing.
const SPANS_AND_LOGS: &[Table] = &[Table::Spans, Table::Logs];

struct Wanted<'a> {
    trace_id: TraceId,
    kind: RepairKind,
    service: Option<&'a str>,
}

/// How many repairs of each kind the trace has as it is now; `None` without the wanted one.
async fn repairs_of(
    engine: &Engine,
    view: &View,
    found: &[Vec<RecordBatch>],
    wanted: Wanted<'_>,
) -> Result<Option<BTreeMap<RepairKind, u64>>, QueryError> {
    let columns: Vec<SpanColumns<'_>> = found[0].iter().map(SpanColumns::new).collect();
    let inputs = inputs_of(&columns);
    let received = columns.iter().flat_map(|columns| columns.received()).max().copied().unwrap_or_default();
    let received = UnixNanos::new(received);
    let knowledge = engine.knowledge(view, received).await?;
    let knowledge = Arc::clone(&knowledge);
    let logged = Mentions::of_rows(found.get(1).into_iter().flatten());
    let mentions = logged.beside(wanted.trace_id, &inputs);
    let story = stitch::stitch_within(Trace { spans: &inputs, mentions: &mentions }, &knowledge.surroundings(received));
    let by_id = rows_by_id(&story);
    let (mut counts, mut is_wanted) = (BTreeMap::new(), false);
    for repair in &story.repairs {
        *counts.entry(repair.kind).or_insert(0) += 1;
        if repair.kind == wanted.kind && !is_wanted {
            let (whose, touched) = culprit(repair, &by_id, (&story, &inputs));
            is_wanted = wanted.service.is_none_or(|service| whose == Some(service) || touched.contains(service));
        }
    }
    Ok(is_wanted.then_some(counts))
}

/// The spans in the order in which they were received.
fn inputs_of<'a>(columns: &[SpanColumns<'a>]) -> Vec<SpanInput<'a>> {
    let rows = |columns: &SpanColumns<'a>| (0..columns.received().len()).filter_map(|row| columns.input(row)).collect();
    let mut inputs: Vec<SpanInput<'a>> =
        columns.iter().flat_map(|columns| -> Vec<SpanInput<'a>> { rows(columns) }).collect();
    inputs.sort_by_key(|span| (span.received_order, span.start, span.duration_ns, span.name));
    inputs
}
