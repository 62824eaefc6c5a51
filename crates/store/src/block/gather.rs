//! How many of the placed rows are gathered from the memtable at once: a flush has those in memory twice.

use std::iter;
use std::sync::Arc;

use arrow::array::RecordBatch;

use super::order::PlacedRow;
use super::writer::{PAGE_ROWS, ROW_GROUP_ROWS};

/// Rows gathered at once.
const GATHER_ROWS: usize = 16 * 1024;

/// Bytes gathered at once, about: where rows are large, fewer of them are. Attributes are copied, and so much is encoded
/// before it is seen that a row group is large enough. So many ordinary rows are two thirds of it.
const GATHER_BYTES: usize = 16 << 20;

const _: () = assert!(PAGE_ROWS <= GATHER_ROWS && GATHER_ROWS <= ROW_GROUP_ROWS);

/// The rows, those together that are gathered at once.
pub(super) fn gathers<'a>(
    batches: &[Arc<RecordBatch>],
    rows: &'a [PlacedRow],
) -> impl Iterator<Item = &'a [PlacedRow]> + use<'a> {
    // To look at each row would take longer than to gather it. Rows of a batch came together, or are small.
    let bytes_of_row = |batch: &Arc<RecordBatch>| batch.get_array_memory_size() / batch.num_rows().max(1);
    let bytes_of_row: Vec<usize> = batches.iter().map(bytes_of_row).collect();
    let mut rest = rows;
    iter::from_fn(move || {
        let (gathered, after) = rest.split_at(fitting(&bytes_of_row, rest));
        rest = after;
        (!gathered.is_empty()).then_some(gathered)
    })
}

/// How many of the first rows are gathered at once; none only where there are none.
fn fitting(bytes_of_row: &[usize], rows: &[PlacedRow]) -> usize {
    let mut bytes = 0_usize;
    let fits = |row: &&PlacedRow| {
        bytes = bytes.saturating_add(bytes_of_row[row.batch as usize]);
        bytes <= GATHER_BYTES
    };
    let fitting = rows.iter().take(GATHER_ROWS).take_while(fits).count();
    match fitting {
        0 => rows.len().min(1),
        // Pages would end wherever rows are gathered anew.
        _ if fitting > PAGE_ROWS && fitting < rows.len() => fitting - fitting % PAGE_ROWS,
        _ => fitting,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use arrow::array::{ArrayRef, StringViewArray, TimestampNanosecondArray, UInt64Array};
    use model::{Table, UnixNanos};

    use super::*;
    use crate::block::{HourPolicy, place_rows};

    /// Lengths of what is gathered of batches, each of so many rows that have a body of so many bytes.
    #[track_caller]
    fn check(batches: &[(usize, usize)], expected: &[usize]) {
        let batch = |(rows, bytes): &(usize, usize)| {
            let body = "x".repeat(*bytes);
            let columns: [(&str, ArrayRef); 5] = [
                ("metric_name", Arc::new(StringViewArray::from_iter_values(iter::repeat_n("m", *rows)))),
                ("resource_id", Arc::new(UInt64Array::from(vec![7; *rows]))),
                ("series_id", Arc::new(UInt64Array::from(vec![7; *rows]))),
                ("time", Arc::new(TimestampNanosecondArray::from(vec![0; *rows]))),
                ("body", Arc::new(StringViewArray::from_iter_values(iter::repeat_n(&body, *rows)))),
            ];
            Arc::new(RecordBatch::try_from_iter(columns).unwrap())
        };
        let batches: Vec<_> = batches.iter().map(batch).collect();
        let hours = HourPolicy { now: UnixNanos::new(0), retention: Duration::ZERO };
        let placed = place_rows(Table::MetricNumbers, &batches, hours);
        let gathered: Vec<&[PlacedRow]> = gathers(&batches, &placed).collect();
        assert_eq!(gathered.iter().map(|rows| rows.len()).collect::<Vec<_>>(), expected);
        assert_eq!(gathered.concat(), placed);
    }

    #[test]
    fn ordinary_rows_are_gathered_by_their_number_and_large_ones_by_their_bytes() {
        check(&[], &[]);
        check(&[(0, 0)], &[]);
        check(&[(3, 100)], &[3]);
        check(&[(2 * GATHER_ROWS + 5, 300)], &[GATHER_ROWS, GATHER_ROWS, 5]);
        // As many pages as fit.
        check(&[(10_000, 2_000)], &[PAGE_ROWS, 10_000 - PAGE_ROWS]);
        check(&[(40, 1 << 20)], &[15, 15, 10]);
        check(&[(2, GATHER_BYTES + 1), (1, 1)], &[1, 1, 1]);
    }
}
