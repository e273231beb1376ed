//! Changes between two revisions, as editors read it.
use serde_json::{Value, json};

use crate::harness::{Folder, TestServer};

fn career(duties: &[&str], low: u32, high: u32) -> String {
    let listed: Vec<_> =
        duties.iter().map(|duty| format!("      - {{title: {duty}, description: About {duty}.}}\n")).collect();
    let listed = listed.concat();
    format!(
        "roles:\n  - key: clerk\n    title: Clerk\n    level: ENTRY\n    summary: A clerk.\n    duties:\n{listed}\
         pay:\n  bands:\n    - {{role: clerk, stage: ENTRY, range: {{low: {low}, high: {high}, currency: USD, period: YEAR, source: survey, asOf: 2026-01-01}}}}\n"
    )
}

#[tokio::test]
async fn a_moved_duty_is_a_move_and_a_changed_band_shows_both_numbers() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server
        .publish(&[folder.source("survey"), folder.career("a", "A", &career(&["File", "Scan", "Code"], 30000, 40000))])
        .await;
    server.publish(&[folder.career("a", "A", &career(&["Code", "File", "Scan"], 32000, 41000))]).await;
    let token = server.token(&["read-drafts"]).await;

    let query = "{ career(slug: \"a\") { diff(from: 1, to: 2) { kind path fromPath before after text } \
                 revisions { nodes { number summary changes { kind } } } } }";
    let body = server.send(&token, query, json!({})).await;
    let changes = &body["data"]["career"]["diff"];

    assert_eq!(changes.as_array().map(Vec::len), Some(2), "{body:#}");
    let moved = changes.as_array().unwrap().iter().find(|change| change["kind"] == "MOVED").unwrap();
    assert_eq!((&moved["path"], &moved["fromPath"]), (&json!("roles[0].duties[0]"), &json!("roles[0].duties[2]")));
    let band = changes.as_array().unwrap().iter().find(|change| change["kind"] == "CHANGED").unwrap();
    assert_eq!(band["path"], "pay.bands[0].range");
    assert_eq!((&band["before"]["low"], &band["after"]["low"]), (&json!(30000), &json!(32000)));
    assert_eq!(band["text"], "pay.bands[0].range: 30000–40000 → 32000–41000");
    let revisions = &body["data"]["career"]["revisions"]["nodes"];
    assert_eq!(revisions[1], json!({ "number": 1, "summary": "the first revision", "changes": [] }));
    let summary = revisions[0]["summary"].as_str().unwrap();
    assert!(summary.contains("30000–40000 → 32000–41000") && summary.contains("moved"), "{summary}");

    let back = server.send(&token, "{ career(slug: \"a\") { diff(from: 2, to: 1) { kind } same: diff(from: 1, to: 1) { kind } none: diff(from: 1, to: 9) { kind } } }", json!({})).await;
    assert_eq!(back["data"]["career"]["diff"].as_array().map(Vec::len), Some(2));
    assert_eq!((&back["data"]["career"]["same"], &back["data"]["career"]["none"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn the_history_of_many_entries_is_read_by_a_few_statements() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    for round in 0..3 {
        let paths: Vec<_> =
            (0..6).map(|number| folder.career(&format!("c{number}"), &format!("C {round}"), "")).collect();
        server.publish(&paths).await;
    }
    let token = server.token(&["read-drafts"]).await;
    let statements = async |query: &str| {
        let before = server.statements();
        let body = server.send(&token, query, json!({})).await;
        assert_eq!(body.get("errors"), None, "{body}");
        server.statements() - before
    };
    let one = statements("{ career(slug: \"c1\") { revisions { nodes { summary } } } }").await;
    let six = statements("{ careers { nodes { revisions { nodes { summary } } } } }").await;
    assert_eq!(six, one, "six histories take as many statements as one");
}

#[tokio::test]
async fn a_saved_draft_stands_in_the_history_at_once() {
    let server = TestServer::empty().await;
    server.publish(&[Folder::new().career("a", "First", "")]).await;
    let token = server.token(&["read-drafts", "write"]).await;
    let history = async || {
        let query =
            "{ entry(kind: CAREER, slug: \"a\") { revisions { nodes { number } } revision(number: 2) { author } } }";
        server.send(&token, query, json!({})).await["data"]["entry"].clone()
    };
    assert_eq!(history().await, json!({ "revisions": { "nodes": [{ "number": 1 }] }, "revision": null }));

    let save = "mutation { saveCareer(document: {slug: \"a\", title: \"Second\", summary: \"S\"}, baseRevision: 1, author: \"E\") { errors { message } } }";
    let saved = server.send(&token, save, json!({})).await;

    assert_eq!(saved["data"]["saveCareer"]["errors"], json!([]), "{saved}");
    let revisions = json!({ "nodes": [{ "number": 2 }, { "number": 1 }] });
    assert_eq!(
        history().await,
        json!({ "revisions": revisions, "revision": { "author": "E" } }),
        "nothing was published"
    );
}
