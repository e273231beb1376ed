//! The table of open connections: how many there are, how many of each client, and which of them is given up for another.
use std::{
    cmp::Reverse,
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

use super::stage::Open;
use crate::http::client::Client;

/// The client that a connection counts for; none for a trusted proxy, which has many clients behind it and so no share.
pub(super) type Owner = Option<Client>;

/// Open connections by their clients.
#[derive(Debug)]
pub(super) struct Table {
    most: usize,
    share: usize,
    rows: Mutex<Rows>,
}

/// The rows of the table, and their number.
#[derive(Debug, Default)]
struct Rows {
    clients: HashMap<Owner, HashMap<u64, Arc<Open>>>,
    length: usize,
    next: u64,
}

/// The connection that may be given up for another.
struct Candidate {
    rank: (bool, usize),
    since: Option<Reverse<Instant>>,
    owner: Owner,
    id: u64,
}

/// The place of a connection in the table, until it is dropped: after the connection.
#[derive(Debug)]
pub(super) struct Slot {
    table: Arc<Table>,
    owner: Owner,
    id: u64,
    pub(super) open: Arc<Open>,
}

/// Why there is no place: all connections are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableFull {
    /// All of the client's share.
    Share(usize),
    /// All of the server's.
    Server(usize),
}

impl Table {
    /// An empty table for this many connections, with a share for each client.
    pub(super) fn new(most: usize, share: usize) -> Arc<Self> {
        Arc::new(Self { most, share, rows: Mutex::default() })
    }

    /// A place for one more connection, and the connection that is given up for it where there is need. Of a client with its share
    /// that is one of its own; where the table is full, one of the client that has most.
    pub(super) fn enter(self: &Arc<Self>, owner: Owner) -> Result<(Slot, Option<Arc<Open>>), TableFull> {
        let mut rows = self.rows();
        let has = rows.clients.get(&owner).map_or(0, HashMap::len);
        let given_up = if owner.is_some() && has >= self.share {
            let id = rows.clients.get(&owner).and_then(longest_idle).ok_or(TableFull::Share(self.share))?;
            rows.give_up(owner, id)
        } else if rows.length >= self.most {
            Some(rows.give_up_one().ok_or(TableFull::Server(self.most))?)
        } else {
            None
        };
        let open = Arc::new(Open::new());
        let id = rows.next;
        rows.next += 1;
        rows.length += 1;
        rows.clients.entry(owner).or_default().insert(id, open.clone());
        Ok((Slot { table: self.clone(), owner, id, open }, given_up))
    }

    /// Gives up an idle connection of the client that has most; none where all are in use.
    pub(super) fn give_up_one(&self) -> Option<Arc<Open>> {
        self.rows().give_up_one()
    }

    /// The rows, for a moment.
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    /// Gives up the longest idle connection of the client that has most among those that have an idle one.
    fn give_up_one(&mut self) -> Option<Arc<Open>> {
        let mut best: Option<Candidate> = None;
        for (owner, connections) in &self.clients {
            // A proxy is told last: it may be in the midst of sending what one of its many clients asks.
            let rank = (owner.is_some(), connections.len());
            if best.as_ref().is_some_and(|best| rank < best.rank) {
                continue;
            }
            let Some(id) = longest_idle(connections) else { continue };
            let since = connections.get(&id).and_then(|open| open.idle_since()).map(Reverse);
            if best.as_ref().is_none_or(|best| (rank, since) > (best.rank, best.since)) {
                best = Some(Candidate { rank, since, owner: *owner, id });
            }
        }
        let Candidate { owner, id, .. } = best?;
        self.give_up(owner, id)
    }

    /// Gives up a connection: it ends as soon as it is idle, and no longer counts.
    fn give_up(&mut self, owner: Owner, id: u64) -> Option<Arc<Open>> {
        let open = self.remove(owner, id)?;
        open.give_up();
        Some(open)
    }

    /// Takes a connection out of the table.
    fn remove(&mut self, owner: Owner, id: u64) -> Option<Arc<Open>> {
        let Entry::Occupied(mut connections) = self.clients.entry(owner) else { return None };
        let open = connections.get_mut().remove(&id)?;
        if connections.get().is_empty() {
            connections.remove();
        }
        self.length -= 1;
        Some(open)
    }
}

/// The connection that has waited longest for a head.
fn longest_idle(connections: &HashMap<u64, Arc<Open>>) -> Option<u64> {
    let idle = connections.iter().filter_map(|(id, open)| Some((open.idle_since()?, *id)));
    idle.min().map(|(_, id)| id)
}

impl Drop for Slot {
    fn drop(&mut self) {
        // It may have been given up before.
        let _open = self.table.rows().remove(self.owner, self.id);
        self.open.left();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: u8) -> Client {
        Client::at([192, 0, 2, number].into())
    }

    fn enter(table: &Arc<Table>, owner: Owner) -> Slot {
        let (place, given_up) = table.enter(owner).expect("a place");
        assert!(given_up.is_none());
        place
    }

    /// The connection that is given up for one of this owner.
    fn given_up(table: &Arc<Table>, owner: Owner) -> (Slot, Arc<Open>) {
        let (place, given_up) = table.enter(owner).expect("a place");
        (place, given_up.expect("one is given up"))
    }

    #[test]
    fn a_client_over_its_share_gives_up_the_longest_idle_of_its_own() {
        let table = Table::new(10, 3);
        let _neighbour = enter(&table, Some(client(2)));
        let all = [0; 3].map(|_| enter(&table, Some(client(1))));
        all[0].open.asked(false);

        let (newer, gone) = given_up(&table, Some(client(1)));

        assert!(Arc::ptr_eq(&gone, &all[1].open), "the first is in use");
        all[2].open.asked(true);
        newer.open.asked(true);
        assert_eq!(table.enter(Some(client(1))).expect_err("all are in use"), TableFull::Share(3));
        enter(&table, Some(client(2)));
    }

    #[test]
    fn a_full_server_gives_up_one_of_the_client_that_has_most() {
        let table = Table::new(5, 4);
        let first = enter(&table, Some(client(1)));
        let most = [0; 3].map(|_| enter(&table, Some(client(2))));
        let proxy = enter(&table, None);

        let (newer, gone) = given_up(&table, Some(client(3)));
        assert!(Arc::ptr_eq(&gone, &most[0].open));
        let (newest, gone) = given_up(&table, Some(client(4)));
        assert!(Arc::ptr_eq(&gone, &most[1].open));
        let (last, gone) = given_up(&table, Some(client(5)));
        assert!(Arc::ptr_eq(&gone, &first.open), "of those that have as many, the longest idle");

        for open in [&most[2], &newer, &newest].map(|place| &place.open) {
            open.asked(false);
        }
        last.open.asked(false);
        let (place, gone) = given_up(&table, Some(client(6)));
        assert!(Arc::ptr_eq(&gone, &proxy.open), "the proxy's is the only idle one");
        place.open.asked(false);
        assert_eq!(table.enter(Some(client(7))).expect_err("all are in use"), TableFull::Server(5));
        drop(newer);
        enter(&table, Some(client(7)));
    }

    #[test]
    fn a_proxy_has_no_share() {
        let table = Table::new(10, 2);
        let all = [0; 10].map(|_| enter(&table, None));
        assert!(given_up(&table, Some(client(1))).1.idle_since().is_some());
        drop(all);
    }

    #[test]
    fn who_leaves_is_forgotten_once() {
        let table = Table::new(2, 1);
        let (one, other) = (enter(&table, Some(client(1))), enter(&table, Some(client(2))));
        let (newer, _) = given_up(&table, Some(client(1)));
        drop(one);
        assert_eq!(table.rows().length, 2);
        drop((newer, other));
        assert!(table.rows().clients.is_empty());
        assert_eq!(table.rows().length, 0);
    }
}
