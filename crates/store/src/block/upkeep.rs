//! Whether the files of a block are what they should be, and making those again that follow from its rows.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use arrow::array::AsArray;

use super::checksums::Checksums;
use super::indexes::{self, IndexesWriter};
use super::trace_index::TraceIndexWriter;
use super::writer::write_durable;
use super::{Block, BlockReadError};

/// Rows that are read at once.
const BATCH_ROWS: usize = 8_192;

/// Looks after a block whose files lie under a folder of blocks. All of it blocks the calling thread.
#[derive(Debug)]
pub(crate) struct Upkeep<'a> {
    block: &'a Block,
    root: &'a Path,
}

impl<'a> Upkeep<'a> {
    /// Of a block under the folder of all blocks.
    pub(crate) fn new(block: &'a Block, root: &'a Path) -> Self {
        Self { block, root }
    }

    /// Whether the Parquet file is what was written, and has the rows that the catalog says.
    pub(crate) fn check_rows(&self) -> Result<(), BlockReadError> {
        self.block.verify()?;
        let (found, listed) = (self.block.footer()?.metadata().file_metadata().num_rows(), self.block.meta().rows);
        if found.unsigned_abs() != listed {
            return Err(BlockReadError::Damaged(format!("it has {found} rows, and {listed} in the catalog")));
        }
        Ok(())
    }

    /// Whether the file of checksums is what was written.
    pub(crate) fn check_checksums(&self) -> io::Result<()> {
        let meta = self.block.meta();
        let file = File::open(self.root.join(meta.checksums_path()))?;
        Checksums::read(file, meta.checksum, meta.bytes).map(|_| ())
    }

    /// Whether the trace index, where the table has one, is what its rows say. They are what was written.
    pub(crate) fn check_trace_index(&self) -> Result<(), BlockReadError> {
        if !self.block.meta().table.has_trace_id() {
            return Ok(());
        }
        let path = self.root.join(self.block.meta().trace_index_path());
        let expected = self.trace_index()?;
        let length = fs::metadata(&path)?.len();
        if length != expected.len() as u64 || fs::read(&path)? != expected {
            return Err(BlockReadError::Damaged("the trace index is not what the rows say".to_owned()));
        }
        Ok(())
    }

    /// The indexes of words that are not what was written.
    pub(crate) fn damaged_indexes(&self) -> Vec<(PathBuf, io::Error)> {
        indexes::damaged_indexes(self.root, self.block.meta())
    }

    /// Makes an index again from the rows, by its path under the folder of blocks.
    pub(crate) fn rebuild_index(&self, path: &Path) -> Result<(), BlockReadError> {
        if path == self.block.meta().trace_index_path() {
            return self.replace(path, &self.trace_index()?);
        }
        let meta = self.block.meta();
        let promoted = self.block.promotion()?.uses().iter().map(|of| of.column.clone()).collect();
        let Some(mut indexes) = IndexesWriter::create(self.root, meta, promoted)? else { return Ok(()) };
        indexes.index_text(self.root, meta, meta.rows)?;
        let columns: Vec<String> = meta.table.schema().fields().iter().map(|field| field.name().clone()).collect();
        for rows in self.block.read_stored(&columns, BATCH_ROWS)? {
            indexes.add(&rows?)?;
        }
        indexes.finish()?;
        File::open(self.root.join(meta.folder()))?.sync_all()?;
        Ok(())
    }

    /// Makes the file of checksums again, if that gives what the catalog says.
    pub(crate) fn rebuild_checksums(&self) -> Result<(), BlockReadError> {
        let meta = self.block.meta();
        let table = Checksums::of(&mut File::open(self.root.join(meta.parquet_path()))?)?.encode();
        if Checksums::seal(&table) != meta.checksum {
            return Err(BlockReadError::Damaged("the parquet file is not what was written".to_owned()));
        }
        self.replace(&meta.checksums_path(), &table)
    }

    fn trace_index(&self) -> Result<Vec<u8>, BlockReadError> {
        let mut index = TraceIndexWriter::default();
        for rows in self.block.read_batches(Some(&["trace_id"]), BATCH_ROWS)? {
            index.add(rows?.column(0).as_fixed_size_binary());
        }
        Ok(index.encode())
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), BlockReadError> {
        write_durable(&self.root.join(path), bytes)?;
        File::open(self.root.join(self.block.meta().folder()))?.sync_all()?;
        Ok(())
    }
}
