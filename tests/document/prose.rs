//! Prose: bounded by the check, rendered in little time, also where it was stored before there were bounds.
use std::sync::mpsc;

use kernel::store::check_files;
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use tokio::time::timeout;

use crate::harness::{Folder, PATIENCE, TestServer};

const ANSWER: &str = r#"{ career(slug: "a") { faq { answer { html plain } } } }"#;

/// A career with one answer, as JSON: what is in the answer needs no indentation there.
fn career(folder: &Folder, answer: &str) -> std::path::PathBuf {
    let faq = json!([{ "key": "q", "question": "Why?", "answer": answer }]);
    let career = json!({ "kind": "career", "slug": "a", "title": "A", "summary": "About it.", "faq": faq });
    folder.file("careers.jsonl", &career.to_string())
}

#[test]
fn prose_that_breaks_a_bound_is_refused_at_its_place_and_soon() {
    let (graph, _) = careerql_server::app().build().unwrap();
    let units =
        ["- a\n  ", "> ", "1. ", "+ ", "<div>", "<b>", "<p><b>", "a|b\n-|-\n", "[", "*a ", "> - ", "&", "`", "![["];
    for unit in units {
        let folder = Folder::new();
        let path = career(&folder, &(unit.repeat(1_000_000 / unit.len()) + "a"));
        let (sender, checked) = mpsc::channel();
        let content = graph.content().clone();
        std::thread::spawn(move || sender.send(check_files(&content, &[path], &|_, _| {}).reports(&content)));
        let reports = checked.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{unit}: it is not checked in time"));
        let found: Vec<_> = reports.listed.iter().map(|report| &report.finding).collect();
        assert_eq!(found.len(), 1, "{unit}: {found:#?}");
        assert_eq!((found[0].rule, found[0].path.to_string().as_str()), ("oversized-prose", "faq[0].answer"), "{unit}");
    }
}

#[tokio::test]
async fn a_save_with_prose_that_breaks_a_bound_is_refused() {
    let server = TestServer::empty().await;
    let token = server.token(&["read-drafts", "write"]).await;
    let deep = "> ".repeat(1_000) + "a";
    let query = "mutation($c: CareerDocument!) { saveCareer(document: $c) \
        { errors { message } career { slug } } }";
    let document = json!({ "slug": "a", "title": "A", "summary": deep });
    let answer = server.send(&token, query, json!({ "c": document })).await;
    let message = answer["data"]["saveCareer"]["errors"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("nested more than 32 deep"), "{answer}");
    assert!(answer["data"]["saveCareer"]["career"].is_null(), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stored_prose_that_breaks_a_bound_is_served_as_it_was_written() {
    for unit in ["- ", "> ", "<div>", "*a "] {
        let server = TestServer::empty().await;
        let folder = Folder::new();
        server.publish(&[career(&folder, "PLACEHOLDER")]).await;
        let stored = unit.repeat(200_000 / unit.len()) + "a";
        let statement = format!("UPDATE section SET body = replace(body, 'PLACEHOLDER', '{stored}')");
        server.db.execute_unprepared(&statement).await.unwrap();
        let found = timeout(PATIENCE, server.query(ANSWER)).await;
        let found = found.unwrap_or_else(|_| panic!("{unit}: it is not answered in time"));
        let answer = &found["career"]["faq"][0]["answer"];
        assert!(answer["html"].as_str().unwrap().starts_with("<pre><code>"), "{unit}");
        assert_eq!(answer["plain"], stored, "{unit}");
    }
}
