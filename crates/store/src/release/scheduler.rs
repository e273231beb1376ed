//! Publication of releases whose time has come, which a server does by itself.
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::publish::publish_due;
use crate::{ContentModel, Database, database::watch::Failures};

/// Interval at which it looks for something to do.
const PAUSE: Duration = Duration::from_millis(500);

impl Database {
    /// Does what is due, until it is dropped. Each piece is one transaction that looks again whether it is still to be done, so
    /// any number of processes may work. Failures are logged and tried again.
    pub async fn work(&self, content: &ContentModel) {
        let mut failures = Failures::new("due releases could not be published");
        let mut ticks = interval(PAUSE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            failures.note(&publish_due(self, content).await);
        }
    }
}
