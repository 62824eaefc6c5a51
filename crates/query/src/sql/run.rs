//! Parse, plan, run, cut at the limits.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use futures::StreamExt;
use model::{Table, TenantId, TimeRange};

use super::guard;
use super::interrupt::Asker;
use crate::config::Config;
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::{QueryError, QueryErrorKind};
use crate::session::View;

/// One SQL statement and the rows it may see.
#[derive(Clone, Debug, PartialEq)]
pub struct SqlQuestion {
    /// `SELECT`, `WITH`, `EXPLAIN`, `SHOW` or `DESCRIBE`.
    pub statement: String,
    /// Only rows of this time are seen.
    pub range: TimeRange,
}

/// The rows of an answer.
#[derive(Clone, Debug)]
pub struct SqlRows {
    /// The columns.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: Vec<RecordBatch>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

impl Engine {
    /// Runs one read-only statement.
    pub async fn sql(&self, tenant: &TenantId, question: SqlQuestion) -> Result<SqlRows, QueryError> {
        guard::check(&question.statement)?;
        let view = self.view(tenant, question.range);
        let statement: Arc<str> = question.statement.into();
        self.ask(view, move |engine, view| {
            let statement = Arc::clone(&statement);
            async move { run(&engine, view, &statement).await }
        })
        .await
    }
}

async fn run(engine: &Engine, view: View, statement: &str) -> Result<SqlRows, QueryError> {
    // Only what may name a digest is worth digesting what is in memory for.
    let names_a_digest = Table::DIGESTS.iter().any(|table| statement.to_ascii_lowercase().contains(table.name()));
    let view = if names_a_digest { engine.digested(view).await? } else { view };
    let session = engine.sessions.open(&view)?;
    engine.register_services(&session, &view).await?;
    let plan = session.state().create_logical_plan(statement).await?;
    verify(&plan)?;
    let frame = session.execute_logical_plan(plan).await?;
    let asker = Asker::default();
    let context = Arc::new(frame.task_ctx());
    let mut stream = execute_stream(asker.interrupts(frame.create_physical_plan().await?)?, context)?;
    let Config { sql_rows_max, sql_bytes_max, .. } = *engine.config;
    let (mut batches, mut rows, mut bytes, mut cut) = (Vec::new(), 0, 0, None);
    let schema = stream.schema();
    while let Some(batch) = stream.next().await {
        let mut batch = batch?;
        if rows + batch.num_rows() > sql_rows_max {
            cut = Some(format!("cut at {sql_rows_max} rows (query.sql_rows_max): add LIMIT or aggregate"));
            batch = batch.slice(0, sql_rows_max - rows);
        }
        rows += batch.num_rows();
        bytes += batch.get_array_memory_size();
        batches.push(batch);
        if bytes > sql_bytes_max {
            cut = Some(format!("cut at {sql_bytes_max} bytes (query.sql_bytes_max): select fewer columns"));
        }
        if cut.is_some() {
            break;
        }
    }
    let mut coverage = view.tally.coverage(rows);
    if let Some(note) = cut {
        coverage.cut(note);
    }
    Ok(SqlRows { schema, batches, coverage })
}

/// Only questions: nothing that creates, changes, copies, or sets.
fn verify(plan: &LogicalPlan) -> Result<(), QueryError> {
    let read_only = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    read_only.verify_plan(plan).map_err(|error| {
        let message = error.strip_backtrace();
        QueryError::new(
            QueryErrorKind::Invalid,
            message.lines().next().unwrap_or_default(),
            "only questions can be asked here: SELECT, WITH, EXPLAIN, SHOW, DESCRIBE",
        )
    })
}
