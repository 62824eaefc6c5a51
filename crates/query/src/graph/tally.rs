//! Rows of `calls`, added up.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use arrow::array::RecordBatch;
use datafusion::logical_expr::{col, lit};
use futures::StreamExt;
use model::{Table, TimeRange, UnixNanos};

use super::GraphNode;
use crate::cells::Cells;
use crate::digest::CallCounts;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::session::View;

const MINUTE_NANOS: i64 = 60_000_000_000;

/// Things that are told apart in one answer, some 100 MiB of them. What comes beyond is not counted, and the answer says so.
const TALLIED_MAX: usize = 100_000;

/// Who asked whom; `None` where nobody is known to have asked.
pub(crate) type Edge = (Option<GraphNode>, GraphNode);

/// Calls by what they are told apart by.
#[derive(Debug)]
pub(crate) struct Tallied<K> {
    pub(crate) counts: HashMap<K, CallCounts>,
    /// Whether there were more than can be told apart.
    pub(crate) is_cut: bool,
}

/// The range with its first minute whole, since calls are counted by the minute; and how long that is.
pub(crate) fn whole_minutes(range: TimeRange) -> (TimeRange, Duration) {
    let from = UnixNanos::new(range.from.get().div_euclid(MINUTE_NANOS).saturating_mul(MINUTE_NANOS));
    let nanos = range.to.get().saturating_sub(from.get());
    (TimeRange { from, to: range.to }, Duration::from_nanos(nanos.unsigned_abs()))
}

impl<K: Eq + Hash> Tallied<K> {
    /// Adds up the calls of a view, by what `key` makes of a row; rows of which it makes nothing are left out. Only rows of
    /// the environment count, where one is given. The view has to be digested.
    pub(crate) async fn of(
        engine: &Engine,
        view: &View,
        environment: Option<&str>,
        key: impl Fn(&Cells<'_>, usize) -> Option<K>,
    ) -> Result<Self, QueryError> {
        let session = engine.sessions.open(view)?;
        let mut frame = session.table(Table::Calls.name()).await?;
        if let Some(environment) = environment {
            frame = frame.filter(col("deployment_environment").eq(lit(environment)))?;
        }
        let mut tallied = Self { counts: HashMap::new(), is_cut: false };
        let mut batches = frame.execute_stream().await?;
        while let Some(batch) = batches.next().await {
            tallied.add(&batch?, &key);
        }
        Ok(tallied)
    }

    fn add(&mut self, batch: &RecordBatch, key: impl Fn(&Cells<'_>, usize) -> Option<K>) {
        let cells = Cells::new(batch);
        for row in 0..batch.num_rows() {
            let Some(key) = key(&cells, row) else { continue };
            if self.counts.len() >= TALLIED_MAX && !self.counts.contains_key(&key) {
                self.is_cut = true;
                continue;
            }
            self.counts.entry(key).or_default().add_row(&cells, row);
        }
    }
}

/// The edge of a row of `calls`.
pub(super) fn edge_of(cells: &Cells<'_>, row: usize) -> Option<Edge> {
    Some((GraphNode::caller(cells, row), GraphNode::callee(cells, row)?))
}
