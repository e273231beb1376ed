//! Manifests: what is said of a release, and what happens where it says other than the database has.
use serde_json::{Value, json};

use super::sample::{NATION, options, release, sync, synced, wage};
use crate::harness::{Binary, Folder, TestDatabase, TestServer};
use datasets::Outcome;

/// A manifest of a table whose rows were never synced.
fn manifest(dataset: &str, table: &str, rows: usize) -> String {
    format!(
        "kind: dataset\nslug: {dataset}\ntitle: A data set\npublisher: An office\nrelease: Fake\nlicence: CC-BY-4.0\n\
         attribution: An office\ntables:\n  - name: {table}\n    version: '0000000000000000'\n    rows: {rows}\n"
    )
}

async fn code(server: &TestServer, query: &str) -> Value {
    server.ask(query, json!({})).await.codes().first().map_or(Value::Null, |code| json!(code))
}

#[tokio::test]
async fn lists_of_rows_that_were_never_synced_say_so_instead_of_finding_nothing() {
    let folder = Folder::new();
    let server = TestServer::empty().await;
    for query in ["{ occupations { totalCount } }", "{ places { nodes { code } } }"] {
        assert_eq!(code(&server, query).await, Value::Null, "nothing is said of a release: {query}");
    }
    let files = [
        folder.file("onet.yaml", &manifest("onet", "occupations", 1016)),
        folder.file("bls.yaml", &manifest("bls-oews", "places", 587)),
        folder.career("nurse", "Nurse", ""),
    ];
    server.publish(&files).await;

    for query in [
        "{ occupations { totalCount } }",
        "{ occupations { nodes { code } } }",
        "{ occupations(filter: {title: {contains: \"nurse\"}}) { nodes { code } } }",
        "{ occupation(code: \"29-1141.00\") { code } }",
        "{ places { totalCount } }",
        "{ places(filter: {code: {eq: \"US-CA\"}}) { nodes { code } } }",
    ] {
        assert_eq!(code(&server, query).await, "DATA_NOT_KEPT", "{query}");
    }
    // What does not touch the rows is answered.
    assert_eq!(code(&server, "{ careers { nodes { slug } } datasets { nodes { title } } }").await, Value::Null);
}

#[tokio::test]
async fn filters_of_the_past_by_rows_that_were_dropped_say_so() {
    let folder = Folder::new();
    let server = TestServer::empty().await;
    server.publish(&[folder.career("nurse", "Nurse", "")]).await;
    let mut asked = options(release(&folder, 2025, &[wage(NATION, "29-1141", 90_000)]));
    asked.keep = 1;
    synced(&server, asked.clone()).await;
    let then = format!("as-of:{}", server.now().to_rfc3339());
    server.advance(chrono::TimeDelta::hours(1));
    asked.paths = options(release(&folder, 2026, &[wage(NATION, "29-1141", 95_000)])).paths;
    synced(&server, asked).await;
    let token = server.token(&["read-drafts"]).await;

    for (query, expected) in [
        ("careers(filter: {wage: {place: \"US\", statistic: MEDIAN, unit: YEAR, gte: 1}}) { nodes { slug } }", true),
        (
            "careers(filter: {or: [{slug: {eq: \"nurse\"}}, {wage: {place: \"US\", statistic: MEDIAN, unit: YEAR, gte: 1}}]}) { totalCount }",
            true,
        ),
        ("careers { nodes { slug } }", false),
        ("places { totalCount }", false),
    ] {
        let past = server.send_in(&then, &token, &format!("{{ {query} }}"), json!({})).await;
        let expected = if expected { json!("DATA_NOT_KEPT") } else { Value::Null };
        assert_eq!(past["errors"][0]["extensions"]["code"], expected, "{query}: {past}");
    }
}

#[tokio::test]
async fn a_finding_tells_which_rows_a_manifest_speaks_of_that_are_not_there() {
    let folder = Folder::new();
    let server = TestServer::empty().await;
    synced(&server, options(release(&folder, 2025, &[wage(NATION, "29-2072", 50_000)]))).await;
    let token = server.token(&["read-drafts"]).await;
    let query = "{ dataset(slug: \"bls-oews\") { tables { name version rows } findings { rule path } } }";
    let before = server.send(&token, query, json!({})).await["data"]["dataset"].clone();
    assert_eq!(before["findings"], json!([]));
    let table = &before["tables"][0];
    let [name, version] = ["name", "version"].map(|field| table[field].as_str().unwrap().to_owned());

    let edited = manifest("bls-oews", "other", 9)
        + &format!("  - name: {name}\n    version: '{version}'\n    rows: {}\n", table["rows"].as_i64().unwrap() + 1);
    server.publish(&[folder.file("edited.yaml", &edited)]).await;

    let after = server.send(&token, query, json!({})).await;
    assert_eq!(
        after["data"]["dataset"]["findings"],
        json!([
            { "rule": "dataset-rows", "path": "tables[0].version" },
            { "rule": "dataset-rows", "path": "tables[1].rows" },
        ]),
        "{after}"
    );
}

#[tokio::test]
async fn days_are_told_with_unchanged_files_too() {
    let folder = Folder::new();
    let server = TestServer::empty().await;
    let mut asked = options(release(&folder, 2025, &[wage(NATION, "29-2072", 50_000)]));
    synced(&server, asked.clone()).await;
    asked.published_on = Some("2026-05-15".to_owned());
    asked.next_release_on = Some("2027-05-14".to_owned());

    let plan = synced(&server, asked.clone()).await;

    assert!(plan.tables.iter().all(|table| table.added + table.removed + table.changed == 0), "{plan:?}");
    let known = "{ dataset(slug: \"bls-oews\") { publishedOn nextReleaseOn history { release } } }";
    assert_eq!(
        server.query(known).await["dataset"],
        json!({ "publishedOn": "2026-05-15", "nextReleaseOn": "2027-05-14", "history": [{ "release": "May 2025" }] })
    );
    assert!(matches!(sync(&server, asked.clone()).await, Outcome::Unchanged { .. }));
    asked.published_on = None;
    asked.next_release_on = None;
    assert!(matches!(sync(&server, asked).await, Outcome::Unchanged { .. }), "days that are not given stay");
}

#[tokio::test]
async fn options_that_cannot_be_said_of_a_release_are_refused_before_anything_is_read() {
    let folder = Folder::new();
    let path = release(&folder, 2025, &[wage(NATION, "29-2072", 51_140)]);
    let path = path.to_str().unwrap();
    let database = TestDatabase::migrated().await;
    let long = "x".repeat(101);
    for (option, value, words) in [
        ("--edition", "x\ny", "name on one line"),
        ("--edition", "May\t2025", "name on one line"),
        ("--edition", "\u{7}", "name on one line"),
        ("--edition", "  ", "name on one line"),
        ("--edition", &long, "name on one line"),
        ("--edition", "May \u{202e}2025", "BAD_RELEASE"),
        ("--published-on", "soon", "a day such as"),
        ("--next-release-on", "2025-02-30", "a day such as"),
    ] {
        let run =
            Binary::new(&["sync", "bls-oews", path, "--publish", option, value]).database(&database.url).run().await;
        assert!(run.status != 0 && run.err.contains(words) && !run.err.contains("INTERNAL"), "{value:?}: {run:?}");
    }
    let days = ["--published-on", "2026-05-15", "--next-release-on", "2026-05-14"];
    let arguments: Vec<_> = ["sync", "bls-oews", path, "--publish"].into_iter().chain(days).collect();
    let run = Binary::new(&arguments).database(&database.url).run().await;
    assert!(run.status == 1 && run.err.contains("dataset-days"), "{run:?}");

    let run = Binary::new(&["sync", "bls-oews", path, "--plan"]).database(&database.url).run().await;
    assert!(run.out.contains("not synced before"), "{run:?}");
}

#[tokio::test]
async fn of_two_syncs_of_the_same_files_at_once_one_writes_them() {
    let folder = Folder::new();
    let path = release(&folder, 2025, &[wage(NATION, "29-2072", 51_140)]);
    let path = path.to_str().unwrap();
    let database = TestDatabase::migrated().await;
    let sync = || Binary::new(&["sync", "bls-oews", path, "--publish"]).database(&database.url).run();

    let (one, other) = tokio::join!(sync(), sync());

    assert_eq!((one.status, other.status), (0, 0), "{one:?} {other:?}");
    let unchanged = [&one, &other].into_iter().filter(|run| run.out.contains("unchanged")).count();
    assert_eq!(unchanged, 1, "{one:?} {other:?}");
}

#[tokio::test]
async fn a_release_that_was_overtaken_is_brought_up_to_date_by_another_sync() {
    let folder = Folder::new();
    let database = TestDatabase::migrated().await;
    let file = |year, pay| release(&folder, year, &[wage(NATION, "29-2072", pay)]).to_str().unwrap().to_owned();
    let (first, held, later) = (file(2024, 50_000), file(2026, 55_000), file(2025, 52_000));
    let run = async |arguments: &[&str]| {
        let all: Vec<_> = ["sync", "bls-oews"].into_iter().chain(arguments.iter().copied()).collect();
        let run = Binary::new(&all).database(&database.url).run().await;
        assert_eq!(run.status, 0, "{run:?}");
        run.out
    };
    run(&[&first, "--publish"]).await;
    run(&[&held]).await;
    run(&[&later, "--publish"]).await;

    let again = run(&[&held]).await;

    assert!(again.contains("(May 2025 before)"), "the draft goes on from what is published: {again}");
    assert!(run(&[&held]).await.contains("unchanged"));
}
