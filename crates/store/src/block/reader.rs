//! A live block: its rows by trace id, and its files' end.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use arrow::array::{AsArray, FixedSizeBinaryArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::Schema;
use model::{DamagedPromotion, Necessary, PROMOTION_KEY, Promotion, RESIDUAL_CODEC, TraceId};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::PageIndexPolicy;
use tracing::warn;
use wal::fail_point;

use super::BlockMeta;
use super::bloom::may_have_in;
use super::checked_file::CheckedFile;
use super::checksums::Checksums;
use super::chosen_column::Spread;
use super::damage::Damage;
use super::indexes::Candidates;
use super::pages::{Page, pages_of};
use super::promoted_index::PromotedIndex;
use super::reshaper::{ReshapeError, Reshaper};
use super::selected_rows::SelectedRows;
use super::trace_filter::TraceFilter;
use super::trace_index::{TraceIndex, trace_hash};
use super::writer::{FORMAT, FORMAT_KEY, RESIDUAL_KEY};

const TRACE_ID: &str = "trace_id";

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

    /// The rows of the trace, at most `limit`. Decodes the trace ids of the pages that may hold them, and then, of the
    /// pages that do, what their index does not tell. Blocks the calling thread.
    pub fn rows_of_trace(&self, trace_id: TraceId, limit: usize) -> Result<Option<RecordBatch>, BlockReadError> {
        let schema = self.meta.table.schema();
        let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        self.columns_of_trace(trace_id, &columns, limit)
    }

    /// Which of the traces the block may have, by its filter alone: one that is ruled out it certainly has not. Opens the
    /// index once, however many are asked for. Blocks the calling thread.
    pub fn may_have_traces(&self, traces: &[TraceId]) -> Result<Vec<bool>, BlockReadError> {
        let hashes = traces.iter().map(|id| trace_hash(id.as_bytes()));
        if let Some(filter) = self.trace_filter.kept() {
            return Ok(hashes.map(|hash| may_have_in(filter, hash)).collect());
        }
        let index = TraceIndex::open(File::open(self.root.join(self.meta.trace_index_path()))?)?;
        self.trace_filter.keep(&index)?;
        let filter = index.read_filter()?;
        Ok(hashes.map(|hash| may_have_in(&filter, hash)).collect())
    }

    /// The same as [`Self::rows_of_trace`] with these columns alone, among which is `trace_id`.
    pub fn columns_of_trace(
        &self,
        trace_id: TraceId,
        columns: &[&str],
        limit: usize,
    ) -> Result<Option<RecordBatch>, BlockReadError> {
        if self.trace_filter.rules_out(trace_hash(trace_id.as_bytes())) {
            return Ok(None);
        }
        let index = TraceIndex::open(File::open(self.root.join(self.meta.trace_index_path()))?)?;
        self.trace_filter.keep(&index)?;
        let rows = self.rows_with_id(trace_id, index.rows_of(trace_id)?, limit)?;
        if rows.is_empty() {
            return Ok(None);
        }
        let id = columns.iter().position(|name| *name == TRACE_ID);
        let id = id.ok_or_else(|| ParquetError::General("the trace id was not asked for".to_owned()))?;
        let all = self.meta.table.schema();
        let fields = columns.iter().map(|name| all.field_with_name(name).cloned());
        let schema = Arc::new(Schema::new(fields.collect::<Result<Vec<_>, _>>()?));
        let mut columns = columns.to_vec();
        columns.remove(id);
        let mut batches = Vec::new();
        for batch in self.read(&rows, &columns, AttributeKeys::All)? {
            let batch = batch?;
            let ids = std::iter::repeat_n(trace_id.as_bytes(), batch.num_rows());
            let mut columns = batch.columns().to_vec();
            columns.insert(id, Arc::new(FixedSizeBinaryArray::try_from_iter(ids)?));
            batches.push(RecordBatch::try_new(Arc::clone(&schema), columns)?);
        }
        Ok(Some(concat_batches(&schema, &batches)?))
    }

    /// Those of the rows that have the trace id, at most `limit`. Decodes nothing else of them.
    fn rows_with_id(
        &self,
        trace_id: TraceId,
        mut stretches: Vec<Range<u32>>,
        limit: usize,
    ) -> Result<Vec<Range<u32>>, BlockReadError> {
        // Stretches are told as if the block went on.
        let end = u32::try_from(self.meta.rows).unwrap_or(u32::MAX);
        stretches.last_mut().into_iter().for_each(|last| last.end = last.end.min(end));
        let mut found: Vec<Range<u32>> = Vec::new();
        if stretches.is_empty() {
            return Ok(found);
        }
        let (mut numbers, mut left) = (stretches.iter().cloned().flatten(), limit);
        for batch in self.read(&stretches, &[TRACE_ID], AttributeKeys::All)? {
            let batch = batch?;
            let ids = batch.column(0).as_fixed_size_binary_opt();
            let ids = ids.ok_or_else(|| ParquetError::General("trace ids are of another type".to_owned()))?;
            for (id, row) in ids.iter().zip(&mut numbers) {
                if left == 0 {
                    return Ok(found);
                }
                if id != Some(trace_id.as_bytes()) {
                    continue;
                }
                left -= 1;
                match found.last_mut() {
                    Some(last) if last.end == row => last.end += 1,
                    _ => found.push(row..row + 1),
                }
            }
        }
        Ok(found)
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
        let table = self.meta.table;
        let mut reshaper = match keys {
            AttributeKeys::All => Reshaper::new(table, columns, self.promotion()?, &[])?,
            AttributeKeys::Of(keys) => Reshaper::of_keys(table, columns, self.promotion()?, keys)?,
        };
        let selected = SelectedRows::new(file, footer, rows, &reshaper.sources());
        let damage = Arc::clone(&self.damage);
        Ok(selected.map(move |batch| Ok(reshaper.reshape(&batch.map_err(|error| damage.or(error))?)?)))
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
