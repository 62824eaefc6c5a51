//! Rewriting the blocks of a partition: what merging and trimming have in common.
//!
//! ```text
//! lease → write new blocks → ONE catalog commit {add, remove} under the lease → swap snapshot → lease back
//! ```
//!
//! New blocks are named by what they replace and by the lease, so no two attempts write to the same file. What does
//! not become live is removed at once, or, where the outcome of a commit is unknown, as soon as it is known.

use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use model::UnixNanos;
use tracing::warn;
use wal::crash_point;

use crate::block::{Block, BlockId, BlockMeta, MergeError, NewBlock, remove_leftovers};
use crate::catalog::{CatalogError, Edit, Lease, LeaseHolder, LeaseTerm, Partition};
use crate::error::{StoreError, StoreErrorKind};
use crate::flush::Flusher;
use crate::snapshot::Snapshot;

/// How long a partition is held at a time: several times as long as it takes to write the largest block.
const LEASE_TERM: Duration = Duration::from_secs(10 * 60);

/// A partition that is being rewritten.
#[derive(Debug)]
pub(crate) struct Rewrite<'a> {
    flusher: &'a Flusher,
    lease: Lease,
    /// When it began, by the clock that `now` was read from and by one that never jumps.
    begun: (UnixNanos, Instant),
}

impl<'a> Rewrite<'a> {
    /// Takes the partition; `None` while somebody else has it.
    pub(crate) async fn begin(
        flusher: &'a Flusher,
        partition: &Partition,
        holder: LeaseHolder,
        now: UnixNanos,
    ) -> Result<Option<Self>, StoreError> {
        let term = LeaseTerm { now, expires: now.plus(LEASE_TERM) };
        let lease = flusher.catalog.acquire_lease(partition, holder, term).await?;
        Ok(lease.map(|lease| Self { flusher, lease, begun: (now, Instant::now()) }))
    }

    /// Whether the blocks are live, now that nobody else rewrites them.
    pub(crate) fn are_live(&self, inputs: &[Arc<Block>]) -> bool {
        let snapshot = self.flusher.shared.snapshot();
        inputs.iter().all(|input| snapshot.has(input.meta()))
    }

    /// Writes one block in the place of the inputs. The lease is renewed before, since others may have been written.
    pub(crate) async fn write(
        &self,
        inputs: Vec<Arc<Block>>,
        write: impl FnOnce(&Path, NewBlock, &[Arc<Block>]) -> Result<BlockMeta, MergeError> + Send + 'static,
    ) -> Result<BlockMeta, StoreError> {
        let (now, instant) = self.begun;
        let expires = now.plus(instant.elapsed()).plus(LEASE_TERM);
        self.flusher.catalog.renew_lease(&self.lease, expires).await?;
        let Partition { tenant, table, hour } = self.lease.partition.clone();
        let id = BlockId::of_rewrite(inputs.iter().map(|input| &input.meta().id), self.lease.token);
        let block = NewBlock { id, tenant, table, hour };
        let leftover = block.clone();
        let root = self.flusher.root.clone();
        let written = tokio::task::spawn_blocking(move || write(&root, block, &inputs)).await.map_err(|error| {
            StoreError::caused(StoreErrorKind::Io, "the rewriting of blocks was interrupted", error)
        })?;
        written.map_err(|error| {
            // A disk that is full needs the room more than anybody needs half a block.
            remove_leftovers(&self.flusher.root, &leftover);
            StoreError::caused(error.kind(), "cannot rewrite blocks", error)
        })
    }

    /// Puts the outputs in the place of the inputs; `false` if an input is not live any more or the snapshot does not
    /// suit, and then nothing has changed.
    pub(crate) async fn commit(
        &self,
        inputs: &[Arc<Block>],
        outputs: Vec<BlockMeta>,
        suits: impl FnOnce(&Snapshot) -> bool,
    ) -> Result<bool, StoreError> {
        let flusher = self.flusher;
        let mut seq = flusher.seq.lock().await;
        if let Err(error) = flusher.settle(&mut seq).await {
            self.discard(outputs);
            return Err(error);
        }
        let snapshot = flusher.shared.snapshot();
        if !inputs.iter().all(|input| snapshot.has(input.meta())) || !suits(&snapshot) {
            self.discard(outputs);
            return Ok(false);
        }
        crash_point("rewrite::written");
        let remove = inputs.iter().map(|input| input.meta().id.clone()).collect();
        let edit = Edit { add: outputs, remove, lease: Some(self.lease.clone()), ..Edit::default() };
        match flusher.commit(&mut seq, &edit).await {
            Ok(committed) => {
                let added = edit.add.iter().map(|meta| Arc::new(Block::new(meta.clone(), &flusher.root))).collect();
                crash_point("rewrite::publish");
                flusher.shared.apply(committed, &edit, added);
                crash_point("rewrite::published");
                Ok(true)
            }
            Err(error) => {
                if matches!(error, CatalogError::Database(_)) {
                    // It may be done all the same; the next settling tells.
                    flusher.doubtful.lock().unwrap_or_else(PoisonError::into_inner).extend(edit.add);
                } else {
                    self.discard(edit.add);
                }
                Err(error.into())
            }
        }
    }

    /// Removes the files of blocks that did not become live.
    pub(crate) fn discard(&self, blocks: Vec<BlockMeta>) {
        discard(&self.flusher.root, blocks);
    }

    /// Gives the partition back.
    pub(crate) async fn end(self) {
        if let Err(error) = self.flusher.catalog.release_lease(&self.lease).await {
            // It expires by itself, and the same holder gets it anew at any time.
            warn!(error = &error as &dyn std::error::Error, "cannot give back the lease of a partition");
        }
    }
}

/// Removes the files of blocks that no catalog lists.
pub(crate) fn discard(root: &Path, blocks: impl IntoIterator<Item = BlockMeta>) {
    blocks.into_iter().for_each(|meta| Block::new(meta, root).doom());
}
