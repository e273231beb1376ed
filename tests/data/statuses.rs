//! Statuses of a release: draft, published, withdrawn, held by a release of content, previewed; and the slug that it keeps.
use chrono::TimeDelta;
use datasets::{Outcome, Target};
use kernel::store::{ChangeInfo, ToPublish, release as content_release, unpublish};
use serde_json::{Value, json};

use super::sample::{NATION, options, release, sync, synced, wage};
use crate::harness::{Folder, TestServer};

const PAY: &str =
    "{ wages(code: \"29-2072\", places: [\"US\"]) { nodes { annual { median { value } } dataset { release } } } }";

fn pay(value: u32, release: &str) -> Value {
    json!({ "wages": { "nodes": [{ "annual": { "median": { "value": value } }, "dataset": { "release": release } }] } })
}

#[tokio::test]
async fn the_files_of_a_draft_are_published_and_those_of_what_was_withdrawn_are_published_again() {
    let folder = Folder::new();
    let server = TestServer::empty().await;
    let mut asked = options(release(&folder, 2025, &[wage(NATION, "29-2072", 50_000)]));
    asked.target = Target::Draft;
    synced(&server, asked.clone()).await;
    assert_eq!(server.query("{ dataset(slug: \"bls-oews\") { release } }").await["dataset"], Value::Null);
    assert!(matches!(sync(&server, asked.clone()).await, Outcome::Unchanged { .. }));

    asked.target = Target::Published;
    synced(&server, asked.clone()).await;

    assert_eq!(server.query(PAY).await, pay(50_000, "May 2025"));
    assert!(matches!(sync(&server, asked.clone()).await, Outcome::Unchanged { .. }));
    let change = ChangeInfo::now("test", "");
    assert!(unpublish(&server.db, server.graph.content(), "dataset", "bls-oews", &change).await.unwrap());
    assert_eq!(server.query("{ datasets { totalCount } }").await["datasets"]["totalCount"], 0);
    synced(&server, asked).await;
    assert_eq!(server.query(PAY).await, pay(50_000, "May 2025"));
}

#[tokio::test]
async fn a_release_of_content_is_published_with_what_was_synced_for_it_whatever_draft_was_left_before() {
    let folder = Folder::new();
    let server = TestServer::empty().await;
    let file = |year, pay| options(release(&folder, year, &[wage(NATION, "29-2072", pay)]));
    let as_draft = |asked| datasets::SyncOptions { target: Target::Draft, ..asked };
    synced(&server, file(2023, 40_000)).await;
    synced(&server, as_draft(file(2024, 45_000))).await;
    synced(&server, file(2025, 50_000)).await;
    let change = ChangeInfo::now("test", "");
    content_release::create_release(&server.db, "spring", &change).await.unwrap().ok().unwrap();

    synced(&server, as_draft(file(2026, 55_000))).await;
    let added = [ToPublish { key: ("dataset", "bls-oews".to_owned()), revision: None, over: None }];
    let (_, done) = content_release::add_to_release(&server.db, "spring", &added, &change).await.unwrap().ok().unwrap();
    assert!(done.problems.is_empty());
    let token = server.token(&["publish", "read-drafts"]).await;
    let publish = "mutation { publishRelease(release: \"spring\") { errors { code message } } }";
    let published = server.send(&token, publish, json!({})).await;

    assert_eq!(published["data"]["publishRelease"]["errors"], json!([]), "{published}");
    assert_eq!(server.query(PAY).await, pay(55_000, "May 2026"));
}

#[tokio::test]
async fn a_preview_link_shows_the_figures_of_the_draft() {
    let folder = Folder::new();
    let server = TestServer::empty().await;
    synced(&server, options(release(&folder, 2025, &[wage(NATION, "29-2072", 50_000)]))).await;
    let mut draft = options(release(&folder, 2026, &[wage(NATION, "29-2072", 55_000)]));
    draft.target = Target::Draft;
    synced(&server, draft).await;
    let editor = server.token(&["read-drafts", "write"]).await;
    let link = "mutation { createPreviewLink(kind: DATASET, slug: \"bls-oews\", hours: 2) { token errors { code } } }";
    let link = server.send(&editor, link, json!({})).await["data"]["createPreviewLink"]["token"].clone();
    server.advance(TimeDelta::minutes(1));

    let preview = format!("preview:{}", link.as_str().unwrap());
    let http =
        server.http(reqwest::Method::POST).header("careerql-perspective", preview).json(&json!({ "query": PAY }));
    let seen: Value = http.send().await.unwrap().json().await.unwrap();

    assert_eq!(seen["data"], pay(55_000, "May 2026"), "{seen}");
    assert_eq!(server.query(PAY).await, pay(50_000, "May 2025"));
}

#[tokio::test]
async fn a_data_set_keeps_the_slug_by_which_its_figures_are_found() {
    let folder = Folder::new();
    let server = TestServer::empty().await;
    synced(&server, options(release(&folder, 2025, &[wage(NATION, "29-2072", 50_000)]))).await;
    let token = server.token(&["publish", "read-drafts", "write"]).await;
    let rename = "mutation { rename(kind: DATASET, slug: \"bls-oews\", to: \"wages\") { errors { code message } } }";
    let renamed = server.send(&token, rename, json!({})).await;

    assert_eq!(renamed["data"]["rename"]["errors"][0]["code"], "FIXED_SLUG", "{renamed}");
    assert_eq!(server.query(PAY).await, pay(50_000, "May 2025"));
}

#[tokio::test]
async fn codes_that_are_none_are_refused_before_anything_is_executed_with_what_was_given() {
    let server = TestServer::empty().await;
    for (query, words) in [
        (
            "{ a: occupations { totalCount } b: occupations(filter: {wage: {unit: YEAR, place: \"US-ZZ\"}}) { totalCount } }",
            "`US-ZZ`",
        ),
        ("{ place(code: \"us-ca\") { name } }", "us-ca"),
        ("{ occupation(code: \"29-2072\") { title } }", "29-2072"),
        ("{ changes(since: \"yesterday\") { version } }", "yesterday"),
    ] {
        let answer = server.ask(query, json!({})).await;
        assert_eq!(answer.codes(), ["GRAPHQL_VALIDATION_FAILED"], "{answer:?}");
        let message = answer.errors[0]["message"].as_str().unwrap();
        assert!(message.contains(words.trim_matches('`')) && !message.contains("occurred while"), "{message}");
        assert_eq!(answer.statements, 0, "{query}");
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_asked_fails_alone() {
    let server = TestServer::seeded().await;
    let query = "{ a: careers { nodes { slug } } b: careers(after: \"nonsense\") { nodes { slug } } }";
    let answer = server.ask(query, json!({})).await;

    assert_eq!(answer.errors.len(), 1, "{answer:?}");
    assert_eq!(answer.errors[0]["path"], json!(["b"]), "{answer:?}");
}
