//! Turns: the writers of this process come one after the other. Whoever waits in vain is told why: others are at work, or whoever has
//! the turn gets no connection.
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{sync::OwnedMutexGuard, time::Instant};

use crate::{Error, Failure, error::failure::nothing_stored, sync::locked};

/// A turn to write. The next writer has it when this is dropped.
pub(crate) struct Turn {
    work: Arc<Work>,
    _turn: OwnedMutexGuard<()>,
}

impl Turn {
    pub(crate) fn new(turn: OwnedMutexGuard<()>, work: Arc<Work>) -> Self {
        Self { work, _turn: turn }
    }

    /// Notes that the writer has a connection, and is at work from now on.
    pub(crate) fn begin_work(&self) {
        locked(&self.work.0).begin(Instant::now());
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        locked(&self.work.0).end(Instant::now());
    }
}

/// The time that the writers of this process had a connection.
#[derive(Default)]
pub(crate) struct Work(Mutex<Worked>);

#[derive(Clone, Copy, Default)]
struct Worked {
    /// Since when the writer who has the turn is at work.
    since: Option<Instant>,
    /// Time that those before it were at work.
    before: Duration,
}

impl Worked {
    fn begin(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    fn end(&mut self, now: Instant) {
        self.before = self.until(now);
        self.since = None;
    }

    fn until(&self, now: Instant) -> Duration {
        self.before + self.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }
}

/// A writer that waits for others.
pub(crate) struct Waiting<'a> {
    work: &'a Work,
    begun: Instant,
    before: Duration,
}

impl Work {
    /// Begins to wait.
    pub(crate) fn wait(&self) -> Waiting<'_> {
        self.wait_from(Instant::now())
    }

    fn wait_from(&self, begun: Instant) -> Waiting<'_> {
        Waiting { work: self, begun, before: locked(&self.0).until(begun) }
    }
}

impl Waiting<'_> {
    /// The failure of a writer that waited in vain: the database is busy where others were at work for at least half of the time, else
    /// it does not answer.
    pub(crate) fn failure(&self) -> Failure {
        self.failure_at(Instant::now())
    }

    fn failure_at(&self, now: Instant) -> Failure {
        let worked = locked(&self.work.0).until(now).saturating_sub(self.before);
        if worked >= now.saturating_duration_since(self.begun) / 2 { Failure::Busy } else { Failure::Lost }
    }

    /// The error that tells of it.
    pub(crate) fn error(&self) -> Error {
        nothing_stored(self.failure().error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answer to a writer that waits from the first second to the last, where others are at work in these spans.
    fn told(from: u64, to: u64, spans: &[(u64, Option<u64>)]) -> Failure {
        let (work, start) = (Work::default(), Instant::now());
        let at = |second| start + Duration::from_secs(second);
        let (before, during): (Vec<_>, Vec<_>) = spans.iter().partition(|(begins, _)| *begins < from);
        let mut waiting = None;
        for (index, (begins, ends)) in before.iter().chain(&during).enumerate() {
            if index == before.len() {
                waiting = Some(work.wait_from(at(from)));
            }
            locked(&work.0).begin(at(*begins));
            if let Some(ends) = ends.filter(|ends| *ends < from || index >= before.len()) {
                locked(&work.0).end(at(ends));
            }
        }
        waiting.unwrap_or_else(|| work.wait_from(at(from))).failure_at(at(to))
    }

    #[test]
    fn a_database_is_busy_only_where_somebody_works_on_it() {
        assert_eq!(told(1, 6, &[(0, None)]), Failure::Busy, "one that began before is at work all the time");
        assert_eq!(told(1, 6, &[]), Failure::Lost, "whoever has the turn gets no connection");
        assert_eq!(told(4, 9, &[(0, Some(3))]), Failure::Lost, "the last one to work was done before");
        assert_eq!(told(1, 6, &[(1, Some(2))]), Failure::Lost, "somebody worked for a moment, and then nobody could");
        assert_eq!(told(1, 6, &[(1, Some(2)), (2, Some(4)), (4, Some(5))]), Failure::Busy, "many in a row");
    }
}
