//! Work that keeps its thread busy: done on a thread of its own, and told when nobody waits for it any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::engine::Engine;
use crate::error::{QueryError, QueryErrorKind};

/// Is set when it is dropped, which is when the asker goes or time is up: a thread cannot be cancelled otherwise.
#[derive(Debug)]
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Does the work on a thread that may be kept busy. Its flag is set once nobody waits; it should look at it now and then.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
) -> Result<T, QueryError> {
    let gone = Gone(Arc::default());
    let flag = Arc::clone(&gone.0);
    let failed = |error| QueryError::new(QueryErrorKind::Internal, format!("the question failed: {error}"), "");
    tokio::task::spawn_blocking(move || work(&flag)).await.map_err(failed)
}

impl Engine {
    /// Does work on an answer that takes a while, such as putting a million names in order, as a question: one of so many at
    /// once, and within the time that a question has. It should look at its flag now and then, and end when that is set:
    /// nobody waits for it any more.
    ///
    /// # Errors
    ///
    /// Kinds `Busy` and `Timeout`, as every question; `Internal` where the work panics.
    pub async fn work_aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
    ) -> Result<T, QueryError> {
        self.run(aside(work)).await
    }
}
