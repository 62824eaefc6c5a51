//! Tables for people: columns as wide as their content on a pipe, and as the terminal allows on a terminal.
//!
//! A table that does not fit (more columns than the terminal has room for, or cells too long to pad every
//! row to their width) is written as records instead: one `name  value` line per cell.

use std::io::{self, Write};

use clap::builder::styling::{AnsiColor, Effects};
use comfy_table::{Attribute, CellAlignment, Color, ColumnConstraint, ContentArrangement, presets};

use super::colour::{Paint, Tone};
use super::escape::visible;
use super::line::{Line, Overflow, width, wrapped};
use super::screen::Screen;

/// A cell on a terminal is cut after this many lines; a pipe has it whole.
const CELL_LINES_MAX: usize = 6;

/// A column narrower than this shows one letter below the other and nobody can read it.
const COLUMN_CELLS_MIN: usize = 8;

/// Longer cells would pad every other row with as many spaces.
const CELL_WIDTH_MAX: usize = 1_000;

/// Cells between two columns.
const GAP: u16 = 2;

/// How a column stands in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    /// Text, which may be wrapped.
    Text(&'static str),
    /// Text that loses its use when it is wrapped, such as an id to be copied.
    Whole(&'static str),
    /// A number, to the right.
    Number(&'static str),
}

/// A table under construction. Whatever is put in is made visible first.
#[derive(Debug)]
pub(crate) struct Table {
    names: Vec<String>,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// Text in a tone.
    pub(crate) fn new(tone: Tone, text: &str) -> Self {
        Self { text: visible(text).into_owned(), tone }
    }

    /// Text, or a faint `-` where there is none.
    pub(crate) fn optional(text: Option<&str>) -> Self {
        text.filter(|text| !text.is_empty()).map_or_else(|| Self::new(Tone::Faint, "-"), Self::from)
    }

    /// A service in its tone, or a faint `-` where nobody said.
    pub(crate) fn service(name: &str) -> Self {
        if name.is_empty() { Self::optional(None) } else { Self::new(Tone::of_service(name), name) }
    }

    /// A count that is bad news unless it is zero.
    pub(crate) fn bad_count(count: u64) -> Self {
        Self::new(if count == 0 { Tone::Plain } else { Tone::Bad }, &count.to_string())
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::new(Tone::Plain, text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::new(Tone::Plain, &text)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::new(Tone::Plain, &number.to_string())
    }
}

impl Table {
    /// A table with these columns and no rows.
    pub(crate) fn new(columns: &[Column]) -> Self {
        let names =
            columns.iter().map(|(Column::Text(name) | Column::Whole(name) | Column::Number(name))| (*name).into());
        Self { names: names.collect(), columns: columns.to_vec(), rows: Vec::new() }
    }

    /// A table whose column names come from a server; `numbers` tells which stand to the right.
    pub(crate) fn named<'a>(names: impl IntoIterator<Item = (&'a str, Column)>) -> Self {
        let (names, columns) = names.into_iter().map(|(name, column)| (visible(name).into_owned(), column)).unzip();
        Self { names, columns, rows: Vec::new() }
    }

    /// Adds a row, which has one cell per column.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "a row has one cell per column");
        self.rows.push(cells);
    }

    /// Writes the table, or the records where a table does not fit.
    pub(crate) fn write(self, out: &mut dyn Write, screen: Screen) -> io::Result<()> {
        if self.columns.is_empty() {
            return Ok(());
        }
        if self.fits(screen) { self.write_columns(out, screen) } else { self.write_records(out, screen) }
    }

    fn fits(&self, screen: Screen) -> bool {
        let gap = usize::from(GAP);
        match screen.width {
            Some(room) => {
                let needed = (0..self.columns.len()).map(|at| match self.columns[at] {
                    Column::Text(_) => self.column_width(at).min(COLUMN_CELLS_MIN),
                    Column::Whole(_) | Column::Number(_) => self.column_width(at),
                });
                needed.map(|cells| cells + gap).sum::<usize>() <= room + gap
            }
            None => (0..self.columns.len()).all(|at| self.column_width(at) <= CELL_WIDTH_MAX),
        }
    }

    fn column_width(&self, at: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(at)).map(|cell| width(&cell.text));
        cells.max().unwrap_or(0).max(width(&self.names[at]))
    }

    fn write_columns(self, out: &mut dyn Write, screen: Screen) -> io::Result<()> {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).force_no_tty();
        match screen.width {
            Some(width) => {
                // The gap after the last column does not count.
                let width = u16::try_from(width).unwrap_or(u16::MAX).saturating_add(GAP);
                table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
            }
            None => {
                table.set_content_arrangement(ContentArrangement::Disabled);
            }
        }
        if screen.paint == Paint::On {
            // Whether to paint was decided from flag and environment; the library must not decide again.
            crossterm::style::force_color_output(true);
            table.enforce_styling();
        }
        table.set_header(self.names.iter().map(|name| painted(name, Tone::Strong)).collect::<Vec<_>>());
        for row in self.rows {
            let cells = row.iter().map(|cell| {
                // More than the shown lines can hold is not worth arranging.
                let shown = screen.width.map_or(cell.text.clone(), |width| first(&cell.text, width * CELL_LINES_MAX));
                painted(&shown, cell.tone)
            });
            let mut row = comfy_table::Row::from(cells.collect::<Vec<_>>());
            if screen.width.is_some() {
                row.max_height(CELL_LINES_MAX);
            }
            table.add_row(row);
        }
        for (at, kind) in self.columns.iter().enumerate() {
            let column = table.column_mut(at).expect("the header made every column");
            column.set_padding((0, GAP));
            match kind {
                Column::Text(_) => {}
                Column::Whole(_) => {
                    column.set_constraint(ColumnConstraint::ContentWidth);
                }
                Column::Number(_) => {
                    column.set_constraint(ColumnConstraint::ContentWidth);
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        table.lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
    }

    fn write_records(&self, out: &mut dyn Write, screen: Screen) -> io::Result<()> {
        let names = self.names.iter().map(|name| width(name)).max().unwrap_or(0).min(CELL_WIDTH_MAX);
        for (number, row) in self.rows.iter().enumerate() {
            screen.paint.write(out, Tone::Faint, &format!("── {} ──", number + 1))?;
            writeln!(out)?;
            for (name, cell) in self.names.iter().zip(row) {
                let room =
                    screen.width.map_or(usize::MAX, |width| width.saturating_sub(names + 2).max(COLUMN_CELLS_MIN));
                let lines = if room == usize::MAX {
                    vec![cell.text.clone()]
                } else {
                    wrapped(&cell.text, room, CELL_LINES_MAX)
                };
                for (at, text) in lines.iter().enumerate() {
                    let mut label = Line::default();
                    label.push(Tone::Strong, if at == 0 { name } else { "" });
                    label.write_padded(out, screen.paint, names + 2, Overflow::Keep)?;
                    screen.paint.write(out, cell.tone, text)?;
                    writeln!(out)?;
                }
            }
        }
        Ok(())
    }
}

fn first(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

fn painted(text: &str, tone: Tone) -> comfy_table::Cell {
    let style = tone.style();
    let mut cell = comfy_table::Cell::new(text);
    if let Some(clap::builder::styling::Color::Ansi(colour)) = style.get_fg_color() {
        cell = cell.fg(library_colour(colour));
    }
    for (effect, attribute) in [(Effects::BOLD, Attribute::Bold), (Effects::DIMMED, Attribute::Dim)] {
        if style.get_effects().contains(effect) {
            cell = cell.add_attribute(attribute);
        }
    }
    cell
}

/// The table library's name for a colour: what it calls dark is the plain colour everywhere else.
fn library_colour(colour: AnsiColor) -> Color {
    match colour {
        AnsiColor::Black => Color::Black,
        AnsiColor::Red => Color::DarkRed,
        AnsiColor::Green => Color::DarkGreen,
        AnsiColor::Yellow => Color::DarkYellow,
        AnsiColor::Blue => Color::DarkBlue,
        AnsiColor::Magenta => Color::DarkMagenta,
        AnsiColor::Cyan => Color::DarkCyan,
        AnsiColor::White => Color::Grey,
        AnsiColor::BrightBlack => Color::DarkGrey,
        AnsiColor::BrightRed => Color::Red,
        AnsiColor::BrightGreen => Color::Green,
        AnsiColor::BrightYellow => Color::Yellow,
        AnsiColor::BrightBlue => Color::Blue,
        AnsiColor::BrightMagenta => Color::Magenta,
        AnsiColor::BrightCyan => Color::Cyan,
        AnsiColor::BrightWhite => Color::White,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn sample() -> Table {
        let mut table = Table::new(&[Column::Text("SERVICE"), Column::Number("ERRORS"), Column::Whole("TRACE")]);
        table.row(vec!["checkout".into(), Cell::bad_count(12), "4bf92f3577b34da6".into()]);
        table.row(vec!["a service with a long name".into(), 0u64.into(), Cell::optional(None)]);
        table
    }

    #[track_caller]
    fn check(table: Table, screen: Screen, expected: &Expect) {
        let mut out = Vec::new();
        table.write(&mut out, screen).unwrap();
        expected.assert_eq(&String::from_utf8(out).unwrap());
    }

    #[test]
    fn a_pipe_gets_every_cell_on_one_line() {
        check(
            sample(),
            Screen::PIPE,
            &expect![[r#"
            SERVICE                     ERRORS  TRACE
            checkout                        12  4bf92f3577b34da6
            a service with a long name       0  -
        "#]],
        );
    }

    #[test]
    fn a_terminal_wraps_text_and_keeps_ids_whole() {
        check(
            sample(),
            Screen { width: Some(40), paint: Paint::Off },
            &expect![[r#"
            SERVICE         ERRORS  TRACE
            checkout            12  4bf92f3577b34da6
            a service with       0  -
            a long name
        "#]],
        );
    }

    #[test]
    fn what_does_not_fit_becomes_records() {
        check(
            sample(),
            Screen { width: Some(30), paint: Paint::Off },
            &expect![[r#"
                ── 1 ──
                SERVICE  checkout
                ERRORS   12
                TRACE    4bf92f3577b34da6
                ── 2 ──
                SERVICE  a service with a
                         long name
                ERRORS   0
                TRACE    -
            "#]],
        );
    }

    #[test]
    fn one_huge_cell_does_not_pad_the_others() {
        let mut table = Table::new(&[Column::Text("A"), Column::Text("B")]);
        for size in [1, 100_000] {
            table.row(vec!["x".repeat(size).into(), "y".into()]);
        }
        let mut out = Vec::new();
        table.write(&mut out, Screen::PIPE).unwrap();
        assert!(out.len() < 101_000, "{}", out.len());
    }

    #[test]
    fn hostile_cells_and_names_are_made_visible() {
        let mut table = Table::named([("a\x1b[2J", Column::Text(""))]);
        table.row(vec!["x\r\ny".into()]);
        check(
            table,
            Screen::PIPE,
            &expect![[r#"
                a␛[2J
                x␍⏎y
            "#]],
        );
    }

    #[test]
    fn tones_are_painted_whatever_the_environment_says() {
        let mut table = Table::new(&[Column::Text("A")]);
        table.row(vec![Cell::new(Tone::Bad, "✗")]);
        let mut out = Vec::new();
        table.write(&mut out, Screen { width: None, paint: Paint::On }).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("\x1b["));
    }
}
