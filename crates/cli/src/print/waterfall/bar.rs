//! Where a span's bar lies: whole cells, never outside its room, never invisible.

/// A bar in a room of some cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    /// Cells left empty before it.
    pub(crate) lead: usize,
    /// Cells drawn, at least one.
    pub(crate) cells: usize,
}

impl Bar {
    /// The bar of a span in a window of `window_ns` that is `room` cells wide (at least one). What lies
    /// outside the window is drawn at its edge; a duration that is zero or negative takes one cell.
    pub(crate) fn of(offset_ns: i64, duration_ns: i64, window_ns: i64, room: usize) -> Self {
        let window = i128::from(window_ns).max(1);
        let start = i128::from(offset_ns).clamp(0, window);
        let end = (i128::from(offset_ns) + i128::from(duration_ns.max(0))).clamp(start, window);
        let cells = room.max(1) as i128;
        // Rounding both edges the same way makes a span end where the next one begins.
        let edge = |at: i128| ((at * cells * 2 + window) / (window * 2)) as usize;
        let lead = edge(start).min(room.saturating_sub(1));
        Self { lead, cells: edge(end).saturating_sub(lead).max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(offset: i64, duration: i64, window: i64, expected: (usize, usize)) {
        let bar = Bar::of(offset, duration, window, 10);
        assert_eq!((bar.lead, bar.cells), expected, "{offset} {duration} {window}");
        assert!(bar.cells >= 1 && bar.lead + bar.cells <= 10);
    }

    #[test]
    fn bars_lie_where_their_time_lies() {
        check(0, 100, 100, (0, 10));
        check(50, 50, 100, (5, 5));
        check(10, 30, 100, (1, 3));
    }

    #[test]
    fn no_bar_vanishes_or_leaves_the_room() {
        check(0, 0, 100, (0, 1));
        check(100, 0, 100, (9, 1));
        check(99, 1, 100, (9, 1));
        check(50, -40, 100, (5, 1));
        check(-50, 70, 100, (0, 2));
        check(90, 900, 100, (9, 1));
        check(500, 1, 100, (9, 1));
        check(0, 0, 0, (0, 1));
        check(0, 5, -7, (0, 10));
        check(i64::MIN, i64::MIN, i64::MIN, (0, 1));
        check(i64::MAX, i64::MAX, i64::MAX, (9, 1));
    }
}
