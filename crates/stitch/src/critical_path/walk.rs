//! The walk along a path, from the top's end backwards to its start. A stack on the heap does it, because a chain of
//! spans may be as long as the trace.

use std::ops::Range;

use model::UnixNanos;

use super::siblings::Siblings;
use super::windows::Windows;
use super::{CriticalPath, PathSpan, Section};

/// A span on the path that the walk has entered and not left.
struct Open {
    /// Its place among the spans of the path.
    span: usize,
    row: usize,
    /// Which of its children have not been looked at.
    left: Range<usize>,
    /// The child that the walk came out of last.
    later: Option<usize>,
    /// What is at this instant or later is done.
    until: UnixNanos,
}

/// The path of a tree.
pub(super) fn walk(windows: &Windows) -> CriticalPath {
    let siblings = Siblings::new(windows);
    let top = windows.top();
    let mut path = CriticalPath { top, sections: Vec::new(), spans: Vec::new() };
    let mut stack = vec![enter(&mut path, &siblings, top, windows.of(top).to)];
    while let Some(open) = stack.last_mut() {
        let Some(child) = siblings.before(open.row, &mut open.left, open.later, open.until) else {
            keep(&mut path, open, windows.of(open.row).from);
            stack.pop();
            continue;
        };
        let window = windows.of(child);
        let until = window.to.min(open.until);
        keep(&mut path, open, until);
        open.until = window.from;
        open.later = Some(child);
        let child = enter(&mut path, &siblings, child, until);
        stack.push(child);
    }
    path.sections.reverse();
    path.spans.sort_unstable_by_key(|span| span.row);
    path
}

/// Enters a span, whose time up to `until` is on the path.
fn enter(path: &mut CriticalPath, siblings: &Siblings<'_>, row: usize, until: UnixNanos) -> Open {
    let span = path.spans.len();
    path.spans.push(PathSpan { row, self_ns: 0 });
    Open { span, row, left: siblings.of(row), later: None, until }
}

/// Gives a span its own time from `from` until where the walk is, if that has any length.
fn keep(path: &mut CriticalPath, open: &Open, from: UnixNanos) {
    if from < open.until {
        let section = Section { row: open.row, from, to: open.until };
        path.spans[open.span].self_ns += section.duration_ns();
        path.sections.push(section);
    }
}
