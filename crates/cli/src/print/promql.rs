//! The value of an expression.

use std::io::{self, Write};

use protocol::{MatrixSeries, PromAnswer, PromPoint, QueryResult, VectorSample};
use serde_json::Value;

use super::colour::Tone;
use super::csv;
use super::json;
use super::line::Line;
use super::output::PromqlOutput;
use super::plot::{Curve, plot};
use super::screen::Screen;
use super::series_text::{histogram_text, number, series_text, time_text, timestamp};
use super::table::{Cell, Column, Table};

/// Cells of a series' course in a table.
const COURSE_CELLS: usize = 24;

/// Signs of a course, from low to high.
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Writes the answer in the form asked for.
pub(crate) fn write(
    out: &mut dyn Write,
    screen: Screen,
    output: PromqlOutput,
    answer: &PromAnswer<QueryResult>,
) -> io::Result<()> {
    match (output, &answer.data) {
        (PromqlOutput::Json, _) => json::write_document(out, answer),
        (PromqlOutput::Csv, data) => write_csv(out, data),
        (_, QueryResult::Scalar(PromPoint(_, value)) | QueryResult::String(PromPoint(_, value))) => {
            let mut line = Line::default();
            line.push(Tone::Plain, value).write(out, screen.paint)?;
            writeln!(out)
        }
        (PromqlOutput::Graph, QueryResult::Matrix(series)) => plot(out, screen, &curves(series)),
        (_, QueryResult::Vector(series)) if series.is_empty() => Ok(()),
        (_, QueryResult::Vector(series)) => vector_table(series).write(out, screen),
        (_, QueryResult::Matrix(series)) if series.is_empty() => Ok(()),
        (_, QueryResult::Matrix(series)) => matrix_table(series).write(out, screen),
    }
}

/// How many series there are; a number or a text counts as one.
pub(crate) fn series_count(result: &QueryResult) -> usize {
    match result {
        QueryResult::Scalar(_) | QueryResult::String(_) => 1,
        QueryResult::Vector(series) => series.len(),
        QueryResult::Matrix(series) => series.len(),
    }
}

fn vector_table(series: &[VectorSample]) -> Table {
    let mut table = Table::new(&[Column::Text("SERIES"), Column::Number("VALUE")]);
    for VectorSample { metric, value, histogram } in series {
        let histogram = histogram.as_ref().map(|(_, histogram)| histogram_text(histogram));
        let value = value.as_ref().map(|PromPoint(_, value)| value.clone()).or(histogram);
        table.row(vec![series_text(metric).into(), Cell::optional(value.as_deref())]);
    }
    table
}

/// One row per series: its values are in the other forms.
fn matrix_table(series: &[MatrixSeries]) -> Table {
    let mut table = Table::new(&[
        Column::Text("SERIES"),
        Column::Number("POINTS"),
        Column::Number("MIN"),
        Column::Number("MAX"),
        Column::Number("LAST"),
        Column::Whole("COURSE"),
    ]);
    for MatrixSeries { metric, values, histograms } in series {
        let last = histograms.last().map(|(_, histogram)| histogram_text(histogram));
        let last = values.last().map(|PromPoint(_, value)| value.clone()).or(last);
        let extreme = |wanted: fn(&f64, &f64) -> std::cmp::Ordering| {
            let known = values.iter().map(|PromPoint(_, value)| (number(value), value));
            let known = known.filter(|(number, _)| !number.is_nan());
            known.max_by(|(one, _), (other, _)| wanted(one, other)).map(|(_, value)| value.as_str())
        };
        table.row(vec![
            series_text(metric).into(),
            ((values.len() + histograms.len()) as u64).into(),
            Cell::optional(extreme(|one, other| other.total_cmp(one))),
            Cell::optional(extreme(f64::total_cmp)),
            Cell::optional(last.as_deref()),
            course(values).into(),
        ]);
    }
    table
}

/// The values as a row of bars, by their order and not by their times.
fn course(values: &[PromPoint]) -> String {
    let values: Vec<f64> = values.iter().map(|PromPoint(_, value)| number(value)).collect();
    let (low, high) = finite_bounds(values.iter().copied()).unwrap_or((0.0, 0.0));
    let cells = values.len().min(COURSE_CELLS);
    let sign = |cell: usize| {
        let value = values[cell * values.len() / cells];
        // Halves, so that the distance of the ends stays finite.
        let share = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
        match (value.is_finite(), high > low) {
            (false, _) => ' ',
            (true, false) => LEVELS[3],
            // Saturates, and `share` is 0 to 1.
            (true, true) => LEVELS[((share * 8.0) as usize).min(LEVELS.len() - 1)],
        }
    };
    (0..cells).map(sign).collect()
}

/// The least and the greatest of those that are finite.
pub(super) fn finite_bounds(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|value| value.is_finite()).fold(None, |bounds, value| {
        let (low, high) = bounds.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

fn curves(series: &[MatrixSeries]) -> Vec<Curve> {
    let curve = |series: &MatrixSeries| {
        let points = series.values.iter().filter_map(|PromPoint(seconds, value)| {
            timestamp(seconds).map(|time| (time.as_millisecond(), number(value)))
        });
        Curve { name: series_text(&series.metric), points: points.collect() }
    };
    // Native histograms are no curve.
    let drawn = series.iter().map(curve).filter(|curve| curve.points.iter().any(|(_, value)| value.is_finite()));
    drawn.collect()
}

fn write_csv(out: &mut dyn Write, data: &QueryResult) -> io::Result<()> {
    csv::write_header(out, ["series", "time", "value", "histogram"])?;
    let mut row = |series: Option<&str>, time: &serde_json::Number, value: csv::Cell<'_>, histogram: &Value| {
        let cells = [csv::Cell::optional(series), csv::Cell::Text(&time_text(time)), value, csv::Cell::Json(histogram)];
        csv::write_row(out, cells)
    };
    match data {
        QueryResult::Scalar(PromPoint(time, value)) => row(None, time, csv::Cell::Sample(value), &Value::Null),
        QueryResult::String(PromPoint(time, value)) => row(None, time, csv::Cell::Text(value), &Value::Null),
        QueryResult::Vector(series) => series.iter().try_for_each(|VectorSample { metric, value, histogram }| {
            let name = series_text(metric);
            if let Some(PromPoint(time, value)) = value {
                row(Some(&name), time, csv::Cell::Sample(value), &Value::Null)?;
            }
            histogram.iter().try_for_each(|(time, histogram)| {
                row(Some(&name), time, csv::Cell::Empty, &serde_json::to_value(histogram)?)
            })
        }),
        QueryResult::Matrix(series) => series.iter().try_for_each(|MatrixSeries { metric, values, histograms }| {
            let name = series_text(metric);
            values.iter().try_for_each(|PromPoint(time, value)| {
                row(Some(&name), time, csv::Cell::Sample(value), &Value::Null)
            })?;
            histograms.iter().try_for_each(|(time, histogram)| {
                row(Some(&name), time, csv::Cell::Empty, &serde_json::to_value(histogram)?)
            })
        }),
    }
}
