//! A panic in something that the server does by itself ends nothing else, and the server goes on with that, too.
use std::sync::atomic::{AtomicUsize, Ordering};

use careers::Career;
use chrono::TimeDelta;
use kernel::{
    App, Perspective,
    document::{CheckedDocument, Findings},
    store::Mode,
};
use serde_json::json;

use crate::harness::{Binary, Folder, TestServer, eventually};

/// Number of panics that are still to come.
static PANICS: AtomicUsize = AtomicUsize::new(0);
/// A number that is never reached.
const ALWAYS: usize = usize::MAX;

fn check(guide: &CheckedDocument, _: &mut Findings) {
    let panics = || PANICS.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
    assert!(guide.document.slug != "faulty" || !panics(), "a rule with a fault");
}

fn faulty(app: &mut App) {
    app.check::<Career>(check);
}

#[tokio::test]
async fn what_panics_is_begun_again_and_ends_nothing_else() {
    let server = TestServer::with(careerql_server::app().module("faulty", faulty), Perspective::Published).await;
    let folder = Folder::new();
    server.import(&[folder.career("faulty", "F", "")], Mode::Draft).await;
    let token = server.token(&["publish", "read-drafts"]).await;
    let at = (server.now() + TimeDelta::days(1)).to_rfc3339();
    let schedule = format!(
        "mutation {{ createRelease(release: \"r\") {{ errors {{ code }} }} \
         addToRelease(release: \"r\", entries: [{{kind: CAREER, slug: \"faulty\"}}]) {{ errors {{ code }} }} \
         scheduleRelease(release: \"r\", at: \"{at}\") {{ errors {{ code }} }} }}"
    );
    PANICS.store(ALWAYS, Ordering::SeqCst);
    let body = server.send(&token, &schedule, json!({})).await;
    assert_eq!(body["data"]["scheduleRelease"]["errors"], json!([]), "{body}");
    server.advance(TimeDelta::days(2));
    eventually("it panics, and again", async || PANICS.load(Ordering::SeqCst) < ALWAYS - 2).await;

    // What another process publishes is noticed still.
    let version = server.db.version();
    let imported = Binary::new(&["import", folder.career("b", "B", "").to_str().unwrap(), "--publish"]);
    assert_eq!(imported.database(&server.database.url).run().await.status, 0);
    eventually("somebody looks still", async || server.db.version() > version).await;
    PANICS.store(0, Ordering::SeqCst);
    eventually("what is due is published still", async || {
        server.query_once("{ career(slug: \"faulty\") { title } }").await["career"]["title"] == "F"
    })
    .await;
}
