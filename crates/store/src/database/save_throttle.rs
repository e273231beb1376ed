//! The pace of saving: editors who save at the same time take turns with pauses in between, so that readers of a small machine are
//! not slowed by them. A single editor does not notice.
use std::time::Duration;

use tokio::{
    sync::OwnedMutexGuard,
    time::{Instant, sleep_until, timeout_at},
};

use super::turn::Waiting;
use crate::{Database, Mechanism, Result};

/// Ratio of the pause after a save to the time that the save took.
const PAUSES: u32 = 6;
/// The longest pause.
const LONGEST: Duration = Duration::from_millis(30);

/// A turn to save; the pause begins when it is dropped.
pub(crate) struct SaveSlot {
    /// From when on the next may save.
    next: OwnedMutexGuard<Instant>,
    begun: Instant,
}

impl Database {
    /// Waits for those who wanted to save before, and for the pause after them; no longer than until then.
    pub(crate) async fn turn_to_save(&self, until: Instant, waiting: &Waiting<'_>) -> Result<SaveSlot> {
        let next = timeout_at(until, self.saving()).await.map_err(|_| waiting.error())?;
        timeout_at(until, sleep_until(*next)).await.map_err(|_| waiting.error())?;
        Ok(SaveSlot { next, begun: Instant::now() })
    }
}

impl Drop for SaveSlot {
    fn drop(&mut self) {
        if Mechanism::SavePauses.is_on() {
            *self.next = Instant::now() + LONGEST.min(self.begun.elapsed() * PAUSES);
        }
    }
}
