//! Which rows the critical path goes through, and which cells of their bars.

use std::collections::HashMap;

use protocol::{CriticalPath, PathSection};

use super::super::quantity;
use super::bar::Bar;

/// Stands in a bar where the path goes through the span: everything waited for it, and it for none of its children.
pub(crate) const PATH_BAR: &str = "█";
/// The same of a span that never arrived.
pub(crate) const PATH_BAR_PHANTOM: &str = "▒";

/// The critical path of a trace, by row.
#[derive(Default)]
pub(crate) struct Path<'a> {
    rows: HashMap<u64, PathRow<'a>>,
}

/// What of the path one row has.
#[derive(Clone, Default)]
pub(crate) struct PathRow<'a> {
    /// Its self time, nanoseconds.
    pub(crate) self_ns: u64,
    sections: Vec<&'a PathSection>,
}

impl<'a> Path<'a> {
    /// Of a trace, where it has one.
    pub(crate) fn of(path: Option<&'a CriticalPath>) -> Self {
        let Some(path) = path else { return Self::default() };
        let mut rows: HashMap<u64, PathRow<'a>> = HashMap::with_capacity(path.spans.len());
        for span in &path.spans {
            rows.entry(span.row).or_default().self_ns = span.self_ns;
        }
        for section in &path.sections {
            if let Some(row) = rows.get_mut(&section.row) {
                row.sections.push(section);
            }
        }
        Self { rows }
    }

    /// What the row has of it; `None` off the path.
    pub(crate) fn row(&self, at: usize) -> Option<&PathRow<'a>> {
        self.rows.get(&(at as u64))
    }
}

impl PathRow<'_> {
    /// The self time in words.
    pub(crate) fn self_time(&self) -> String {
        quantity::duration(i64::try_from(self.self_ns).unwrap_or(i64::MAX))
    }

    /// Which cells of a room the path goes through, in a window of so many nanoseconds.
    pub(crate) fn cells(&self, window_ns: i64, room: usize) -> Vec<bool> {
        let mut cells = vec![false; room];
        for section in &self.sections {
            let duration_ns = i64::try_from(section.duration_ns).unwrap_or(i64::MAX);
            let Bar { lead, cells: width } = Bar::of(section.start_offset_ns, duration_ns, window_ns, room);
            cells.iter_mut().skip(lead).take(width).for_each(|cell| *cell = true);
        }
        cells
    }
}
