//! Flush: the memtable becomes blocks, and the write-ahead log may forget it.
//!
//! ```text
//! freeze → digest → sort → write block files, sync files and folders
//!        → ONE catalog commit {add blocks, wal floor} → swap snapshot → delete log files up to the floor
//! ```
//!
//! A crash before the commit leaves files that nobody lists; the log still has the rows. A crash after
//! it replays nothing that is in blocks. So each frame ends in exactly one committed set of blocks.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use arrow::array::RecordBatch;
use model::{Batch, Signal, Table, TenantId, UnixNanos};
use tokio::sync::Mutex;
use tracing::info;
use wal::{Lsn, crash_point, fail_point};

use crate::block::{
    Block, BlockId, BlockMeta, BlockWriteError, HourPolicy, NewBlock, PlacedRow, file_under, place_rows,
    remove_leftovers, write_placed,
};
use crate::catalog::{Catalog, CatalogError, CatalogSeq, Edit};
use crate::digest::Telemetry;
use crate::error::{StoreError, StoreErrorKind};
use crate::lull::Lulls;
use crate::memtable::Memtable;
use crate::retention::{Retention, Trimmer};
use crate::rewrite;
use crate::shared::Shared;

/// Writes memtables to blocks and keeps the catalog's history. One flush or edit runs at a time.
#[derive(Debug)]
pub(crate) struct Flusher {
    pub(crate) shared: Arc<Shared>,
    pub(crate) catalog: Arc<dyn Catalog>,
    /// The folder of all blocks.
    pub(crate) root: PathBuf,
    pub(crate) retention: Arc<Retention>,
    pub(crate) trimmer: Arc<std::sync::Mutex<Trimmer>>,
    pub(crate) telemetry: Telemetry,
    pub(crate) lulls: std::sync::Mutex<Lulls>,
    /// Blocks written in the place of others by a commit of which nobody knows whether it happened.
    pub(crate) doubtful: std::sync::Mutex<Vec<BlockMeta>>,
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

impl Flusher {
    /// Writes what is in memory to blocks; `None` when there is nothing.
    ///
    /// After an error the rows stay in memory and in the log, and the next flush tries again. Must run to
    /// its end: another flush would write to the files that this one's blocking part goes on writing.
    pub(crate) async fn flush(&self) -> Result<Option<Flushed>, StoreError> {
        let mut seq = self.seq.lock().await;
        self.settle(&mut seq).await?;
        let Some(memtable) = self.shared.freeze() else { return Ok(None) };
        crash_point("flush::frozen");
        let floor = memtable.last_lsn();
        let (root, retention) = (self.root.clone(), Arc::clone(&self.retention));
        let (telemetry, older) = (self.telemetry.clone(), self.shared.snapshot());
        let write = move || {
            let digests = telemetry.digests(&memtable, &older);
            write_memtable(&root, &memtable, &digests, &retention)
        };
        let metas = tokio::task::spawn_blocking(write)
            .await
            .map_err(|error| StoreError::caused(StoreErrorKind::Io, "the flush was interrupted", error))?
            .map_err(|error| StoreError::caused(StoreErrorKind::Io, "cannot write blocks", error))?;
        crash_point("flush::written");
        let flushed = Flushed { rows: metas.iter().map(|meta| meta.rows).sum(), blocks: metas.len(), floor };
        let edit = Edit { add: metas, wal_floor: Some(floor), ..Edit::default() };
        let committed = self.commit(&mut seq, &edit).await?;
        let blocks = edit.add.into_iter().map(|meta| Arc::new(Block::new(meta, &self.root))).collect();
        crash_point("flush::publish");
        self.shared.thaw_into(committed, blocks);
        crash_point("flush::published");
        info!(rows = flushed.rows, blocks = flushed.blocks, floor = floor.get(), "flushed the memtable");
        Ok(Some(flushed))
    }

    /// Commits on top of a settled history.
    pub(crate) async fn commit(&self, seq: &mut Option<CatalogSeq>, edit: &Edit) -> Result<CatalogSeq, CatalogError> {
        let expected = seq.take().expect("settled before each commit");
        fail_point("catalog::commit").map_err(|error| CatalogError::Database(error.into()))?;
        let committed = self.catalog.commit(edit, expected).await?;
        fail_point("catalog::committed").map_err(|error| CatalogError::Database(error.into()))?;
        *seq = Some(committed);
        Ok(committed)
    }

    /// After a commit that failed, brings the snapshot in line with what the catalog says.
    ///
    /// An error does not tell whether the commit is durable. If it is, its blocks take the place of the
    /// memtable now: a second try would write over files that the catalog lists.
    pub(crate) async fn settle(&self, seq: &mut Option<CatalogSeq>) -> Result<(), StoreError> {
        if seq.is_none() {
            fail_point("catalog::load").map_err(|error| CatalogError::Database(error.into()))?;
            let state = self.catalog.load().await?;
            self.shared.settle(&state, &self.root);
            let mut doubtful = std::mem::take(&mut *self.doubtful.lock().unwrap_or_else(PoisonError::into_inner));
            doubtful.retain(|meta| state.blocks.iter().all(|live| live.id != meta.id));
            rewrite::discard(&self.root, doubtful);
            *seq = Some(state.seq);
        }
        Ok(())
    }
}

/// Writes the memtable, and what was worked out of it, as blocks.
fn write_memtable(
    root: &Path,
    memtable: &Memtable,
    digests: &[(TenantId, Vec<Batch>)],
    retention: &Retention,
) -> Result<Vec<BlockMeta>, BlockWriteError> {
    let Some(now) = memtable.newest_receipt() else { return Ok(Vec::new()) };
    let mut blocks = NewBlocks { root, lsn: memtable.last_lsn(), metas: Vec::new(), begun: Vec::new() };
    // What is described comes before what describes it: `series` is after its tenant's points.
    let mut newest_point: Option<(&TenantId, UnixNanos)> = None;
    for ((tenant, table), batches) in memtable.tables() {
        let mut placed = place_rows(*table, batches, HourPolicy { now, retention: retention.longest(tenant) });
        if table.signal() == Signal::Metrics {
            let points = newest_point.filter(|(of, _)| *of == tenant).map(|(_, hour)| hour);
            let newest = placed.last().map(|row| row.hour).max(points);
            newest_point = newest.map(|hour| (tenant, hour));
            if let (Table::Series, Some(newest)) = (table, newest) {
                // A series must not expire before its points, of which some may be of later hours than the first.
                file_under(&mut placed, newest);
            }
        }
        blocks.write((tenant, *table), batches, &placed)?;
    }
    for (tenant, digests) in digests {
        for Batch { table, rows } in digests {
            let batches = [Arc::new(rows.clone())];
            let placed = place_rows(*table, &batches, HourPolicy { now, retention: retention.longest(tenant) });
            blocks.write((tenant, *table), &batches, &placed)?;
        }
    }
    Ok(blocks.metas)
}

/// The blocks of one flush, as they are written.
struct NewBlocks<'a> {
    root: &'a Path,
    lsn: Lsn,
    metas: Vec<BlockMeta>,
    begun: Vec<NewBlock>,
}

impl NewBlocks<'_> {
    /// Writes one block for each hour. After an error no file of any of them is left.
    fn write(
        &mut self,
        (tenant, table): (&TenantId, Table),
        batches: &[Arc<RecordBatch>],
        placed: &[PlacedRow],
    ) -> Result<(), BlockWriteError> {
        for rows in placed.chunk_by(|a, b| a.hour == b.hour) {
            let id = BlockId::of_flush(self.lsn, self.metas.len());
            let block = NewBlock { id, tenant: tenant.clone(), table, hour: rows[0].hour };
            self.begun.push(block.clone());
            match write_placed(self.root, block, batches, rows) {
                Ok(meta) => self.metas.push(meta),
                Err(error) => {
                    self.begun.iter().for_each(|block| remove_leftovers(self.root, block));
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use arrow::array::{ArrayRef, RecordBatch, TimestampNanosecondArray, UInt64Array, new_null_array};
    use arrow::datatypes::{DataType, Field};
    use model::{Batch, Table, TenantId};

    use super::*;
    use crate::catalog::{Fault, UnreliableCatalog};
    use crate::retention::RetentionRules;
    use crate::shared::Rows;

    const NOW: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);

    fn flusher(root: &std::path::Path, faults: &[Fault]) -> Flusher {
        Flusher {
            shared: Arc::default(),
            catalog: Arc::new(UnreliableCatalog::new(faults)),
            root: root.to_owned(),
            retention: Arc::new(Retention::new(Duration::from_secs(86_400), RetentionRules::default())),
            trimmer: Arc::default(),
            telemetry: Telemetry::decoding(Arc::new(|_| Ok(Vec::new()))),
            lulls: std::sync::Mutex::default(),
            doubtful: std::sync::Mutex::default(),
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
            flusher.remove_expired(UnixNanos::MAX).await.unwrap_err();
            assert!(seen(&flusher) == (0, 3) && fs::exists(&file).unwrap(), "{fault:?}");
            flusher.remove_expired(UnixNanos::MAX).await.unwrap();
            assert!(seen(&flusher) == (0, 0) && !fs::exists(&file).unwrap(), "{fault:?}");
        }
    }
}
