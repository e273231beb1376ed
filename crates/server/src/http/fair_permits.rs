//! Places that clients wait for: so many in all, and for each client its share. Whoever has its share waits for itself and keeps
//! nobody else from the places that are left.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::client::Client;

/// Places of one kind.
#[derive(Debug)]
pub(super) struct FairPermits {
    all: Arc<Semaphore>,
    share: u32,
    /// Number of requests of one client that may have a place or wait for one.
    most: usize,
    own: Mutex<HashMap<Client, Own>>,
}

/// The share of one client.
#[derive(Debug)]
struct Own {
    places: Arc<Semaphore>,
    requests: usize,
}

/// Places that are held until this is dropped.
#[derive(Debug)]
pub(super) struct FairPermit {
    _all: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
    _request: Queued,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exhausted {
    /// The client has as many requests here as it may have.
    Client,
    /// None became free in time.
    Late,
}

impl FairPermits {
    /// So many places, of which each client has its share, and so many requests of each client.
    pub(super) fn new(all: u32, share: u32, most: usize) -> Arc<Self> {
        let places = usize::try_from(all).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Arc::new(Self { all: Arc::new(Semaphore::new(places)), share: share.min(all), most, own: Mutex::default() })
    }

    /// Number of places that one client may have.
    pub(super) fn share(&self) -> u32 {
        self.share
    }

    /// Takes places for a client, as soon as it may have them.
    pub(super) async fn take(
        self: &Arc<Self>,
        client: Client,
        places: u32,
        time: Duration,
    ) -> Result<FairPermit, Exhausted> {
        let (request, own) = self.queue(client).ok_or(Exhausted::Client)?;
        let places = places.min(self.share);
        let taken = async {
            // Its own first: what waits for the others' places is no more than its share.
            let own = own.acquire_many_owned(places).await.ok()?;
            let all = self.all.clone().acquire_many_owned(places).await.ok()?;
            Some(FairPermit { _all: all, _own: own, _request: request })
        };
        // Neither is ever closed.
        timeout(time, taken).await.ok().flatten().ok_or(Exhausted::Late)
    }

    fn queue(self: &Arc<Self>, client: Client) -> Option<(Queued, Arc<Semaphore>)> {
        let mut all = self.own();
        let share = usize::try_from(self.share).unwrap_or(Semaphore::MAX_PERMITS);
        let new = || Own { places: Arc::new(Semaphore::new(share)), requests: 0 };
        let own = all.entry(client).or_insert_with(new);
        if own.requests >= self.most {
            return None;
        }
        own.requests += 1;
        Some((Queued { places: self.clone(), client }, own.places.clone()))
    }

    fn own(&self) -> MutexGuard<'_, HashMap<Client, Own>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the requests of a client.
#[derive(Debug)]
struct Queued {
    places: Arc<FairPermits>,
    client: Client,
}

impl Drop for Queued {
    fn drop(&mut self) {
        let mut all = self.places.own();
        let Some(own) = all.get_mut(&self.client) else { return };
        own.requests -= 1;
        if own.requests == 0 {
            all.remove(&self.client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(20);

    fn clients() -> [Client; 2] {
        ["192.0.2.1", "192.0.2.2"].map(|text| Client::at(text.parse().expect("an address")))
    }

    #[tokio::test]
    async fn whoever_has_its_share_waits_for_itself_and_others_do_not() {
        let (places, [greedy, other]) = (FairPermits::new(3, 2, 10), clients());
        let first = places.take(greedy, 1, SOON).await.expect("a place");
        let _second = places.take(greedy, 1, SOON).await.expect("a place");

        assert_eq!(places.take(greedy, 1, SOON).await.err(), Some(Exhausted::Late));
        let third = places.take(other, 1, SOON).await.expect("its place");

        assert_eq!(places.take(other, 1, SOON).await.err(), Some(Exhausted::Late), "all are taken");
        drop(first);
        places.take(other, 1, SOON).await.expect("the place that is free again");
        drop(third);
    }

    #[tokio::test]
    async fn a_client_has_no_more_requests_than_it_may_have_and_is_forgotten_with_the_last() {
        let (places, [greedy, other]) = (FairPermits::new(1, 1, 2), clients());
        let held = places.take(greedy, 1, SOON).await.expect("a place");
        let patient = places.clone();
        let waits = tokio::spawn(async move { patient.take(greedy, 1, Duration::from_mins(1)).await });
        while places.own()[&greedy].requests < 2 {
            tokio::task::yield_now().await;
        }

        assert_eq!(places.take(greedy, 1, SOON).await.err(), Some(Exhausted::Client));
        assert_eq!(places.take(other, 1, SOON).await.err(), Some(Exhausted::Late));

        drop(held);
        drop(waits.await);
        assert!(places.own().is_empty());
    }

    #[tokio::test]
    async fn more_than_a_share_counts_as_a_share() {
        let (places, [client, _]) = (FairPermits::new(8, 4, 10), clients());
        places.take(client, u32::MAX, SOON).await.expect("its share");
    }
}
