//! Whole blocks out of service, and blocks rewritten without expired rows.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use model::UnixNanos;
use tracing::info;
use wal::crash_point;

use super::pinned::Pinned;
use super::policy::Place;
use super::trimmer::{Look, Scene, Trim};
use crate::block::{BlockMeta, merge_blocks_without};
use crate::catalog::{Edit, LeaseHolder, Partition};
use crate::error::{StoreError, StoreErrorKind};
use crate::flush::Flusher;
use crate::rewrite::Rewrite;
use crate::snapshot::Snapshot;

/// What a trim did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trimmed {
    /// Blocks that were looked into.
    pub examined: usize,
    /// Blocks that went as a whole.
    pub removed: usize,
    /// Blocks that were rewritten.
    pub rewritten: usize,
    /// Rows that went.
    pub rows: u64,
}

impl Flusher {
    /// Takes the blocks of which everything has expired at `now`, and which no pin holds, out of the catalog, then out
    /// of service; and pins that have expired. Returns how many blocks.
    pub(crate) async fn remove_expired(&self, now: UnixNanos) -> Result<usize, StoreError> {
        let mut seq = self.seq.lock().await;
        self.settle(&mut seq).await?;
        let snapshot = self.shared.snapshot();
        let pinned = Pinned::of(&snapshot, &self.retention, now);
        let is_expired = |meta: &&BlockMeta| {
            Place::of(meta, now).is_over(self.retention.longest(&meta.tenant), now) && !pinned.has(meta)
        };
        let expired = snapshot.all_blocks().map(|block| block.meta()).filter(is_expired);
        let remove: Vec<_> = expired.map(|meta| meta.id.clone()).collect();
        let over = snapshot.all_pins().iter().filter(|pin| !pin.is_in_force(now));
        let unpin: Vec<_> = over.map(|pin| pin.id).collect();
        if remove.is_empty() && unpin.is_empty() {
            return Ok(0);
        }
        let edit = Edit { remove, unpin, ..Edit::default() };
        let committed = self.commit(&mut seq, &edit).await?;
        crash_point("retention::publish");
        self.shared.apply(committed, &edit, Vec::new());
        crash_point("retention::published");
        info!(blocks = edit.remove.len(), pins = edit.unpin.len(), %now, "removed what has expired");
        Ok(edit.remove.len())
    }

    /// Rewrites the blocks of one partition without the rows that have expired at `now`; `None` when there is nothing
    /// left to look into.
    pub(crate) async fn trim(&self, now: UnixNanos) -> Result<Option<Trimmed>, StoreError> {
        self.settle(&mut *self.seq.lock().await).await?;
        let mut held = HashSet::new();
        loop {
            let Some(Look { examined, trim }) = self.look(now, &held).await? else { return Ok(None) };
            let Some(trim) = trim else { return Ok(Some(Trimmed { examined, ..Trimmed::default() })) };
            let Some(rewrite) = Rewrite::begin(self, &trim.partition, LeaseHolder::TRIMMING, now).await? else {
                held.insert(trim.partition);
                continue;
            };
            let trimmed = self.trim_partition(&rewrite, trim, now).await;
            rewrite.end().await;
            return trimmed.map(|trimmed| Some(Trimmed { examined, ..trimmed }));
        }
    }

    async fn look(&self, now: UnixNanos, held: &HashSet<Partition>) -> Result<Option<Look>, StoreError> {
        let (trimmer, retention, snapshot) =
            (Arc::clone(&self.trimmer), Arc::clone(&self.retention), self.shared.snapshot());
        let held = held.clone();
        tokio::task::spawn_blocking(move || {
            let scene = Scene { snapshot: &snapshot, retention: &retention, now, held: &held };
            trimmer.lock().unwrap_or_else(PoisonError::into_inner).look(&scene)
        })
        .await
        .map_err(|error| StoreError::caused(StoreErrorKind::Io, "the look for expired rows was interrupted", error))
    }

    async fn trim_partition(&self, rewrite: &Rewrite<'_>, trim: Trim, now: UnixNanos) -> Result<Trimmed, StoreError> {
        let Trim { partition, over, blocks } = trim;
        let mut trimmed = Trimmed::default();
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        for (block, expired) in blocks {
            trimmed.rows += expired.rows;
            if expired.rows == block.meta().rows {
                trimmed.removed += 1;
            } else {
                trimmed.rewritten += 1;
                let sources = vec![Arc::clone(&block)];
                let write = rewrite.write(sources, move |root, block, inputs| {
                    merge_blocks_without(root, block, inputs, &expired.resources)
                });
                match write.await {
                    Ok(meta) => outputs.push(meta),
                    Err(error) => {
                        rewrite.discard(outputs);
                        return Err(error);
                    }
                }
            }
            inputs.push(block);
        }
        let ids: Vec<_> = outputs.iter().map(|meta| meta.id.clone()).collect();
        let is_pinned = |snapshot: &Snapshot| {
            let pinned = Pinned::of(snapshot, &self.retention, now);
            inputs.iter().any(|input| pinned.has(input.meta()))
        };
        if !rewrite.commit(&inputs, outputs, |snapshot| !is_pinned(snapshot)).await? {
            return Ok(Trimmed::default());
        }
        let mut trimmer = self.trimmer.lock().unwrap_or_else(PoisonError::into_inner);
        ids.into_iter().for_each(|id| trimmer.remember(id, over));
        let Trimmed { removed, rewritten, rows, .. } = trimmed;
        let Partition { tenant, table, hour } = partition;
        info!(%tenant, %table, %hour, removed, rewritten, rows, "took expired rows out of blocks");
        Ok(trimmed)
    }
}
