//! Perspectives: one choice per request, and the whole graph follows.
use chrono::{TimeZone, Utc};
use kernel::{
    Perspective,
    store::{ChangeInfo, Mode},
};
use serde_json::{Value, json};

use crate::harness::{Folder, TestServer};

async fn ask(server: &TestServer, perspective: Perspective, query: &str) -> Value {
    let response = server.graph.execute(async_graphql::Request::new(query), &server.db, perspective).await;
    let response = response.response;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    serde_json::to_value(response.data).unwrap()
}

const EVERYTHING: &str = r#"{ careers(orderBy: {slug: ASC}) { totalCount nodes { slug title certifications { certification { title } } } }
    certification(code: "c") { title careers(orderBy: {slug: ASC}) { totalCount nodes { slug } } }
    certified: careers(filter: {certifications: {some: {title: {contains: "new"}}}}) { totalCount } }"#;

#[tokio::test]
async fn past_present_and_draft_are_whole_graphs() {
    let server = TestServer::empty().await;
    let day = |day| Utc.with_ymd_and_hms(2026, 1, day, 12, 0, 0).unwrap();
    let change = |at| ChangeInfo::at("editor", "", at);
    let folder = Folder::new();
    let paths = [folder.path().to_owned()];
    let linked = "certifications: [{certification: c, why: It helps., when: Early.}]\n";
    let certification = |title: &str| {
        let text = format!(
            "kind: certification\nslug: c\ntitle: {title}\nissuer: {{name: I}}\nlevel: ENTRY\nsummary: About it.\n"
        );
        folder.file("certifications/c.yaml", &text);
    };
    certification("Old title");
    folder.career("a", "A", linked);
    server.import_at(&paths, Mode::Publish, change(day(1))).await;
    certification("New title");
    folder.career("b", "B", linked);
    server.import_at(&paths, Mode::Publish, change(day(3))).await;
    folder.career("a", "A, drafted", "");
    folder.career("c", "C", linked);
    server.import_at(&paths, Mode::Draft, change(day(5))).await;

    let career = |slug: &str, title: &str, certified: Option<&str>| {
        let certifications: Vec<Value> =
            certified.iter().map(|title| json!({ "certification": { "title": title } })).collect();
        json!({ "slug": slug, "title": title, "certifications": certifications })
    };
    let graph = |careers: Vec<Value>, certification: Value, certified: usize| json!({ "careers": { "totalCount": careers.len(), "nodes": careers }, "certification": certification, "certified": { "totalCount": certified } });
    let linking = |title: &str, slugs: &[&str]| {
        let nodes: Vec<Value> = slugs.iter().map(|slug| json!({ "slug": slug })).collect();
        json!({ "title": title, "careers": { "totalCount": nodes.len(), "nodes": nodes } })
    };

    let nothing = graph(vec![], Value::Null, 0);
    assert_eq!(ask(&server, Perspective::AsOf(day(1) - chrono::Duration::seconds(1)), EVERYTHING).await, nothing);
    let first = graph(vec![career("a", "A", Some("Old title"))], linking("Old title", &["a"]), 0);
    assert_eq!(ask(&server, Perspective::AsOf(day(1)), EVERYTHING).await, first);
    assert_eq!(ask(&server, Perspective::AsOf(day(2)), EVERYTHING).await, first);
    let second = graph(
        vec![career("a", "A", Some("New title")), career("b", "B", Some("New title"))],
        linking("New title", &["a", "b"]),
        2,
    );
    assert_eq!(ask(&server, Perspective::AsOf(day(3)), EVERYTHING).await, second);
    assert_eq!(ask(&server, Perspective::Published, EVERYTHING).await, second);
    let draft = graph(
        vec![career("a", "A, drafted", None), career("b", "B", Some("New title")), career("c", "C", Some("New title"))],
        linking("New title", &["b", "c"]),
        2,
    );
    assert_eq!(ask(&server, Perspective::Draft, EVERYTHING).await, draft);
}

#[tokio::test]
async fn a_server_may_show_drafts_to_its_editor() {
    let server = TestServer::with(careerql_server::app(), Perspective::Draft).await;
    let folder = Folder::new();
    folder.career("draft", "Draft", "");
    server.import(&[folder.path().to_owned()], Mode::Draft).await;

    assert_eq!(
        server.query("{ careers { nodes { title } } }").await["careers"]["nodes"],
        json!([{ "title": "Draft" }])
    );
}
