//! Deliveries that their receivers have taken are forgotten in time: some at once, each by one server, and no others.
use chrono::TimeDelta;
use kernel::store::{ChangeInfo, redeliver, remove_taken};
use sea_orm::ConnectionTrait as _;

use crate::{
    harness::{Binary, Running, eventually},
    store::queue::{Queue, connected, count, plan},
};

/// A queue with deliveries that were taken 40 days ago (600), 10 days ago (100) and that were given up (1), and old ones that are
/// open (499).
async fn aged() -> Queue {
    let queue = Queue::new().await;
    queue.add(1_200, "i * 10").await;
    let ago = |days| format!("'{}'", (queue.db.clock().now() - TimeDelta::days(days)).to_rfc3339());
    let (old, recent) = (ago(40), ago(10));
    for sql in [
        format!("UPDATE delivery SET due_at = {old}, next_at = {old}"),
        format!("UPDATE delivery SET done_at = {old}, next_at = NULL WHERE id <= 600"),
        format!("UPDATE delivery SET done_at = {recent}, next_at = NULL WHERE id > 600 AND id <= 700"),
        format!("UPDATE delivery SET dead_at = {old}, next_at = NULL WHERE id = 701"),
    ] {
        queue.db.execute_unprepared(&sql).await.unwrap();
    }
    queue
}

#[tokio::test]
async fn deliveries_that_were_taken_long_ago_are_removed_some_at_a_time() {
    let mut queue = aged().await;
    let before = queue.db.clock().now() - TimeDelta::days(30);
    // One that is sent once more is open again.
    redeliver(&queue.db, 7, &ChangeInfo::now("test", "")).await.unwrap().unwrap();
    let heard = queue.heard();

    let mut removed = Vec::new();
    for _ in 0..4 {
        removed.push(remove_taken(&queue.db, before, 250).await.unwrap());
    }
    assert_eq!(removed, [250, 250, 99, 0]);
    let left = ["id <= 600", "id > 600 AND id <= 700", "id = 701", "id > 701"];
    for (left, expected) in left.into_iter().zip([1, 100, 1, 499]) {
        assert_eq!(count(&queue.db, "delivery", left).await, expected, "{left}");
    }
    assert_eq!(queue.ids().await.len(), 8, "the queue goes on");
    let delete = heard.lock().unwrap().iter().find(|asked| asked.sql.starts_with("DELETE")).cloned().unwrap();
    queue.db.execute_unprepared("ANALYZE").await.unwrap();
    let told = plan(&*queue.db, &delete, "").await;
    assert!(told.contains("delivery_taken"), "{told}");
}

#[tokio::test]
async fn servers_remove_deliveries_together_and_each_once() {
    let queue = aged().await;
    let before = queue.db.clock().now() - TimeDelta::days(30);
    let removers = (0..3).map(|_| async {
        let db = connected(&queue.database).await;
        let mut removed = 0;
        for _ in 0..40 {
            removed += remove_taken(&db, before, 50).await.unwrap();
        }
        removed
    });
    let removed: u64 = futures_util::future::join_all(removers).await.into_iter().sum();
    assert_eq!((removed, count(&queue.db, "delivery", "true").await), (600, 600));
}

#[tokio::test]
async fn a_server_forgets_deliveries_after_the_days_in_its_settings() {
    let queue = aged().await;
    let days = |days: &str| Running::on(&queue.database).env("CAREERQL_WEBHOOK_DELIVERY_DAYS", days);
    let wrong = days("0").run().await;
    assert!(wrong.status != 0 && wrong.err.contains("--webhook-delivery-days"), "{wrong:?}");
    assert!(wrong.err.contains("1.."), "{wrong:?}");
    assert_eq!(count(&queue.db, "delivery", "true").await, 1_200);

    let by_default = Running::start(Running::on(&queue.database));
    let done = async |expected: i64| {
        let what = format!("{expected} deliveries stay");
        eventually(&what, async || count(&queue.db, "delivery", "done_at IS NOT NULL").await == expected).await;
    };
    done(100).await;
    drop(by_default);
    let _week = Running::start(days("7"));
    done(0).await;
    assert_eq!(count(&queue.db, "delivery", "true").await, 500, "what is open or was given up stays");
    let help = Binary::new(&["serve", "--help"]).run().await;
    assert!(help.out.contains("--webhook-delivery-days"), "{help:?}");
}
