//! Rate, errors and duration as cells.

use protocol::Red;

use super::csv;
use super::quantity::duration;
use super::table::Cell;

/// The columns of [`csv_cells`].
pub(super) const CSV_COLUMNS: [&str; 10] = [
    "calls",
    "calls_per_second",
    "errors",
    "error_share",
    "errors_begun",
    "mean_ns",
    "p50_ns",
    "p90_ns",
    "p99_ns",
    "seen",
];

/// Exact figures.
pub(super) fn csv_cells(red: &Red) -> [csv::Cell<'static>; 10] {
    let optional = |nanos: Option<u64>| nanos.map_or(csv::Cell::Empty, csv::Cell::from);
    [
        csv::Cell::Float(red.calls),
        csv::Cell::Float(red.calls_per_second),
        csv::Cell::Float(red.errors),
        csv::Cell::Float(red.error_share),
        csv::Cell::Float(red.errors_begun),
        red.mean_ns.into(),
        optional(red.p50_ns),
        optional(red.p90_ns),
        optional(red.p99_ns),
        red.seen.into(),
    ]
}

/// A duration for people; `-` without calls.
pub(super) fn duration_cell(nanos: Option<u64>) -> Cell {
    let nanos = nanos.map(|nanos| duration(i64::try_from(nanos).unwrap_or(i64::MAX)));
    Cell::optional(nanos.as_deref())
}
