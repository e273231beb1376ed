//! A database that can only be read: everything that reads works, and what writes says why it does not.
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, Running, TestDatabase, eventually};

const SAVE: &str =
    "mutation { saveCareer(document: {slug: \"two\", title: \"Two\", summary: \"S\"}) { errors { code } } }";

/// A database with one career and a token, and the URL under which it is read-only.
async fn replica(folder: &Folder) -> (TestDatabase, String, String) {
    let database = TestDatabase::fresh().await;
    folder.career("one", "One", "");
    let path = folder.path().to_str().unwrap();
    let run = |arguments: &[&str]| Binary::new(arguments).database(&database.url).run();
    assert_eq!(run(&["import", path, "--publish"]).await.status, 0);
    let token = run(&["token", "create", "--name", "t", "--scope", "all"]).await.out.trim().to_owned();
    let url = read_only(&database, true).await;
    (database, url, token)
}

/// Makes the database read-only, or lets it be written again; the URL of that.
async fn read_only(database: &TestDatabase, is_read_only: bool) -> String {
    if database.url.starts_with("sqlite") {
        return if is_read_only { format!("{}?mode=ro", database.url) } else { database.url.clone() };
    }
    let (server, name) = database.url.rsplit_once('/').unwrap();
    let admin = Database::connect(format!("{server}/postgres")).await.unwrap();
    let setting = if is_read_only { "on" } else { "off" };
    let set = format!("ALTER DATABASE {name} SET default_transaction_read_only = {setting}");
    admin.execute_unprepared(&set).await.unwrap();
    admin.close().await.unwrap();
    database.url.clone()
}

async fn send(url: &str, token: &str, query: &str) -> Value {
    let request = reqwest::Client::new().post(url).bearer_auth(token).json(&json!({ "query": query }));
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn all_that_reads_works_and_what_writes_says_that_it_cannot() {
    let folder = Folder::new();
    let (_database, url, token) = replica(&folder).await;
    let path = folder.path().to_str().unwrap();
    let run = |arguments: &[&str]| Binary::new(arguments).database(&url).run();
    let exported = Folder::new();
    for reading in [
        &["export", exported.path().to_str().unwrap()][..],
        &["diff", path],
        &["check", path],
        &["migrate"],
        &["token", "list"],
        &["webhook", "list"],
    ] {
        let output = run(reading).await;
        assert_eq!(output.status, 0, "{reading:?}: {output:?}");
    }
    folder.career("two", "Two", "");
    for writing in [
        &["import", path][..],
        &["import", path, "--publish"],
        &["token", "create", "--name", "x", "--scope", "all"],
        &["webhook", "create", "https://example.com"],
        &["unpublish", "career", "one"],
        &["rename", "career", "one", "other"],
    ] {
        let output = run(writing).await;
        assert_eq!(output.status, 1, "{writing:?}: {output:?}");
        assert!(output.err.contains("[DATABASE_READ_ONLY]"), "{writing:?}: {output:?}");
    }

    let server = Running::start(Binary::new(&["--listen", "127.0.0.1:0"]).database(&url));
    let root = server.url.trim_end_matches("/graphql").to_owned();
    assert_eq!(
        send(&server.url, &token, "{ career(slug: \"one\") { title } }").await["data"]["career"]["title"],
        "One"
    );
    assert_eq!(reqwest::get(format!("{root}/readyz")).await.unwrap().status(), 200);
    let refused = send(&server.url, &token, SAVE).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "DATABASE_READ_ONLY", "{refused}");
}

#[tokio::test]
async fn tables_that_have_to_be_made_are_told() {
    let database = TestDatabase::fresh().await;
    if database.url.starts_with("sqlite") {
        let path = database.url.strip_prefix("sqlite://").unwrap();
        std::fs::write(path, "").unwrap();
    }
    let url = read_only(&database, true).await;

    let output = Binary::new(&["serve", "--listen", "127.0.0.1:0"]).database(&url).run().await;

    assert_eq!(output.status, 1, "{output:?}");
    assert!(output.err.contains("`careerql migrate`") && output.err.contains("[DATABASE_READ_ONLY]"), "{output:?}");
}

#[tokio::test]
async fn a_server_that_began_with_a_standby_writes_once_it_may() {
    let folder = Folder::new();
    let (database, url, token) = replica(&folder).await;
    if url != database.url {
        return;
    }
    let server = Running::start(Binary::new(&["--listen", "127.0.0.1:0"]).database(&url));
    let refused = send(&server.url, &token, SAVE).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "DATABASE_READ_ONLY", "{refused}");

    read_only(&database, false).await;

    eventually("it is written", async || {
        send(&server.url, &token, SAVE).await["data"]["saveCareer"]["errors"] == json!([])
    })
    .await;
    // From here on, it is always so.
    for number in 0..20 {
        let query = SAVE.replace("two", &format!("more-{number}"));
        let saved = send(&server.url, &token, &query).await;
        assert_eq!(saved["data"]["saveCareer"]["errors"], json!([]), "{saved}");
    }
}

#[tokio::test]
async fn a_file_that_nobody_changes_is_read_as_it_stands() {
    let folder = Folder::new();
    let database = TestDatabase::sqlite();
    folder.career("one", "One", "");
    let path = folder.path().to_str().unwrap();
    let imported = Binary::new(&["import", path, "--publish"]).database(&database.url).run().await;
    assert_eq!(imported.status, 0);

    let url = format!("{}?immutable=1", database.url);
    let server = Running::start(Binary::new(&["--listen", "127.0.0.1:0"]).database(&url));

    let shown =
        reqwest::Client::new().post(&server.url).json(&json!({ "query": "{ career(slug: \"one\") { title } }" }));
    let shown: Value = shown.send().await.unwrap().json().await.unwrap();
    assert_eq!(shown["data"]["career"]["title"], "One", "{shown}");
}
