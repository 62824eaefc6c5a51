//! A sign of life while a server thinks: on standard error, on a terminal only, and not for quick answers.

use std::future::Future;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A shorter wait needs no sign; it would only flicker.
const QUIET_FOR: Duration = Duration::from_millis(500);

/// Between two steps of the spinner.
const TICK: Duration = Duration::from_millis(100);

/// Whether to show that something is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Show nothing.
    Silent,
    /// Show a spinner on standard error.
    Spinner,
}

impl Progress {
    /// Waits for `work`, showing `what` when it takes long. The spinner is gone when this returns or is dropped.
    pub(crate) async fn watch<F: Future>(self, what: &str, work: F) -> F::Output {
        let mut work = std::pin::pin!(work);
        if self == Self::Silent {
            return work.await;
        }
        if let Ok(output) = tokio::time::timeout(QUIET_FOR, &mut work).await {
            return output;
        }
        let spinner = Cleared(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()));
        spinner.0.set_style(ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("the template is ours"));
        spinner.0.set_message(what.to_owned());
        spinner.0.enable_steady_tick(TICK);
        work.await
    }
}

/// Clears the spinner however the wait ends, so that no half-drawn line stays behind.
struct Cleared(ProgressBar);

impl Drop for Cleared {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
