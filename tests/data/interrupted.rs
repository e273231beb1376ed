//! A sync that is ended in the middle: the database is as before, or has all of it.
use std::{fs, sync::Arc, thread::sleep, time::Duration};

use serde_json::json;

use super::sample::{NATION, options, release, table, wage};
use crate::harness::{Binary, Folder, TestDatabase, TestServer};

#[tokio::test]
async fn a_killed_sync_leaves_the_database_as_before_or_complete() {
    let folder = Folder::new();
    let rows: Vec<_> = (0..30_000)
        .map(|number| wage(NATION, &format!("{}-{:04}", 11 + number / 10_000, number % 10_000), 40_000))
        .collect();
    let path = release(&folder, 2025, &rows);
    let path = path.to_str().unwrap();
    let database = TestDatabase::migrated().await;
    let sync = || Binary::new(&["sync", "bls-oews", path, "--publish"]).database(&database.url);
    for pause in [30, 60, 90] {
        let mut killed = sync().start();
        sleep(Duration::from_millis(pause));
        killed.kill().unwrap();
        killed.wait().unwrap();
    }

    let complete = sync().run().await;
    let again = sync().run().await;

    assert_eq!(complete.status, 0, "{complete:?}");
    assert!(complete.out.contains("wages") && complete.out.contains("30000"), "{complete:?}");
    assert_eq!(again.out, "bls-oews May 2025: unchanged; nothing was written.\n");
}

#[tokio::test]
async fn the_command_tells_its_plan_by_its_exit_status() {
    let folder = Folder::new();
    let path = release(&folder, 2025, &[wage(NATION, "29-2072", 51_140)]);
    let path = path.to_str().unwrap();
    let database = TestDatabase::migrated().await;
    let run = async |arguments: &[&str]| {
        let all: Vec<_> = ["sync", "bls-oews", path].into_iter().chain(arguments.iter().copied()).collect();
        Binary::new(&all).database(&database.url).run().await
    };

    let plan = run(&["--plan"]).await;
    let unknown = Binary::new(&["sync", "bls", path]).database(&database.url).run().await;
    let release = run(&["--release", "spring"]).await;
    let accepted = run(&["--accept", "everything"]).await;
    let synced = run(&["--publish"]).await;

    assert_eq!(plan.status, 2, "{plan:?}");
    assert!(plan.out.ends_with("Nothing was written.\n"), "{plan:?}");
    assert_eq!(unknown.status, 1);
    assert!(
        unknown.err.contains("There is no data set `bls` to sync") && unknown.err.contains("`bls-oews`"),
        "{unknown:?}"
    );
    assert!(release.err.contains("RELEASE_NOT_FOUND"), "{release:?}");
    assert!(accepted.err.contains("UNKNOWN_RULE"), "{accepted:?}");
    assert_eq!(synced.status, 0, "{synced:?}");
    assert!(synced.out.ends_with("bls-oews May 2025 is published.\n"), "{synced:?}");
}

#[tokio::test]
async fn files_that_change_while_they_are_read_are_not_stored() {
    let folder = Folder::new();
    let server = TestServer::empty().await;
    let rows = |pay| -> Vec<_> {
        (0..30_000)
            .map(|number| wage(NATION, &format!("{}-{:04}", 11 + number / 10_000, number % 10_000), pay))
            .collect()
    };
    let path = release(&folder, 2025, &rows(40_000));
    let other = folder.file("other.csv", &table(&rows(50_000)));
    let file = fs::read_dir(&path).unwrap().next().unwrap().unwrap().path();
    // Another file takes its place while the first is checked, which is open then.
    let progress = Arc::new(move |_: &str, _: usize| drop(fs::rename(&other, &file)));

    let synced = datasets::sync(&server.db, server.graph.catalog(), options(path), progress).await;

    assert_eq!(synced.unwrap_err().code(), "FILE_CHANGED");
    assert_eq!(server.query("{ datasets { totalCount } }").await, json!({ "datasets": { "totalCount": 0 } }));
}
