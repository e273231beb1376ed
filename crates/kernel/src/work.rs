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

/// As many as there are cores.
type Cores = LazyLock<Arc<Semaphore>>;

static PIECES: Cores = LazyLock::new(cores);
/// Turns have cores of their own: a request that waits for its turn may have been given the core for a piece of it already, which it
/// takes in that turn.
static TURNS: Cores = LazyLock::new(cores);

fn cores() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(available_parallelism().map_or(2, NonZero::get)))
}

/// A core for a long turn of a request, as soon as there is one. Whoever waited longest is next. It is not held from turn to turn.
pub(crate) async fn turn() -> Option<OwnedSemaphorePermit> {
    // Never closed.
    TURNS.clone().acquire_owned().await.ok()
}

/// Does a piece of work on a thread of its own. It is not begun where nobody waits for it any more when its turn comes.
///
/// # Panics
/// Panics as the work does.
pub async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    // Never closed.
    let (core, span) = (PIECES.clone().acquire_owned().await, Span::current());
    let done = spawn_blocking(move || {
        let _core = core;
        span.in_scope(work)
    });
    done.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
