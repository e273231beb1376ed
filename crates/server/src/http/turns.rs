//! How many requests work at the same time, where the database is a file.
//!
//! Such requests wait for nothing but each other's work, and each holds the content that its answer is made of. With more of them
//! than fit the cache of the processor, each takes longer.
use std::{num::NonZero, pin::pin, thread::available_parallelism, time::Duration};

use kernel::store::Database;
use sea_orm::DbBackend;
use tokio::{sync::Semaphore, time::timeout};

/// How many requests work on a core.
const PER_CORE: usize = 8;
/// How long a request has its place. One that takes longer goes on without, so that nobody waits for it.
const SHORT: Duration = Duration::from_millis(20);

/// Places for those that work.
pub(super) struct Turns(Option<Semaphore>);

impl Turns {
    /// A few for each core; any number where the database is another process, which takes its time.
    pub(super) fn new(db: &Database) -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        let is_file = db.get_database_backend() == DbBackend::Sqlite;
        Self(is_file.then(|| Semaphore::new(PER_CORE * cores)))
    }

    /// Does the work as soon as there is a place for it.
    pub(super) async fn take<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        if let Some(places) = &self.0 {
            // Never closed.
            let _place = places.acquire().await.ok();
            if let Ok(done) = timeout(SHORT, work.as_mut()).await {
                return done;
            }
        }
        work.await
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn nobody_waits_for_those_that_take_long() {
        let turns = Turns(Some(Semaphore::new(1)));
        let long = turns.take(pending::<()>());
        let others = async {
            turns.take(async {}).await;
            turns.take(async {}).await;
        };

        let first = async {
            tokio::select! {
                biased;
                () = long => "the long one",
                () = others => "the others",
            }
        };

        assert_eq!(timeout(Duration::from_secs(30), first).await, Ok("the others"));
    }
}
