//! Mechanisms that exist for speed alone, each with a switch, so that a benchmark can say what it gains.
use std::sync::atomic::{AtomicU8, Ordering};

/// A mechanism that answers stay the same without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// Reads of an SQLite file on the thread of the request, by a driver of their own, in place of those of the pool.
    EmbeddedReads = 1,
    /// Texts of statements that are made once.
    StatementTexts = 2,
    /// Pauses between saves.
    SavePauses = 4,
}

static OFF: AtomicU8 = AtomicU8::new(0);

impl Mechanism {
    /// Turns it off in this process, for databases that are opened from here on.
    pub fn turn_off(self) {
        OFF.fetch_or(self as u8, Ordering::Relaxed);
    }

    /// Tells whether it is on.
    pub(crate) fn is_on(self) -> bool {
        OFF.load(Ordering::Relaxed) & self as u8 == 0
    }
}
