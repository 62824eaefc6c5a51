//! A live block: its rows by trace id, and its files' end.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use model::TraceId;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::PageIndexPolicy;
use tracing::warn;

use super::BlockMeta;
use super::trace_index::TraceIndex;

/// Bytes read at once to sum a file.
const VERIFY_BUFFER_BYTES: usize = 256 * 1024;

/// A block that queries may read. Its files stay as long as anyone holds it.
#[derive(Debug)]
pub struct Block {
    meta: BlockMeta,
    root: PathBuf,
    /// Set when the catalog no longer lists the block: the last holder removes the files.
    doomed: AtomicBool,
    left_alone: AtomicBool,
    verdict: OnceLock<Verdict>,
    footer: OnceLock<ArrowReaderMetadata>,
}

/// What reading the whole Parquet file once has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Whole,
    Damaged,
}

/// Why a block could not be read. The answer must say that it is missing.
#[derive(Debug, thiserror::Error)]
pub enum BlockReadError {
    /// A file is missing, short, or cannot be read.
    #[error("cannot read a file of the block")]
    Io(#[from] io::Error),
    /// The Parquet file is not what was written.
    #[error("the block's parquet file is damaged: its checksum is not the catalog's")]
    Checksum,
    /// The Parquet file cannot be decoded.
    #[error("cannot decode the block's parquet file")]
    Parquet(#[from] ParquetError),
    /// The decoded columns do not fit together.
    #[error("the block's columns do not fit together")]
    Arrow(#[from] arrow::error::ArrowError),
}

impl Block {
    /// A block whose files lie under `root`, the folder of all blocks.
    pub(crate) fn new(meta: BlockMeta, root: &Path) -> Self {
        let (doomed, left_alone, verdict, footer) = Default::default();
        Self { meta, root: root.to_owned(), doomed, left_alone, verdict, footer }
    }

    /// What the catalog knows about it.
    pub fn meta(&self) -> &BlockMeta {
        &self.meta
    }

    /// Whether [`Self::verify`] has found the Parquet file damaged. Reads nothing.
    pub fn is_known_damaged(&self) -> bool {
        self.verdict.get() == Some(&Verdict::Damaged)
    }

    /// Leaves the block out of later merges: one has failed over it, and would again.
    pub(crate) fn leave_alone(&self) {
        self.left_alone.store(true, Ordering::Relaxed);
    }

    /// Whether merges leave the block out.
    pub(crate) fn is_left_alone(&self) -> bool {
        self.left_alone.load(Ordering::Relaxed)
    }

    /// Whether the Parquet file is, byte for byte, what was written. Blocks the calling thread.
    ///
    /// Parquet itself does not notice every flipped byte, and its decoder need not survive one. So the
    /// file is read once as a whole; the verdict is kept, and asking again costs nothing.
    pub fn verify(&self) -> Result<(), BlockReadError> {
        let verdict = match self.verdict.get() {
            Some(verdict) => *verdict,
            None => {
                let whole = self.checksum_of_file()? == self.meta.checksum;
                *self.verdict.get_or_init(|| if whole { Verdict::Whole } else { Verdict::Damaged })
            }
        };
        if verdict == Verdict::Whole { Ok(()) } else { Err(BlockReadError::Checksum) }
    }

    /// The rows of the trace, at most `limit`. Reads only the pages that hold them, but the whole file the
    /// first time. Blocks the calling thread.
    pub fn rows_of_trace(&self, trace_id: TraceId, limit: usize) -> Result<Option<RecordBatch>, BlockReadError> {
        let index = TraceIndex::open(File::open(self.root.join(self.meta.trace_index_path()))?)?;
        let rows = index.rows_of(trace_id, limit)?;
        if rows.is_empty() {
            return Ok(None);
        }
        self.verify()?;
        let candidates = self.read_rows(&rows)?;
        // The index over-selects by hash; the ids decide.
        let ids = candidates
            .column_by_name("trace_id")
            .ok_or_else(|| ParquetError::General("no trace_id column".to_owned()))?
            .as_fixed_size_binary();
        let wanted: BooleanArray =
            (0..ids.len()).map(|row| Some(ids.is_valid(row) && ids.value(row) == trace_id.as_bytes())).collect();
        let found = filter_record_batch(&candidates, &wanted)?;
        Ok((found.num_rows() > 0).then_some(found))
    }

    /// Takes the block out of service: its files go when the last holder lets go.
    pub(crate) fn doom(&self) {
        self.doomed.store(true, Ordering::Relaxed);
    }

    fn checksum_of_file(&self) -> io::Result<u32> {
        let mut file = File::open(self.root.join(self.meta.parquet_path()))?;
        let mut buffer = vec![0; VERIFY_BUFFER_BYTES];
        let mut checksum = 0;
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(checksum),
                Ok(read) => checksum = crc32c::crc32c_append(checksum, &buffer[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The rows in the block's order, a batch at a time: the named columns, or all. [`Self::verify`] first.
    pub(crate) fn read_batches(
        &self,
        columns: Option<&[&str]>,
        batch_rows: usize,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, BlockReadError>> + use<>, BlockReadError> {
        let file = File::open(self.root.join(self.meta.parquet_path()))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
        let mask = match columns {
            Some(columns) => ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied()),
            None => ProjectionMask::all(),
        };
        let reader = builder.with_projection(mask).with_batch_size(batch_rows).build()?;
        Ok(reader.map(|batch| Ok(batch?)))
    }

    /// The rows with these numbers, ascending.
    fn read_rows(&self, rows: &[u32]) -> Result<RecordBatch, BlockReadError> {
        let file = File::open(self.root.join(self.meta.parquet_path()))?;
        let footer = match self.footer.get() {
            Some(footer) => footer.clone(),
            None => {
                let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
                let footer = ArrowReaderMetadata::load(&file, options)?;
                self.footer.get_or_init(|| footer).clone()
            }
        };
        let total = footer.metadata().file_metadata().num_rows().unsigned_abs() as usize;
        // What RowSelection would panic on. An index that is whole, of another block.
        if !rows.is_sorted_by(|a, b| a < b) || rows.last().is_some_and(|last| *last as usize >= total) {
            let problem = "the trace index names rows that the block does not have";
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem).into());
        }
        let (row_groups, selection) = select(&footer, rows);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, footer)
            .with_row_groups(row_groups)
            .with_row_selection(selection)
            .with_batch_size(rows.len().clamp(1, 8_192))
            .build()?;
        let schema = self.meta.table.schema();
        let batches = reader.map(|batch| batch?.with_schema(Arc::clone(&schema))).collect::<Result<Vec<_>, _>>()?;
        Ok(concat_batches(&schema, &batches)?)
    }
}

/// The row groups that hold any of these rows, which ascend, and the rows among those of these groups.
///
/// A reader that is given all row groups and told to skip most rows decodes every dictionary all the same.
fn select(footer: &ArrowReaderMetadata, rows: &[u32]) -> (Vec<usize>, RowSelection) {
    let (mut groups, mut ranges) = (Vec::new(), Vec::new());
    let mut rest = rows;
    // Where the group begins, among all rows and among those selected.
    let (mut begin, mut selected) = (0, 0);
    for (index, group) in footer.metadata().row_groups().iter().enumerate() {
        let count = group.num_rows() as usize;
        let (inside, behind) = rest.split_at(rest.partition_point(|row| (*row as usize) < begin + count));
        if !inside.is_empty() {
            groups.push(index);
            ranges.extend(inside.iter().map(|row| *row as usize - begin + selected).map(|row| row..row + 1));
            selected += count;
        }
        begin += count;
        rest = behind;
    }
    (groups, RowSelection::from_consecutive_ranges(ranges.into_iter(), selected))
}

impl Drop for Block {
    fn drop(&mut self) {
        if !self.doomed.load(Ordering::Relaxed) {
            return;
        }
        for path in [self.meta.parquet_path(), self.meta.trace_index_path()] {
            let path = self.root.join(path);
            if let Err(error) = fs::remove_file(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                // The next start sweeps what is left, so this costs space and nothing else.
                warn!(path = %path.display(), %error, "cannot remove a file of a retired block");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, UInt32Array};
    use arrow::datatypes::UInt32Type;
    use bytes::Bytes;
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::WriterProperties;

    use super::*;

    /// Reads rows of 25 in row groups of ten; the groups touched must be these.
    #[track_caller]
    fn check(rows: &[u32], groups: &[usize]) {
        let numbers: ArrayRef = Arc::new(UInt32Array::from_iter_values(0..25));
        let batch = RecordBatch::try_from_iter([("n", numbers)]).unwrap();
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(10)).build();
        let mut file = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();

        let file = Bytes::from(file);
        let footer = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).unwrap();
        let (touched, selection) = select(&footer, rows);
        assert_eq!(touched, groups);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, footer)
            .with_row_groups(touched)
            .with_row_selection(selection)
            .build()
            .unwrap();
        let read: Vec<u32> =
            reader.flat_map(|batch| batch.unwrap().column(0).as_primitive::<UInt32Type>().values().to_vec()).collect();
        assert_eq!(read, rows);
    }

    #[test]
    fn rows_are_read_from_the_row_groups_that_hold_them_and_from_no_other() {
        check(&[0], &[0]);
        check(&[9, 10], &[0, 1]);
        check(&[3, 24], &[0, 2]);
        check(&[20, 21, 22, 23, 24], &[2]);
        check(&(0..25).collect::<Vec<_>>(), &[0, 1, 2]);
    }
}
