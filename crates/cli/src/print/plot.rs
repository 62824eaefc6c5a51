//! Curves in a terminal: dots of braille between two axes, each curve with a letter at its end and in the legend, so that
//! colour is not needed to tell them apart.

use std::io::{self, Write};

use jiff::Timestamp;

use super::colour::Tone;
use super::line::{Line, width};
use super::promql::finite_bounds;
use super::screen::Screen;

/// Curves that are drawn: more of them cover each other.
const CURVES_MAX: usize = 8;

/// Rows of the drawing.
const ROWS: usize = 16;

/// Rows from one number of the left axis to the next.
const ROWS_PER_NUMBER: usize = 5;

/// Cells of a line where there is no terminal.
const WIDTH_OF_PIPE: usize = 100;

/// The drawing is never narrower.
const COLUMNS_MIN: usize = 10;

/// Dots of a cell.
const DOTS_ACROSS: usize = 2;
const DOTS_DOWN: usize = 4;

/// What each dot of a cell adds to the first sign of braille, column by column.
const DOTS: [[u8; DOTS_DOWN]; DOTS_ACROSS] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// Points that are further apart than the nearest ones by this factor are not joined: there is a gap.
const GAP_FACTOR: f64 = 1.5;

/// A range longer than this is labelled with days.
const DAY_MILLIS: i64 = 24 * 3_600_000;

/// One series to be drawn.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    /// What it is.
    pub(crate) name: String,
    /// Unix milliseconds, ascending, and values; those that are not finite are not drawn.
    pub(crate) points: Vec<(i64, f64)>,
}

/// Draws the curves, or nothing where there is no point.
pub(crate) fn plot(out: &mut dyn Write, screen: Screen, curves: &[Curve]) -> io::Result<()> {
    let drawn = &curves[..curves.len().min(CURVES_MAX)];
    let Some(frame) = Frame::around(drawn) else { return Ok(()) };
    let numbers: Vec<String> = (0..ROWS).map(|row| frame.number(row)).collect();
    let left = numbers.iter().map(|number| width(number)).max().unwrap_or(0);
    // The axis with its tick, and a letter for each curve.
    let beside = left + 2 + 1 + drawn.len();
    let columns = screen.width.unwrap_or(WIDTH_OF_PIPE).saturating_sub(beside).max(COLUMNS_MIN);
    let mut canvas = Canvas::new(columns, ROWS);
    for (number, curve) in drawn.iter().enumerate() {
        frame.draw(&mut canvas, curve, number);
    }
    for (row, number) in numbers.iter().enumerate() {
        let mut line = Line::default();
        let (number, tick) = if row % ROWS_PER_NUMBER == 0 { (number.as_str(), " ┤") } else { ("", " │") };
        line.push(Tone::Faint, &format!("{number:>left$}{tick}"));
        canvas.push_row(&mut line, row);
        canvas.push_ends(&mut line, row);
        line.write(out, screen.paint)?;
        writeln!(out)?;
    }
    write_times(out, screen, &frame, (left, columns))?;
    for (number, curve) in drawn.iter().enumerate() {
        let mut line = Line::default();
        line.push(Tone::Hue(number), &letter(number).to_string()).push(Tone::Plain, " ").push(Tone::Plain, &curve.name);
        match screen.width {
            Some(width) => drop(line.write_cut(out, screen.paint, width)?),
            None => line.write(out, screen.paint)?,
        }
        writeln!(out)?;
    }
    match curves.len() - drawn.len() {
        0 => Ok(()),
        1 => writeln!(out, "… and one series that is not drawn"),
        more => writeln!(out, "… and {more} series that are not drawn"),
    }
}

/// The axis below the drawing, with its first and its last time.
fn write_times(out: &mut dyn Write, screen: Screen, frame: &Frame, cells: (usize, usize)) -> io::Result<()> {
    let (left, columns) = cells;
    let format = if frame.to - frame.from > DAY_MILLIS { "%m-%d %H:%M" } else { "%H:%M:%S" };
    let time = |millis: i64| {
        Timestamp::from_millisecond(millis).map_or_else(|_| String::new(), |time| time.strftime(format).to_string())
    };
    let (from, to) = (time(frame.from), time(frame.to) + " UTC");
    let between = columns.saturating_sub(width(&from) + width(&to)).max(1);
    for text in [format!("{:left$} └{}", "", "─".repeat(columns)), format!("{:left$}  {from}{:between$}{to}", "", "")]
    {
        let mut line = Line::default();
        line.push(Tone::Faint, &text).write(out, screen.paint)?;
        writeln!(out)?;
    }
    Ok(())
}

/// The sign of a curve.
fn letter(number: usize) -> char {
    // There are fewer curves than letters.
    char::from(b'a' + (number % 26) as u8)
}

/// What is between the axes.
#[derive(Clone, Copy, Debug)]
struct Frame {
    from: i64,
    to: i64,
    low: f64,
    high: f64,
    /// Points that are further apart are not joined, milliseconds.
    gap: f64,
}

impl Frame {
    fn around(curves: &[Curve]) -> Option<Self> {
        let points = || curves.iter().flat_map(|curve| curve.points.iter());
        let (from, to) = (points().map(|(time, _)| *time).min()?, points().map(|(time, _)| *time).max()?);
        let (low, high) = finite_bounds(points().map(|(_, value)| *value))?;
        // A level line stands in the middle.
        let (low, high) = if low < high { (low, high) } else { (low - low.abs().max(1.0), high + high.abs().max(1.0)) };
        let steps = curves.iter().flat_map(|curve| curve.points.windows(2)).map(|pair| pair[1].0 - pair[0].0);
        let step = steps.filter(|step| *step > 0).min().unwrap_or(1);
        let (low, high) = (low.max(f64::MIN), high.min(f64::MAX));
        Some(Self { from, to, low, high, gap: step as f64 * GAP_FACTOR })
    }

    /// What stands beside a row.
    fn number(&self, row: usize) -> String {
        let share = row as f64 / (ROWS - 1) as f64;
        let value = self.high * (1.0 - share) + self.low * share;
        let span = self.high / 2.0 - self.low / 2.0;
        // As many decimals as tell rows apart.
        let decimals = 1.0 - (span / 8.0).log10().floor();
        let size = self.high.abs().max(self.low.abs());
        if size >= 1e9 || decimals > 9.0 {
            return format!("{value:.3e}");
        }
        // Between 0 and 9.
        format!("{value:.*}", decimals.max(0.0) as usize)
    }

    fn draw(&self, canvas: &mut Canvas, curve: &Curve, number: usize) {
        let mut before: Option<(i64, (usize, usize))> = None;
        let mut last = None;
        for (time, value) in &curve.points {
            if !value.is_finite() {
                before = None;
                continue;
            }
            let dot = (self.across(*time, canvas), self.down(*value, canvas));
            match before {
                Some((earlier, from)) if (time - earlier) as f64 <= self.gap => canvas.join(from, dot, number),
                _ => canvas.set(dot, number),
            }
            before = Some((*time, dot));
            last = Some(dot);
        }
        if let Some((_, down)) = last {
            canvas.end(down, number);
        }
    }

    /// Casts saturate; shares are 0 to 1.
    fn across(&self, time: i64, canvas: &Canvas) -> usize {
        let share = (time - self.from) as f64 / ((self.to - self.from).max(1)) as f64;
        (share * (canvas.dots_across() - 1) as f64).round() as usize
    }

    fn down(&self, value: f64, canvas: &Canvas) -> usize {
        // Halves, so that the distance of the ends stays finite.
        let share = (self.high / 2.0 - value / 2.0) / (self.high / 2.0 - self.low / 2.0);
        (share * (canvas.dots_down() - 1) as f64).round() as usize
    }
}

/// Cells with dots in them. What is set outside is left out.
#[derive(Clone, Debug)]
struct Canvas {
    columns: usize,
    /// Row by row: the dots, and the curve that set the last of them.
    cells: Vec<(u8, usize)>,
    /// Curves that end in each row.
    ends: Vec<Vec<usize>>,
}

impl Canvas {
    fn new(columns: usize, rows: usize) -> Self {
        Self { columns, cells: vec![(0, 0); columns * rows], ends: vec![Vec::new(); rows] }
    }

    fn dots_across(&self) -> usize {
        self.columns * DOTS_ACROSS
    }

    fn dots_down(&self) -> usize {
        self.ends.len() * DOTS_DOWN
    }

    fn set(&mut self, (across, down): (usize, usize), curve: usize) {
        if across < self.dots_across() && down < self.dots_down() {
            let cell = &mut self.cells[down / DOTS_DOWN * self.columns + across / DOTS_ACROSS];
            *cell = (cell.0 | DOTS[across % DOTS_ACROSS][down % DOTS_DOWN], curve);
        }
    }

    /// A line: in each column of dots it fills what lies between this and the column before.
    fn join(&mut self, from: (usize, usize), to: (usize, usize), curve: usize) {
        let across = to.0.saturating_sub(from.0);
        let mut before = from.1;
        for step in 0..=across {
            let share = if across == 0 { 1.0 } else { step as f64 / across as f64 };
            let down = (from.1 as f64 * (1.0 - share) + to.1 as f64 * share).round() as usize;
            for dot in before.min(down)..=before.max(down) {
                self.set((from.0 + step, dot), curve);
            }
            before = down;
        }
    }

    fn end(&mut self, down: usize, curve: usize) {
        if let Some(ends) = self.ends.get_mut(down / DOTS_DOWN) {
            ends.push(curve);
        }
    }

    fn push_row(&self, line: &mut Line, row: usize) {
        for (dots, curve) in &self.cells[row * self.columns..(row + 1) * self.columns] {
            let sign = char::from_u32(0x2800 + u32::from(*dots)).unwrap_or(' ');
            match dots {
                0 => line.push(Tone::Plain, " "),
                _ => line.push(Tone::Hue(*curve), &sign.to_string()),
            };
        }
    }

    /// The letters of the curves that end in the row.
    fn push_ends(&self, line: &mut Line, row: usize) {
        for (at, curve) in self.ends[row].iter().enumerate() {
            if at == 0 {
                line.push(Tone::Plain, " ");
            }
            line.push(Tone::Hue(*curve), &letter(*curve).to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::colour::Paint;

    fn drawn(width: usize, curves: &[Curve]) -> String {
        let mut out = Vec::new();
        plot(&mut out, Screen { width: Some(width), paint: Paint::Off }, curves).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn curve(values: &[f64]) -> Curve {
        let points = values.iter().enumerate().map(|(at, value)| (at as i64 * 15_000, *value));
        Curve { name: "c".to_owned(), points: points.collect() }
    }

    #[test]
    fn no_value_whatever_it_is_breaks_the_drawing() {
        for values in [
            &[f64::MAX, f64::MIN][..],
            &[f64::MAX; 3],
            &[0.0, -0.0],
            &[5e-324, 0.0],
            &[f64::NAN, 1.0, f64::INFINITY, 2.0],
            &[1e300],
        ] {
            let text = drawn(60, &[curve(values)]);
            assert_eq!(text.lines().count(), ROWS + 3, "{text}");
            assert!(text.lines().all(|line| width(line) <= 60), "{text}");
            assert!(text.contains(|c| ('\u{2801}'..='\u{28ff}').contains(&c)), "{text}");
        }
        assert_eq!(drawn(60, &[]), "");
        assert_eq!(drawn(60, &[curve(&[f64::NAN, f64::INFINITY])]), "");
        let far = Curve { name: String::new(), points: vec![(-377_705_023_201_000, 1.0), (253_402_207_200_000, 2.0)] };
        assert_eq!(drawn(30, &[far]).lines().count(), ROWS + 3);
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let text = drawn(80, &vec![curve(&[1.0, 2.0]); CURVES_MAX + 2]);
        assert!(text.ends_with("h c\n… and 2 series that are not drawn\n"), "{text}");
    }

    #[test]
    fn a_gap_is_not_joined() {
        let (whole, mut gap) = (curve(&[1.0; 9]), curve(&[1.0; 9]));
        gap.points.retain(|(time, _)| *time < 30_000 || *time > 90_000);
        let dots = |curve: Curve| drawn(60, &[curve]).chars().filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count();
        assert!(dots(gap) < dots(whole) - 10);
    }
}
