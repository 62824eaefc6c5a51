//! Rows of a block by their numbers: one row group after another, and of each only what its page index does not tell.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::RecordBatchReader as _;
use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection, RowSelectionPolicy,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::ChunkReader;

use super::BlockReadError;
use super::told_cells::{StoredColumn, ToldCells};

/// Rows of a batch, at most.
const BATCH_ROWS: usize = 8_192;

/// Reads them, a batch at a time. No batch has rows of two row groups.
pub(super) struct SelectedRows<F> {
    file: F,
    footer: ArrowReaderMetadata,
    columns: Vec<StoredColumn>,
    /// Still to be read.
    groups: std::vec::IntoIter<GroupRows>,
    open: Option<OpenGroup>,
}

/// Rows of one row group.
#[derive(Debug, PartialEq, Eq)]
struct GroupRows {
    group: usize,
    /// By their numbers in the group; ascending.
    rows: Vec<Range<usize>>,
}

/// A row group that is being read.
struct OpenGroup {
    reader: ParquetRecordBatchReader,
    told: Vec<ToldCells>,
    /// The columns that are read, then those that are told.
    schema: SchemaRef,
}

impl<F: ChunkReader + Clone + 'static> SelectedRows<F> {
    /// The rows in these ranges, which ascend, with the columns of these names, which may have dots in them. The columns
    /// are in no order, which may be another one in the next batch.
    pub(super) fn new(file: F, footer: ArrowReaderMetadata, rows: &[Range<u32>], names: &[String]) -> Self {
        let (columns, groups) = (columns(&footer, names), groups(footer.metadata(), rows).into_iter());
        Self { file, footer, columns, groups, open: None }
    }

    fn open(&self, GroupRows { group, rows }: GroupRows) -> Result<OpenGroup, ParquetError> {
        let metadata = self.footer.metadata();
        let (mut told, mut fields, mut read) = (Vec::new(), Vec::new(), Vec::new());
        for column in &self.columns {
            match ToldCells::of(metadata, group, column, &rows) {
                Some(cells) => {
                    told.push(cells);
                    fields.push(Arc::clone(&column.field));
                }
                None => read.push(column.root),
            }
        }
        let count: usize = rows.iter().map(ExactSizeIterator::len).sum();
        let group_rows = metadata.row_group(group).num_rows().unsigned_abs() as usize;
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), self.footer.clone())
            .with_projection(ProjectionMask::roots(self.footer.parquet_schema(), read))
            .with_row_groups(vec![group])
            .with_row_selection(RowSelection::from_consecutive_ranges(rows.into_iter(), group_rows))
            // Few rows of many would otherwise be picked out of all that are between them, decoded at once.
            .with_row_selection_policy(RowSelectionPolicy::Selectors)
            .with_batch_size(count.clamp(1, BATCH_ROWS))
            .build()?;
        let schema = reader.schema().fields().iter().cloned().chain(fields).collect::<Vec<_>>();
        Ok(OpenGroup { reader, told, schema: Arc::new(Schema::new(schema)) })
    }
}

impl OpenGroup {
    fn add_told(&mut self, read: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let rows = read.num_rows();
        let told = self.told.iter_mut().map(|cells| cells.next(rows)).collect::<Result<Vec<ArrayRef>, _>>()?;
        let columns = read.columns().iter().cloned().chain(told).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
    }
}

impl<F: ChunkReader + Clone + 'static> Iterator for SelectedRows<F> {
    type Item = Result<RecordBatch, BlockReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(open) = &mut self.open {
                if let Some(read) = open.reader.next() {
                    return Some(read.and_then(|read| open.add_told(&read)).map_err(BlockReadError::from));
                }
                self.open = None;
            }
            let rows = self.groups.next()?;
            match self.open(rows) {
                Ok(open) => self.open = Some(open),
                Err(error) => return Some(Err(error.into())),
            }
        }
    }
}

fn columns(footer: &ArrowReaderMetadata, names: &[String]) -> Vec<StoredColumn> {
    let names: HashSet<&str> = names.iter().map(String::as_str).collect();
    let parquet = footer.parquet_schema();
    let roots: Vec<usize> = (0..parquet.num_columns()).map(|leaf| parquet.get_column_root_idx(leaf)).collect();
    let fields = footer.schema().fields().iter().enumerate();
    let named = fields.filter(|(_, field)| names.contains(field.name().as_str()));
    let column = |(root, field): (usize, &FieldRef)| {
        let leaves = roots.partition_point(|of| *of < root)..roots.partition_point(|of| *of <= root);
        StoredColumn { field: Arc::clone(field), root, leaves }
    };
    named.map(column).collect()
}

/// The row groups that hold any of these ranges of rows, which ascend, and which rows of each.
fn groups(metadata: &ParquetMetaData, rows: &[Range<u32>]) -> Vec<GroupRows> {
    let mut groups = Vec::new();
    // Where the group begins, among all rows.
    let mut begin = 0;
    for (group, row_group) in metadata.row_groups().iter().enumerate() {
        let end = begin + row_group.num_rows().unsigned_abs() as usize;
        let rest = &rows[rows.partition_point(|rows| rows.end as usize <= begin)..];
        let inside = &rest[..rest.partition_point(|rows| (rows.start as usize) < end)];
        if !inside.is_empty() {
            let cut =
                |rows: &Range<u32>| (rows.start as usize).max(begin) - begin..(rows.end as usize).min(end) - begin;
            groups.push(GroupRows { group, rows: inside.iter().map(cut).collect() });
        }
        begin = end;
    }
    groups
}

#[cfg(test)]
mod tests {
    use arrow::array::{
        AsArray, BinaryViewArray, Int32Array, ListArray, StringViewArray, TimestampNanosecondArray, UInt32Array,
        UInt64Array,
    };
    use arrow::buffer::OffsetBuffer;
    use arrow::compute::concat_batches;
    use arrow::datatypes::{DataType, Field, UInt32Type};
    use bytes::Bytes;
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ArrowReaderOptions;
    use parquet::file::metadata::PageIndexPolicy;
    use parquet::file::properties::{EnabledStatistics, WriterProperties};

    use super::*;

    /// Rows of a file are in row groups of ten, in pages of five.
    fn write(rows: &RecordBatch) -> (Bytes, ArrowReaderMetadata) {
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(10))
            .set_data_page_row_count_limit(5)
            .set_write_batch_size(5)
            .set_column_index_truncate_length(Some(8))
            .set_column_statistics_enabled("unsaid".into(), EnabledStatistics::None)
            .build();
        let mut file = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut file, rows.schema(), Some(properties)).unwrap();
        writer.write(rows).unwrap();
        writer.close().unwrap();
        let file = Bytes::from(file);
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
        let footer = ArrowReaderMetadata::load(&file, options).unwrap();
        (file, footer)
    }

    /// Reads rows of 25; the groups touched must be these.
    #[track_caller]
    fn check(ranges: &[Range<u32>], touched: &[usize]) {
        let numbers: ArrayRef = Arc::new(UInt32Array::from_iter_values(0..25));
        let (file, footer) = write(&RecordBatch::try_from_iter([("n", numbers)]).unwrap());
        let found: Vec<usize> = groups(footer.metadata(), ranges).into_iter().map(|rows| rows.group).collect();
        assert_eq!(found, touched);
        let rows = SelectedRows::new(file, footer, ranges, &["n".to_owned()]);
        let read: Vec<u32> =
            rows.flat_map(|batch| batch.unwrap().column(0).as_primitive::<UInt32Type>().values().to_vec()).collect();
        assert_eq!(read, ranges.iter().cloned().flatten().collect::<Vec<_>>());
    }

    #[test]
    fn rows_are_read_from_the_row_groups_that_hold_them_and_from_no_other() {
        let rows = |rows: &[u32]| rows.iter().map(|row| *row..row + 1).collect::<Vec<_>>();
        check(&rows(&[0]), &[0]);
        check(&rows(&[9, 10]), &[0, 1]);
        check(&rows(&[3, 24]), &[0, 2]);
        check(&[0..10, 10..25], &[0, 1, 2]);
        check(&[9..11, 20..25], &[0, 1, 2]);
        check(&[8..9, 15..20], &[0, 1]);
        check(&[20..22, 22..25], &[2]);
    }

    /// Twenty rows: cells of a page are alike in the first row group, but for the last three columns, and differ in the
    /// second.
    fn alike_and_different() -> RecordBatch {
        let alike = |row: usize| if row < 10 { row / 5 } else { row };
        let text = |row: usize| format!("longer than what is kept of a bound: {}", alike(row));
        let short = |row: usize| (row >= 5).then(|| format!("{}", alike(row)));
        let numbers = || (0..20).map(alike);
        let item = Arc::new(Field::new("item", DataType::UInt32, false));
        let offsets = OffsetBuffer::from_lengths((0..20).map(|row| row / 10 * (row % 3)));
        let items = UInt32Array::from_iter_values(0..*offsets.last().unwrap() as u32);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("list", Arc::new(ListArray::new(item, offsets, Arc::new(items), None))),
            ("short", Arc::new((0..20).map(short).collect::<StringViewArray>())),
            ("bytes", Arc::new(numbers().map(|number| Some([number as u8])).collect::<BinaryViewArray>())),
            ("int", Arc::new(Int32Array::from_iter(numbers().map(|number| Some(-(number as i32)))))),
            ("count", Arc::new(UInt32Array::from_iter(numbers().map(|number| Some(u32::MAX - number as u32))))),
            ("id", Arc::new(UInt64Array::from_iter_values(numbers().map(|number| u64::MAX - number as u64)))),
            (
                "time",
                Arc::new(TimestampNanosecondArray::from_iter_values(numbers().map(|n| n as i64)).with_timezone("UTC")),
            ),
            ("some", Arc::new(Int32Array::from_iter((0..20).map(|row| (row % 2 == 0).then_some(1))))),
            ("long", Arc::new(StringViewArray::from_iter_values((0..20).map(text)))),
            ("unsaid", Arc::new(UInt32Array::from(vec![7; 20]))),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    #[test]
    fn what_the_page_index_tells_is_not_read_and_what_it_does_not_tell_is() {
        let rows = alike_and_different();
        let (file, footer) = write(&rows);
        let names: Vec<String> = rows.schema().fields().iter().map(|field| field.name().clone()).collect();
        for (ranges, told) in [
            (vec![0..1, 2..3], 7),
            (vec![1..3, 4..5], 7),
            (vec![1..3, 4..6, 9..10], 7),
            (vec![0..12, 12..20], 7),
            (vec![15..16, 17..18], 0),
            (vec![3..4, 12..13], 7),
        ] {
            let mut selected = SelectedRows::new(file.clone(), footer.clone(), &ranges, &names);
            let first = groups(footer.metadata(), &ranges).remove(0);
            assert_eq!(selected.open(first).unwrap().told.len(), told, "{ranges:?}");
            let mut read = Vec::new();
            for batch in &mut selected {
                let batch = batch.unwrap();
                let columns = names.iter().map(|name| Arc::clone(batch.column_by_name(name).unwrap())).collect();
                read.push(RecordBatch::try_new(rows.schema(), columns).unwrap());
            }
            let read = concat_batches(&rows.schema(), &read).unwrap();
            let pieces: Vec<_> = ranges.iter().map(|range| rows.slice(range.start as usize, range.len())).collect();
            assert_eq!(read, concat_batches(&rows.schema(), &pieces).unwrap(), "{ranges:?}");
        }
    }
}
