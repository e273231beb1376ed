//! Connections that stay open: WebSockets and event streams. How many there may be, how they are kept alive, and how they end
//! with the server.
use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// The limits of connections that stay open.
#[derive(Clone, Debug)]
pub struct Sockets {
    /// How many sockets and event streams may be open at once.
    pub max_streams: u32,
    /// The origins of the pages, beside the server's own, that may open a socket; `*` stands for all.
    pub origins: Vec<String>,
    /// How many operations one socket may have open at once.
    pub max_subscriptions: usize,
    /// How many bytes a message from a client may have.
    pub max_message: usize,
    /// How long a client may take for its first message.
    pub init_timeout: Duration,
    /// How often a socket is asked for a sign of life.
    pub ping_interval: Duration,
    /// How long a socket may be without a sign of life, or without taking a message.
    pub idle_timeout: Duration,
    /// How often an event stream gets a comment that keeps it open.
    pub keep_alive: Duration,
}

impl Default for Sockets {
    fn default() -> Self {
        Self {
            max_streams: 1_000,
            origins: Vec::new(),
            max_subscriptions: 50,
            max_message: 64 * 1024,
            init_timeout: Duration::from_secs(3),
            ping_interval: Duration::from_secs(20),
            idle_timeout: Duration::from_mins(1),
            keep_alive: Duration::from_secs(12),
        }
    }
}

/// The open sockets and event streams of a server. Cheap to clone.
#[derive(Clone)]
pub struct Live {
    settings: Arc<Sockets>,
    places: Arc<Semaphore>,
    closing: watch::Receiver<()>,
}

/// Keeps the sockets and event streams of a server open: they are closed when it is dropped.
pub struct KeepOpen(#[expect(dead_code, reason = "it is there to be dropped")] watch::Sender<()>);

impl Live {
    /// None yet, and what keeps them open.
    pub fn new(settings: Sockets) -> (Self, KeepOpen) {
        let (keep_open, closing) = watch::channel(());
        let places = Semaphore::new(usize::try_from(settings.max_streams).unwrap_or(Semaphore::MAX_PERMITS));
        (Self { settings: Arc::new(settings), places: Arc::new(places), closing }, KeepOpen(keep_open))
    }

    /// The limits.
    pub(super) fn settings(&self) -> &Sockets {
        &self.settings
    }

    /// A place for one more connection, to be held while it is open; none where all are taken.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        self.places.clone().try_acquire_owned().ok()
    }

    /// Waits until the server ends.
    pub async fn closing(&self) {
        let mut closing = self.closing.clone();
        // Nothing is ever sent: it comes back when the other end is dropped.
        while closing.changed().await.is_ok() {}
    }

    /// Waits until all are closed.
    pub async fn closed(&self) {
        let _all = self.places.acquire_many(self.settings.max_streams).await;
    }
}
