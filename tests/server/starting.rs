//! Starting: what hinders it is told at once, in words, with what to do.
use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
};

use kernel::store;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{Binary, Folder, Output, PATIENCE, Running, TestDatabase};

/// Runs `careerql token list` on the database, which ends soon.
async fn list_tokens(url: &str) -> Output {
    let output = Binary::new(&["token", "list", "--database-url", url]).run();
    timeout(PATIENCE, output).await.unwrap_or_else(|_| panic!("{url}: it does not end"))
}

fn is_told(output: &Output, code: &str, words: &str) {
    assert_eq!(output.status, 1, "{output:?}");
    assert!(output.err.starts_with("careerql: "), "{output:?}");
    assert!(output.err.trim_end().ends_with(&format!("[{code}]")), "{code}: {output:?}");
    assert!(output.err.contains(words), "{words}: {output:?}");
    for inner in ["pool", "sqlx", "SELECT", "(code:", "DbErr", "panicked"] {
        assert!(!output.err.contains(inner), "{inner}: {output:?}");
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_told_at_once_with_what_to_do() {
    let folder = Folder::new();
    let path = |name: &str| folder.path().join(name).display().to_string();
    folder.file("text.txt", "This is no database, though it is long enough to be taken for one.\n");
    folder.file("short.txt", "x");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let cases = [
        (String::new(), "DATABASE_URL_INVALID", "is empty"),
        ("mysql://u:s3cret@h/db".to_owned(), "DATABASE_URL_INVALID", "it must start with sqlite:// or postgres://"),
        ("u:s3cret@h/db".to_owned(), "DATABASE_URL_INVALID", "it must start with sqlite:// or postgres://"),
        ("sqlite://".to_owned(), "DATABASE_URL_INVALID", "names no file"),
        ("sqlite://x.sqlite?mode=odd".to_owned(), "DATABASE_URL_INVALID", "`mode`"),
        ("sqlite://x.sqlite?key=s3cret".to_owned(), "DATABASE_URL_INVALID", "`key`"),
        (format!("sqlite://{}", path("no/such/x")), "DATABASE_UNAVAILABLE", "does not exist. Create it first"),
        (format!("sqlite://{}", path("")), "DATABASE_UNAVAILABLE", "is a folder"),
        (format!("sqlite://{}", path("text.txt")), "DATABASE_DAMAGED", "is not an SQLite database"),
        (format!("sqlite://{}", path("short.txt")), "DATABASE_DAMAGED", "is not an SQLite database"),
        (format!("sqlite://{}?mode=ro", path("none.sqlite")), "DATABASE_MISSING", "does not exist"),
        (format!("sqlite://{}?mode=rw", path("none.sqlite")), "DATABASE_MISSING", "does not exist"),
        (format!("postgres://me:s3cret@{closed}/db"), "DATABASE_UNAVAILABLE", "nothing listens there"),
        ("postgres://me:s3cret@nowhere.invalid/db".to_owned(), "DATABASE_UNAVAILABLE", "cannot be reached"),
        ("postgres://me:s3cret@h/db?sslmode=odd".to_owned(), "DATABASE_URL_INVALID", "parameter"),
        ("postgres://me:s3#cret@h/db".to_owned(), "DATABASE_URL_INVALID", "%23"),
        ("postgres://me:s3cret@a:1,b:2/db".to_owned(), "DATABASE_URL_INVALID", "one host"),
        ("postgres:me:s3cret@h/db".to_owned(), "DATABASE_URL_INVALID", "`//`"),
    ];
    for (url, code, words) in cases {
        let output = list_tokens(&url).await;
        is_told(&output, code, words);
        assert!(!output.err.contains("cret"), "{output:?}");
    }
    assert!(!folder.path().join("none.sqlite").exists(), "what is only looked for is not made");
}

#[tokio::test]
async fn what_answers_and_is_no_postgres_is_told_from_one_that_is_silent() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (other_at, silent_at) = (other.local_addr().unwrap(), silent.local_addr().unwrap());
    std::thread::spawn(move || {
        while let Ok((mut client, _)) = other.accept() {
            let _asked = client.read(&mut [0; 64]);
            let _said = client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });

    let output = list_tokens(&format!("postgres://me:s3cret@{other_at}/db")).await;
    is_told(&output, "DATABASE_UNAVAILABLE", "Check");
    let output = list_tokens(&format!("postgres://me:s3cret@{silent_at}/db")).await;
    is_told(&output, "DATABASE_UNAVAILABLE", "did not answer within 3 seconds");
}

/// The URL of the server of the test, with another user, password or name; none where the test is about a file.
fn on_server(user: Option<&str>, name: Option<&str>) -> Option<String> {
    let server = std::env::var("CAREERQL_TEST_POSTGRES").ok()?;
    let mut url = url::Url::parse(&server).unwrap();
    if let Some(user) = user {
        url.set_username(user).unwrap();
        url.set_password(Some("s3cret")).unwrap();
    }
    url.set_path(name.unwrap_or("postgres"));
    Some(url.to_string())
}

#[tokio::test]
async fn a_user_and_a_database_that_are_not_there_are_named() {
    let Some(url) = on_server(Some("careerql_nobody"), None) else { return };
    let output = list_tokens(&url).await;
    is_told(&output, "DATABASE_DENIED", "careerql_nobody");

    let url = on_server(None, Some("careerql_nowhere")).unwrap();
    is_told(&list_tokens(&url).await, "DATABASE_MISSING", "createdb careerql_nowhere");
}

#[tokio::test]
async fn a_user_who_may_not_make_tables_is_told_which_right_it_needs() {
    let database = TestDatabase::fresh().await;
    let Some(name) = database.url.starts_with("postgres").then(|| database.url.rsplit('/').next().unwrap()) else {
        return;
    };
    let user = format!("{name}_guest");
    let admin = Database::connect(&database.url).await.unwrap();
    for statement in [
        format!("DROP ROLE IF EXISTS {user}"),
        format!("CREATE ROLE {user} LOGIN PASSWORD 's3cret'"),
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned(),
    ] {
        admin.execute_unprepared(&statement).await.unwrap();
    }

    let output = list_tokens(&on_server(Some(&user), Some(name)).unwrap()).await;
    is_told(&output, "DATABASE_DENIED", "GRANT USAGE, CREATE ON SCHEMA");

    admin.execute_unprepared("DROP SCHEMA public").await.unwrap();
    let output = list_tokens(&on_server(Some(&user), Some(name)).unwrap()).await;
    is_told(&output, "DATABASE_FOREIGN", "CREATE SCHEMA");
    admin.execute_unprepared(&format!("DROP ROLE {user}")).await.unwrap();
    admin.close().await.unwrap();
}

#[tokio::test]
async fn the_tables_of_another_program_and_of_a_newer_version_are_left_alone() {
    let database = TestDatabase::fresh().await;
    let admin = careerql_server::connect(&database.url).await.unwrap();
    admin.execute_unprepared("CREATE TABLE entry (whose TEXT)").await.unwrap();

    is_told(&list_tokens(&database.url).await, "DATABASE_FOREIGN", "`entry`");

    admin.execute_unprepared("DROP TABLE entry").await.unwrap();
    let output = list_tokens(&database.url).await;
    assert_eq!(output.status, 0, "nothing was left behind: {output:?}");
    admin
        .execute_unprepared("INSERT INTO migration_kernel (version, applied_at) VALUES ('m20990101_000001_later', 0)")
        .await
        .unwrap();
    is_told(&list_tokens(&database.url).await, "DATABASE_NEWER", "m20990101_000001_later");
    admin.close().await.unwrap();
}

/// Holds the lock of the writers until it is dropped.
pub async fn hold(url: &str) -> sea_orm::DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1);
    let other = Database::connect(options).await.unwrap();
    let begin = match other.get_database_backend() {
        sea_orm::DbBackend::Sqlite => "BEGIN IMMEDIATE",
        _ => "SELECT pg_advisory_lock(27973166649668209)",
    };
    other.execute_unprepared(begin).await.unwrap();
    other
}

#[tokio::test]
async fn starting_and_reading_wait_for_no_writer() {
    let database = TestDatabase::fresh().await;
    let folder = Folder::new();
    folder.career("one", "One", "");
    let path = folder.path().to_str().unwrap().to_owned();
    let run = |arguments: &[&str]| Binary::new(arguments).database(&database.url).run();
    assert_eq!(run(&["import", &path, "--publish"]).await.status, 0);
    let other = hold(&database.url).await;

    let exported = Folder::new();
    let export = ["export", exported.path().to_str().unwrap()];
    for arguments in [&export[..], &["diff", &path], &["token", "list"], &["migrate"]] {
        let ended = timeout(PATIENCE, run(arguments)).await;
        let ended = ended.unwrap_or_else(|_| panic!("a writer is waited for: {arguments:?}"));
        assert_eq!(ended.status, 0, "{arguments:?}: {ended:?}");
    }
    let server = Running::start(Running::on(&database));
    let query = json!({ "query": "{ career(slug: \"one\") { title } }" });
    let answer: Value =
        reqwest::Client::new().post(&server.url).json(&query).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"]["career"]["title"], "One");
    assert!(exported.path().join("careers/one.yaml").is_file());
    other.close().await.unwrap();
}

#[tokio::test]
async fn a_seed_that_was_changed_is_told_with_the_command() {
    let (database, folder) = (TestDatabase::fresh().await, Folder::new());
    folder.career("one", "One", "");
    folder.career("two", "Two", "");
    let seed = folder.path().display().to_string();
    let start = || {
        let binary = Binary::new(&["--listen", "127.0.0.1:0", "--seed", &seed]).env("CAREERQL_LOG_LEVEL", "warn");
        Running::start(binary.database(&database.url))
    };
    drop(start());
    let (graph, migrations) = careerql_server::app().build().unwrap();
    let db = migrations.up(Database::connect(&database.url).await.unwrap()).await.unwrap();
    let paths = [folder.path().to_owned()];
    let changed = async || store::changed_files(&db, graph.content(), &paths).await.unwrap();
    assert_eq!(changed().await, 0);
    let unpublished = Binary::new(&["unpublish", "career", "two"]).database(&database.url).run().await;
    assert_eq!(unpublished.status, 0, "{unpublished:?}");
    assert_eq!(changed().await, 0, "what was withdrawn is not new");

    folder.career("one", "Another title", "");
    folder.career("three", "Three", "");
    assert_eq!(changed().await, 2);
    let told = start().tells("careerql import");
    assert!(told.contains("documents=2") && told.contains(&format!("`careerql import {seed} --publish`")), "{told}");
    let imported = Binary::new(&["import", &seed, "--publish"]).database(&database.url).run().await;
    assert_eq!(imported.status, 0, "{imported:?}");
    assert_eq!(changed().await, 0);
    db.close().await.unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_standard_output_is_told() {
    for arguments in [&["schema"][..], &["settings"], &["rules"], &["--help"], &["--version"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_careerql"))
            .args(arguments)
            .env_clear()
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("The standard output cannot be written"), "{arguments:?}: {told}");
        assert!(told.contains("[OUTPUT_FAILED]"), "{arguments:?}: {told}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_of_a_database_are_for_their_owner() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let file = folder.path().join("new.sqlite");
    let url = format!("sqlite://{}", file.display());
    let mode = |name: &str| {
        let path = folder.path().join(name);
        fs::metadata(&path).unwrap_or_else(|cause| panic!("{name}: {cause}")).permissions().mode() & 0o777
    };

    let server = Running::start(Binary::new(&["--listen", "127.0.0.1:0"]).within(folder.path()).database(&url));
    for name in ["new.sqlite", "new.sqlite-wal", "new.sqlite-shm"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    drop(server);

    // Whoever opened it has a reason, and is told what it means.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = Binary::new(&["--listen", &address]).within(folder.path()).database(&url).run().await;
    assert!(output.err.contains("other users can read the database"), "{output:?}");
    assert_eq!(mode("new.sqlite"), 0o644);
}
