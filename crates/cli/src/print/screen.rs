//! What a stream ends in: how wide it is and whether it takes colour.

use std::io::{self, IsTerminal};

use super::colour::{ColourChoice, ColourEnvironment, Paint, Sink};

/// From this width on a table shows its less important columns too, and times with their date.
const WIDE_FROM: usize = 120;

/// No layout works below this; a narrower terminal wraps by itself.
const WIDTH_MIN: usize = 30;

/// Wider than any screen; keeps a terminal's wrong answer from becoming memory.
const WIDTH_MAX: usize = 1_000;

/// Used where a terminal does not say how wide it is.
const WIDTH_UNKNOWN: usize = 80;

/// The far end of a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    /// Cells in a line of a terminal; `None` for a pipe or a file, where nothing is cut.
    pub(crate) width: Option<usize>,
    /// Whether styles are written.
    pub(crate) paint: Paint,
}

impl Screen {
    /// A pipe without colour.
    #[cfg(test)]
    pub(crate) const PIPE: Self = Self { width: None, paint: Paint::Off };

    /// Of this process's standard output.
    pub(crate) fn of_stdout(choice: ColourChoice) -> Self {
        Self::of(choice, sink(io::stdout().is_terminal()))
    }

    /// Of this process's standard error.
    pub(crate) fn of_stderr(choice: ColourChoice) -> Self {
        Self::of(choice, sink(io::stderr().is_terminal()))
    }

    /// Whether there is room for everything.
    pub(crate) fn is_wide(self) -> bool {
        self.width.is_none_or(|width| width >= WIDE_FROM)
    }

    fn of(choice: ColourChoice, sink: Sink) -> Self {
        let paint = Paint::decide(choice, &ColourEnvironment::of_process(), sink);
        let width = (sink == Sink::Terminal).then(|| {
            let width = crossterm::terminal::size().map_or(WIDTH_UNKNOWN, |(columns, _)| usize::from(columns));
            if width == 0 { WIDTH_UNKNOWN } else { width.clamp(WIDTH_MIN, WIDTH_MAX) }
        });
        Self { width, paint }
    }
}

fn sink(is_terminal: bool) -> Sink {
    if is_terminal { Sink::Terminal } else { Sink::Pipe }
}
