//! A backup is restored under a running server: what was kept of the other past is shown no more.
use careerql_server::{Settings, WebhookOptions};
use kernel::store::Mode;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};

use crate::harness::{Folder, Receiver, Socket, TestServer, create_webhook, eventually};

/// A copy of all tables, in the database itself.
struct Backup {
    db: DatabaseConnection,
    tables: Vec<String>,
}

impl Backup {
    async fn of(server: &TestServer) -> Self {
        let mut options = ConnectOptions::new(&server.database.url);
        options.max_connections(1);
        let db = Database::connect(options).await.unwrap();
        let tables = match db.get_database_backend() {
            DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            _ => "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = 'public'",
        };
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), tables)).await.unwrap();
        let mut tables: Vec<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
        // Nothing can be taken out of it; a true backup replaces its file or its table.
        tables.retain(|table| table != "audit");
        let backup = Self { db, tables };
        if backup.is_postgres() {
            backup.run("CREATE SCHEMA saved").await;
        }
        for table in &backup.tables {
            backup.run(&format!("CREATE TABLE {} AS SELECT * FROM {table}", backup.saved(table))).await;
        }
        backup
    }

    fn is_postgres(&self) -> bool {
        self.db.get_database_backend() == DbBackend::Postgres
    }

    fn saved(&self, table: &str) -> String {
        if self.is_postgres() { format!("saved.{table}") } else { format!("saved_{table}") }
    }

    async fn run(&self, sql: &str) {
        self.db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Restores all tables at once, or each by itself.
    async fn restore(&self, how: How) {
        let without_checks =
            if self.is_postgres() { "SET session_replication_role = replica" } else { "PRAGMA foreign_keys = OFF" };
        self.run(without_checks).await;
        if how == How::AtOnce {
            self.run("BEGIN").await;
        }
        // A true backup has them made after the rows.
        let triggers = self.triggers().await;
        for (name, _) in &triggers {
            self.run(&format!("DROP TRIGGER {name}")).await;
        }
        for table in &self.tables {
            self.run(&format!("DELETE FROM {table}")).await;
        }
        for table in &self.tables {
            self.run(&format!("INSERT INTO {table} SELECT * FROM {}", self.saved(table))).await;
        }
        for table in ["entry", "revision", "publication"] {
            let next = if self.is_postgres() {
                format!(
                    "SELECT setval(pg_get_serial_sequence('{table}', 'id'), greatest((SELECT max(id) FROM {table}), 1))"
                )
            } else {
                format!(
                    "UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(id), 0) FROM {table}) WHERE name = '{table}'"
                )
            };
            self.run(&next).await;
        }
        for (_, sql) in &triggers {
            self.run(sql).await;
        }
        if how == How::AtOnce {
            self.run("COMMIT").await;
        }
    }

    /// The triggers that hold without being asked to, by name, with what makes them: none on Postgres.
    async fn triggers(&self) -> Vec<(String, String)> {
        if self.is_postgres() {
            return Vec::new();
        }
        let sql = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'";
        let rows = self.db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
        rows.iter().map(|row| (row.try_get("", "name").unwrap(), row.try_get("", "sql").unwrap())).collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    AtOnce,
    TableByTable,
}

async fn titles(server: &TestServer) -> Value {
    let query = "{ careers { totalCount nodes { title } } a: career(slug: \"a\") { title } }";
    server.query_once(query).await
}

/// Waits until the server shows this title of `a`.
async fn shows(server: &TestServer, title: &str) {
    eventually(&format!("{title} is shown"), async || titles(server).await["a"]["title"] == title).await;
}

#[tokio::test]
async fn what_is_restored_is_shown_and_so_is_what_is_published_by_the_same_numbers_afterwards() {
    for how in [How::AtOnce, How::TableByTable] {
        let server = TestServer::empty().await;
        let folder = Folder::new();
        server.publish(&[folder.career("a", "Before", "")]).await;
        let backup = Backup::of(&server).await;
        server.publish(&[folder.career("a", "After", ""), folder.career("b", "Only after", "")]).await;
        assert_eq!(titles(&server).await["a"]["title"], "After");
        let version = server.db.version();

        backup.restore(how).await;
        shows(&server, "Before").await;
        assert_eq!(server.query("{ careers { totalCount } }").await["careers"]["totalCount"], 1);
        // Whoever reads without a cache may see what is restored before the server notices that it was.
        eventually("the restore is noticed", async || server.db.version() < version).await;

        // Their revisions and their version have the numbers of those that were lost.
        server.publish(&[folder.career("a", "Another after", ""), folder.career("c", "Also", "")]).await;
        assert_eq!(server.db.version(), version);
        assert_eq!(server.query("{ career(slug: \"a\") { title } }").await["career"]["title"], "Another after");
        assert_eq!(server.query("{ career(slug: \"b\") { title } }").await["career"], json!(null));
    }
}

#[tokio::test]
async fn what_this_process_publishes_right_after_a_restore_is_shown_at_once_with_all_that_was_restored() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[folder.career("a", "Before", ""), folder.career("b", "B before", "")]).await;
    let backup = Backup::of(&server).await;
    server.publish(&[folder.career("a", "After", ""), folder.career("b", "B after", "")]).await;
    let ask = "{ a: career(slug: \"a\") { title } b: career(slug: \"b\") { title } }";
    assert_eq!(server.query(ask).await["b"]["title"], "B after");

    backup.restore(How::AtOnce).await;
    server.publish(&[folder.career("a", "Third", "")]).await;

    assert_eq!(server.query(ask).await, json!({ "a": { "title": "Third" }, "b": { "title": "B before" } }));
}

#[tokio::test]
async fn a_draft_of_a_revision_that_was_lost_is_not_shown_in_the_place_of_another() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[folder.career("a", "Before", "")]).await;
    let reader = server.token(&["read-drafts"]).await;
    let backup = Backup::of(&server).await;
    server.import(&[folder.career("a", "A draft", "tags: [one]\n")], Mode::Draft).await;
    let ask = "{ career(slug: \"a\") { title tags } }";
    let shown = server.send_in("draft", &reader, ask, json!({})).await;
    assert_eq!(shown["data"]["career"]["tags"], json!(["one"]));

    let state = server.db.state();
    backup.restore(How::AtOnce).await;
    eventually("the restore is noticed", async || server.db.state().past != state.past).await;
    server.import(&[folder.career("a", "Another", "tags: [two]\n")], Mode::Draft).await;

    let shown = server.send_in("draft", &reader, ask, json!({})).await;
    assert_eq!(shown["data"]["career"], json!({ "title": "Another", "tags": ["two"] }));
    assert_eq!(server.db.version(), state.number);
}

#[tokio::test]
async fn a_subscriber_is_told_to_come_back_and_a_webhook_goes_on() {
    let webhooks = WebhookOptions { webhook_private_addresses: true, ..WebhookOptions::default() };
    let server = TestServer::with_settings(Settings { webhooks, ..Settings::default() }).await;
    let (folder, receiver) = (Folder::new(), Receiver::default());
    let address = receiver.start().await;
    let admin = server.token(&["administer"]).await;
    create_webhook(&server, &admin, &format!("url: \"{address}\"")).await;
    server.publish(&[folder.career("a", "Before", "")]).await;
    receiver.has(1).await;
    let backup = Backup::of(&server).await;
    server.publish(&[folder.career("a", "After", "")]).await;
    receiver.has(2).await;
    let mut socket = Socket::ready(&server).await;
    let listen = "subscription { contentChanged { slug } }";
    socket.subscribed("1", listen).await;

    backup.restore(How::AtOnce).await;
    let told = socket.hear().await;
    assert_eq!((&told["type"], &told["id"]), (&json!("error"), &json!("1")), "{told}");
    assert_eq!(told["payload"][0]["extensions"]["code"], "CONTENT_RESTORED", "{told}");

    socket.subscribed("2", listen).await;
    server.publish(&[folder.career("a", "Third", "")]).await;
    assert_eq!(socket.next("2").await["data"]["contentChanged"]["slug"], "a");
    receiver.has(3).await;
}

#[tokio::test]
async fn tables_that_are_missing_meanwhile_are_told_and_those_that_come_back_are_read() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[folder.career("a", "Before", "")]).await;
    let backup = Backup::of(&server).await;
    server.publish(&[folder.career("a", "After", "")]).await;
    backup.restore(How::TableByTable).await;
    backup.run("ALTER TABLE section RENAME TO away").await;

    let answer = server
        .http(reqwest::Method::POST)
        .json(&json!({ "query": "{ career(slug: \"a\") { title summary { html } } }" }));
    let answer: Value = answer.send().await.unwrap().json().await.unwrap();
    if let Some(errors) = answer["errors"].as_array() {
        assert!(errors.iter().all(|error| error["extensions"]["code"] == "DATABASE_INCOMPLETE"), "{answer}");
    }

    backup.run("ALTER TABLE away RENAME TO section").await;
    shows(&server, "Before").await;
}

#[cfg(unix)]
#[tokio::test]
async fn another_file_in_the_place_of_the_database_is_not_mistaken_for_it() {
    let server = TestServer::empty().await;
    let Some(file) = server.database.url.strip_prefix("sqlite://").map(ToOwned::to_owned) else { return };
    let folder = Folder::new();
    server.publish(&[folder.career("a", "Before", "")]).await;
    assert_eq!(titles(&server).await["a"]["title"], "Before");

    std::fs::rename(&file, format!("{file}.away")).unwrap();
    std::fs::write(&file, "").unwrap();

    eventually("the server is not ready", async || !is_ready(&server).await).await;
    let answer = server.ask("{ career(slug: \"a\") { title } }", json!({})).await;
    assert_eq!(answer.codes(), ["DATABASE_REPLACED"], "{answer:?}");
    std::fs::rename(format!("{file}.away"), &file).unwrap();
    eventually("the server is ready again", async || is_ready(&server).await).await;
    assert_eq!(titles(&server).await["a"]["title"], "Before");
}

async fn is_ready(server: &TestServer) -> bool {
    let root = server.url.trim_end_matches("/graphql");
    reqwest::get(format!("{root}/readyz")).await.unwrap().status() == 200
}
