//! How far the clocks of two hosts were apart, over time.

use std::collections::BTreeSet;

use futures::StreamExt;
use model::{Table, TenantId, TimeRange, UnixNanos};
use stitch::{OFFSET_WINDOW_NANOS, OFFSET_WINDOWS_MAX, Offsets};

use crate::coverage::Coverage;
use crate::digest::learn_offsets;
use crate::engine::Engine;
use crate::error::{QueryError, QueryErrorKind};
use crate::session::View;

/// Pairs of hosts of one answer. Those whose clocks are furthest apart are kept, and the answer says so.
pub const PAIRS_MAX: usize = 1_000;

/// Instants of one answer at which the offset is told.
const POINTS_MAX: i64 = 300;

/// An offset rests on calls within an hour.
const AROUND_NANOS: i64 = 3_600_000_000_000;

/// Whose clocks, when.
#[derive(Clone, Debug, PartialEq)]
pub struct ClocksQuestion {
    /// Pairs with this host; `None` for all.
    pub host: Option<String>,
    /// The time, by when spans were received.
    pub range: TimeRange,
}

/// Offsets over time.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockHistory {
    /// By pair; those whose clocks are furthest apart first.
    pub pairs: Vec<ClockPair>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// The clocks of two hosts that called each other.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockPair {
    /// One of them.
    pub host: String,
    /// The other.
    pub other_host: String,
    /// What is known at times of which something is, the earliest first; never empty.
    pub points: Vec<ClockPoint>,
}

/// The offset at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockPoint {
    /// When.
    pub time: UnixNanos,
    /// The clock of the other host less that of the host, nanoseconds: positive where the other is ahead.
    pub offset_ns: i64,
    /// The true offset is at most so far from it, nanoseconds.
    pub error_ns: i64,
    /// Calls that it rests on.
    pub calls: u64,
    /// How sure that is, 0 to 1 inclusive.
    pub confidence: f64,
    /// Whether the clocks are certainly apart.
    pub is_apart: bool,
}

impl Engine {
    /// How far the clocks of hosts were apart in a time range.
    pub async fn clocks(&self, tenant: &TenantId, question: ClocksQuestion) -> Result<ClockHistory, QueryError> {
        let ClocksQuestion { range, .. } = question;
        if range.from == UnixNanos::MIN || range.to == UnixNanos::MAX || range.to <= range.from {
            return Err(QueryError::invalid("the time range is empty or has no end", "give from and to"));
        }
        let around = TimeRange {
            from: UnixNanos::new(range.from.get().saturating_sub(AROUND_NANOS)),
            to: UnixNanos::new(range.to.get().saturating_add(AROUND_NANOS)),
        };
        let view = self.view(tenant, around);
        self.ask(view, move |engine, view| {
            let question = question.clone();
            async move { history(&engine, view, &question).await }
        })
        .await
    }
}

async fn history(engine: &Engine, view: View, question: &ClocksQuestion) -> Result<ClockHistory, QueryError> {
    let view = engine.digested(view).await?;
    let session = engine.sessions.open(&view)?;
    let mut batches = session.table(Table::Clocks.name()).await?.execute_stream().await?;
    let mut offsets = Offsets::new();
    while let Some(batch) = batches.next().await {
        learn_offsets(&mut offsets, &batch?);
    }
    let is_full = offsets.windows().nth(OFFSET_WINDOWS_MAX * 7 / 8).is_some();
    // Many pairs at many instants are long work without a pause, which would keep other questions waiting.
    let asked = question.clone();
    let mut pairs = tokio::task::spawn_blocking(move || pairs_of(&offsets, &asked)).await.map_err(|error| {
        QueryError::new(QueryErrorKind::Internal, format!("holding clocks against each other failed: {error}"), "")
    })?;
    let mut coverage = view.tally.coverage(pairs.len().min(PAIRS_MAX));
    if is_full {
        coverage.cut("there were more calls between hosts than can be looked at: ask for a shorter time");
    }
    if pairs.len() > PAIRS_MAX {
        pairs.truncate(PAIRS_MAX);
        coverage.cut(format!("cut at {PAIRS_MAX} pairs of hosts, those furthest apart: name a host"));
    }
    Ok(ClockHistory { pairs, coverage })
}

/// All pairs of which something is known, those whose clocks are furthest apart first.
fn pairs_of(offsets: &Offsets, question: &ClocksQuestion) -> Vec<ClockPair> {
    let hosts: BTreeSet<(&str, &str)> = offsets.windows().map(|(host, other, ..)| (host, other)).collect();
    let is_meant = |(host, other): &(&str, &str)| question.host.as_deref().is_none_or(|of| of == *host || of == *other);
    let pair = |(host, other): (&str, &str)| ClockPair {
        host: host.to_owned(),
        other_host: other.to_owned(),
        points: points(offsets, (host, other), question.range),
    };
    let pairs = hosts.into_iter().filter(is_meant).map(pair);
    let mut pairs: Vec<ClockPair> = pairs.filter(|pair| !pair.points.is_empty()).collect();
    pairs.sort_by_cached_key(|pair| std::cmp::Reverse(pair.furthest()));
    pairs
}

/// One for each window of the range, or fewer where there are many. The last is at its end: whoever looks wants to know how
/// things are.
fn points(offsets: &Offsets, (host, other): (&str, &str), range: TimeRange) -> Vec<ClockPoint> {
    let nanos = range.to.get().saturating_sub(range.from.get());
    let step = OFFSET_WINDOW_NANOS.max(nanos / POINTS_MAX);
    let times = (0..POINTS_MAX).map(|n| UnixNanos::new(range.to.get().saturating_sub(n.saturating_mul(step))));
    let point = |time| {
        let offset = offsets.between(host, other, time)?;
        Some(ClockPoint {
            time,
            offset_ns: offset.estimate_ns,
            error_ns: offset.error_ns,
            calls: offset.pairs,
            confidence: offset.confidence(),
            is_apart: offset.excludes_zero(),
        })
    };
    let mut points: Vec<ClockPoint> = times.take_while(|time| *time > range.from).filter_map(point).collect();
    points.reverse();
    points
}

impl ClockPair {
    /// By how much the clocks are certainly apart, where they are furthest.
    fn furthest(&self) -> u64 {
        let apart = |point: &ClockPoint| point.offset_ns.unsigned_abs().saturating_sub(point.error_ns.unsigned_abs());
        self.points.iter().map(apart).max().unwrap_or_default()
    }
}
