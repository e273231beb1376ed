//! Waits for what others do in their time, with a bound and without a guess of how long that takes.
use std::time::Duration;

use tokio::time::{sleep, timeout};

/// Time within which whatever must come has come, also on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until this holds; fails with `what` where it does not.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    eventual(what, async || holds().await.then_some(())).await;
}

/// Waits until there is a value, which comes back; fails with `what` where there is none.
pub async fn eventual<T>(what: &str, find: impl AsyncFnMut() -> Option<T>) -> T {
    eventual_within(PATIENCE, what, find).await
}

/// Waits longer, for what has a time of its own that no test can set.
pub async fn eventual_within<T>(patience: Duration, what: &str, mut find: impl AsyncFnMut() -> Option<T>) -> T {
    let found = timeout(patience, async {
        loop {
            if let Some(found) = find().await {
                return found;
            }
            sleep(PAUSE).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("not within {patience:?}: {what}"))
}
