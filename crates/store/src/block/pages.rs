//! The pages of a block: rows that are stored together, and between which times they are.

use std::ops::Range;

use model::{Table, UnixNanos};
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::page_index::column_index::ColumnIndexMetaData;

/// Rows whose times are decoded at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Their numbers in the block.
    pub rows: Range<u32>,
    /// The earliest of their times, inclusive.
    pub earliest: UnixNanos,
    /// The latest of their times, inclusive.
    pub latest: UnixNanos,
    /// The resource of all of them; `None` where they are of several.
    pub resource_id: Option<u64>,
}

/// The pages of the table's time column, in the order of rows. Together they hold every row once.
pub(super) fn pages_of(table: Table, footer: &ArrowReaderMetadata) -> Result<Vec<Page>, ParquetError> {
    let metadata = footer.metadata();
    let damaged = || ParquetError::General("the block has no page index of its times".to_owned());
    let leaves = metadata.file_metadata().schema_descr();
    let leaf = |name: &str| leaves.columns().iter().position(|leaf| leaf.path().parts() == [name]);
    let (time, resource) = (leaf(table.time_column()).ok_or_else(damaged)?, leaf("resource_id"));
    let mut pages = Vec::new();
    let mut begin = 0;
    for (group, row_group) in metadata.row_groups().iter().enumerate() {
        let end = begin + row_group.num_rows();
        let firsts = first_rows(metadata, group, time).ok_or_else(damaged)?;
        let (mins, maxs) = bounds(metadata, group, time).ok_or_else(damaged)?;
        let resources = resource.map_or_else(Vec::new, |resource| resources_of(metadata, group, resource));
        if firsts.len() != mins.len() || mins.len() != maxs.len() {
            return Err(damaged());
        }
        for (page, (earliest, latest)) in mins.iter().zip(maxs).enumerate() {
            let row = |row: i64| u32::try_from(begin + row).map_err(|_| damaged());
            let until = firsts.get(page + 1).copied().unwrap_or(end - begin);
            let rows = row(firsts[page])?..row(until)?;
            let (earliest, latest) = (UnixNanos::new(*earliest), UnixNanos::new(*latest));
            let resource_id = only_resource(&resources, firsts[page]..until);
            pages.push(Page { rows, earliest, latest, resource_id });
        }
        begin = end;
    }
    Ok(pages)
}

/// The number, in the row group, of the first row of each page of the column.
fn first_rows(metadata: &ParquetMetaData, group: usize, column: usize) -> Option<Vec<i64>> {
    let index = metadata.offset_index()?.get(group)?.get(column)?;
    Some(index.page_locations().iter().map(|page| page.first_row_index).collect())
}

/// Pages of resource ids, as the number of their first row and the only id in them. Nothing is known without them.
fn resources_of(metadata: &ParquetMetaData, group: usize, column: usize) -> Vec<(i64, Option<u64>)> {
    let known = first_rows(metadata, group, column).zip(bounds(metadata, group, column));
    let Some((firsts, (mins, maxs))) = known else { return Vec::new() };
    // Parquet keeps a u64 as the i64 of the same bits; whether two are equal does not depend on it.
    let only = mins.iter().zip(maxs).map(|(min, max)| (min == max).then_some(*min as u64));
    firsts.into_iter().zip(only).collect()
}

/// The only resource of these rows of a row group.
fn only_resource(resources: &[(i64, Option<u64>)], rows: Range<i64>) -> Option<u64> {
    let begin = resources.partition_point(|(first, _)| *first <= rows.start).checked_sub(1)?;
    let mut touched = resources[begin..].iter().take_while(|(first, _)| *first < rows.end).map(|(_, only)| *only);
    let first = touched.next()??;
    touched.all(|only| only == Some(first)).then_some(first)
}

fn bounds(metadata: &ParquetMetaData, group: usize, column: usize) -> Option<(&[i64], &[i64])> {
    match metadata.column_index()?.get(group)?.get(column)? {
        ColumnIndexMetaData::INT64(index) => Some((index.min_values(), index.max_values())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_one_resource_when_all_pages_that_they_touch_have_it() {
        let resources = [(0, Some(7)), (10, Some(7)), (20, None), (30, Some(8))];
        let check = |rows, expected| assert_eq!(only_resource(&resources, rows), expected);
        check(0..10, Some(7));
        check(5..20, Some(7));
        check(5..21, None);
        check(20..30, None);
        check(30..99, Some(8));
        check(25..31, None);
        assert_eq!(only_resource(&[], 0..10), None);
    }
}
