//! A block's name, what the catalog knows about it, and where its files are.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{Table, TenantId, UnixNanos};
use wal::Lsn;
use xxhash_rust::xxh3::Xxh3;

/// A block's name: unique in the store, never used again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(Arc<str>);

impl BlockId {
    /// The `ordinal`-th block of the flush that moved the floor to `floor`.
    ///
    /// A floor is reached once, so the name is unique; a flush that is repeated after a crash
    /// writes the same names over its own leftovers.
    pub(crate) fn of_flush(floor: Lsn, ordinal: usize) -> Self {
        Self(format!("{:016x}-{ordinal:04x}", floor.get()).into())
    }

    /// The block that takes the place of others.
    ///
    /// Named by its inputs and by the lease under which it is written, so that no two attempts write to the same file.
    /// The letter keeps these names apart from those of flushes.
    pub(crate) fn of_rewrite<'a>(inputs: impl Iterator<Item = &'a BlockId>, lease_token: u64) -> Self {
        let mut hasher = Xxh3::new();
        hasher.update(&lease_token.to_le_bytes());
        for input in inputs {
            hasher.update(input.as_str().as_bytes());
            hasher.update(b"\n");
        }
        Self(format!("c{:032x}", hasher.digest128()).into())
    }

    /// Which came first, as far as names tell: what was merged is older than what was flushed since, and flushes are
    /// numbered.
    pub fn in_order_of_arrival(&self, other: &Self) -> std::cmp::Ordering {
        // No floor is so far up that its first digit is the letter of what was merged.
        let is_of_flush = |id: &Self| !id.0.starts_with('c');
        is_of_flush(self).cmp(&is_of_flush(other)).then_with(|| self.cmp(other))
    }

    /// From the catalog.
    pub(crate) fn from_stored(id: String) -> Self {
        Self(id.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockId({})", self.0)
    }
}

/// What the catalog knows about a block.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockMeta {
    /// Its name.
    pub id: BlockId,
    /// Whose rows these are.
    pub tenant: TenantId,
    /// The table of the rows.
    pub table: Table,
    /// Start of the hour whose folder the block is in. Rows far from the present, and those of
    /// `series`, may lie outside it.
    pub hour: UnixNanos,
    /// Rows.
    pub rows: u64,
    /// Bytes of all its files.
    pub bytes: u64,
    /// Earliest row, inclusive.
    pub min_time: UnixNanos,
    /// Latest row, inclusive.
    pub max_time: UnixNanos,
    /// Of the table of the Parquet file's checksums, which begins the chain that ends at its bytes.
    pub checksum: u32,
}

impl BlockMeta {
    /// The folder of the block, relative to the folder of all blocks.
    pub fn folder(&self) -> PathBuf {
        folder_of(&self.tenant, self.table, self.hour)
    }

    /// Every file that the block may have, relative to the folder of all blocks.
    pub fn paths(&self) -> [PathBuf; 5] {
        [
            self.parquet_path(),
            self.checksums_path(),
            self.trace_index_path(),
            self.word_filter_path(),
            self.text_index_path(),
        ]
    }

    /// The Parquet file, relative to the folder of all blocks.
    pub fn parquet_path(&self) -> PathBuf {
        self.folder().join(format!("{}.parquet", self.id))
    }

    /// The checksums of the Parquet file, relative to the folder of all blocks.
    pub fn checksums_path(&self) -> PathBuf {
        self.folder().join(format!("{}.sums", self.id))
    }

    /// The trace index, relative to the folder of all blocks. Only tables with trace ids have one.
    pub fn trace_index_path(&self) -> PathBuf {
        self.folder().join(format!("{}.traces", self.id))
    }

    /// The word filter, relative to the folder of all blocks. Only tables with text have one.
    pub fn word_filter_path(&self) -> PathBuf {
        self.folder().join(format!("{}.words", self.id))
    }

    /// The text index, relative to the folder of all blocks. Only large merged blocks of logs have one.
    pub fn text_index_path(&self) -> PathBuf {
        self.folder().join(format!("{}.text", self.id))
    }
}

/// The folder of the blocks of one tenant, table and hour, relative to the folder of all blocks.
pub(super) fn folder_of(tenant: &TenantId, table: Table, hour: UnixNanos) -> PathBuf {
    let hour = hour.to_string();
    Path::new(tenant.as_str()).join(table.name()).join(&hour[..10]).join(&hour[11..13])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blocks_files_are_found_by_tenant_table_and_hour() {
        let meta = BlockMeta {
            id: BlockId::of_flush(Lsn::new(0x2a), 3),
            tenant: TenantId::default_tenant(),
            table: Table::Spans,
            hour: UnixNanos::new(1_795_500_000_000_000_000).hour(),
            rows: 1,
            bytes: 1,
            min_time: UnixNanos::new(0),
            max_time: UnixNanos::new(0),
            checksum: 0,
        };
        let path = meta.parquet_path();
        assert_eq!(path, Path::new("default/spans/2026-11-24/06/000000000000002a-0003.parquet"));
    }
}
