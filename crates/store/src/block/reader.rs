//! A live block: its rows by trace id, and its files' end.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use model::TraceId;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::PageIndexPolicy;
use tracing::warn;

use super::BlockMeta;
use super::trace_index::TraceIndex;

/// A block that queries may read. Its files stay as long as anyone holds it.
#[derive(Debug)]
pub struct Block {
    meta: BlockMeta,
    root: PathBuf,
    /// Set when the catalog no longer lists the block: the last holder removes the files.
    doomed: AtomicBool,
    footer: OnceLock<ArrowReaderMetadata>,
}

/// Why a block could not be read. The answer must say that it is missing.
#[derive(Debug, thiserror::Error)]
pub enum BlockReadError {
    /// A file is missing, short, or cannot be read.
    #[error("cannot read a file of the block")]
    Io(#[from] io::Error),
    /// The Parquet file is damaged.
    #[error("the block's parquet file is damaged")]
    Parquet(#[from] ParquetError),
    /// The decoded columns do not fit together.
    #[error("the block's columns do not fit together")]
    Arrow(#[from] arrow::error::ArrowError),
}

impl Block {
    /// A block whose files lie under `root`, the folder of all blocks.
    pub(crate) fn new(meta: BlockMeta, root: &Path) -> Self {
        Self { meta, root: root.to_owned(), doomed: AtomicBool::new(false), footer: OnceLock::new() }
    }

    /// What the catalog knows about it.
    pub fn meta(&self) -> &BlockMeta {
        &self.meta
    }

    /// The rows of the trace. Reads only the pages that hold them. Blocks the calling thread.
    pub fn rows_of_trace(&self, trace_id: TraceId) -> Result<Option<RecordBatch>, BlockReadError> {
        let index = TraceIndex::open(File::open(self.root.join(self.meta.trace_index_path()))?)?;
        let rows = index.rows_of(trace_id)?;
        if rows.is_empty() {
            return Ok(None);
        }
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
        let total = self.meta.rows as usize;
        let ranges = rows.iter().map(|row| *row as usize..*row as usize + 1).filter(|range| range.end <= total);
        let selection = RowSelection::from_consecutive_ranges(ranges, total);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, footer)
            .with_row_selection(selection)
            .with_batch_size(rows.len().clamp(1, 8_192))
            .build()?;
        let schema = self.meta.table.schema();
        let batches = reader.map(|batch| batch?.with_schema(Arc::clone(&schema))).collect::<Result<Vec<_>, _>>()?;
        Ok(concat_batches(&schema, &batches)?)
    }
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
