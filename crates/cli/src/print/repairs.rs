//! What was repaired, over time.

use std::io::{self, Write};

use protocol::{RepairSeries, RepairsAnswer};

use super::csv;
use super::json;
use super::output::RowsOutput;
use super::quantity::duration;
use super::screen::Screen;
use super::table::{Cell, Column, Table};

/// Buckets that are asked for: a bar of so many cells fits beside the rest.
pub(crate) const BUCKETS: u32 = 24;

const CSV_COLUMNS: [&str; 7] =
    ["kind", "service", "host", "reference_host", "repairs", "shift_ns_mean", "confidence_mean"];

/// Bars of growing height; what is not nothing is at least the lowest.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Writes the answer in the form asked for.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, output: RowsOutput, answer: &RepairsAnswer) -> io::Result<()> {
    match output {
        RowsOutput::Table if answer.series.is_empty() => Ok(()),
        RowsOutput::Table => table(&answer.series).write(out, screen),
        RowsOutput::Json => json::write_document(out, answer),
        RowsOutput::Ndjson => answer.series.iter().try_for_each(|series| json::write_line(out, series)),
        RowsOutput::Csv => {
            csv::write_header(out, CSV_COLUMNS)?;
            answer.series.iter().try_for_each(|series| write_csv(out, series))
        }
    }
}

fn table(all: &[RepairSeries]) -> Table {
    let mut table = Table::new(&[
        Column::Text("REPAIR"),
        Column::Text("SERVICE"),
        Column::Text("CLOCK OF"),
        Column::Number("OFF BY"),
        Column::Text("AGAINST"),
        Column::Number("REPAIRS"),
        Column::Number("SURE"),
        Column::Whole("OVER TIME"),
    ]);
    for series in all {
        table.row(vec![
            series.kind.as_str().into(),
            Cell::optional(series.service.as_deref()),
            Cell::optional(series.host.as_deref()),
            // A host that is moved later has a clock that is behind.
            Cell::optional(series.shift_ns_mean.map(|shift| duration(shift.saturating_neg())).as_deref()),
            Cell::optional(series.reference_host.as_deref()),
            series.repairs.into(),
            format!("{:.0}%", 100.0 * series.confidence_mean).as_str().into(),
            bars(&series.by_bucket).as_str().into(),
        ]);
    }
    table
}

fn bars(counts: &[u64]) -> String {
    let most = counts.iter().max().copied().unwrap_or_default().max(1);
    let bar = |count: &u64| match count {
        0 => '·',
        _ => {
            BARS[usize::try_from((count * BARS.len() as u64).div_ceil(most)).unwrap_or(BARS.len()).clamp(1, BARS.len())
                - 1]
        }
    };
    counts.iter().map(bar).collect()
}

fn write_csv(out: &mut dyn Write, series: &RepairSeries) -> io::Result<()> {
    csv::write_row(
        out,
        [
            csv::Cell::Text(&series.kind),
            csv::Cell::optional(series.service.as_deref()),
            csv::Cell::optional(series.host.as_deref()),
            csv::Cell::optional(series.reference_host.as_deref()),
            series.repairs.into(),
            series.shift_ns_mean.map_or(csv::Cell::Empty, csv::Cell::from),
            csv::Cell::Text(&series.confidence_mean.to_string()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::bars;

    #[test]
    fn bars_show_how_counts_grow_and_that_one_is_not_none() {
        assert_eq!(bars(&[0, 1, 50, 100, 1_000]), "·▁▁▁█");
        assert_eq!((bars(&[0, 0]), bars(&[])), ("··".to_owned(), String::new()));
    }
}
