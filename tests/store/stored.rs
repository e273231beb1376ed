//! Acknowledged means stored: a disk that is full, others that write, and the promise about the loss of power.
use std::time::Duration;

use careerql_server::{Limits, Settings};
use reqwest::StatusCode;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{Binary, Folder, PATIENCE, TestDatabase, TestServer, Witness, eventually};

const SAVE: &str = "mutation($document: CareerDocument!) { saveCareer(document: $document) \
                    { revision { number } errors { code message } } }";

struct Editor {
    server: TestServer,
    token: String,
}

impl Editor {
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let server = TestServer::with_settings(settings).await;
        let token = server.token(&["read-drafts", "write", "publish", "administer"]).await;
        Self { server, token }
    }

    /// Saves a guide of this size; the code of the error, where there was one.
    async fn save(&self, slug: &str, size: usize) -> Result<(), (String, String)> {
        let document = json!({ "slug": slug, "title": slug, "summary": "word ".repeat(size / 5) });
        let body = self.server.send(&self.token, SAVE, json!({ "document": document })).await;
        failure(&body)?;
        assert_eq!(body["data"]["saveCareer"]["errors"], json!([]), "{body}");
        Ok(())
    }

    async fn publish(&self, slug: &str) -> Result<(), (String, String)> {
        let query =
            format!("mutation {{ publish(entries: [{{kind: CAREER, slug: \"{slug}\"}}]) {{ errors {{ code }} }} }}");
        failure(&self.server.send(&self.token, &query, json!({})).await)
    }

    async fn readiness(&self) -> (StatusCode, String) {
        let response = reqwest::get(self.server.url.replace("/graphql", "/readyz")).await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    async fn becomes_ready(&self) {
        eventually("the server is ready", async || self.readiness().await.0 == StatusCode::OK).await;
    }
}

fn failure(body: &Value) -> Result<(), (String, String)> {
    let error = &body["errors"][0];
    if error.is_null() {
        return Ok(());
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Err((text(&error["extensions"]["code"]), text(&error["message"])))
}

/// Somebody else on the same database.
async fn other(editor: &Editor) -> DatabaseConnection {
    Database::connect(&editor.server.database.url).await.unwrap()
}

/// Bounds the pages that all connections may fill, beyond those that there are; lifts the bound where none is given.
async fn bound(editor: &Editor, more: Option<u32>) {
    let pool = editor.server.db.get_sqlite_connection_pool();
    let held = (0..8).map(|_| pool.acquire());
    let mut held: Vec<_> = futures_util::future::try_join_all(held).await.unwrap();
    for connection in &mut held {
        let pages: u32 = sea_orm::sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut **connection).await.unwrap();
        let most = more.map_or(1_000_000, |more| pages + more);
        let sql = sea_orm::sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {most}"));
        sea_orm::sqlx::query(sql).execute(&mut **connection).await.unwrap();
    }
}

#[tokio::test]
async fn a_full_database_says_so_and_loses_nothing_and_all_is_well_once_there_is_room() {
    let editor = Editor::new().await;
    if editor.server.db.get_database_backend() != DbBackend::Sqlite {
        return;
    }
    editor.save("first", 10).await.unwrap();
    let witness = Witness::of(&editor.server.database.url).await;
    // The bound holds for a connection: those that replace the ones that were closed have none.
    bound(&editor, Some(12)).await;
    let (mut acknowledged, mut refused) = (vec!["first".to_owned()], 0);
    for number in 0..40 {
        let slug = format!("s{number}");
        let before = witness.sees().await;
        match editor.save(&slug, 30_000).await {
            Ok(()) => acknowledged.push(slug),
            Err((code, message)) => {
                assert_eq!(code, "DATABASE_FULL");
                assert!(message.contains("Free some space") && message.contains("Nothing was stored"), "{message}");
                assert_eq!(witness.sees().await, before);
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
    bound(&editor, None).await;
    editor.save("after", 30_000).await.unwrap();
    acknowledged.push("after".to_owned());
    editor.publish("after").await.unwrap();
    editor.becomes_ready().await;

    let stored = witness.sees().await;
    for slug in &acknowledged {
        let quoted = format!("'{slug}'");
        assert!(stored["entry"].iter().any(|row| row.contains(&quoted)), "{slug} is lost");
    }
    assert_eq!(stored["revision"].len(), acknowledged.len());
    let seen = editor.server.query("{ career(slug: \"after\") { title } }").await;
    assert_eq!(seen["career"]["title"], "after");
}

#[tokio::test]
async fn a_probe_tells_that_the_database_cannot_be_written_and_that_it_can_again_though_nobody_writes() {
    let editor = Editor::new().await;
    editor.server.db.fail_by(Some(std::sync::Arc::new(|_| Some(kernel::store::Fault::Ended))));
    assert_eq!(editor.readiness().await.0, StatusCode::OK, "nobody has tried");

    let (code, _) = editor.save("lost", 10).await.unwrap_err();

    assert_eq!(code, "DATABASE_UNAVAILABLE");
    let (status, text) = editor.readiness().await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(text.contains("cannot be written"), "{text}");
    editor.server.query("{ careers { totalCount } }").await;
    editor.server.db.fail_by(None);
    editor.becomes_ready().await;
    editor.save("stored", 10).await.unwrap();
}

#[tokio::test]
async fn whoever_saves_while_another_process_writes_hears_in_time_that_it_is_busy() {
    let limits = Limits { max_execution_seconds: Duration::from_secs(4), ..Limits::default() };
    let editor = Editor::with(Settings { limits, ..Settings::default() }).await;
    let other = other(&editor).await;
    let txn = other.begin().await.unwrap();
    let lock = match txn.get_database_backend() {
        DbBackend::Sqlite => "INSERT INTO write_probe (bytes) VALUES ('x')".to_owned(),
        _ => format!("SELECT pg_advisory_xact_lock({})", 0x0063_6172_6565_7271_i64),
    };
    txn.execute_raw(Statement::from_string(txn.get_database_backend(), lock)).await.unwrap();

    let saves = (0..5).map(|number| {
        let editor = &editor;
        async move { editor.save(&format!("s{number}"), 10).await.unwrap_err() }
    });
    let refused = timeout(PATIENCE, futures_util::future::join_all(saves)).await.expect("they hear in time");
    for (code, message) in refused {
        assert_eq!(code, "DATABASE_BUSY");
        assert!(message.contains("Nothing was stored") && message.contains("Try again"), "{message}");
    }
    let refused = timeout(PATIENCE, editor.publish("s1")).await.expect("it hears in time");
    assert_eq!(refused.unwrap_err().0, "DATABASE_BUSY");
    assert_eq!(editor.readiness().await.0, StatusCode::OK, "others may write");

    txn.rollback().await.unwrap();
    editor.save("after", 10).await.unwrap();
}

#[tokio::test]
async fn a_command_waits_for_others_that_write() {
    let editor = Editor::new().await;
    let other = other(&editor).await;
    let txn = other.begin().await.unwrap();
    let lock = match txn.get_database_backend() {
        DbBackend::Sqlite => "INSERT INTO write_probe (bytes) VALUES ('x')".to_owned(),
        _ => format!("SELECT pg_advisory_xact_lock({})", 0x0063_6172_6565_7271_i64),
    };
    txn.execute_raw(Statement::from_string(txn.get_database_backend(), lock)).await.unwrap();
    let folder = Folder::new();
    let path = folder.career("a", "A", "");
    let import = Binary::new(&["import", path.to_str().unwrap(), "--publish"]).database(&editor.server.database.url);

    let import = tokio::spawn(import.run());
    // Others that read the same files, and the same database, end meanwhile.
    for _ in 0..2 {
        let diff = Binary::new(&["diff", path.to_str().unwrap()]).database(&editor.server.database.url).run().await;
        assert_ne!(diff.out, "", "{diff:?}");
    }
    assert!(!import.is_finished(), "it waits");
    txn.rollback().await.unwrap();

    let run = import.await.unwrap();
    assert_eq!(run.status, 0, "{run:?}");
}

#[tokio::test]
async fn a_loss_of_power_takes_nothing_that_was_acknowledged_unless_a_setting_says_so() {
    let editor = Editor::new().await;
    let (sql, expected) = match editor.server.db.get_database_backend() {
        DbBackend::Sqlite => ("PRAGMA synchronous", "2"),
        _ => ("SHOW synchronous_commit", "on"),
    };
    let statement = Statement::from_string(editor.server.db.get_database_backend(), sql);
    let row = editor.server.db.query_one_raw(statement).await.unwrap().unwrap();
    let told = row.try_get_by_index::<String>(0).or_else(|_| row.try_get_by_index::<i32>(0).map(|n| n.to_string()));
    assert_eq!(told.unwrap(), expected);
}

#[tokio::test]
async fn a_setting_that_is_none_is_refused_with_those_that_there_are() {
    let database = TestDatabase::fresh().await;
    let run = Binary::new(&["migrate", "--synchronous", "off"]).database(&database.url).run().await;
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.err.contains("full") && run.err.contains("normal"), "{run:?}");
    for setting in ["full", "normal"] {
        let run = Binary::new(&["migrate"]).database(&database.url).env("CAREERQL_SQLITE_SYNCHRONOUS", setting);
        let run = run.run().await;
        assert_eq!(run.status, 0, "{run:?}");
    }
}
