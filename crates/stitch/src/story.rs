//! The story: the rows of a waterfall from top to bottom, and the ledger of what was repaired to get there.

use model::{SpanId, UnixNanos};

use crate::{ClockShift, Mark, Marks, Remark, Repair};

/// One trace in its order. Both views have this shape; in the raw one `repairs` is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Story<'a> {
    /// Depth-first; roots and siblings by start, then span id.
    pub rows: Vec<Row<'a>>,
    /// What was changed or added, by kind in the order of [`RepairKind`](crate::RepairKind). Empty for a clean trace.
    pub repairs: Vec<Repair>,
    /// By how much hosts were moved, in numbers: one for each repair of a clock, in the same order.
    pub shifts: Vec<ClockShift<'a>>,
    /// What looks wrong and was left as it arrived, as the evidence for a change is not enough.
    pub remarks: Vec<Remark>,
    /// Earliest time of any row; the epoch when there are no rows.
    pub start: UnixNanos,
    /// Latest time of any row, never before `start`; the epoch when there are no rows.
    pub end: UnixNanos,
}

impl<'a> Story<'a> {
    /// By how much everything by this host's clock is moved, in nanoseconds: spans, their events, log records.
    pub fn shift_ns(&self, host: &str) -> i64 {
        self.shifts.iter().find(|shift| shift.host == host).map_or(0, |shift| shift.shift_ns)
    }

    pub(crate) fn new(rows: Vec<Row<'a>>, repairs: Vec<Repair>) -> Self {
        let start = rows.iter().map(|row| row.start.min(row.end)).min().unwrap_or_default();
        let end = rows.iter().map(|row| row.start.max(row.end)).max().unwrap_or_default();
        Self { rows, repairs, shifts: Vec::new(), remarks: Vec::new(), start, end }
    }
}

/// One span in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The span's id; on a phantom, the id its children name as their parent. On the row of a service that only logged, an
    /// id that its records name and nothing else has or, without one, an id made of its name.
    pub span_id: SpanId,
    /// Where the row comes from.
    pub source: Source<'a>,
    /// Index of the parent's row, always smaller than this row's own; `None` at the top of a tree.
    pub parent: Option<usize>,
    /// Distance from the top of its tree, 0 at the top.
    pub depth: u32,
    /// Where its bar begins. Everything else of the span (its events, its log records) is moved as its host is
    /// ([`Story::shift_ns`]), and no further: a late root's bar begins before the span was opened.
    pub start: UnixNanos,
    /// Where its bar ends. Never before `start` in the stitched view; in the raw view as sent, and so possibly before.
    pub end: UnixNanos,
    /// What is noteworthy about it.
    pub marks: Marks,
}

impl Row<'_> {
    /// Whether the row has this mark.
    pub fn has(&self, mark: Mark) -> bool {
        self.marks.contains(mark)
    }
}

/// Where a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// A span that arrived: its index in the input.
    Arrived(usize),
    /// A span that has not arrived, made to stand above the children that name it. Nothing is known of its name.
    Phantom {
        /// The service it most likely belongs to; `None` without evidence.
        service: Option<&'a str>,
    },
    /// No span: what a service did of which only log records arrived, from the first of these to the last.
    Logged {
        /// The service; never empty.
        service: &'a str,
    },
}
