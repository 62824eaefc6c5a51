//! Work on an answer that takes a while, such as putting a million names in order: done where questions are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::engine::Engine;
use crate::error::{QueryError, QueryErrorKind};

/// Set when it is dropped, which is when the asker goes or time is up.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Engine {
    /// Runs the work as a question: one of so many at once, and within the time that a question has. It should look at its
    /// flag now and then, and end when that is set: nobody waits for it any more.
    ///
    /// # Errors
    ///
    /// Kinds `Busy` and `Timeout`, as every question; `Internal` where the work panics.
    pub async fn work_aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
    ) -> Result<T, QueryError> {
        self.run(async move {
            let gone = Gone(Arc::default());
            let flag = Arc::clone(&gone.0);
            let failed = |error| QueryError::new(QueryErrorKind::Internal, format!("the question failed: {error}"), "");
            tokio::task::spawn_blocking(move || work(&flag)).await.map_err(failed)
        })
        .await
    }
}
