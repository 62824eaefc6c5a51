//! Windows of offsets as rows of `clocks`, and back.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampNanosecondType};
use model::{Table, UnixNanos, clock_bound_fields};
use stitch::{Bounds, OffsetWindow, Offsets};
use xxhash_rust::xxh3::xxh3_64;

use super::columns::{lists_of, rows, texts, times, unsigned};
use crate::cells::Cells;

/// Everything that is known, as rows.
pub(super) fn rows_of(offsets: &Offsets) -> RecordBatch {
    let windows: Vec<(&str, &str, UnixNanos, &OffsetWindow)> = offsets.windows().collect();
    let kept: Vec<Vec<Bounds>> = windows.iter().map(|(.., window)| window.kept()).collect();
    let bounds = || kept.iter().flatten();
    let ints = |numbers: Vec<i64>| Arc::new(Int64Array::from(numbers)) as ArrayRef;
    let columns: Vec<ArrayRef> = vec![
        times(bounds().map(|bounds| bounds.at.get())),
        ints(bounds().map(|bounds| bounds.lower_ns).collect()),
        ints(bounds().map(|bounds| bounds.upper_ns).collect()),
    ];
    let group_id = |(host, other): (&str, &str)| xxh3_64(format!("{host}\u{1f}{other}").as_bytes());
    let columns: Vec<ArrayRef> = vec![
        times(windows.iter().map(|(_, _, start, _)| start.get())),
        texts(windows.iter().map(|(host, ..)| Some(*host))),
        texts(windows.iter().map(|(_, other, ..)| Some(*other))),
        unsigned(windows.iter().map(|(.., window)| window.calls())),
        unsigned(windows.iter().map(|(.., window)| window.refused())),
        lists_of(clock_bound_fields(), kept.iter().map(Vec::len), columns),
        unsigned(windows.iter().map(|(host, other, ..)| group_id((host, other)))),
    ];
    rows(Table::Clocks, columns)
}

/// Adds what rows of `clocks` say.
pub(crate) fn learn_offsets(offsets: &mut Offsets, batch: &RecordBatch) {
    let cells = Cells::new(batch);
    for row in 0..batch.num_rows() {
        let (Some(host), Some(other)) = (cells.text("host", row), cells.text("other_host", row)) else { continue };
        let count = |column| cells.uint(column, row).unwrap_or_default();
        let start = cells.time("time", row).unwrap_or_default();
        let window = OffsetWindow::new(count("calls"), count("refused"), bounds_of(&cells, row));
        offsets.add_window((host, other), start, &window);
    }
}

fn bounds_of(cells: &Cells<'_>, row: usize) -> Vec<Bounds> {
    let Some(items) = cells.list("bounds", row) else { return Vec::new() };
    let Some(items) = items.as_struct_opt() else { return Vec::new() };
    let column = |name| items.column_by_name(name).expect("bounds have the fields of their table");
    let at = column("at").as_primitive::<TimestampNanosecondType>().values();
    let lower = column("lower_ns").as_primitive::<Int64Type>().values();
    let upper = column("upper_ns").as_primitive::<Int64Type>().values();
    let bounds = at.iter().zip(lower).zip(upper);
    bounds
        .map(|((at, lower_ns), upper_ns)| Bounds { at: UnixNanos::new(*at), lower_ns: *lower_ns, upper_ns: *upper_ns })
        .collect()
}
