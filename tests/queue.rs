//! The queue of deliveries: the same cost however many wait, each entry in order, nothing sent twice at the same time.
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use kernel::store::{
    self, Attempt, Change, Database, Event, Mode, line_up_all, redeliver, settle_delivery, take_deliveries,
};
use sea_orm::ConnectionTrait as _;

use crate::harness::{Folder, TestDatabase};

const LEASE: TimeDelta = TimeDelta::minutes(1);

/// A database with one publication and a webhook that was told of it, but no server that sends.
struct Queue {
    database: TestDatabase,
    db: Database,
    webhook: i64,
}

async fn connected(database: &TestDatabase) -> Database {
    let (_, migrations) = careerql_server::app().build().unwrap();
    migrations.up(careerql_server::connect(&database.url).await.unwrap()).await.unwrap()
}

impl Queue {
    async fn new() -> Self {
        let database = TestDatabase::fresh().await;
        let db = connected(&database).await;
        let (graph, _) = careerql_server::app().build().unwrap();
        let folder = Folder::new();
        let change = Change::now("test", "");
        let progress = std::sync::Arc::new(|_, _| {});
        let career = [folder.career("a", "A", "")];
        store::import_files(&db, graph.content(), &career, Mode::Publish, &change, progress).await.unwrap();
        let webhook = store::create_webhook(&db, "http://receiver.example", &[], None, &change).await.unwrap();
        Self { database, db, webhook: webhook.id }
    }

    /// Adds deliveries; `entry` makes the entry of one from its number `i`, which begins at 1.
    async fn add(&self, number: usize, entry: &str) {
        let Self { webhook, db, .. } = self;
        // Each delivery tells of a publication of its own.
        let publications = format!(
            "INSERT INTO publication (entry_id, revision_id, published_at, retired_at)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number})
             SELECT p.entry_id, p.revision_id, p.published_at, p.published_at
             FROM n, (SELECT * FROM publication WHERE id = (SELECT min(id) FROM publication)) p"
        );
        db.execute_unprepared(&publications).await.unwrap();
        let insert = format!(
            "INSERT INTO delivery (webhook_id, publication_id, entry_id, attempts, due_at)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number})
             SELECT {webhook}, (SELECT max(id) FROM publication) - {number} + i, {entry}, 0, CURRENT_TIMESTAMP FROM n ORDER BY i"
        );
        db.execute_unprepared(&insert).await.unwrap();
        let told =
            format!("UPDATE webhook SET last_publication_id = (SELECT max(id) FROM publication) WHERE id = {webhook}");
        db.execute_unprepared(&told).await.unwrap();
        line_up_all(db).await.unwrap();
    }

    async fn take(&self) -> Vec<Event> {
        take_deliveries(&self.db, |_| 8, LEASE).await.unwrap()
    }

    async fn done(&self, event: &Event) {
        settle_delivery(&self.db, &event.delivery, Attempt::Done { status: 200 }).await.unwrap();
    }

    async fn ids(&self) -> Vec<i64> {
        self.take().await.iter().map(|event| event.delivery.id).collect()
    }

    /// The usual time of taking some deliveries and settling them.
    async fn round(&self) -> Duration {
        let mut times = Vec::new();
        for _ in 0..15 {
            let since = Instant::now();
            let taken = self.take().await;
            assert!(!taken.is_empty(), "there is always something to send");
            for event in &taken {
                self.done(event).await;
            }
            times.push(since.elapsed() / u32::try_from(taken.len()).unwrap());
        }
        times.sort_unstable();
        times[times.len() / 2]
    }
}

#[tokio::test]
async fn a_delivery_costs_the_same_however_many_wait() {
    let each = "i * 10";
    let few = Queue::new().await;
    few.add(150, each).await;
    let few = few.round().await;
    for (name, entry) in [("of each entry", each), ("of one entry", "7"), ("of some entries", "i % 10")] {
        let many = Queue::new().await;
        many.add(20_000, entry).await;
        let many = many.round().await;
        assert!(many < few * 3 + Duration::from_millis(10), "{name}: {many:?}, {few:?} where few wait");
    }
}

#[tokio::test]
async fn a_later_delivery_of_an_entry_waits_for_the_earlier() {
    let queue = Queue::new().await;
    queue.add(4, "i / 3").await; // The entries 0, 0, 1, 1.
    let taken = queue.take().await;
    let ids: Vec<_> = taken.iter().map(|event| event.delivery.id).collect();
    assert_eq!(ids, [1, 3]);
    assert_eq!(queue.ids().await, Vec::<i64>::new(), "both are being sent");

    let pause = TimeDelta::zero();
    let again = Attempt::Again { status: Some(500), failure: "no".to_owned(), pause };
    settle_delivery(&queue.db, &taken[0].delivery, again).await.unwrap();
    let taken_again = queue.take().await;
    assert_eq!(taken_again.iter().map(|event| event.delivery.id).collect::<Vec<_>>(), [1], "2 still waits for 1");
    assert_eq!(taken_again[0].delivery.attempts, 2);

    queue.done(&taken_again[0]).await;
    let dead = Attempt::Dead { status: None, failure: "gone".to_owned() };
    settle_delivery(&queue.db, &taken[1].delivery, dead).await.unwrap();
    assert_eq!(queue.ids().await, [2, 4]);
}

#[tokio::test]
async fn a_delivery_whose_sender_is_gone_is_taken_again_and_only_the_last_taker_settles_it() {
    let queue = Queue::new().await;
    queue.add(1, "1").await;
    let first = take_deliveries(&queue.db, |_| 8, TimeDelta::zero()).await.unwrap();
    let second = queue.take().await;
    assert_eq!((first.len(), second.len()), (1, 1), "the lease was over");

    let late = Attempt::Again { status: None, failure: "late".to_owned(), pause: TimeDelta::zero() };
    settle_delivery(&queue.db, &first[0].delivery, late).await.unwrap();
    assert_eq!(queue.ids().await, Vec::<i64>::new(), "the second sender still sends it");
    queue.done(&second[0]).await;
    let stored = store::deliveries(&queue.db, queue.webhook, false, store::Span::newest(1)).await.unwrap();
    assert!(stored[0].done_at.is_some() && stored[0].next_at.is_none(), "{stored:?}");
}

#[tokio::test]
async fn servers_share_the_work_and_send_nothing_twice() {
    let queue = Queue::new().await;
    queue.add(400, "i % 50").await;
    let senders = (0..3).map(|_| async {
        let db = connected(&queue.database).await;
        let mut sent = Vec::new();
        loop {
            let taken = take_deliveries(&db, |_| 8, LEASE).await.unwrap();
            for event in &taken {
                settle_delivery(&db, &event.delivery, Attempt::Done { status: 200 }).await.unwrap();
                sent.push(event.delivery.id);
            }
            let open = store::deliveries(&db, queue.webhook, false, store::Span::newest(400)).await.unwrap();
            if open.iter().all(|delivery| delivery.done_at.is_some()) {
                return sent;
            }
        }
    });
    let mut sent: Vec<_> = futures_util::future::join_all(senders).await.concat();
    sent.sort_unstable();
    assert_eq!(sent, (1..=400).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_sent_once_more_comes_before_what_waits_for_it() {
    let queue = Queue::new().await;
    queue.add(2, "1").await;
    let taken = queue.take().await;
    queue.done(&taken[0]).await;
    let change = Change::now("test", "");
    redeliver(&queue.db, 1, &change).await.unwrap().unwrap();
    let taken = queue.take().await;
    assert_eq!(taken.iter().map(|event| event.delivery.id).collect::<Vec<_>>(), [1]);
    queue.done(&taken[0]).await;
    assert_eq!(queue.ids().await, [2]);
}

#[tokio::test]
async fn deliveries_are_made_in_parts_and_others_write_in_between() {
    let queue = Queue::new().await;
    // Told of the first publication only, which stands in the log many times by now.
    let many = "INSERT INTO publication (entry_id, revision_id, published_at, retired_at)
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
                SELECT entry_id, revision_id, published_at, published_at FROM publication, n";
    queue.db.execute_unprepared(many).await.unwrap();
    queue.db.refresh().await.unwrap();
    let made = || async {
        store::deliveries(&queue.db, queue.webhook, false, store::Span::newest(5_000)).await.unwrap().len()
    };
    for expected in [1_000, 2_000, 2_500, 2_500] {
        take_deliveries(&queue.db, |_| 0, LEASE).await.unwrap();
        assert_eq!(made().await, expected);
    }
    assert_eq!(queue.ids().await, [1], "all are about one entry");
}
