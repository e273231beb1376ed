//! A panic in something that the server does by itself ends nothing else, and the server goes on with that, too.
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use careers::Career;
use kernel::{
    App, Perspective,
    document::{CheckedDocument, Findings},
    store::Mode,
};
use serde_json::json;

use crate::harness::{Binary, Folder, TestServer};

static PANICS: AtomicBool = AtomicBool::new(false);

fn check(guide: &CheckedDocument, _: &mut Findings) {
    assert!(guide.document.slug != "faulty" || !PANICS.load(Ordering::SeqCst), "a rule with a fault");
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
    let at = (chrono::Utc::now() + chrono::Duration::milliseconds(300)).to_rfc3339();
    let schedule = format!(
        "mutation {{ createRelease(release: \"r\") {{ errors {{ code }} }} \
         addToRelease(release: \"r\", entries: [{{kind: CAREER, slug: \"faulty\"}}]) {{ errors {{ code }} }} \
         scheduleRelease(release: \"r\", at: \"{at}\") {{ errors {{ code }} }} }}"
    );
    PANICS.store(true, Ordering::SeqCst);
    let body = server.send(&token, &schedule, json!({})).await;
    assert_eq!(body["data"]["scheduleRelease"]["errors"], json!([]), "{body}");
    tokio::time::sleep(Duration::from_millis(1_500)).await;

    // What another process publishes is noticed still.
    let version = server.db.version();
    let imported = Binary::new(&["import", folder.career("b", "B", "").to_str().unwrap(), "--publish"]);
    assert_eq!(imported.database(&server.database.url).run().await.status, 0);
    for _ in 0..100 {
        if server.db.version() > version {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(server.db.version() > version, "nobody looks any more");
    PANICS.store(false, Ordering::SeqCst);
    for _ in 0..200 {
        let seen = server.query_once("{ career(slug: \"faulty\") { title } }").await;
        if seen["career"]["title"] == "F" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody publishes what is due any more");
}
