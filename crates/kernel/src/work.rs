//! Work that takes a while and cannot be left half done: it keeps no thread of the runtime, and no more of it goes on at once than
//! there are cores.
use std::{
    num::NonZero,
    sync::{Arc, LazyLock},
    thread::available_parallelism,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};
use tracing::Span;

static CORES: LazyLock<Arc<Semaphore>> =
    LazyLock::new(|| Arc::new(Semaphore::new(available_parallelism().map_or(2, NonZero::get))));

/// A core to work on, as soon as there is one. Whoever waited longest is next.
pub(crate) async fn core() -> Option<OwnedSemaphorePermit> {
    // Never closed.
    CORES.clone().acquire_owned().await.ok()
}

/// Does a piece of work on a thread of its own. It is not begun where nobody waits for it any more when its turn comes.
///
/// # Panics
/// Where the work does.
pub async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (core, span) = (core().await, Span::current());
    let done = spawn_blocking(move || {
        let _core = core;
        span.in_scope(work)
    });
    done.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
