//! How the cells of a row are shared out between label, duration and bar.

use std::io::{self, Write};

use protocol::TraceAnswer;

use super::super::colour::{Paint, Tone};
use super::super::line::{Line, Overflow};
use super::super::quantity;
use super::super::screen::Screen;
use super::row::label_width;
use super::tree::{LEVEL_CELLS, Tree};

/// Levels that are drawn at most; deeper ones are counted.
const DEPTH_SHOWN_MAX: usize = 32;
/// Levels that are drawn at least, however narrow the terminal.
const DEPTH_SHOWN_MIN: usize = 4;

/// Cells for the error mark.
const MARK_CELLS: usize = 1;
/// Cells for a duration and its `~`.
const DURATION_CELLS: usize = 9;
/// Cells for a self time on the critical path, with the space before it.
const SELF_TIME_CELLS: usize = 9;
/// On a terminal narrower than this, self times are left out: the signs in the bars stay.
const SELF_TIME_FROM_WIDTH: usize = 100;
/// Single spaces around the mark, and two before the bar.
const GAP_CELLS: usize = 4;
/// Spaces before the bar.
const BAR_GAP_CELLS: usize = 2;

/// On a terminal narrower than this the bar is left out.
const BAR_FROM_WIDTH: usize = 60;
/// The bar on a pipe.
const BAR_CELLS_PIPED: usize = 40;
/// Labels on a pipe are padded up to here; a longer one pushes its own bar to the right.
const LABEL_CELLS_PIPED_MAX: usize = 72;

const _: () = assert!(DEPTH_SHOWN_MIN * LEVEL_CELLS + MARK_CELLS + DURATION_CELLS + GAP_CELLS < BAR_FROM_WIDTH);

/// The cells of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// Cells of the label.
    pub(crate) label: usize,
    /// What a longer label does.
    pub(crate) overflow: Overflow,
    /// Cells of the duration, right-aligned.
    pub(crate) duration: usize,
    /// Cells of the self time, right-aligned; 0 without it.
    pub(crate) self_time: usize,
    /// Cells of the bar; 0 without one.
    pub(crate) bar: usize,
    /// Levels that are drawn.
    pub(crate) depth_max: usize,
    /// Whether styles are written.
    pub(crate) paint: Paint,
}

impl Layout {
    /// For this trace on this screen.
    pub(crate) fn of(screen: Screen, trace: &TraceAnswer, tree: &Tree) -> Self {
        let has_room = screen.width.is_none_or(|width| width >= SELF_TIME_FROM_WIDTH);
        let self_time = if trace.critical_path.is_some() && has_room { SELF_TIME_CELLS } else { 0 };
        let fixed = MARK_CELLS + DURATION_CELLS + self_time + GAP_CELLS;
        let layout = Self {
            label: 0,
            overflow: Overflow::Cut,
            duration: DURATION_CELLS,
            self_time,
            bar: 0,
            depth_max: 0,
            paint: screen.paint,
        };
        let Some(width) = screen.width else {
            let depth_max = DEPTH_SHOWN_MAX;
            let labels =
                trace.spans.iter().enumerate().map(|(at, span)| tree.prefix_width(at, depth_max) + label_width(span));
            let label = labels.max().unwrap_or(0).min(LABEL_CELLS_PIPED_MAX);
            return Self { label, overflow: Overflow::Keep, bar: BAR_CELLS_PIPED, depth_max, ..layout };
        };
        let bar = if width < BAR_FROM_WIDTH { 0 } else { width * 2 / 5 };
        let label = width.saturating_sub(fixed + bar).max(1);
        // Half of the label at most goes into indentation, so that a name always has room.
        let depth_max = (label / 2 / LEVEL_CELLS).clamp(DEPTH_SHOWN_MIN, DEPTH_SHOWN_MAX);
        Self { label, bar, depth_max, ..layout }
    }

    /// The line that says what the left and the right end of the bars mean.
    pub(crate) fn write_axis(&self, out: &mut dyn Write, window_ns: i64) -> io::Result<()> {
        if self.bar == 0 {
            return Ok(());
        }
        let lead = self.label + MARK_CELLS + self.duration + GAP_CELLS - BAR_GAP_CELLS;
        let end = quantity::duration(window_ns);
        let mut axis = Line::default();
        axis.push(Tone::Plain, &format!("{:lead$}", ""));
        let self_time = if self.self_time > 0 { "self" } else { "" };
        axis.push(Tone::Faint, &format!("{self_time:>cells$}", cells = self.self_time));
        axis.push(Tone::Plain, &format!("{:BAR_GAP_CELLS$}", ""));
        axis.push(Tone::Faint, &format!("0{end:>room$}", room = self.bar - 1));
        axis.write(out, self.paint)?;
        writeln!(out)
    }
}
