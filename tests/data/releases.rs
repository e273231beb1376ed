//! Releases of a data set: drafts, releases of content, the past, and what is no longer kept.
use chrono::TimeDelta;
use datasets::Target;
use kernel::store::{ChangeInfo, ToPublish, release as content_release};
use serde_json::json;

use super::sample::{NATION, options, release, synced, wage};
use crate::harness::{Folder, TestServer};

const QUERY: &str = "{ occupation(code: \"29-2072.00\") { wage { annual { median { value } } dataset { release } } } }";

/// A server that knows the occupation 29-2072.00.
async fn server(folder: &Folder) -> TestServer {
    let server = TestServer::empty().await;
    folder.file("onet/Read Me.txt", "O*NET 30.3 Database\n");
    folder.file(
        "onet/occupation_data.csv",
        "O*NET-SOC Code,Title,Description\r\n29-2072.00,Medical Records Specialists,\r\n",
    );
    let mut onet = options(folder.path().join("onet"));
    "onet".clone_into(&mut onet.dataset);
    synced(&server, onet).await;
    server
}

fn figure(value: u32, release: &str) -> serde_json::Value {
    json!({ "occupation": { "wage": { "annual": { "median": { "value": value } }, "dataset": { "release": release } } } })
}

#[tokio::test]
async fn the_past_answers_with_the_release_of_its_time() {
    let folder = Folder::new();
    let server = server(&folder).await;
    synced(&server, options(release(&folder, 2025, &[wage(NATION, "29-2072", 50_000)]))).await;
    let then = server.now();
    server.advance(TimeDelta::hours(1));
    synced(&server, options(release(&folder, 2026, &[wage(NATION, "29-2072", 55_000)]))).await;

    assert_eq!(server.query(QUERY).await, figure(55_000, "May 2026"));
    let token = server.token(&["read-drafts"]).await;
    let as_of = format!("as-of:{}", then.to_rfc3339());
    let past = server.send_in(&as_of, &token, QUERY, json!({})).await;
    assert_eq!(past["data"], figure(50_000, "May 2025"), "{past}");
}

#[tokio::test]
async fn a_draft_is_for_editors_and_goes_live_with_a_release_of_content() {
    let folder = Folder::new();
    let server = server(&folder).await;
    synced(&server, options(release(&folder, 2025, &[wage(NATION, "29-2072", 50_000)]))).await;
    let mut draft = options(release(&folder, 2026, &[wage(NATION, "29-2072", 55_000)]));
    draft.target = Target::Draft;
    synced(&server, draft).await;

    assert_eq!(server.query(QUERY).await, figure(50_000, "May 2025"));
    let token = server.token(&["read-drafts"]).await;
    assert_eq!(server.send_in("draft", &token, QUERY, json!({})).await["data"], figure(55_000, "May 2026"));

    let change = ChangeInfo::now("test", "");
    content_release::create_release(&server.db, "spring", &change).await.unwrap().ok().unwrap();
    let key = ("dataset", "bls-oews".to_owned());
    let added = [ToPublish { key, revision: None, over: None }];
    let (_, done) = content_release::add_to_release(&server.db, "spring", &added, &change).await.unwrap().ok().unwrap();
    assert!(done.problems.is_empty());
    assert_eq!(server.send_in("release:spring", &token, QUERY, json!({})).await["data"], figure(55_000, "May 2026"));
    assert_eq!(server.query(QUERY).await, figure(50_000, "May 2025"));
}

#[tokio::test]
async fn rows_of_old_releases_are_dropped_and_asking_for_them_is_an_error() {
    let folder = Folder::new();
    let server = server(&folder).await;
    let mut then = Vec::new();
    for year in 2021..2026 {
        let mut asked = options(release(&folder, year, &[wage(NATION, "29-2072", year * 20)]));
        asked.keep = 2;
        synced(&server, asked).await;
        then.push(server.now());
        server.advance(TimeDelta::hours(1));
    }
    let token = server.token(&["read-drafts"]).await;
    let ask = async |time: chrono::DateTime<chrono::Utc>| {
        server.send_in(&format!("as-of:{}", time.to_rfc3339()), &token, QUERY, json!({})).await
    };

    assert_eq!(ask(then[4]).await["data"], figure(2_025 * 20, "May 2025"));
    assert_eq!(ask(then[3]).await["data"], figure(2_024 * 20, "May 2024"));
    let dropped = ask(then[0]).await;
    assert_eq!(dropped["errors"][0]["extensions"]["code"], "DATA_NOT_KEPT", "{dropped}");
    let manifests = "{ dataset(slug: \"bls-oews\") { history { release } } }";
    assert_eq!(server.query(manifests).await["dataset"]["history"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn one_finding_tells_that_a_newer_release_is_due() {
    let folder = Folder::new();
    let server = server(&folder).await;
    let mut asked = options(release(&folder, 2025, &[wage(NATION, "29-2072", 50_000)]));
    asked.next_release_on = Some((server.now() + TimeDelta::days(10)).date_naive().to_string());
    synced(&server, asked).await;
    let token = server.token(&["read-drafts"]).await;
    let findings = "{ dataset(slug: \"bls-oews\") { findings { rule path } } }";
    assert_eq!(server.send_once(&token, findings).await["data"]["dataset"]["findings"], json!([]));

    server.advance(TimeDelta::days(11));

    let found = server.send_once(&token, findings).await;
    assert_eq!(
        found["data"]["dataset"]["findings"],
        json!([{ "rule": "stale-dataset", "path": "nextReleaseOn" }]),
        "{found}"
    );
}

#[tokio::test]
async fn an_answer_is_purged_when_its_data_set_is_published() {
    let folder = Folder::new();
    let server = server(&folder).await;
    synced(&server, options(release(&folder, 2025, &[wage(NATION, "29-2072", 50_000)]))).await;

    let answer = server.http(reqwest::Method::POST).json(&json!({ "query": QUERY })).send().await.unwrap();

    let tags = answer.headers()["cache-tag"].to_str().unwrap().to_owned();
    for tag in ["dataset:bls-oews", "dataset:onet"] {
        assert!(tags.split(',').any(|known| known == tag), "{tags}");
    }
}
