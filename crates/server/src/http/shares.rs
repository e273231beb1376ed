//! Shares: of places that all clients have in common, no client has more than a part.
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::client::Client;

/// Counts what each client has.
#[derive(Debug)]
pub(crate) struct Shares {
    most: usize,
    taken: Mutex<HashMap<Client, usize>>,
}

/// Place of a client, until it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    shares: Arc<Shares>,
    client: Client,
}

impl Shares {
    /// Shares of this many each.
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, taken: Mutex::default() })
    }

    /// Number of places that one client may have.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// One more place for the client; none where it has its share.
    pub(crate) fn take(self: &Arc<Self>, client: Client) -> Option<Share> {
        let mut all = self.taken();
        let taken = all.entry(client).or_default();
        if *taken >= self.most {
            return None;
        }
        *taken += 1;
        Some(Share { shares: self.clone(), client })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Client, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut all = self.shares.taken();
        let Entry::Occupied(mut taken) = all.entry(self.client) else { return };
        *taken.get_mut() -= 1;
        if *taken.get() == 0 {
            taken.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_has_its_share_takes_nothing_from_others() {
        let shares = Shares::new(2);
        let [first, second] = ["192.0.2.1", "192.0.2.2"].map(|text| Client::at(text.parse().expect("an address")));

        let held = [shares.take(first), shares.take(first)];

        assert!(held.iter().all(Option::is_some));
        assert!(shares.take(first).is_none());
        assert!(shares.take(second).is_some());
        drop(held);
        assert!(shares.take(first).is_some());
        assert!(shares.taken().is_empty(), "who has nothing is forgotten");
    }
}
