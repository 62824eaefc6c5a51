//! Cells that the page index tells, so that nobody needs to read them.
//!
//! Rows that stand together have much in common: all of a page's rows are of one service, none of them has that attribute.
//! Where the smallest and the largest value of a page are the same, and none is null, it is the value of all; where all are
//! null, no more is said; and a list that has no items in all of a page is empty in each row. What is smaller and larger
//! than all values may be cut short, but never both to the same.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryViewArray, BooleanArray, Int32Array, Int64Array, ListArray, StringViewArray,
    TimestampNanosecondArray, UInt32Array, UInt64Array, new_empty_array, new_null_array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, FieldRef, TimeUnit};
use arrow::error::ArrowError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::page_index::column_index::{
    ByteArrayColumnIndex, ColumnIndex, ColumnIndexMetaData, PrimitiveColumnIndex,
};

/// A column of the Parquet file's top level.
#[derive(Clone, Debug)]
pub(super) struct StoredColumn {
    /// As Arrow has it.
    pub(super) field: FieldRef,
    /// Its place among all columns of the top level.
    pub(super) root: usize,
    /// The places of what it consists of, among all leaves.
    pub(super) leaves: Range<usize>,
}

/// The cells of some rows of a column.
#[derive(Debug)]
pub(super) struct ToldCells {
    /// One for each run.
    values: ArrayRef,
    /// Rows of each run that are still to come.
    runs: Vec<usize>,
}

impl ToldCells {
    /// The cells of these rows of a row group, which ascend; `None` where the page index does not tell them all.
    pub(super) fn of(
        metadata: &ParquetMetaData,
        group: usize,
        column: &StoredColumn,
        rows: &[Range<usize>],
    ) -> Option<Self> {
        let leaf = telling_leaf(metadata, column)?;
        let index = metadata.column_index()?.get(group)?.get(leaf)?;
        let pages = metadata.offset_index()?.get(group)?.get(leaf)?.page_locations();
        // Damaged numbers are no places in the index.
        if matches!(index, ColumnIndexMetaData::NONE) || index.num_pages() != pages.len() as u64 {
            return None;
        }
        let firsts: Vec<usize> = pages.iter().map(|page| page.first_row_index.max(0) as usize).collect();
        let (pages, runs) = runs_of(&firsts, rows)?;
        Some(Self { values: values(column.field.data_type(), index, &pages)?, runs })
    }

    /// The cells of so many rows, which come after those before.
    pub(super) fn next(&mut self, mut rows: usize) -> Result<ArrayRef, ArrowError> {
        let mut of_rows = Vec::with_capacity(rows);
        for (run, left) in self.runs.iter_mut().enumerate() {
            let now = rows.min(*left);
            of_rows.extend(std::iter::repeat_n(run as u32, now));
            (rows, *left) = (rows - now, *left - now);
            if rows == 0 {
                break;
            }
        }
        take(&self.values, &UInt32Array::from(of_rows), None)
    }
}

/// The leaf of which a page without values says all of its rows: the only one, or one that each item of a list has.
fn telling_leaf(metadata: &ParquetMetaData, column: &StoredColumn) -> Option<usize> {
    let leaves = metadata.file_metadata().schema_descr();
    match column.field.data_type() {
        DataType::List(_) => column.leaves.clone().find(|leaf| {
            let leaf = leaves.column(*leaf);
            (leaf.max_rep_level(), leaf.max_def_level()) == (1, 1)
        }),
        _ => (column.leaves.len() == 1 && leaves.column(column.leaves.start).max_rep_level() == 0)
            .then_some(column.leaves.start),
    }
}

/// The pages that hold the rows, given the first row of each, and how many of the rows each holds.
fn runs_of(firsts: &[usize], rows: &[Range<usize>]) -> Option<(Vec<usize>, Vec<usize>)> {
    if !firsts.is_sorted() {
        return None;
    }
    let (mut pages, mut runs): (Vec<usize>, Vec<usize>) = Default::default();
    for rows in rows {
        let mut from = rows.start;
        let mut page = firsts.partition_point(|first| *first <= from).checked_sub(1)?;
        while from < rows.end {
            let until = firsts.get(page + 1).map_or(rows.end, |first| rows.end.min(*first));
            match runs.last_mut().filter(|_| pages.last() == Some(&page)) {
                Some(last) => *last += until - from,
                None => {
                    pages.push(page);
                    runs.push(until - from);
                }
            }
            (from, page) = (until, page + 1);
        }
    }
    Some((pages, runs))
}

/// The one value of each of the pages; `None` where one of them has more.
fn values(data_type: &DataType, index: &ColumnIndexMetaData, pages: &[usize]) -> Option<ArrayRef> {
    use ColumnIndexMetaData::{BOOLEAN, BYTE_ARRAY, INT32, INT64};
    let is_nothing = pages.iter().all(|page| index.is_null_page(*page));
    Some(match (data_type, index) {
        (DataType::List(item), _) => {
            let (offsets, items) = (OffsetBuffer::new_zeroed(pages.len()), new_empty_array(item.data_type()));
            is_nothing.then(|| Arc::new(ListArray::new(Arc::clone(item), offsets, items, None)))?
        }
        (of, _) if is_nothing => new_null_array(of, pages.len()),
        (DataType::Boolean, BOOLEAN(of)) => Arc::new(BooleanArray::from(numbers(of, pages, |value| value)?)),
        (DataType::Int32, INT32(of)) => Arc::new(Int32Array::from(numbers(of, pages, |value| value)?)),
        (DataType::Int64, INT64(of)) => Arc::new(Int64Array::from(numbers(of, pages, |value| value)?)),
        // Parquet keeps an unsigned number as the signed one of the same bits.
        (DataType::UInt32, INT32(of)) => Arc::new(UInt32Array::from(numbers(of, pages, |value| value as u32)?)),
        (DataType::UInt64, INT64(of)) => Arc::new(UInt64Array::from(numbers(of, pages, |value| value as u64)?)),
        (DataType::Timestamp(TimeUnit::Nanosecond, zone), INT64(of)) => {
            let times = TimestampNanosecondArray::from(numbers(of, pages, |value| value)?);
            Arc::new(times.with_timezone_opt(zone.clone()))
        }
        (DataType::BinaryView, BYTE_ARRAY(of)) => Arc::new(BinaryViewArray::from_iter(bytes(of, pages)?)),
        (DataType::Utf8View, BYTE_ARRAY(of)) => {
            let texts = bytes(of, pages)?.into_iter().map(|cell| cell.map(str::from_utf8).transpose());
            Arc::new(StringViewArray::from_iter(texts.collect::<Result<Vec<_>, _>>().ok()?))
        }
        _ => return None,
    })
}

/// The one value of each page, null where it has none; `None` where one of them has more.
fn numbers<T: Copy + PartialEq, U>(
    index: &PrimitiveColumnIndex<T>,
    pages: &[usize],
    value: impl Fn(T) -> U,
) -> Option<Vec<Option<U>>> {
    let only = |page: &usize| only(index, *page, index.min_value(*page), index.max_value(*page));
    pages.iter().map(|page| Some(only(page)?.map(|of| value(*of)))).collect()
}

/// The same for texts and bytes.
fn bytes<'a>(index: &'a ByteArrayColumnIndex, pages: &[usize]) -> Option<Vec<Option<&'a [u8]>>> {
    pages.iter().map(|page| only(index, *page, index.min_value(*page), index.max_value(*page))).collect()
}

fn only<V: PartialEq>(index: &ColumnIndex, page: usize, min: Option<V>, max: Option<V>) -> Option<Option<V>> {
    if index.is_null_page(page) {
        return Some(None);
    }
    (index.null_count(page) == Some(0) && min == max).then_some(min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_apart_by_the_pages_that_hold_them() {
        let check = |rows: &[Range<usize>], pages: &[usize], runs: &[usize]| {
            assert_eq!(runs_of(&[0, 10, 20], rows), Some((pages.to_vec(), runs.to_vec())), "{rows:?}");
        };
        check(&[], &[], &[]);
        check(&[0..1, 3..5, 9..10], &[0], &[4]);
        check(&[9..11, 12..13], &[0, 1], &[1, 2]);
        check(&[5..6, 6..25], &[0, 1, 2], &[5, 10, 5]);
        check(&[0..1, 20..99], &[0, 2], &[1, 79]);
        assert_eq!(runs_of(&[], &[0..1, 2..3]), None);
    }
}
