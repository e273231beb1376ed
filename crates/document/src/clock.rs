//! The time: the only place that reads it, so that tests can set it.
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// A clock that shows the time of the system, or of a test. Clones show the same.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Milliseconds by which it is ahead of the system.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// The time.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the time of the system")]
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.ahead.load(Ordering::Relaxed))
    }

    /// The day, in UTC.
    pub fn today(&self) -> NaiveDate {
        self.now().date_naive()
    }

    /// Puts it forward, or back.
    pub fn advance(&self, by: TimeDelta) {
        self.ahead.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_show_the_same_time() {
        let clock = Clock::default();
        let other = clock.clone();
        let before = clock.now();
        clock.advance(TimeDelta::days(3));
        assert!(other.now() - before >= TimeDelta::days(3));
        assert_eq!((other.today() - before.date_naive()).num_days(), 3);
    }
}
