//! Flush: the memtable becomes blocks, and the write-ahead log may forget it.
//!
//! ```text
//! freeze → sort → write block files, sync files and folders
//!        → ONE catalog commit {add blocks, wal floor} → swap snapshot → delete log files up to the floor
//! ```
//!
//! A crash before the commit leaves files that nobody lists; the log still has the rows. A crash after
//! it replays nothing that is in blocks. So each frame ends in exactly one committed set of blocks.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use model::UnixNanos;
use tokio::sync::Mutex;
use tracing::info;
use wal::Lsn;

use crate::block::{
    Block, BlockId, BlockMeta, BlockWriteError, HourPolicy, NewBlock, merge_blocks, place_rows, remove_leftovers,
    write_placed,
};
use crate::catalog::{Catalog, CatalogSeq, Edit};
use crate::error::{StoreError, StoreErrorKind};
use crate::memtable::Memtable;
use crate::shared::Shared;
use crate::snapshot::Snapshot;

/// Writes memtables to blocks and keeps the catalog's history. One flush or edit runs at a time.
#[derive(Debug)]
pub(crate) struct Flusher {
    pub(crate) shared: Arc<Shared>,
    pub(crate) catalog: Arc<dyn Catalog>,
    /// The folder of all blocks.
    pub(crate) root: PathBuf,
    pub(crate) retention: Duration,
    /// The newest commit, held while something is being committed; `None` when the last one failed, since
    /// it may have happened all the same.
    pub(crate) seq: Mutex<Option<CatalogSeq>>,
}

/// What a flush did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flushed {
    /// Rows written.
    pub rows: u64,
    /// Blocks they went into.
    pub blocks: usize,
    /// The new floor of the write-ahead log.
    pub floor: Lsn,
}

/// What a compaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// Rows in the merged block.
    pub rows: u64,
    /// Blocks that it replaced.
    pub inputs: usize,
    /// Bytes of its files.
    pub bytes: u64,
}

impl Flusher {
    /// Writes what is in memory to blocks; `None` when there is nothing.
    ///
    /// After an error the rows stay in memory and in the log, and the next flush tries again. Must run to
    /// its end: another flush would write to the files that this one's blocking part goes on writing.
    pub(crate) async fn flush(&self) -> Result<Option<Flushed>, StoreError> {
        let mut seq = self.seq.lock().await;
        self.settle(&mut seq).await?;
        let Some(memtable) = self.shared.freeze() else { return Ok(None) };
        let floor = memtable.last_lsn();
        let (root, retention) = (self.root.clone(), self.retention);
        let metas = tokio::task::spawn_blocking(move || write_memtable(&root, &memtable, retention))
            .await
            .map_err(|error| StoreError::caused(StoreErrorKind::Io, "the flush was interrupted", error))?
            .map_err(|error| StoreError::caused(StoreErrorKind::Io, "cannot write blocks", error))?;
        let flushed = Flushed { rows: metas.iter().map(|meta| meta.rows).sum(), blocks: metas.len(), floor };
        let edit = Edit { add: metas, wal_floor: Some(floor), ..Edit::default() };
        let committed = self.commit(&mut seq, &edit).await?;
        let blocks = edit.add.into_iter().map(|meta| Arc::new(Block::new(meta, &self.root))).collect();
        self.shared.thaw_into(committed, blocks);
        info!(rows = flushed.rows, blocks = flushed.blocks, floor = floor.get(), "flushed the memtable");
        Ok(Some(flushed))
    }

    /// Merges the blocks that `choose` picks from the newest snapshot into one; `None` when it picks none.
    ///
    /// Merging runs beside flushes; only the commit waits for them. An input that was retired meanwhile
    /// makes the commit fail, and the merged block is a leftover for the next start to sweep.
    pub(crate) async fn compact(
        &self,
        choose: impl FnOnce(&Snapshot) -> Option<Vec<Arc<Block>>>,
    ) -> Result<Option<Compacted>, StoreError> {
        let Some(inputs) = choose(&self.shared.snapshot()) else { return Ok(None) };
        let first = inputs[0].meta();
        let id = BlockId::of_compaction(inputs.iter().map(|input| &input.meta().id));
        let block = NewBlock { id, tenant: first.tenant.clone(), table: first.table, hour: first.hour };
        let (root, sources) = (self.root.clone(), inputs.clone());
        let merged = tokio::task::spawn_blocking(move || merge_blocks(&root, block, &sources))
            .await
            .map_err(|error| StoreError::caused(StoreErrorKind::Io, "the compaction was interrupted", error))?
            .map_err(|error| StoreError::caused(error.kind(), "cannot merge blocks", error))?;

        let mut seq = self.seq.lock().await;
        self.settle(&mut seq).await?;
        let remove = inputs.iter().map(|input| input.meta().id.clone()).collect();
        let compacted = Compacted { rows: merged.rows, inputs: inputs.len(), bytes: merged.bytes };
        let edit = Edit { add: vec![merged.clone()], remove, wal_floor: None };
        let committed = self.commit(&mut seq, &edit).await?;
        self.shared.replace(committed, &edit.remove, Some(Arc::new(Block::new(merged, &self.root))));
        Ok(Some(compacted))
    }

    /// Takes the blocks of hours before `oldest` out of the catalog, then out of service. Returns how many.
    pub(crate) async fn retire_before(&self, oldest: UnixNanos) -> Result<usize, StoreError> {
        let mut seq = self.seq.lock().await;
        self.settle(&mut seq).await?;
        let snapshot = self.shared.snapshot();
        let expired = snapshot.all_blocks().map(|block| block.meta()).filter(|meta| meta.hour < oldest);
        let edit = Edit { remove: expired.map(|meta| meta.id.clone()).collect(), ..Edit::default() };
        if edit.remove.is_empty() {
            return Ok(0);
        }
        let committed = self.commit(&mut seq, &edit).await?;
        self.shared.retire(committed, &edit.remove);
        info!(blocks = edit.remove.len(), before = %oldest, "deleted blocks older than the retention");
        Ok(edit.remove.len())
    }

    /// Commits on top of a settled history.
    async fn commit(&self, seq: &mut Option<CatalogSeq>, edit: &Edit) -> Result<CatalogSeq, StoreError> {
        let expected = seq.take().expect("settled before each commit");
        let committed = self.catalog.commit(edit, expected).await?;
        *seq = Some(committed);
        Ok(committed)
    }

    /// After a commit that failed, brings the snapshot in line with what the catalog says.
    ///
    /// An error does not tell whether the commit is durable. If it is, its blocks take the place of the
    /// memtable now: a second try would write over files that the catalog lists.
    async fn settle(&self, seq: &mut Option<CatalogSeq>) -> Result<(), StoreError> {
        if seq.is_none() {
            let state = self.catalog.load().await?;
            self.shared.settle(&state, &self.root);
            *seq = Some(state.seq);
        }
        Ok(())
    }
}

fn write_memtable(
    root: &std::path::Path,
    memtable: &Memtable,
    retention: Duration,
) -> Result<Vec<BlockMeta>, BlockWriteError> {
    let Some(now) = memtable.newest_receipt() else { return Ok(Vec::new()) };
    let (mut metas, mut begun) = (Vec::new(), Vec::new());
    for ((tenant, table), batches) in memtable.tables() {
        let placed = place_rows(*table, batches, HourPolicy { now, retention });
        for rows in placed.chunk_by(|a, b| a.hour == b.hour) {
            let id = BlockId::of_flush(memtable.last_lsn(), metas.len());
            let block = NewBlock { id, tenant: tenant.clone(), table: *table, hour: rows[0].hour };
            begun.push(block.clone());
            match write_placed(root, block, batches, rows) {
                Ok(meta) => metas.push(meta),
                Err(error) => {
                    begun.iter().for_each(|block| remove_leftovers(root, block));
                    return Err(error);
                }
            }
        }
    }
    Ok(metas)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use arrow::array::{ArrayRef, RecordBatch, TimestampNanosecondArray, UInt64Array, new_null_array};
    use arrow::datatypes::{DataType, Field};
    use model::{Batch, Table, TenantId};

    use super::*;
    use crate::catalog::{Fault, UnreliableCatalog};
    use crate::shared::Rows;

    const NOW: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);

    fn flusher(root: &std::path::Path, faults: &[Fault]) -> Flusher {
        Flusher {
            shared: Arc::default(),
            catalog: Arc::new(UnreliableCatalog::new(faults)),
            root: root.to_owned(),
            retention: Duration::from_secs(86_400),
            seq: Mutex::new(Some(CatalogSeq::new(0))),
        }
    }

    /// So many rows of `metric_numbers`, empty but for what a flush looks at.
    fn batch(rows: usize) -> Batch {
        let table = Table::MetricNumbers;
        let zeros = |field: &Field| match field.data_type() {
            DataType::UInt64 => Arc::new(UInt64Array::from(vec![0; rows])) as ArrayRef,
            DataType::Timestamp(..) => {
                Arc::new(TimestampNanosecondArray::from(vec![NOW.get(); rows]).with_timezone("UTC"))
            }
            DataType::UInt32 => Arc::new(arrow::array::UInt32Array::from(vec![0; rows])),
            DataType::Utf8View => Arc::new(arrow::array::StringViewArray::from(vec!["m"; rows])),
            other => new_null_array(other, rows),
        };
        let columns = table.schema().fields().iter().map(|field| zeros(field)).collect();
        Batch { table, rows: RecordBatch::try_new(table.schema(), columns).unwrap() }
    }

    fn append(flusher: &Flusher, lsn: u64, rows: usize) {
        let tenant = TenantId::default_tenant();
        flusher.shared.publish([(Lsn::new(lsn), NOW, Rows { tenant, batches: vec![batch(rows)] })]);
    }

    /// Rows in memory and in blocks, as a snapshot shows them.
    fn seen(flusher: &Flusher) -> (u64, u64) {
        let snapshot = flusher.shared.snapshot();
        (snapshot.live_rows(Table::MetricNumbers), snapshot.all_blocks().map(|block| block.meta().rows).sum())
    }

    #[tokio::test]
    async fn rows_stay_in_one_place_through_every_failure_of_the_catalog() {
        use Fault::{AfterCommit, BeforeCommit, Load};
        // Faults, and what each attempt leaves in memory and in blocks. Rows come in before the first and the second.
        type Case<'a> = (&'a [Fault], &'a [(bool, u64, u64)]);
        let cases: &[Case<'_>] = &[
            (&[], &[(true, 0, 3), (true, 0, 8)]),
            (&[BeforeCommit], &[(false, 3, 0), (true, 5, 3), (true, 0, 8)]),
            (&[BeforeCommit, BeforeCommit], &[(false, 3, 0), (false, 8, 0), (true, 5, 3), (true, 0, 8)]),
            (&[AfterCommit], &[(false, 3, 0), (true, 0, 8), (true, 0, 8)]),
            (&[AfterCommit, Load], &[(false, 3, 0), (false, 8, 0), (true, 0, 8)]),
            (&[BeforeCommit, Load], &[(false, 3, 0), (false, 8, 0), (true, 5, 3), (true, 0, 8)]),
        ];
        for (faults, attempts) in cases {
            let folder = tempfile::tempdir().unwrap();
            let flusher = flusher(folder.path(), faults);
            append(&flusher, 1, 3);
            for (attempt, (succeeds, live, stored)) in attempts.iter().enumerate() {
                if attempt == 1 {
                    append(&flusher, 2, 5);
                }
                let flushed = flusher.flush().await;
                assert_eq!(flushed.is_ok(), *succeeds, "{faults:?} attempt {attempt}: {flushed:?}");
                assert_eq!(seen(&flusher), (*live, *stored), "{faults:?} attempt {attempt}");
            }
            let catalog = flusher.catalog.load().await.unwrap();
            assert_eq!((catalog.wal_floor, catalog.blocks.len()), (Lsn::new(2), 2), "{faults:?}");
            for block in flusher.shared.snapshot().all_blocks() {
                block.verify().unwrap();
            }
        }
    }

    #[tokio::test]
    async fn a_block_whose_removal_was_reported_as_failed_is_gone_at_the_next_chance() {
        for fault in [Fault::BeforeCommit, Fault::AfterCommit] {
            let folder = tempfile::tempdir().unwrap();
            let catalog = Arc::new(UnreliableCatalog::new(&[]));
            let flusher = Flusher { catalog: Arc::clone(&catalog) as Arc<dyn Catalog>, ..flusher(folder.path(), &[]) };
            append(&flusher, 1, 3);
            flusher.flush().await.unwrap();
            let file = folder.path().join(flusher.shared.snapshot().all_blocks().next().unwrap().meta().parquet_path());

            catalog.will_fail(fault);
            flusher.retire_before(UnixNanos::MAX).await.unwrap_err();
            assert!(seen(&flusher) == (0, 3) && fs::exists(&file).unwrap(), "{fault:?}");
            flusher.retire_before(UnixNanos::MAX).await.unwrap();
            assert!(seen(&flusher) == (0, 0) && !fs::exists(&file).unwrap(), "{fault:?}");
        }
    }
}
