//! The queue of deliveries: the same cost however many wait, each entry in order, nothing sent twice at the same time.
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use careerql_server::{Settings, WebhookOptions};
use chrono::TimeDelta;
use kernel::{
    AccessContext, Perspective, Principal,
    store::{
        self, Attempt, ChangeInfo, Database, Event, Mode, line_up_all, redeliver, settle_delivery, take_deliveries,
    },
};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, TransactionTrait as _};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{Folder, PATIENCE, Receiver, TestDatabase, TestServer, create_webhook, optimised};

const LEASE: TimeDelta = TimeDelta::minutes(1);

/// A database with one publication and a webhook that was told of it, but no server that sends.
pub struct Queue {
    pub database: TestDatabase,
    pub db: Database,
    webhook: i64,
}

/// Adds deliveries to a webhook; `entry` makes the entry of one from its number `i`, which begins at 1.
async fn add(db: &Database, webhook: i64, number: usize, entry: &str) {
    // Each delivery tells of a publication of its own. All at once, so that a server that looks makes none of its own.
    let insert = format!(
        "BEGIN;
         INSERT INTO publication (entry_id, revision_id, published_at, retired_at)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number})
         SELECT p.entry_id, p.revision_id, p.published_at, p.published_at
         FROM n, (SELECT * FROM publication WHERE id = (SELECT min(id) FROM publication)) p;
         INSERT INTO delivery (webhook_id, publication_id, entry_id, attempts, due_at)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number})
         SELECT {webhook}, (SELECT max(id) FROM publication) - {number} + i, {entry}, 0, CURRENT_TIMESTAMP FROM n ORDER BY i;
         UPDATE webhook SET last_publication_id = (SELECT max(id) FROM publication);
         COMMIT"
    );
    db.execute_unprepared(&insert).await.unwrap();
    line_up_all(db).await.unwrap();
}

pub async fn connected(database: &TestDatabase) -> Database {
    let (_, migrations) = careerql_server::app().build().unwrap();
    migrations.up(careerql_server::connect(&database.url).await.unwrap()).await.unwrap()
}

impl Queue {
    pub async fn new() -> Self {
        let database = TestDatabase::fresh().await;
        let db = connected(&database).await;
        let (graph, _) = careerql_server::app().build().unwrap();
        let folder = Folder::new();
        let change = ChangeInfo::now("test", "");
        let progress = std::sync::Arc::new(|_, _| {});
        let career = [folder.career("a", "A", "")];
        store::import_files(&db, graph.content(), &career, Mode::Publish, &change, progress).await.unwrap();
        let webhook = store::create_webhook(&db, store::WebhookSettings::standard("http://receiver.example"), &change)
            .await
            .unwrap();
        Self { database, db, webhook: webhook.id }
    }

    /// Adds deliveries; `entry` makes the entry of one from its number `i`, which begins at 1.
    pub async fn add(&self, number: usize, entry: &str) {
        add(&self.db, self.webhook, number, entry).await;
    }

    async fn take(&self) -> Vec<Event> {
        take_deliveries(&self.db, |_| 8, LEASE).await.unwrap()
    }

    async fn done(&self, event: &Event) {
        settle_delivery(&self.db, &event.delivery, Attempt::Done { status: 200 }).await.unwrap();
    }

    pub async fn ids(&self) -> Vec<i64> {
        self.take().await.iter().map(|event| event.delivery.id).collect()
    }

    /// Notes the statements from now on.
    pub fn heard(&mut self) -> Arc<Mutex<Vec<Statement>>> {
        let heard: Arc<Mutex<Vec<Statement>>> = Arc::default();
        let hearing = heard.clone();
        self.db.observe(Arc::new(move |info| hearing.lock().unwrap().push(info.statement.clone())));
        heard
    }

    /// The statements that taking some deliveries and settling them asks about deliveries; the plan of each.
    async fn plans(&mut self) -> Vec<String> {
        let heard = self.heard();
        for event in &self.take().await {
            self.done(event).await;
        }
        let heard = std::mem::take(&mut *heard.lock().unwrap());
        let mut plans = Vec::new();
        for asked in heard.iter().filter(|asked| asked.sql.contains("\"delivery\"")) {
            plans.push(plan(&*self.db, asked, "").await);
        }
        plans
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
    for (name, entry) in [("of each entry", "i * 10"), ("of one entry", "7"), ("of some entries", "i % 10")] {
        let (mut few, mut many) = (Queue::new().await, Queue::new().await);
        few.add(150, entry).await;
        many.add(20_000, entry).await;
        let plans = many.plans().await;
        assert_eq!(plans.len(), few.plans().await.len(), "{name}: the same number of statements");
        for plan in &plans {
            looks_at_few(plan);
        }
        // Times say something on a machine that has nothing else to do.
        if optimised().is_none() {
            continue;
        }
        let (few, many) = (few.round().await, many.round().await);
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
    let change = ChangeInfo::now("test", "");
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

/// The number of rows in a table that a condition holds for.
pub async fn count(db: &Database, table: &str, condition: &str) -> i64 {
    let sql = format!("SELECT count(*) AS n FROM {table} WHERE {condition}");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

/// The plan of a statement, as text.
pub async fn plan(db: &impl sea_orm::ConnectionTrait, statement: &Statement, options: &str) -> String {
    let backend = db.get_database_backend();
    let (explain, column) = if backend == DbBackend::Postgres {
        (format!("EXPLAIN {options}"), "QUERY PLAN")
    } else {
        ("EXPLAIN QUERY PLAN".to_owned(), "detail")
    };
    let sql = format!("{explain} {}", statement.sql);
    let asked = Statement { sql, values: statement.values.clone(), db_backend: backend };
    let rows = db.query_all_raw(asked).await.unwrap();
    rows.iter().map(|row| row.try_get::<String>("", column).unwrap()).collect::<Vec<_>>().join("\n")
}

/// Fails where a plan goes over all deliveries, or over all of a webhook.
fn looks_at_few(plan: &str) {
    for line in plan.lines().map(str::trim) {
        let goes_over_all =
            ["Seq Scan on delivery", "SCAN delivery", "SCAN earlier"].iter().any(|all| line.contains(all));
        assert!(!goes_over_all, "{line}: {plan}");
        // Only the first columns of an index lead somewhere: of those that are open, the entry or the release must be known.
        let knows_webhook_alone = line.starts_with("Index Cond: ((webhook_id = ") && line.contains(" AND (id ")
            || line.starts_with("SEARCH") && line.ends_with("(webhook_id=?)");
        assert!(
            !knows_webhook_alone || line.contains("entry_id = ") || line.contains("release_id = "),
            "{line}: {plan}"
        );
    }
}

/// The statements that publishing a release and taking deliveries asks, where so many deliveries are open; the plan of each that
/// looks into deliveries, and the number of blocks that Postgres reads to put the release in line.
async fn release_beside(open: usize) -> (usize, Vec<String>, u64) {
    let mut queue = Queue::new().await;
    queue.add(open, "i * 10").await;
    let heard = queue.heard();
    let (graph, _) = careerql_server::app().build().unwrap();
    let folder = Folder::new();
    let (change, progress) = (ChangeInfo::now("test", ""), Arc::new(|_, _| {}));
    let drafts = [folder.career("b", "B", ""), folder.career("c", "C", "")];
    store::import_files(&queue.db, graph.content(), &drafts, Mode::Draft, &change, progress).await.unwrap();
    let scopes = ["publish", "read-drafts", "write"].map(|scope| scope.parse().unwrap());
    let (_, secret) = store::create_token(&queue.db, "t", &scopes, None, &change).await.unwrap();
    let bearer = store::bearer(&queue.db, &secret).await.unwrap().unwrap();
    let run = async |query: &str| {
        let view = AccessContext {
            perspective: Perspective::Published,
            caller: Principal::AccessToken(Arc::new(bearer.clone())),
        };
        let done = graph.execute(async_graphql::Request::new(query), &queue.db, view).await.response;
        let done = serde_json::to_value(&done).unwrap();
        assert!(done.get("errors").is_none() && !done.to_string().contains("\"code\":"), "{done}");
    };
    run("mutation { createRelease(release: \"r\") { errors { code } } addToRelease(release: \"r\", \
         entries: [{kind: CAREER, slug: \"b\"}, {kind: CAREER, slug: \"c\"}]) { errors { code } } }")
    .await;
    heard.lock().unwrap().clear();

    run("mutation { publishRelease(release: \"r\") { errors { code } } }").await;
    assert_eq!(queue.take().await.len(), 8);

    let about =
        heard.lock().unwrap().iter().filter(|asked| asked.sql.contains("\"delivery\"")).cloned().collect::<Vec<_>>();
    let (mut plans, mut blocks) = (Vec::new(), 0);
    for asked in about.iter().filter(|asked| !asked.sql.starts_with("INSERT")) {
        plans.push(plan(&*queue.db, asked, "").await);
    }
    if queue.db.get_database_backend() == DbBackend::Postgres {
        let lined_up = about.iter().filter(|asked| asked.sql.starts_with("UPDATE") && asked.sql.contains("earlier"));
        let txn = queue.db.begin().await.unwrap();
        let new = "UPDATE delivery SET next_at = NULL WHERE release_id IS NOT NULL";
        txn.execute_unprepared(new).await.unwrap();
        for asked in lined_up {
            let told = plan(&txn, asked, "(ANALYZE, BUFFERS, COSTS OFF, TIMING OFF)").await;
            let whole = told.split("Buffers: shared hit=").nth(1).unwrap_or_default();
            let hit: String = whole.chars().take_while(char::is_ascii_digit).collect();
            blocks += hit.parse::<u64>().unwrap_or_default();
        }
        txn.rollback().await.unwrap();
    }
    assert_eq!(
        count(&queue.db, "delivery", "release_id IS NOT NULL AND next_at IS NULL").await,
        1,
        "it waits for its entries"
    );
    (about.len(), plans, blocks)
}

#[tokio::test]
async fn a_release_is_queued_by_the_same_statements_however_many_deliveries_are_open() {
    let (few, _, few_blocks) = release_beside(10).await;
    let (many, plans, many_blocks) = release_beside(100_000).await;
    assert_eq!(many, few, "the same number of statements");
    assert!(many_blocks < few_blocks + 200, "{few_blocks} blocks beside 10, {many_blocks} beside 100,000");
    for plan in &plans {
        looks_at_few(plan);
    }
}

#[tokio::test]
async fn editors_save_and_publish_while_a_queue_is_full_and_its_receiver_is_down() {
    let webhooks = WebhookOptions {
        webhook_private_addresses: true,
        webhook_retry_seconds: Duration::from_millis(50),
        ..WebhookOptions::default()
    };
    let server = TestServer::with_settings(Settings { webhooks, ..Settings::default() }).await;
    let folder = Folder::new();
    server.publish(&[folder.career("a", "A", "")]).await;
    let token = server.token(&["administer", "publish", "read-drafts", "write"]).await;
    // Nobody listens there any more.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    create_webhook(&server, &token, &format!("url: \"http://{}/hook\"", gone.local_addr().unwrap())).await;
    drop(gone);
    add(&server.db, 1, 100_000, "i * 10").await;
    let receiver = Receiver::default();
    let url = receiver.start().await;
    create_webhook(&server, &token, &format!("url: \"{url}\"")).await;

    let work = async {
        for number in 0..5 {
            let query = format!(
                "mutation {{ saveCareer(document: {{slug: \"n{number}\", title: \"N\", summary: \"S\"}}) {{ errors {{ code message }} }} \
                 publish(entries: [{{kind: CAREER, slug: \"n{number}\"}}]) {{ errors {{ code message }} }} \
                 createRelease(release: \"r{number}\") {{ errors {{ code }} }} \
                 addToRelease(release: \"r{number}\", entries: [{{kind: CAREER, slug: \"n{number}\", revision: 1}}]) {{ errors {{ code }} }} \
                 publishRelease(release: \"r{number}\") {{ errors {{ code }} }} }}"
            );
            let done = server.send(&token, &query, json!({})).await;
            let errors: Vec<&Value> = ["saveCareer", "publish", "createRelease", "addToRelease", "publishRelease"]
                .iter()
                .map(|field| &done["data"][field]["errors"])
                .collect();
            assert_eq!(errors, vec![&json!([]); 5], "{done}");
        }
        // The other receiver hears of it all.
        receiver.has(10).await;
    };
    timeout(PATIENCE * 3, work).await.expect("nobody waits for the queue");

    let open = "webhook_id = 1 AND done_at IS NULL AND dead_at IS NULL";
    assert_eq!(count(&server.db, "delivery", open).await, 100_010, "what is not taken stays");
    assert!(count(&server.db, "delivery", "webhook_id = 1 AND attempts > 0").await > 0, "it was tried");
}
