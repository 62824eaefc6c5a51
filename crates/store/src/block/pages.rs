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
}

/// The pages of the table's time column, in the order of rows. Together they hold every row once.
pub(super) fn pages_of(table: Table, footer: &ArrowReaderMetadata) -> Result<Vec<Page>, ParquetError> {
    let metadata = footer.metadata();
    let damaged = || ParquetError::General("the block has no page index of its times".to_owned());
    let leaves = metadata.file_metadata().schema_descr();
    let time = leaves.columns().iter().position(|leaf| leaf.path().parts() == [table.time_column()]);
    let time = time.ok_or_else(damaged)?;
    let mut pages = Vec::new();
    let mut begin = 0;
    for (group, row_group) in metadata.row_groups().iter().enumerate() {
        let end = begin + row_group.num_rows();
        let firsts = first_rows(metadata, group, time).ok_or_else(damaged)?;
        let (mins, maxs) = time_bounds(metadata, group, time).ok_or_else(damaged)?;
        if firsts.len() != mins.len() || mins.len() != maxs.len() {
            return Err(damaged());
        }
        for (page, (earliest, latest)) in mins.iter().zip(maxs).enumerate() {
            let row = |row: i64| u32::try_from(begin + row).map_err(|_| damaged());
            let until = firsts.get(page + 1).copied().unwrap_or(end - begin);
            let rows = row(firsts[page])?..row(until)?;
            pages.push(Page { rows, earliest: UnixNanos::new(*earliest), latest: UnixNanos::new(*latest) });
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

fn time_bounds(metadata: &ParquetMetaData, group: usize, column: usize) -> Option<(&[i64], &[i64])> {
    match metadata.column_index()?.get(group)?.get(column)? {
        ColumnIndexMetaData::INT64(index) => Some((index.min_values(), index.max_values())),
        _ => None,
    }
}
