//! Waiting, with a deadline.

use std::time::Duration;

use tokio::time::Instant;

/// How long anything may take that takes milliseconds on an idle machine. Generous, since a test that fails for a
/// busy machine is worse than one that fails late.
pub const DEADLINE: Duration = Duration::from_secs(180);

/// Between two looks at what is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Asks until there is an answer and returns it.
///
/// # Panics
///
/// After [`DEADLINE`], with the name of what was waited for.
pub async fn eventually<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(DEADLINE, what, ask).await
}

/// [`eventually`] with another deadline.
pub(crate) async fn eventually_within<T>(limit: Duration, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited {limit:?} in vain: {what}");
        pause(LOOK_AGAIN).await;
    }
}

/// Lets time pass. Never to wait for something: for tests in which the passing of time is the input, such as the moment
/// at which a server is killed.
pub async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}
