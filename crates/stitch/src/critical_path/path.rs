//! A critical path: its sections in the order of time, and what each span has of it.

use std::collections::BTreeMap;

use super::{OperationTime, Section};
use crate::{Source, SpanInput, Story};

/// The critical path of one tree of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriticalPath {
    /// Index of the row at the top, whose time the path covers.
    pub top: usize,
    /// Earliest first. They cover the top's time without a gap and without overlap; none if the top has no length.
    pub sections: Vec<Section>,
    /// Every span that the path goes through, in the order of rows; the top is always among them.
    pub spans: Vec<PathSpan>,
}

/// One span that a critical path goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathSpan {
    /// Index of its row in the story.
    pub row: usize,
    /// Its self time on the path, in nanoseconds: the sum of its sections. 0 if children have all of its time.
    pub self_ns: u64,
}

impl CriticalPath {
    /// How long the path is, in nanoseconds: exactly as long as its top, and the sum of all self times.
    pub fn duration_ns(&self) -> u64 {
        self.spans.iter().map(|span| span.self_ns).sum()
    }

    /// What share of the path a self time is, 0 to 1 inclusive; 0 on a path without length.
    pub fn share(&self, self_ns: u64) -> f64 {
        match self.duration_ns() {
            0 => 0.0,
            whole => self_ns as f64 / whole as f64,
        }
    }

    /// The path's time by service and operation: the longest first, equal ones by service, then operation.
    ///
    /// `story` and `spans` are those that the path was made of.
    pub fn by_operation<'a>(&self, story: &Story<'a>, spans: &[SpanInput<'a>]) -> Vec<OperationTime<'a>> {
        let mut operations: BTreeMap<(&'a str, &'a str), OperationTime<'a>> = BTreeMap::new();
        for PathSpan { row, self_ns } in &self.spans {
            let (service, operation, is_error) = match story.rows.get(*row).map(|row| row.source) {
                Some(Source::Arrived(span)) => {
                    spans.get(span).map_or(("", "", false), |span| (span.service, span.name, span.is_error))
                }
                Some(Source::Phantom { service }) => (service.unwrap_or_default(), "", false),
                Some(Source::Logged { service }) => (service, "", false),
                None => ("", "", false),
            };
            let empty = OperationTime { service, operation, spans: 0, self_ns: 0, failed_self_ns: 0 };
            let time = operations.entry((service, operation)).or_insert(empty);
            time.spans += 1;
            time.self_ns += self_ns;
            time.failed_self_ns += if is_error { *self_ns } else { 0 };
        }
        let mut operations: Vec<OperationTime<'a>> = operations.into_values().collect();
        operations.sort_by_key(|time| std::cmp::Reverse(time.self_ns));
        operations
    }
}
