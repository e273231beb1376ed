//! Connections that are kept at hand for reading.
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, DbBackend};
use serde_json::json;

use crate::harness::TestServer;

#[tokio::test]
async fn a_connection_that_was_lost_at_rest_is_not_noticed() {
    let server = TestServer::seeded().await;
    let before = server.query("{ careers { nodes { title } } }").await;
    assert!(server.db.rested() > 0);
    // On SQLite there is nobody who could take a connection away.
    if server.db.get_database_backend() == DbBackend::Postgres {
        let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        server.db.execute_unprepared(all).await.unwrap();
    }

    let after = server.query("query Again { careers { nodes { title } } }").await;

    assert_eq!(after, before);
}

#[tokio::test]
async fn more_may_read_than_there_are_connections_and_editors_have_theirs() {
    let server = TestServer::seeded().await;
    let editor = server.token(&["write", "read-drafts"]).await;
    let queries: Vec<_> = (0..60)
        .map(|number| format!("query Q{number} {{ careers {{ nodes {{ slug roles {{ title }} }} }} }}"))
        .collect();
    let read = queries.iter().map(|query| server.query_once(query));
    let save = (0..10).map(|number| {
        let document = json!({ "slug": format!("new-{number}"), "title": format!("New {number}"), "summary": "One of many." });
        server.send_in(
            "draft",
            &editor,
            "mutation($document: CareerDocument!) { saveCareer(document: $document) { errors { message } career { title } } }",
            json!({ "document": document }),
        )
    });

    let (answers, saved) = tokio::join!(join_all(read), join_all(save));

    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    for (number, saved) in saved.iter().enumerate() {
        assert_eq!(
            saved["data"]["saveCareer"],
            json!({ "errors": [], "career": { "title": format!("New {number}") } }),
            "{saved}"
        );
    }
    let kept = server.db.rested();
    assert!((1..=8).contains(&kept), "{kept} of 12 are kept, the others are for those who write");
}

#[tokio::test]
async fn what_is_kept_at_hand_does_not_hold_up_the_end() {
    let server = TestServer::seeded().await;
    server.query("{ careers { nodes { title } } }").await;
    let db = server.db.clone();

    server.stop().await;
    db.clone().close().await.unwrap();

    assert_eq!(db.rested(), 0);
    assert!(db.ping().await.is_err());
}
