//! An answer, held against what is expected of it.

use std::fmt::Write;

use promql::{Annotations, Histogram, Labels, Series, StepSeries, Value, is_absent};

use crate::ask::{Ask, When};
use crate::expectation::{Expected, Text};
use crate::near::{near, near_histograms};
use crate::notation::Item;

/// What is wrong with an error.
pub(crate) fn judge_error(expected: Option<&Text>, error: &str) -> Result<(), String> {
    match expected {
        None => Err(format!("failed: {error}")),
        Some(text) if text.matches(error) => Ok(()),
        Some(text) => Err(format!("expected it to fail with {text:?}, got {error:?}")),
    }
}

/// What is wrong with the annotations of an answer.
pub(crate) fn judge_annotations(ask: &Ask, annotations: &Annotations) -> Result<(), String> {
    ask.expectation.warnings.check("warning", annotations.warnings.iter())?;
    ask.expectation.infos.check("info", annotations.infos.iter())
}

/// What is wrong with the value of an answer.
pub(crate) fn judge(ask: &Ask, value: &Value) -> Result<(), String> {
    let outcome = match (&ask.expectation.value, value) {
        (Expected::Scalar(expected), Value::Scalar { value, .. }) if near(*expected, *value) => Ok(()),
        (Expected::Text(expected), Value::Text { value, .. }) if expected == value => Ok(()),
        (Expected::Series(expected), Value::Vector { series, .. }) => {
            let found: Vec<Row<'_>> = series.iter().map(Row::of_steps).collect();
            judge_rows(expected, &found, &Columns { is_ordered: ask.expectation.is_ordered, count: Some(1) })
        }
        (Expected::Series(expected), Value::Matrix { steps, series }) => {
            is_sorted(series.iter().map(|series| &series.labels))?;
            let found: Vec<Row<'_>> = series.iter().map(Row::of_steps).collect();
            judge_rows(expected, &found, &Columns { is_ordered: false, count: Some(steps.count()) })
        }
        (Expected::Series(expected), Value::Samples(series)) => {
            is_sorted(series.iter().map(|series| &series.labels))?;
            let Some(When::Range { start, step, .. }) = ask.samples_at else {
                return Err(format!("got a range vector\n{}", shown(value)));
            };
            let counts = expected.iter().map(|(_, items)| items.len());
            let times: Vec<i64> = (0..counts.max().unwrap_or(0)).map(|at| start + at as i64 * step).collect();
            let found: Result<Vec<Row<'_>>, String> =
                series.iter().map(|series| Row::of_samples(series, &times)).collect();
            found.and_then(|found| judge_rows(expected, &found, &Columns { is_ordered: false, count: None }))
        }
        (Expected::Scalar(number), _) => Err(format!("expected the scalar {number}")),
        (Expected::Text(text), _) => Err(format!("expected the text {text:?}")),
        (Expected::Series(_), _) => Err("expected series".to_owned()),
    };
    outcome.map_err(|wrong| format!("{wrong}\n  got\n{}", shown(value)))
}

/// Whether series come in the order of their labels.
fn is_sorted<'l>(labels: impl Iterator<Item = &'l Labels>) -> Result<(), String> {
    let labels: Vec<&Labels> = labels.collect();
    match labels.windows(2).find(|pair| pair[0] > pair[1]) {
        Some(pair) => Err(format!("{:?} comes before {:?}", pair[0], pair[1])),
        None => Ok(()),
    }
}

/// One series of an answer as cells at expected instants.
struct Row<'a> {
    labels: &'a Labels,
    cells: Vec<Cell<'a>>,
}

#[derive(Clone, Copy)]
enum Cell<'a> {
    Nothing,
    Float(f64),
    Histogram(&'a Histogram),
}

struct Columns {
    is_ordered: bool,
    /// How many instants there are, where that is known.
    count: Option<usize>,
}

impl<'a> Row<'a> {
    fn of_steps(series: &'a StepSeries) -> Self {
        let cell = |step: usize| match series.histogram(step) {
            Some(histogram) => Cell::Histogram(histogram),
            None if is_absent(series.floats[step]) => Cell::Nothing,
            None => Cell::Float(series.floats[step]),
        };
        Self { labels: &series.labels, cells: (0..series.floats.len()).map(cell).collect() }
    }

    /// Errors: there is a sample at another time.
    fn of_samples(series: &'a Series, times: &[i64]) -> Result<Self, String> {
        let mut cells = vec![Cell::Nothing; times.len()];
        let at = |time: &i64| {
            let at = times.binary_search(time);
            at.map_err(|_| format!("{:?} has a sample at {time}, where none is expected", series.labels))
        };
        for (time, value) in series.floats.times.iter().zip(&series.floats.values) {
            cells[at(time)?] = Cell::Float(*value);
        }
        for (time, value) in series.histograms.times.iter().zip(&series.histograms.values) {
            cells[at(time)?] = Cell::Histogram(value);
        }
        Ok(Self { labels: &series.labels, cells })
    }
}

fn judge_rows(expected: &[(Labels, Vec<Item>)], found: &[Row<'_>], columns: &Columns) -> Result<(), String> {
    for (position, row) in found.iter().enumerate() {
        // Of a series that is written twice the last counts.
        let known = expected.iter().enumerate().rev().find(|(_, (labels, _))| labels == row.labels);
        let Some((expected_position, (labels, items))) = known else {
            return Err(format!("did not expect {:?}", row.labels));
        };
        if columns.is_ordered && expected_position != position {
            return Err(format!("expected {labels:?} in place {}, not {}", expected_position + 1, position + 1));
        }
        if columns.count.is_some_and(|count| items.len() > count) {
            return Err(format!(
                "{labels:?} is expected to have {} values, at {:?} instants",
                items.len(),
                columns.count
            ));
        }
        for at in 0..items.len().max(row.cells.len()) {
            let item = items.get(at).unwrap_or(&Item::Nothing);
            let cell = row.cells.get(at).copied().unwrap_or(Cell::Nothing);
            if !is_near(item, cell) {
                return Err(format!("expected {} at instant {at} of {labels:?}", shown_item(item)));
            }
        }
    }
    match expected.iter().find(|(labels, _)| !found.iter().any(|row| row.labels == labels)) {
        Some((labels, _)) => Err(format!("expected {labels:?}, which is not there")),
        None => Ok(()),
    }
}

fn is_near(item: &Item, cell: Cell<'_>) -> bool {
    match (item, cell) {
        (Item::Nothing, Cell::Nothing) => true,
        (Item::Float(expected), Cell::Float(value)) => near(*expected, value),
        (Item::Histogram { value: expected, says_hint }, Cell::Histogram(value)) => {
            near_histograms(expected, value) && (!says_hint || expected.counter_reset() == value.counter_reset())
        }
        _ => false,
    }
}

fn shown_item(item: &Item) -> String {
    match item {
        Item::Nothing => "nothing".to_owned(),
        Item::Float(value) => value.to_string(),
        Item::Histogram { value, .. } => value.to_string(),
    }
}

/// A value in the notation of series, a line each.
fn shown(value: &Value) -> String {
    let mut text = String::new();
    let mut line = |labels: &Labels, cells: Vec<String>| {
        // A text takes whatever is written to it.
        let _ = writeln!(text, "    {labels:?} {}", cells.join(" "));
    };
    match value {
        Value::Scalar { value, .. } => return format!("    {value}\n"),
        Value::Text { value, .. } => return format!("    {value:?}\n"),
        Value::Vector { series, .. } | Value::Matrix { series, .. } => {
            for series in series {
                let cells = Row::of_steps(series).cells.into_iter().map(|cell| match cell {
                    Cell::Nothing => "_".to_owned(),
                    Cell::Float(value) => value.to_string(),
                    Cell::Histogram(value) => value.to_string(),
                });
                line(&series.labels, cells.collect());
            }
        }
        Value::Samples(all) => {
            for Series { labels, floats, histograms } in all {
                let floats = floats.times.iter().zip(&floats.values).map(|(time, value)| format!("{value}@{time}"));
                let histograms = histograms.times.iter().zip(&histograms.values);
                line(labels, floats.chain(histograms.map(|(time, value)| format!("{value}@{time}"))).collect());
            }
        }
    }
    text
}
