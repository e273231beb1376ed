//! Locks that are held for a few instructions.
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The value behind a lock. One that panicked under it left the value whole: nothing is done there that could fail half-way.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
