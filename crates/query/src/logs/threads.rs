//! Reading blocks on threads that may wait.

use std::num::NonZeroUsize;
use std::sync::Arc;

use store::BlockReadError;
use tokio::task::{JoinError, JoinSet};

use super::source::{Source, Stretch};
use crate::error::QueryError;

/// Runs what reads blocks.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlockReadError> + Send + 'static,
) -> Result<T, QueryError> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(panicked)??)
}

/// Goes through stretches on all cores, some on each, in the order of their sources and rows.
pub(super) async fn on_all_cores<T: Send + 'static>(
    sources: Arc<[Source]>,
    mut stretches: Vec<Stretch>,
    work: impl Fn(&[Source], &[Stretch]) -> Result<T, BlockReadError> + Clone + Send + 'static,
) -> Result<Vec<T>, QueryError> {
    // Neighbours together: they may share a row group, and what is decoded for all of it.
    stretches.sort_unstable_by_key(|stretch| (stretch.source, stretch.rows[0].start));
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut at_work = JoinSet::new();
    for some in stretches.chunks(stretches.len().div_ceil(cores).max(1)) {
        let (sources, some, work) = (Arc::clone(&sources), some.to_vec(), work.clone());
        at_work.spawn_blocking(move || work(&sources, &some));
    }
    let mut done = Vec::new();
    while let Some(outcome) = at_work.join_next().await {
        done.push(outcome.map_err(panicked)??);
    }
    Ok(done)
}

/// The decoder of a damaged file may panic: that is one more way in which a block cannot be read.
fn panicked(error: JoinError) -> QueryError {
    QueryError::unreadable(error.to_string())
}
