//! Log records that match a selector and a text query, page by page.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, col, lit};
use datafusion::prelude::DataFrame;
use model::{Selectors, Table, TenantId, TextQuery, TimeRange, UnixNanos};

use super::cursor::Cursor;
use super::row::LogRow;
use super::row_hash::row_hash;
use crate::cells::Cells;
use crate::config::LIMIT_MAX;
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::{QueryError, QueryErrorKind};
use crate::matching::{matched, selected};
use crate::session::View;

/// Which log records.
#[derive(Clone, Debug)]
pub struct LogQuestion {
    /// Only of resources that match; `None` for all.
    pub selectors: Option<Selectors>,
    /// Only records that match; `None` for all.
    pub text: Option<TextQuery>,
    /// Only records of this time.
    pub range: TimeRange,
    /// Which come first.
    pub order: LogOrder,
    /// Records of a page, 1 to [`LIMIT_MAX`].
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
}

/// Which records come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogOrder {
    /// The newest.
    #[default]
    NewestFirst,
    /// The oldest.
    OldestFirst,
}

/// A page of log records.
#[derive(Clone, Debug, PartialEq)]
pub struct LogsFound {
    /// The records, in order.
    pub logs: Vec<LogRow>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

const HASH: &str = "row_hash";

/// Records that say the same at the same time and that a page may have to pass over: each takes memory while the page
/// is made.
const TIED_MAX: u64 = 1_000_000;

impl Engine {
    /// A page of matching log records.
    pub async fn logs(&self, tenant: &TenantId, question: LogQuestion) -> Result<LogsFound, QueryError> {
        if !(1..=LIMIT_MAX).contains(&question.limit) {
            let message = format!("limit must be 1 to {LIMIT_MAX}");
            return Err(QueryError::new(QueryErrorKind::Invalid, message, "page through more with cursor"));
        }
        if question.cursor.is_some_and(|cursor| cursor.given > TIED_MAX) {
            let message = format!("more than {TIED_MAX} records say the same at the same time");
            return Err(QueryError::new(QueryErrorKind::LimitExceeded, message, "go on before or after that time"));
        }
        let view = self.view(tenant, question.range);
        self.ask(view, move |engine, view| {
            let question = question.clone();
            async move { search(&engine, view, question).await }
        })
        .await
    }
}

async fn search(engine: &Engine, view: View, question: LogQuestion) -> Result<LogsFound, QueryError> {
    let LogQuestion { selectors, text, order, limit, cursor, .. } = question;
    let session = engine.sessions.open(&view)?;
    let mut frame = session.table(Table::Logs.name()).await?;
    if let Some(selectors) = selectors {
        frame = frame.filter(selected(selectors))?;
    }
    if let Some(text) = text {
        frame = frame.filter(matched(Table::Logs, text))?;
    }
    let given = cursor.map_or(0, |cursor| cursor.given as usize);
    // One more than the page tells whether there is another page.
    let batches = ordered(frame, order, cursor)?.limit(given, Some(limit + 1))?.collect().await?;

    let keys: Vec<(UnixNanos, u64)> = batches
        .iter()
        .flat_map(|batch| {
            let cells = Cells::new(batch);
            (0..batch.num_rows()).map(move |row| {
                (cells.time("time", row).unwrap_or_default(), cells.uint(HASH, row).unwrap_or_default())
            })
        })
        .collect();
    let logs: Vec<LogRow> = batches.iter().flat_map(LogRow::read_all).take(limit).collect();
    let next = (keys.len() > limit).then(|| cursor_after(&keys[..limit], cursor));
    let coverage = view.tally.coverage(logs.len());
    Ok(LogsFound { logs, next, coverage })
}

/// The matching records from the cursor on, by time and then by hash.
fn ordered(frame: DataFrame, order: LogOrder, cursor: Option<Cursor>) -> Result<DataFrame, QueryError> {
    let ascending = order == LogOrder::OldestFirst;
    let mut frame = frame.with_column(HASH, row_hash())?;
    if let Some(Cursor { time, hash, .. }) = cursor {
        let time = lit(ScalarValue::TimestampNanosecond(Some(time.get()), Some("UTC".into())));
        let at = col("time").eq(time.clone());
        let beyond = |column: Expr, bound: Expr| if ascending { column.gt(bound) } else { column.lt(bound) };
        let not_before = if ascending { col("time").gt_eq(time.clone()) } else { col("time").lt_eq(time.clone()) };
        let after = beyond(col("time"), time).or(at.and(beyond(col(HASH), lit(hash)).or(col(HASH).eq(lit(hash)))));
        // Said twice: the first condition is one that blocks can be pruned by.
        frame = frame.filter(not_before)?.filter(after)?;
    }
    Ok(frame.sort(vec![col("time").sort(ascending, false), col(HASH).sort(ascending, false)])?)
}

fn cursor_after(keys: &[(UnixNanos, u64)], before: Option<Cursor>) -> Cursor {
    let last = keys[keys.len() - 1];
    let mut given = keys.iter().rev().take_while(|key| **key == last).count() as u64;
    // The whole page tied with the end of the page before: those given there come on top.
    if given == keys.len() as u64 && before.is_some_and(|before| (before.time, before.hash) == last) {
        given += before.map_or(0, |before| before.given);
    }
    Cursor { time: last.0, hash: last.1, given }
}
