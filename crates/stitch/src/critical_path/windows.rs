//! What of each span's time can lie on the path of a tree.

use std::ops::Range;

use model::{TimeRange, UnixNanos};

use super::waiting::waits;
use crate::{Row, SpanInput};

/// The windows of one tree's rows, which are numbered as in the story.
pub(super) struct Windows {
    /// Row of the tree's top; the tree's other rows follow it.
    top: usize,
    /// What of each row's time lies within its parent's window. `None` if nothing does, or the parent does not wait.
    windows: Vec<Option<TimeRange>>,
    /// The parent of each row; the top's own is left out.
    parents: Vec<Option<usize>>,
}

impl Windows {
    /// Of the rows `tree`, of which the first is the top and every other one's parent is an earlier one.
    pub(super) fn new(rows: &[Row<'_>], spans: &[SpanInput<'_>], tree: Range<usize>) -> Self {
        let top = tree.start;
        let mut windows: Vec<Option<TimeRange>> = Vec::with_capacity(tree.len());
        let mut parents = Vec::with_capacity(tree.len());
        for row in tree {
            let parent = rows[row].parent.filter(|_| row > top);
            let time = TimeRange { from: rows[row].start, to: rows[row].end.max(rows[row].start) };
            windows.push(match parent {
                None => Some(time),
                Some(parent) if waits(&rows[parent], &rows[row], spans) => {
                    windows[parent - top].and_then(|around| within(time, around))
                }
                Some(_) => None,
            });
            parents.push(parent);
        }
        Self { top, windows, parents }
    }

    pub(super) fn top(&self) -> usize {
        self.top
    }

    /// Number of rows in the tree.
    pub(super) fn len(&self) -> usize {
        self.windows.len()
    }

    /// The window of a row that has one.
    pub(super) fn of(&self, row: usize) -> TimeRange {
        self.windows[row - self.top].expect("only rows that have a window are asked for")
    }

    /// Each row that can lie on the path below the top, with its parent.
    pub(super) fn children(&self) -> impl Iterator<Item = (usize, usize)> {
        let pairs = self.windows.iter().zip(&self.parents).enumerate();
        pairs.filter_map(|(index, (window, parent))| window.and(*parent).map(|parent| (parent, self.top + index)))
    }
}

/// What of `time` lies within `around`, if that has any length.
fn within(time: TimeRange, around: TimeRange) -> Option<TimeRange> {
    let (from, to): (UnixNanos, UnixNanos) = (time.from.max(around.from), time.to.min(around.to));
    (from < to).then_some(TimeRange { from, to })
}
