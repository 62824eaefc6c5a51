//! Exemplars: the points of a metric that name a trace, and the other way round.

use std::collections::BTreeSet;

use arrow::array::RecordBatch;
use datafusion::common::JoinType;
use datafusion::logical_expr::{col, lit};
use model::{Selectors, SpanId, Table, TenantId, TimeRange, TraceId, UnixNanos, Value};

use super::described::described;
use crate::cells::Cells;
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::logs::attributes;
use crate::matching::selected;
use crate::session::View;

/// Exemplars that can be asked for at once, and that are offered around a trace. SDKs keep one for each bucket and export.
pub const EXEMPLARS_MAX: usize = 1_000;

/// One exemplar: a single measurement, and the trace in which it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct ExemplarRow {
    /// When it was measured.
    pub time: UnixNanos,
    /// The metric.
    pub metric: String,
    /// Its unit; empty where not known.
    pub unit: String,
    /// Who measured, by `service.name`; empty where not known.
    pub service: String,
    /// What was measured: an integer or a double; null where the sender gave none.
    pub value: Value,
    /// The trace; `None` where the sender gave none.
    pub trace_id: Option<TraceId>,
    /// The span.
    pub span_id: Option<SpanId>,
    /// What the sender keeps of the measurement beside the labels of its series.
    pub attributes: Vec<(String, Value)>,
    /// The labels of its series.
    pub labels: Vec<(String, Value)>,
}

/// Which exemplars: those with a trace id.
#[derive(Clone, Debug)]
pub struct ExemplarsQuestion {
    /// Exactly this metric.
    pub metric: String,
    /// Of a resource that matches; `None` for all.
    pub selectors: Option<Selectors>,
    /// Measured in this time.
    pub range: TimeRange,
    /// Exemplars, 1 to [`EXEMPLARS_MAX`].
    pub limit: usize,
}

/// Exemplars, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct ExemplarsFound {
    /// The exemplars.
    pub exemplars: Vec<ExemplarRow>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

impl Engine {
    /// Exemplars of a metric that name a trace.
    pub async fn exemplars(
        &self,
        tenant: &TenantId,
        question: ExemplarsQuestion,
    ) -> Result<ExemplarsFound, QueryError> {
        if !(1..=EXEMPLARS_MAX).contains(&question.limit) {
            let message = format!("limit must be 1 to {EXEMPLARS_MAX}");
            return Err(QueryError::invalid(message, "narrow the time range to see others"));
        }
        let view = self.view(tenant, question.range);
        self.ask(view, move |engine, view| {
            let question = question.clone();
            async move { of_metric(&engine, view, question).await }
        })
        .await
    }
}

async fn of_metric(engine: &Engine, view: View, question: ExemplarsQuestion) -> Result<ExemplarsFound, QueryError> {
    let ExemplarsQuestion { metric, selectors, limit, .. } = question;
    let session = engine.sessions.open(&view)?;
    let mut frame = session.table(Table::Exemplars.name()).await?;
    frame = frame.filter(col("metric_name").eq(lit(metric.clone())))?.filter(col("trace_id").is_not_null())?;
    if let Some(selectors) = selectors {
        let series = session
            .table(Table::Series.name())
            .await?
            .filter(col("metric_name").eq(lit(metric)))?
            .filter(selected(selectors))?
            .select(vec![col("series_id").alias("selected_id")])?;
        frame = frame.join(series, JoinType::LeftSemi, &["series_id"], &["selected_id"], None)?;
    }
    let newest_first = vec![col("time").sort(false, false), col("trace_id").sort(true, false)];
    let batches = frame.sort(newest_first)?.limit(0, Some(limit + 1))?.collect().await?;
    let mut exemplars = read(engine, &view, &batches, limit + 1).await?;
    let there_are_more = exemplars.len() > limit;
    exemplars.truncate(limit);
    let mut coverage = view.tally.coverage(exemplars.len());
    if there_are_more {
        coverage.cut(format!("cut at {limit} exemplars (limit): there are more"));
    }
    Ok(ExemplarsFound { exemplars, coverage })
}

/// The exemplars of one trace, by time, in batches with all columns of `exemplars`.
pub(super) async fn of_trace(
    engine: &Engine,
    view: &View,
    batches: &[RecordBatch],
    notes: &mut Coverage,
) -> Result<Vec<ExemplarRow>, QueryError> {
    if batches.iter().map(RecordBatch::num_rows).sum::<usize>() > EXEMPLARS_MAX {
        notes.cut(format!("more than {EXEMPLARS_MAX} exemplars name the trace: the rest is not shown"));
    }
    let mut exemplars = read(engine, view, batches, EXEMPLARS_MAX).await?;
    exemplars.sort_by(|a, b| (a.time, &a.metric).cmp(&(b.time, &b.metric)));
    Ok(exemplars)
}

/// The first of the exemplars, with what is known of their series.
async fn read(
    engine: &Engine,
    view: &View,
    batches: &[RecordBatch],
    most: usize,
) -> Result<Vec<ExemplarRow>, QueryError> {
    let rows = batches.iter().flat_map(|batch| {
        let cells = Cells::new(batch);
        (0..batch.num_rows()).map(move |row| (cells, row))
    });
    let rows: Vec<(Cells<'_>, usize)> = rows.take(most).collect();
    let series = |(cells, row): &(Cells<'_>, usize)| cells.uint("series_id", *row).unwrap_or_default();
    let known = described(engine, view, &rows.iter().map(series).collect::<BTreeSet<u64>>()).await?;
    let exemplar = |at: &(Cells<'_>, usize)| {
        let (cells, row) = *at;
        let series = known.get(&series(at)).cloned().unwrap_or_default();
        let int = cells.int("int_value", row).map(Value::Int);
        ExemplarRow {
            time: cells.time("time", row).unwrap_or_default(),
            metric: cells.text("metric_name", row).unwrap_or_default().to_owned(),
            unit: series.unit,
            service: series.service,
            value: int.or_else(|| cells.float("value", row).map(Value::Float)).unwrap_or(Value::Null),
            trace_id: cells.bytes("trace_id", row).and_then(|id| TraceId::from_bytes(id).ok()),
            span_id: cells.bytes("span_id", row).and_then(|id| SpanId::from_bytes(id).ok()),
            attributes: attributes(&cells, "attributes", row),
            labels: series.labels,
        }
    };
    Ok(rows.iter().map(exemplar).collect())
}
