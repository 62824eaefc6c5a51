//! Filters of trace ids in memory: thousands of blocks say at once that they do not have a trace.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::bloom;
use super::trace_index::TraceIndex;

/// Bytes of all filters in memory together: those of some twenty million traces. Where there are more, the filters of
/// the rest are asked in their files.
const HELD_BYTES_MAX: usize = 32 << 20;

/// Bytes of all filters in memory.
static HELD_BYTES: AtomicUsize = AtomicUsize::new(0);

/// The filter of one block, once it was read and if there is room for it.
#[derive(Debug, Default)]
pub(super) struct TraceFilter {
    filter: OnceLock<Box<[u8]>>,
}

impl TraceFilter {
    /// Whether the block is known not to have the trace. Reads nothing.
    pub(super) fn rules_out(&self, trace_hash: u64) -> bool {
        self.filter.get().is_some_and(|filter| !bloom::may_have_in(filter, trace_hash))
    }

    /// The filter, if it is kept.
    pub(super) fn kept(&self) -> Option<&[u8]> {
        self.filter.get().map(AsRef::as_ref)
    }

    /// Keeps the filter of the block's index, if there is room.
    pub(super) fn keep(&self, index: &TraceIndex) -> io::Result<()> {
        let bytes = index.filter_bytes();
        let with = |held: usize| Some(held + bytes).filter(|held| *held <= HELD_BYTES_MAX);
        if self.filter.get().is_some() || HELD_BYTES.fetch_update(Ordering::Relaxed, Ordering::Relaxed, with).is_err() {
            return Ok(());
        }
        let kept = index.read_filter().map(|filter| self.filter.set(filter).is_ok());
        if !matches!(kept, Ok(true)) {
            HELD_BYTES.fetch_sub(bytes, Ordering::Relaxed);
        }
        kept.map(|_| ())
    }
}

impl Drop for TraceFilter {
    fn drop(&mut self) {
        HELD_BYTES.fetch_sub(self.filter.get().map_or(0, |filter| filter.len()), Ordering::Relaxed);
    }
}
