//! A report: one figure a line for people, and the same as one row of a Markdown table.

use std::fmt;
use std::time::Duration;

/// Figures with their names, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    figures: Vec<(&'static str, String)>,
}

impl Report {
    pub(crate) fn add(&mut self, name: &'static str, figure: impl Into<String>) {
        self.figures.push((name, figure.into()));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.figures.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, figure) in &self.figures {
            writeln!(f, "{name:width$}  {figure}")?;
        }
        let row = |cells: Vec<&str>| format!("| {} |", cells.join(" | "));
        writeln!(f, "\n{}", row(self.figures.iter().map(|(name, _)| *name).collect()))?;
        writeln!(f, "|{}", "---|".repeat(self.figures.len()))?;
        write!(f, "{}", row(self.figures.iter().map(|(_, figure)| figure.as_str()).collect()))
    }
}

/// With blanks between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// In mebibytes.
pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

/// In milliseconds, to the hundredth.
pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_under_each_other_and_in_a_row() {
        let mut report = Report::default();
        report.add("records", grouped(2_000_000));
        report.add("p99", milliseconds(Duration::from_micros(1_250)));
        let expected = "records  2 000 000\np99      1.25 ms\n\n| records | p99 |\n|---|---|\n| 2 000 000 | 1.25 ms |";
        assert_eq!(report.to_string(), expected);
        assert_eq!((grouped(1), grouped(999), grouped(1_000)), ("1".to_owned(), "999".to_owned(), "1 000".to_owned()));
    }
}
