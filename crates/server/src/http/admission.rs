//! Admission: whose request is executed, and whose waits. Each client has its share of every kind of permit.
use std::{sync::Arc, time::Duration};

use poem::http::StatusCode;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    client::{Client, ClientOptions},
    fair_permits::{FairPermit, FairPermits},
    request_error::RequestError,
};
use crate::limits::Limits;

/// Number of requests that may make an introspection at once.
const INTROSPECTIONS: u32 = 2;
/// Number of large requests that may be read and executed at once.
const LARGE: u32 = 8;
/// Number of requests of one client that may have such a place or wait for one: each of them is kept in memory.
const WAITING: usize = 64;
/// Number of requests of one client that may be executed or wait for that, by its share.
const QUEUE: usize = 16;
/// Number of the largest bodies that may be on their way at once, at least.
const MIN_BODIES: usize = 4;

/// Permits for requests, of each kind that the server has only so many of.
pub(super) struct Admission {
    /// Number of requests that may be executed at once.
    most: usize,
    /// Time for which a client waits for a permit of its share.
    wait: Duration,
    permits: Semaphore,
    introspections: Arc<FairPermits>,
    large: Arc<FairPermits>,
    /// The bytes that large bodies on their way may have in all.
    bodies: Arc<FairPermits>,
    /// The requests of each client that are executed.
    requests: Arc<FairPermits>,
    executing: Gauge,
}

/// A place among the requests that are executed.
pub(super) struct Permit<'a> {
    _place: SemaphorePermit<'a>,
    _own: Option<FairPermit>,
    executing: &'a Gauge,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.executing.dec();
    }
}

impl Admission {
    pub(super) fn new(limits: &Limits, clients: &ClientOptions, executing: Gauge) -> Self {
        Self {
            most: limits.max_concurrent_requests,
            wait: limits.max_execution_seconds,
            permits: Semaphore::new(limits.max_concurrent_requests),
            introspections: FairPermits::new(INTROSPECTIONS, INTROSPECTIONS.div_ceil(2), WAITING / 4),
            large: FairPermits::new(LARGE, LARGE / 2, WAITING),
            bodies: bodies(limits, clients),
            requests: requests(limits, clients),
            executing,
        }
    }

    /// A place among the requests that are executed at once: as soon as the client has one of its share, if there is one then.
    pub(super) async fn permit(&self, client: Client) -> Result<Permit<'_>, RequestError> {
        let own = self.requests.take(client, 1, self.wait).await.map_err(|_| {
            let share = self.requests.share();
            let message = format!(
                "The server is executing {share} requests from your address, which is its share, and others are waiting. Try again in a moment."
            );
            RequestError::busy(message)
        })?;
        let place = self.permits.try_acquire().map_err(|_| {
            let limit = self.most;
            let message =
                format!("The server is executing {limit} requests, which is the limit. Try again in a moment.");
            RequestError::busy(message)
        })?;
        Ok(self.permitted(place, Some(own)))
    }

    /// A place among those that make an introspection.
    pub(super) async fn introspection(&self, client: Client) -> Result<FairPermit, RequestError> {
        let place = self.introspections.take(client, 1, self.wait).await;
        place.map_err(|_| {
            let message = format!(
                "The server executes {INTROSPECTIONS} introspections at once, and others are waiting. Try again in a moment, or keep a copy of the schema."
            );
            RequestError::new(StatusCode::SERVICE_UNAVAILABLE, "TOO_MANY_INTROSPECTIONS", message)
        })
    }

    /// A place among the large requests.
    pub(super) async fn large(&self, client: Client) -> Result<FairPermit, RequestError> {
        let place = self.large.take(client, 1, self.wait).await;
        place.map_err(|_| {
            let share = self.large.share();
            let message = format!(
                "The server executes {share} large requests from one address at once, and others are waiting. Try again in a moment."
            );
            RequestError::busy(message)
        })
    }

    /// Room for a large body of this many bytes, as soon as its client has it.
    pub(super) async fn room(&self, client: Client, bytes: usize) -> Result<FairPermit, RequestError> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let room = self.bodies.take(client, bytes, self.wait).await;
        room.map_err(|_| {
            let share = self.bodies.share();
            RequestError::busy(format!(
                "The large bodies that your address is sending have {share} bytes, which is its share. Try again in a moment."
            ))
        })
    }

    /// A place among the requests that are executed at once, as soon as there is one.
    pub(super) async fn place(&self) -> Option<Permit<'_>> {
        // Never closed.
        self.permits.acquire().await.ok().map(|place| self.permitted(place, None))
    }

    fn permitted<'a>(&'a self, place: SemaphorePermit<'a>, own: Option<FairPermit>) -> Permit<'a> {
        let executing = &self.executing;
        executing.inc();
        Permit { _place: place, _own: own, executing }
    }
}

/// Room for large bodies: a quarter of what the requests that are executed may have sent. A client has room for one at least.
fn bodies(limits: &Limits, clients: &ClientOptions) -> Arc<FairPermits> {
    let number = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    let bodies = (limits.max_concurrent_requests / 4).max(MIN_BODIES);
    let all = limits.max_body_bytes.saturating_mul(bodies);
    FairPermits::new(number(all), number(clients.share(all).max(limits.max_body_bytes)), usize::MAX)
}

/// The places of each client among the requests that are executed; that there are enough for all is looked at elsewhere.
fn requests(limits: &Limits, clients: &ClientOptions) -> Arc<FairPermits> {
    let share = clients.share(limits.max_concurrent_requests);
    FairPermits::new(u32::MAX, u32::try_from(share).unwrap_or(u32::MAX), share.saturating_mul(QUEUE))
}
