//! A live block: its rows by trace id, and its files' end.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use model::{DamagedPromotion, Necessary, PROMOTION_KEY, Promotion, RESIDUAL_CODEC, TraceId};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::PageIndexPolicy;
use tracing::warn;
use wal::fail_point;

use super::BlockMeta;
use super::checked_file::CheckedFile;
use super::checksums::Checksums;
use super::chosen_column::Spread;
use super::damage::Damage;
use super::indexes::Candidates;
use super::pages::{Page, pages_of};
use super::promoted_index::PromotedIndex;
use super::reshaper::{ReshapeError, Reshaper};
use super::trace_filter::TraceFilter;
use super::trace_index::{TraceIndex, trace_hash};
use super::writer::{FORMAT, FORMAT_KEY, RESIDUAL_KEY};

/// Rows of a batch that is read, at most.
const READ_ROWS: usize = 8_192;

/// A block that queries may read. Its files stay as long as anyone holds it.
#[derive(Debug)]
pub struct Block {
    meta: BlockMeta,
    root: PathBuf,
    /// Set when the catalog no longer lists the block: the last holder removes the files.
    doomed: AtomicBool,
    left_alone: AtomicBool,
    damage: Arc<Damage>,
    checksums: OnceLock<Arc<Checksums>>,
    footer: OnceLock<ArrowReaderMetadata>,
    promotion: OnceLock<Promotion>,
    trace_filter: TraceFilter,
}

/// Which entries sets of attributes are read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeKeys<'a> {
    /// All, so that the sets are as they were sent.
    All,
    /// Those of these keys, and others that need no further reading. They are in the order sent.
    Of(&'a [&'a str]),
}

/// Why a block could not be read. The answer must say that it is missing.
#[derive(Debug, thiserror::Error)]
pub enum BlockReadError {
    /// A file cannot be read.
    #[error("cannot read a file of the block")]
    Io(#[from] io::Error),
    /// A file is missing, or is not what was written.
    #[error("the block is damaged: {0}")]
    Damaged(String),
    /// The Parquet file cannot be decoded.
    #[error("cannot decode the block's parquet file")]
    Parquet(#[source] ParquetError),
    /// The decoded columns do not fit together.
    #[error("the block's columns do not fit together")]
    Arrow(#[from] arrow::error::ArrowError),
    /// The Parquet file is of another version of this program.
    #[error("the block is of a format that this version does not read")]
    Format,
    /// The footer does not say what is promoted.
    #[error("cannot read which attributes the block promotes")]
    Promotion(#[from] DamagedPromotion),
    /// The attributes are not what the footer says.
    #[error("cannot put the block's attributes together")]
    Reshape(#[from] ReshapeError),
}

impl From<ParquetError> for BlockReadError {
    fn from(error: ParquetError) -> Self {
        match error {
            // What `CheckedFile` said, on its way through the decoder.
            ParquetError::External(inner) => match inner.downcast() {
                Ok(ours) => *ours,
                Err(foreign) => Self::Parquet(ParquetError::External(foreign)),
            },
            error => Self::Parquet(error),
        }
    }
}

impl Block {
    /// A block whose files lie under `root`, the folder of all blocks.
    pub(crate) fn new(meta: BlockMeta, root: &Path) -> Self {
        let (doomed, left_alone, damage, checksums, footer, promotion, trace_filter) = Default::default();
        Self { meta, root: root.to_owned(), doomed, left_alone, damage, checksums, footer, promotion, trace_filter }
    }

    /// What the catalog knows about it.
    pub fn meta(&self) -> &BlockMeta {
        &self.meta
    }

    /// Whether anybody who read the block has found its rows damaged or gone. From then on nobody gets any of them. Reads
    /// nothing.
    pub fn is_known_damaged(&self) -> bool {
        self.damage.known().is_some()
    }

    /// Leaves the block out of later merges: one has failed over it, and would again.
    pub(crate) fn leave_alone(&self) {
        self.left_alone.store(true, Ordering::Relaxed);
    }

    /// Whether merges leave the block out.
    pub(crate) fn is_left_alone(&self) -> bool {
        self.left_alone.load(Ordering::Relaxed)
    }

    /// Whether the Parquet file is, byte for byte, what was written. Reads all of it; whoever reads rows need not ask.
    /// Blocks the calling thread.
    pub fn verify(&self) -> Result<(), BlockReadError> {
        self.file()?.verify()
    }

    /// The Parquet file, to read what is known to be what was written.
    ///
    /// An error where the block is damaged, as far as anybody knows. Reads the file's checksums, which are kept.
    pub fn file(&self) -> Result<CheckedFile, BlockReadError> {
        if let Some(error) = self.damage.known() {
            return Err(error);
        }
        let file = File::open(self.root.join(self.meta.parquet_path())).map_err(|error| self.damage.by_io(error))?;
        let checksums = match self.checksums.get() {
            Some(checksums) => checksums,
            None => {
                let checksums = self.read_checksums()?;
                self.checksums.get_or_init(|| Arc::new(checksums))
            }
        };
        Ok(CheckedFile::new(file, Arc::clone(checksums), Arc::clone(&self.damage)))
    }

    /// The rows of the trace, at most `limit`. Reads only the pages that hold them. Blocks the calling thread.
    pub fn rows_of_trace(&self, trace_id: TraceId, limit: usize) -> Result<Option<RecordBatch>, BlockReadError> {
        if self.trace_filter.rules_out(trace_hash(trace_id.as_bytes())) {
            return Ok(None);
        }
        let index = TraceIndex::open(File::open(self.root.join(self.meta.trace_index_path()))?)?;
        self.trace_filter.keep(&index)?;
        let rows = index.rows_of(trace_id, limit)?;
        if rows.is_empty() {
            return Ok(None);
        }
        let columns = self.meta.table.schema();
        let columns: Vec<&str> = columns.fields().iter().map(|field| field.name().as_str()).collect();
        let rows: Vec<Range<u32>> = rows.into_iter().map(|row| row..row + 1).collect();
        let batches = self.read(&rows, &columns, AttributeKeys::All)?.collect::<Result<Vec<_>, _>>()?;
        let candidates = concat_batches(&self.meta.table.schema(), &batches)?;
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

    /// The rows that may match where this is necessary, as far as the block's indexes know: its own, and those that its
    /// Parquet file has of promoted columns. Asks only these, and as little of them as it can. Blocks the calling thread.
    pub fn rows_that_may_match(&self, necessary: &Necessary) -> Candidates {
        Candidates::ask(&self.root, &self.meta, necessary, || {
            let (file, footer) = self.open()?;
            Ok(PromotedIndex::new(file, footer, self.promotion()?))
        })
    }

    /// Takes the block out of service: its files go when the last holder lets go.
    pub(crate) fn doom(&self) {
        self.doomed.store(true, Ordering::Relaxed);
    }

    fn read_checksums(&self) -> Result<Checksums, BlockReadError> {
        let path = self.root.join(self.meta.checksums_path());
        match File::open(&path).and_then(|table| Checksums::read(table, self.meta.checksum, self.meta.bytes)) {
            Ok(checksums) => Ok(checksums),
            Err(error) => {
                warn!(path = %path.display(), %error, "cannot read the checksums of a block, so they are made again");
                self.sum_again()
            }
        }
    }

    /// The checksums are no more than what the file says, and the catalog tells whether that is what was written.
    fn sum_again(&self) -> Result<Checksums, BlockReadError> {
        let file = File::open(self.root.join(self.meta.parquet_path()));
        let again = file.and_then(|mut file| Checksums::of(&mut file)).map_err(|error| self.damage.by_io(error))?;
        if Checksums::seal(&again.encode()) != self.meta.checksum {
            let what = "neither the parquet file nor its checksums are what was written";
            return Err(self.damage.found(what.to_owned()));
        }
        Ok(again)
    }

    /// The rows in the block's order, a batch at a time: the named columns, or all.
    pub(crate) fn read_batches(
        &self,
        columns: Option<&[&str]>,
        batch_rows: usize,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, BlockReadError>> + use<>, BlockReadError> {
        let mut reshaper = match columns {
            Some(columns) => Reshaper::new(self.meta.table, columns, self.promotion()?, &[])?,
            None => Reshaper::of_whole_rows(self.meta.table, self.promotion()?, &[])?,
        };
        let batches = self.read_stored(&reshaper.sources(), batch_rows)?;
        Ok(batches.map(move |batch| Ok(reshaper.reshape(&batch?)?)))
    }

    /// The columns with these names as the Parquet file has them, a batch at a time.
    pub(super) fn read_stored(
        &self,
        names: &[String],
        batch_rows: usize,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, BlockReadError>> + use<>, BlockReadError> {
        let (file, footer) = self.open()?;
        let mask = mask(&footer, names);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, footer)
            .with_projection(mask)
            .with_batch_size(batch_rows)
            .build()?;
        let damage = Arc::clone(&self.damage);
        Ok(reader.map(move |batch| batch.map_err(|error| damage.or(error))))
    }

    /// How the promoted columns are written, in their order.
    pub(super) fn spreads(&self) -> Result<Vec<Spread>, BlockReadError> {
        let (_, footer) = self.open()?;
        let spreads = self.promotion()?.uses().iter().map(|of| {
            let name = of.column.name();
            Spread::of_written(&name, &footer).ok_or_else(|| ReshapeError::NoColumn(name).into())
        });
        spreads.collect()
    }

    /// Which attributes are columns of their own in the Parquet file. Reads the footer, which is kept.
    pub fn promotion(&self) -> Result<&Promotion, BlockReadError> {
        if let Some(promotion) = self.promotion.get() {
            return Ok(promotion);
        }
        let (_, footer) = self.open()?;
        let entries = footer.metadata().file_metadata().key_value_metadata();
        let said = |key| entries.and_then(|entries| entries.iter().find(|entry| entry.key == key)?.value.as_deref());
        let promotion = said(PROMOTION_KEY).map_or(Ok(Promotion::default()), Promotion::from_text)?;
        let codec = said(RESIDUAL_KEY);
        if said(FORMAT_KEY) != Some(FORMAT) || codec.is_some_and(|codec| codec != RESIDUAL_CODEC) {
            return Err(BlockReadError::Format);
        }
        Ok(self.promotion.get_or_init(|| promotion))
    }

    /// The pages of the block's rows, in their order. Reads the footer, which is kept.
    pub fn pages(&self) -> Result<Vec<Page>, BlockReadError> {
        Ok(pages_of(self.meta.table, &self.open()?.1)?)
    }

    /// The rows in these ranges, which ascend, with these columns of the table in their order. Decodes only the pages
    /// that hold them, and of promoted attributes only those of the keys. Blocks the calling thread.
    pub fn read(
        &self,
        rows: &[Range<u32>],
        columns: &[&str],
        keys: AttributeKeys<'_>,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, BlockReadError>> + use<>, BlockReadError> {
        let (file, footer) = self.open()?;
        let total = footer.metadata().file_metadata().num_rows().unsigned_abs() as usize;
        // What RowSelection would panic on. An index that is whole, of another block.
        let ascend = rows.is_sorted_by(|a, b| a.end <= b.start) && rows.iter().all(|rows| rows.start < rows.end);
        if !ascend || rows.last().is_some_and(|last| last.end as usize > total) {
            let problem = "the index names rows that the block does not have";
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem).into());
        }
        let count: usize = rows.iter().map(ExactSizeIterator::len).sum();
        let (row_groups, selection) = select(&footer, rows);
        let table = self.meta.table;
        let mut reshaper = match keys {
            AttributeKeys::All => Reshaper::new(table, columns, self.promotion()?, &[])?,
            AttributeKeys::Of(keys) => Reshaper::of_keys(table, columns, self.promotion()?, keys)?,
        };
        let mask = mask(&footer, &reshaper.sources());
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, footer)
            .with_projection(mask)
            .with_row_groups(row_groups)
            .with_row_selection(selection)
            .with_batch_size(count.clamp(1, READ_ROWS))
            .build()?;
        let damage = Arc::clone(&self.damage);
        Ok(reader.map(move |batch| Ok(reshaper.reshape(&batch.map_err(|error| damage.or(error))?)?)))
    }

    /// The end of the Parquet file: where columns and pages lie and what is said of them. Read once and kept. Blocks
    /// the calling thread.
    pub fn footer(&self) -> Result<ArrowReaderMetadata, BlockReadError> {
        Ok(self.open()?.1)
    }

    fn open(&self) -> Result<(CheckedFile, ArrowReaderMetadata), BlockReadError> {
        let file = self.file()?;
        let footer = match self.footer.get() {
            Some(footer) => footer.clone(),
            None => {
                let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
                let footer = ArrowReaderMetadata::load(&file, options).map_err(|error| self.damage.or(error))?;
                self.footer.get_or_init(|| footer).clone()
            }
        };
        Ok((file, footer))
    }
}

/// The columns with these names, which may have dots in them.
fn mask(footer: &ArrowReaderMetadata, names: &[String]) -> ProjectionMask {
    let names: HashSet<&str> = names.iter().map(String::as_str).collect();
    let fields = footer.schema().fields().iter().enumerate();
    let roots = fields.filter(|(_, field)| names.contains(field.name().as_str())).map(|(root, _)| root);
    ProjectionMask::roots(footer.parquet_schema(), roots)
}

/// The row groups that hold any of these ranges of rows, which ascend, and the rows among those of these groups.
///
/// A reader that is given all row groups and told to skip most rows decodes every dictionary all the same.
fn select(footer: &ArrowReaderMetadata, rows: &[Range<u32>]) -> (Vec<usize>, RowSelection) {
    let (mut groups, mut ranges) = (Vec::new(), Vec::new());
    // Where the group begins, among all rows and among those selected.
    let (mut begin, mut selected) = (0, 0);
    for (index, group) in footer.metadata().row_groups().iter().enumerate() {
        let end = begin + group.num_rows() as usize;
        let rest = &rows[rows.partition_point(|rows| rows.end as usize <= begin)..];
        let inside = &rest[..rest.partition_point(|rows| (rows.start as usize) < end)];
        if !inside.is_empty() {
            groups.push(index);
            let cut = |rows: &Range<u32>| (rows.start as usize).max(begin)..(rows.end as usize).min(end);
            ranges
                .extend(inside.iter().map(cut).map(|rows| rows.start - begin + selected..rows.end - begin + selected));
            selected += end - begin;
        }
        begin = end;
    }
    (groups, RowSelection::from_consecutive_ranges(ranges.into_iter(), selected))
}

impl Drop for Block {
    fn drop(&mut self) {
        if !self.doomed.load(Ordering::Relaxed) {
            return;
        }
        for path in self.meta.paths() {
            let path = self.root.join(path);
            if let Err(error) = fail_point("block::unlink").and_then(|()| fs::remove_file(&path))
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
    use std::sync::Arc;

    use arrow::array::{ArrayRef, UInt32Array};
    use arrow::datatypes::UInt32Type;
    use bytes::Bytes;
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::WriterProperties;

    use super::*;

    /// Reads rows of 25 in row groups of ten; the groups touched must be these.
    #[track_caller]
    fn check(ranges: &[Range<u32>], groups: &[usize]) {
        let numbers: ArrayRef = Arc::new(UInt32Array::from_iter_values(0..25));
        let batch = RecordBatch::try_from_iter([("n", numbers)]).unwrap();
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(10)).build();
        let mut file = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();

        let file = Bytes::from(file);
        let footer = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).unwrap();
        let (touched, selection) = select(&footer, ranges);
        assert_eq!(touched, groups);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, footer)
            .with_row_groups(touched)
            .with_row_selection(selection)
            .build()
            .unwrap();
        let read: Vec<u32> =
            reader.flat_map(|batch| batch.unwrap().column(0).as_primitive::<UInt32Type>().values().to_vec()).collect();
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
}
