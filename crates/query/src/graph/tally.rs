//! Rows of `calls`, added up.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use datafusion::logical_expr::{Expr, col, lit};
use futures::StreamExt;
use model::{Table, TimeRange, UnixNanos};

use super::GraphNode;
use crate::cells::Cells;
use crate::digest::{CallCounts, MINUTE_NANOS};
use crate::engine::Engine;
use crate::error::QueryError;
use crate::session::View;

/// Things that are told apart in one answer, some 100 MiB of them with names of at most 256 bytes. What comes beyond is
/// not counted, and the answer says so.
const TALLIED_MAX: usize = 32_768;

/// Who asked whom; `None` where nobody is known to have asked.
pub(crate) type Edge = (Option<GraphNode>, GraphNode);

/// Calls by what they are told apart by.
#[derive(Debug)]
pub(crate) struct Tallied<K> {
    pub(crate) counts: HashMap<K, CallCounts>,
    /// Whether there were more than can be told apart.
    pub(crate) is_cut: bool,
}

/// The range with its first and last minute whole, since calls are counted by the minute; and how long that is, up to `now`,
/// as the minute of `now` is not over.
pub(crate) fn whole_minutes(range: TimeRange, now: UnixNanos) -> (TimeRange, Duration) {
    let minute = |time: UnixNanos| time.get().div_euclid(MINUTE_NANOS);
    let from = UnixNanos::new(minute(range.from).saturating_mul(MINUTE_NANOS));
    let is_whole = range.to.get().rem_euclid(MINUTE_NANOS) == 0;
    let end = UnixNanos::new(minute(range.to).saturating_add(i64::from(!is_whole)).saturating_mul(MINUTE_NANOS));
    let to = range.to.max(end.min(now));
    let nanos = to.min(now).get().saturating_sub(from.get()).max(0);
    (TimeRange { from, to }, Duration::from_nanos(nanos.unsigned_abs()))
}

/// Shows each row of `calls` of a view that passes the filter. The view has to be digested.
pub(crate) async fn each_call(
    engine: &Engine,
    view: &View,
    filter: Option<Expr>,
    mut show: impl FnMut(&Cells<'_>, usize),
) -> Result<(), QueryError> {
    let session = engine.sessions.open(view)?;
    let mut frame = session.table(Table::Calls.name()).await?;
    if let Some(filter) = filter {
        frame = frame.filter(filter)?;
    }
    let mut batches = frame.execute_stream().await?;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        let cells = Cells::new(&batch);
        (0..batch.num_rows()).for_each(|row| show(&cells, row));
    }
    Ok(())
}

/// Only calls in this `deployment.environment.name`.
pub(crate) fn in_environment(environment: &str) -> Expr {
    col("deployment_environment").eq(lit(environment))
}

impl<K: Eq + Hash> Tallied<K> {
    /// Adds up the calls of a view that pass the filter, by what `key` makes of a row; rows of which it makes nothing are
    /// left out. The view has to be digested.
    pub(crate) async fn of(
        engine: &Engine,
        view: &View,
        filter: Option<Expr>,
        key: impl Fn(&Cells<'_>, usize) -> Option<K>,
    ) -> Result<Self, QueryError> {
        let mut tallied = Self::default();
        each_call(engine, view, filter, |cells, row| {
            key(cells, row).into_iter().for_each(|key| tallied.add(key, cells, row));
        })
        .await?;
        Ok(tallied)
    }

    /// Adds a row of `calls` to those of its key.
    pub(crate) fn add(&mut self, key: K, cells: &Cells<'_>, row: usize) {
        if self.counts.len() >= TALLIED_MAX && !self.counts.contains_key(&key) {
            self.is_cut = true;
            return;
        }
        self.counts.entry(key).or_default().add_row(cells, row);
    }
}

impl<K> Default for Tallied<K> {
    fn default() -> Self {
        Self { counts: HashMap::new(), is_cut: false }
    }
}

/// The edge of a row of `calls`.
pub(super) fn edge_of(cells: &Cells<'_>, row: usize) -> Option<Edge> {
    Some((GraphNode::caller(cells, row), GraphNode::callee(cells, row)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(range: [i64; 2], now: i64, expected: [i64; 2], seconds: u64) {
        let at = |seconds: i64| UnixNanos::new(seconds * 1_000_000_000);
        let of = |[from, to]: [i64; 2]| TimeRange { from: at(from), to: at(to) };
        assert_eq!(whole_minutes(of(range), at(now)), (of(expected), Duration::from_secs(seconds)));
    }

    #[test]
    fn the_first_and_the_last_minute_are_whole_unless_it_is_not_over() {
        check([60, 120], 1_000, [60, 120], 60);
        check([61, 119], 1_000, [60, 120], 60);
        check([61, 119], 119, [60, 119], 59);
        check([61, 119], 110, [60, 119], 50);
        check([61, 61], 61, [60, 61], 1);
        check([300, 400], 100, [300, 400], 0);
    }

    #[test]
    fn all_of_time_does_not_overflow() {
        let (range, within) = whole_minutes(TimeRange::ALL, UnixNanos::new(0));
        assert_eq!(range, TimeRange::ALL);
        assert!(within.as_secs() > 0);
    }
}
