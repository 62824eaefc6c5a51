//! What a service is asked, by whom, and what it asks of others.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::time::Duration;

use datafusion::logical_expr::{Expr, col, lit};
use model::{TimeRange, UnixNanos};

use super::presence::Seen;
use super::service_passport::CallsOf;
use crate::cells::Cells;
use crate::digest::CallCounts;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::graph::{GraphNode, Red, each_call, in_environment};
use crate::session::View;

/// An operation that was first asked for within so long is new, and one that was not asked for within it is gone: long
/// enough that what runs every half an hour is neither.
const LATELY: Duration = Duration::from_secs(3_600);

/// Operations of an answer, and as many callers and callees. Those with the most calls are kept, and the answer says so.
const LISTED_MAX: usize = 1_000;

/// Operations, callers and callees that are told apart while they are counted, some 50 MiB of them.
const COUNTED_MAX: usize = 50_000;

/// Minutes of operations that are told apart, some 16 MiB of them: of hundreds of operations for a day.
const MINUTES_MAX: usize = 500_000;

/// Something that a service can be asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationCalls {
    /// Its name.
    pub operation: String,
    /// How often it was asked for, how that went, and how long it took.
    pub calls: CallsOf,
    /// The minutes in which it was first and last asked for.
    pub seen: Seen,
    /// Whether it is new or gone; `None` where it is neither.
    pub change: Option<OperationChange>,
}

/// How an operation differs from what there was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationChange {
    /// First asked for in the last hour, while the service was asked for other things before.
    New,
    /// Not asked for in the last hour, while the service was asked for other things.
    Gone,
}

impl OperationChange {
    /// `new` or `gone`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
        }
    }
}

/// Who calls a service, or is called by it.
#[derive(Clone, Debug, PartialEq)]
pub struct NeighbourCalls {
    /// Who.
    pub node: GraphNode,
    /// What was asked.
    pub calls: CallsOf,
}

/// What is asked of `calls`. Times are in whole minutes.
pub(super) struct RequestsQuestion<'a> {
    pub(super) service: &'a str,
    pub(super) environment: Option<&'a str>,
    /// Since when calls count for "now".
    pub(super) now_from: UnixNanos,
    /// How long "now" and all of the time are.
    pub(super) within: [Duration; 2],
    pub(super) range: TimeRange,
}

/// All that `calls` say of a service.
#[derive(Debug, Default)]
pub(super) struct Requests {
    pub(super) calls: CallsOf,
    pub(super) entries: CallsOf,
    pub(super) operations: Vec<OperationCalls>,
    pub(super) callers: Vec<NeighbourCalls>,
    pub(super) callees: Vec<NeighbourCalls>,
    /// What is not all there is.
    pub(super) cut: Vec<&'static str>,
}

impl Requests {
    /// From the calls of the view, whose range is the question's and which has to be digested.
    pub(super) async fn of(engine: &Engine, view: &View, question: &RequestsQuestion<'_>) -> Result<Self, QueryError> {
        let mut counted = Counted::default();
        each_call(engine, view, Some(filter(question)), |cells, row| counted.add(cells, row, question)).await?;
        Ok(counted.into_requests(question))
    }
}

fn filter(question: &RequestsQuestion<'_>) -> Expr {
    let is = |kind: &str, name: &str| col(kind).eq(lit("service")).and(col(name).eq(lit(question.service)));
    let of_service = is("callee_kind", "callee").or(is("caller_kind", "caller"));
    match question.environment {
        Some(environment) => of_service.and(in_environment(environment)),
        None => of_service,
    }
}

/// Calls now, and in all of the time.
#[derive(Debug, Default)]
struct Counts {
    now: CallCounts,
    all: CallCounts,
}

impl Counts {
    fn add(&mut self, cells: &Cells<'_>, row: usize, is_now: bool) {
        self.all.add_row(cells, row);
        if is_now {
            self.now.add_row(cells, row);
        }
    }

    fn into_calls(self, within: [Duration; 2]) -> CallsOf {
        CallsOf { now: Red::of(&self.now, within[0]), all: Red::of(&self.all, within[1]) }
    }
}

#[derive(Debug, Default)]
struct Operation {
    counts: Counts,
    /// Calls in each minute: only their sum says whether there were any, as some rows take others back.
    minutes: HashMap<i64, i64>,
}

impl Operation {
    /// The first and the last minute with a call; `None` where there is none.
    fn seen(&self) -> Option<Seen> {
        let minutes = || self.minutes.iter().filter(|(_, calls)| **calls > 0).map(|(minute, _)| *minute);
        Some(Seen { since: UnixNanos::new(minutes().min()?), last: UnixNanos::new(minutes().max()?) })
    }
}

#[derive(Debug, Default)]
struct Counted {
    all: Counts,
    entries: Counts,
    operations: HashMap<String, Operation>,
    minutes: usize,
    callers: HashMap<GraphNode, Counts>,
    callees: HashMap<GraphNode, Counts>,
    is_cut: bool,
}

impl Counted {
    fn add(&mut self, cells: &Cells<'_>, row: usize, question: &RequestsQuestion<'_>) {
        let Some(minute) = cells.time("time", row) else { return };
        let is_now = minute >= question.now_from;
        let (caller, Some(callee)) = (GraphNode::caller(cells, row), GraphNode::callee(cells, row)) else { return };
        let is_service = |node: &GraphNode| node.is_service() && node.name == question.service;
        if caller.as_ref().is_some_and(is_service) {
            count(&mut self.callees, callee.clone(), &mut self.is_cut, |counts| counts.add(cells, row, is_now));
        }
        if !is_service(&callee) {
            return;
        }
        self.all.add(cells, row, is_now);
        match caller {
            Some(caller) => count(&mut self.callers, caller, &mut self.is_cut, |counts| counts.add(cells, row, is_now)),
            None => self.entries.add(cells, row, is_now),
        }
        let (Some(name), room) = (cells.text("operation", row), MINUTES_MAX - self.minutes) else { return };
        let (mut is_full, mut added) = (false, 0);
        count(&mut self.operations, name.to_owned(), &mut self.is_cut, |operation| {
            operation.counts.add(cells, row, is_now);
            let before = operation.minutes.len();
            if room > 0 || operation.minutes.contains_key(&minute.get()) {
                *operation.minutes.entry(minute.get()).or_default() += cells.int("seen", row).unwrap_or_default();
            } else {
                is_full = true;
            }
            added = operation.minutes.len() - before;
        });
        self.minutes += added;
        self.is_cut |= is_full;
    }

    fn into_requests(self, question: &RequestsQuestion<'_>) -> Requests {
        let within = question.within;
        let seen_of: Vec<(String, Operation, Seen)> = self
            .operations
            .into_iter()
            .filter_map(|(name, operation)| operation.seen().map(|seen| (name, operation, seen)))
            .collect();
        let seen = || seen_of.iter().map(|(.., seen)| seen);
        let lately = question.range.to.minus(LATELY);
        let was_asked_before = seen().any(|seen| seen.since < lately);
        let is_asked_lately = seen().any(|seen| seen.last >= lately);
        let change = |seen: &Seen| match (seen.since >= lately, seen.last < lately) {
            (true, _) if was_asked_before => Some(OperationChange::New),
            (_, true) if is_asked_lately => Some(OperationChange::Gone),
            _ => None,
        };
        let mut cut = Vec::new();
        let mut operations: Vec<OperationCalls> = seen_of
            .into_iter()
            .map(|(operation, Operation { counts, .. }, seen)| {
                let (calls, change) = (counts.into_calls(within), change(&seen));
                OperationCalls { operation, calls, seen, change }
            })
            .collect();
        operations.sort_by(|a, b| {
            b.calls.all.calls.total_cmp(&a.calls.all.calls).then_with(|| a.operation.cmp(&b.operation))
        });
        cut.extend(
            (operations.len() > LISTED_MAX).then_some("there were more operations than are listed: look back less far"),
        );
        operations.truncate(LISTED_MAX);
        cut.extend(
            self.is_cut
                .then_some("there are more operations, callers and callees than can be told apart: look back less far"),
        );
        Requests {
            calls: self.all.into_calls(within),
            entries: self.entries.into_calls(within),
            operations,
            callers: neighbours(self.callers, within, &mut cut),
            callees: neighbours(self.callees, within, &mut cut),
            cut,
        }
    }
}

fn count<K: Eq + Hash, C: Default>(counts: &mut HashMap<K, C>, key: K, is_cut: &mut bool, add: impl FnOnce(&mut C)) {
    if counts.len() >= COUNTED_MAX && !counts.contains_key(&key) {
        *is_cut = true;
        return;
    }
    add(counts.entry(key).or_default());
}

/// Those with the most calls first.
fn neighbours(
    counts: HashMap<GraphNode, Counts>,
    within: [Duration; 2],
    cut: &mut Vec<&'static str>,
) -> Vec<NeighbourCalls> {
    let sorted: BTreeMap<GraphNode, Counts> = counts.into_iter().collect();
    // What was taken back as a whole was never there.
    let there = sorted.into_iter().filter(|(_, counts)| counts.all.seen > 0);
    let mut neighbours: Vec<NeighbourCalls> =
        there.map(|(node, counts)| NeighbourCalls { node, calls: counts.into_calls(within) }).collect();
    neighbours.sort_by(|a, b| b.calls.all.calls.total_cmp(&a.calls.all.calls));
    cut.extend((neighbours.len() > LISTED_MAX).then_some("there were more callers or callees than are listed"));
    neighbours.truncate(LISTED_MAX);
    neighbours
}
