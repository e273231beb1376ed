//! Stages of a connection: what it waits for, and since when. By its stage the server knows what it may give up.
use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tokio::{sync::Notify, time::Instant};

/// An open connection as the others see it.
#[derive(Debug)]
pub(super) struct Open {
    stage: Mutex<Stage>,
    /// True while bytes of a body may come.
    has_body: AtomicBool,
    given_up: Notify,
    gone: Notify,
}

/// Stage of a connection: the event that it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The head of a request. Whoever sends nothing, or a head byte by byte, stays here.
    Head {
        /// Time at which it began to wait.
        since: Instant,
        /// True once bytes of the head came.
        has_begun: bool,
    },
    /// The body of a request.
    Body {
        /// Time at which bytes of it last came.
        seen: Instant,
    },
    /// Its body did not come in time: the request is refused.
    Cut,
    /// The answer.
    Answer,
    /// The client, which has not taken the last bytes of the answer.
    Rest,
}

impl Open {
    /// A connection that was accepted just now.
    pub(super) fn new() -> Self {
        let stage = Stage::Head { since: Instant::now(), has_begun: false };
        Self {
            stage: Mutex::new(stage),
            has_body: AtomicBool::new(false),
            given_up: Notify::new(),
            gone: Notify::new(),
        }
    }

    /// Its stage at this moment.
    pub(super) fn stage(&self) -> Stage {
        *self.lock()
    }

    /// Time at which it began to wait for a head; none where it has something to do.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        match self.stage() {
            Stage::Head { since, .. } => Some(since),
            _ => None,
        }
    }

    /// Notes that bytes came.
    pub(super) fn received(&self) {
        match &mut *self.lock() {
            Stage::Head { has_begun, .. } => *has_begun = true,
            Stage::Body { seen } => *seen = Instant::now(),
            Stage::Cut | Stage::Answer | Stage::Rest => {}
        }
    }

    /// Notes that a head came whole, and whether a body follows it.
    pub(super) fn asked(&self, has_body: bool) {
        self.has_body.store(has_body, Ordering::Relaxed);
        *self.lock() = if has_body { Stage::Body { seen: Instant::now() } } else { Stage::Answer };
    }

    /// Notes that the body came whole.
    pub(super) fn body_came(&self) {
        self.has_body.store(false, Ordering::Relaxed);
        let mut stage = self.lock();
        if matches!(*stage, Stage::Body { .. }) {
            *stage = Stage::Answer;
        }
    }

    /// Tells whether a request has begun that was not read to its end.
    pub(super) fn has_unread(&self) -> bool {
        self.has_body.load(Ordering::Relaxed) || matches!(self.stage(), Stage::Head { has_begun: true, .. })
    }

    /// Gives up the body that is on its way; tells whether there is one.
    pub(super) fn cut(&self) -> bool {
        let mut stage = self.lock();
        let is_body = matches!(*stage, Stage::Body { .. });
        if is_body {
            *stage = Stage::Cut;
        }
        is_body
    }

    /// Notes that there is an answer, whether the body was read or not.
    pub(super) fn answers(&self) {
        *self.lock() = Stage::Answer;
    }

    /// Notes that the last bytes of the answer are made.
    pub(super) fn answered(&self) {
        *self.lock() = Stage::Rest;
    }

    /// Notes that all bytes so far were sent.
    pub(super) fn flushed(&self) {
        let mut stage = self.lock();
        if *stage == Stage::Rest {
            *stage = Stage::Head { since: Instant::now(), has_begun: false };
        }
    }

    /// Asks the connection to end as soon as it is idle.
    pub(super) fn give_up(&self) {
        self.given_up.notify_one();
    }

    /// Waits until the connection is asked to end.
    pub(super) async fn given_up(&self) {
        self.given_up.notified().await;
    }

    /// Notes that the connection is closed.
    pub(super) fn left(&self) {
        self.gone.notify_one();
    }

    /// Waits until the connection is closed.
    pub(super) async fn gone(&self) {
        self.gone.notified().await;
    }

    /// The stage, for a moment.
    fn lock(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_idle_until_a_head_came_and_after_the_last_byte_of_the_answer() {
        let open = Open::new();
        open.flushed();
        open.received();
        assert!(open.idle_since().is_some(), "half a head is none");
        assert!(!open.cut());

        open.asked(true);
        open.flushed();
        assert!(open.idle_since().is_none(), "`100 Continue` is no answer");
        open.body_came();
        assert_eq!(open.stage(), Stage::Answer);
        assert!(!open.cut(), "what is executed goes on");
        open.answers();
        open.flushed();
        assert!(open.idle_since().is_none(), "an event stream is flushed again and again");
        open.answered();
        assert!(open.idle_since().is_none(), "the client has not taken all of it");

        open.flushed();
        assert!(matches!(open.stage(), Stage::Head { has_begun: false, .. }));
    }

    #[test]
    fn a_body_is_cut_until_it_came() {
        let open = Open::new();
        open.asked(true);
        open.received();

        assert!(open.cut());

        open.body_came();
        assert_eq!(open.stage(), Stage::Cut, "what comes later changes nothing");
    }
}
