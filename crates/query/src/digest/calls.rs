//! Calls, added up by minute.

use std::collections::HashMap;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int32Type};
use model::{Table, duration_fields};
use stitch::{Call, Node};
use tracing::warn;
use xxhash_rust::xxh3::Xxh3;

use super::columns::{floats, lists_of_counts, rows, signed, texts, times, unsigned};
use super::durations::{Durations, NOTHING};
use super::traces::TraceSpans;
use crate::cells::Cells;

/// Calls are added up by the minute in which they began: what a graph of the last five minutes needs, and one row for
/// thousands of calls.
pub(crate) const MINUTE_NANOS: i64 = 60_000_000_000;

/// Kinds of calls that are told apart in one flush: about 64 MiB of them, whose names have at most 256 bytes. What comes
/// beyond is not counted, and the log says so: services that put ids in their operations' names have more.
const CALL_KINDS_MAX: usize = 65_536;

/// Calls of one kind: how many, how they ended, how long they took.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CallCounts {
    /// Calls of which spans arrived.
    pub(crate) seen: i64,
    /// How many these stand for.
    pub(crate) calls: f64,
    /// Of them those that failed.
    pub(crate) errors: f64,
    /// Of these those whose failure began there.
    pub(crate) errors_begun: f64,
    /// Of all of them, nanoseconds.
    pub(crate) duration_sum_ns: f64,
    /// Of all of them.
    pub(crate) durations: Durations,
}

impl CallCounts {
    /// Adds all of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.seen += other.seen;
        self.calls += other.calls;
        self.errors += other.errors;
        self.errors_begun += other.errors_begun;
        self.duration_sum_ns += other.duration_sum_ns;
        self.durations.merge(&other.durations);
    }

    /// Adds what a row of `calls` says.
    pub(crate) fn add_row(&mut self, cells: &Cells<'_>, row: usize) {
        self.seen += cells.int("seen", row).unwrap_or_default();
        let float = |column| cells.float(column, row).unwrap_or_default();
        self.calls += float("calls");
        self.errors += float("errors");
        self.errors_begun += float("errors_begun");
        self.duration_sum_ns += float("duration_sum_ns");
        let Some(items) = cells.list("durations", row) else { return };
        let Some(items) = items.as_struct_opt() else { return };
        let column = |name| items.column_by_name(name).expect("durations have the fields of their table");
        let buckets = column("bucket").as_primitive::<Int32Type>().values();
        let calls = column("calls").as_primitive::<Float64Type>().values();
        buckets.iter().zip(calls).for_each(|(bucket, calls)| self.durations.add_bucket(*bucket, *calls));
    }

    fn add(&mut self, call: &Call<'_>, times: i64) {
        let weight = call.weight * times as f64;
        self.seen += times;
        self.calls += weight;
        self.errors += if call.is_error { weight } else { 0.0 };
        self.errors_begun += if call.begins_error { weight } else { 0.0 };
        self.duration_sum_ns += call.duration_ns as f64 * weight;
        self.durations.add(call.duration_ns, weight);
    }

    /// Whether it changes no sum. A late child may take back no more than that an error began in its parent.
    fn is_nothing(&self) -> bool {
        let sums = [self.calls, self.errors, self.errors_begun, self.duration_sum_ns];
        self.seen == 0 && sums.iter().all(|sum| sum.abs() <= NOTHING) && self.durations.buckets().next().is_none()
    }
}

/// What tells one kind of call from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct CallKey<'a> {
    minute: i64,
    environment: &'a str,
    caller: Option<Node<'a>>,
    callee: Node<'a>,
    operation: &'a str,
    seen_by: &'static str,
}

impl<'a> CallKey<'a> {
    fn of(call: &Call<'a>, environments: &[&'a str]) -> Self {
        let heard = call.server.or(call.client).and_then(|span| environments.get(span));
        Self {
            minute: call.start.get().div_euclid(MINUTE_NANOS),
            environment: heard.copied().unwrap_or_default(),
            caller: call.caller,
            callee: call.callee,
            operation: call.operation,
            seen_by: call.seen_by.as_str(),
        }
    }

    fn group_id(&self) -> u64 {
        let mut hash = Xxh3::new();
        let mut add = |text: &str| {
            hash.update(text.as_bytes());
            hash.update(&[0xff]);
        };
        for node in [self.caller, Some(self.callee)].into_iter().flatten() {
            [node.kind.as_str(), node.system, node.name].into_iter().for_each(&mut add);
        }
        [self.environment, self.operation, self.seen_by].into_iter().for_each(add);
        hash.digest()
    }
}

/// The calls of a flush.
#[derive(Debug, Default)]
pub(super) struct CallTally<'a> {
    counts: HashMap<CallKey<'a>, CallCounts>,
    /// Calls for which there was no room.
    uncounted: u64,
}

impl<'a> CallTally<'a> {
    /// Counts the calls of a trace.
    pub(super) fn add(&mut self, trace: &TraceSpans<'a>) {
        self.count(trace, 1);
    }

    /// Takes back what the spans of a trace gave that were there before.
    pub(super) fn take_back(&mut self, trace: &TraceSpans<'a>) {
        self.count(trace, -1);
    }

    fn count(&mut self, trace: &TraceSpans<'a>, times: i64) {
        for call in stitch::calls(&trace.inputs) {
            let key = CallKey::of(&call, &trace.environments);
            if self.counts.len() < CALL_KINDS_MAX || self.counts.contains_key(&key) {
                self.counts.entry(key).or_default().add(&call, times);
            } else {
                self.uncounted += 1;
            }
        }
    }

    /// The rows of `calls`. What was taken back as a whole has none.
    pub(super) fn into_rows(self) -> RecordBatch {
        if self.uncounted > 0 {
            warn!(calls = self.uncounted, "calls of more kinds than are told apart in one flush are not counted");
        }
        let mut counted: Vec<(CallKey<'a>, CallCounts)> =
            self.counts.into_iter().filter(|(_, counts)| !counts.is_nothing()).collect();
        counted.sort_unstable_by_key(|(key, _)| *key);
        let keys = || counted.iter().map(|(key, _)| key);
        let counts = || counted.iter().map(|(_, counts)| counts);
        let optional = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        let durations: Vec<Vec<(i32, f64)>> = counts().map(|counts| counts.durations.buckets().collect()).collect();
        let columns: Vec<ArrayRef> = vec![
            times(keys().map(|key| key.minute.saturating_mul(MINUTE_NANOS))),
            texts(keys().map(|key| optional(key.environment))),
            texts(keys().map(|key| key.caller.map(|node| node.kind.as_str()))),
            texts(keys().map(|key| key.caller.and_then(|node| optional(node.system)))),
            texts(keys().map(|key| key.caller.map(|node| node.name))),
            texts(keys().map(|key| Some(key.callee.kind.as_str()))),
            texts(keys().map(|key| optional(key.callee.system))),
            texts(keys().map(|key| Some(key.callee.name))),
            texts(keys().map(|key| Some(key.operation))),
            texts(keys().map(|key| Some(key.seen_by))),
            unsigned(keys().map(CallKey::group_id)),
            signed(counts().map(|counts| counts.seen)),
            floats(counts().map(|counts| counts.calls)),
            floats(counts().map(|counts| counts.errors)),
            floats(counts().map(|counts| counts.errors_begun)),
            floats(counts().map(|counts| counts.duration_sum_ns)),
            lists_of_counts(duration_fields(), &durations),
        ];
        rows(Table::Calls, columns)
    }
}
