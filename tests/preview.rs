//! Preview links: the draft of one entry, for whoever has the link, and nothing else.
use chrono::{TimeDelta, Utc};
use kernel::store::Mode;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer};

const QUERY: &str = "{ a: career(slug: \"a\") { title } b: career(slug: \"b\") { title } \
                     careers(orderBy: [{title: ASC}]) { totalCount nodes { title } } \
                     drafts: careers(filter: {title: {contains: \"draft\"}}) { totalCount } \
                     certification(code: \"c\") { careers { totalCount } } }";

/// Careers `a` (published, drafted anew) and `b` (drafted only), both linking to the certification `c` in their drafts.
async fn server() -> TestServer {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let link = "certifications: [{certification: c, why: It helps., when: Early.}]\n";
    server.publish(&[folder.career("a", "A", ""), folder.certification("c", "X")]).await;
    server.import(&[folder.career("a", "A draft", link), folder.career("b", "B draft", link)], Mode::Draft).await;
    server
}

async fn get(server: &TestServer, preview: &str) -> (StatusCode, String, Value) {
    let query = [("query", QUERY), ("preview", preview)];
    let response = server.http(Method::GET).query(&query).send().await.unwrap();
    let control = response.headers()["cache-control"].to_str().unwrap().to_owned();
    (response.status(), control, response.json().await.unwrap())
}

async fn token(server: &TestServer, slug: &str, hours: i64) -> String {
    kernel::preview_token(&server.db, "career", slug, Utc::now() + TimeDelta::hours(hours)).await.unwrap()
}

#[tokio::test]
async fn a_link_shows_the_draft_of_its_entry_and_of_nothing_else() {
    let server = server().await;
    let lists = json!({
        "careers": { "totalCount": 1, "nodes": [{ "title": "A" }] },
        "drafts": { "totalCount": 0 },
        "certification": { "careers": { "totalCount": 0 } },
    });
    for (slug, a, b) in [
        ("a", json!({ "title": "A draft" }), Value::Null),
        ("b", json!({ "title": "A" }), json!({ "title": "B draft" })),
    ] {
        let (status, control, body) = get(&server, &token(&server, slug, 1).await).await;
        assert_eq!((status, control.as_str()), (StatusCode::OK, "no-store"));
        let data = &body["data"];
        assert_eq!((&data["a"], &data["b"]), (&a, &b), "{slug}: {body}");
        for (list, expected) in lists.as_object().unwrap() {
            assert_eq!(&data[list], expected, "{slug}: a link is not for lists");
        }
    }
    let body = server.query("{ a: career(slug: \"a\") { title } }").await;
    assert_eq!(body["a"]["title"], "A", "everybody else sees what is published");
}

#[tokio::test]
async fn a_link_that_is_not_valid_shows_nothing() {
    let server = server().await;
    let valid = token(&server, "a", 1).await;
    let stranger = TestServer::empty().await;
    let elsewhere = token(&stranger, "a", 1).await;
    let (claim, signature) = valid.split_once('.').unwrap();
    let (other, _) = token(&server, "b", 1).await.split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    for bad in [
        token(&server, "a", -1).await,
        token(&server, "absent", 1).await,
        elsewhere,
        format!("{other}.{signature}"),
        format!("{claim}."),
        "x".to_owned(),
        String::new(),
    ] {
        let (status, control, body) = get(&server, &bad).await;
        assert_eq!((status, control.as_str()), (StatusCode::FORBIDDEN, "no-store"), "{bad}");
        assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_PREVIEW", "{bad}");
        assert_eq!(body.get("data"), None);
    }
}

#[tokio::test]
async fn links_come_from_the_command_and_from_the_entry() {
    let server = server().await;
    let run = |arguments: &[&str]| Binary::new(arguments).database(&server.database.url).run();
    let output =
        run(&["preview-link", "career", "b", "--hours", "2", "--url", "https://site.example/preview?lang=en"]).await;
    assert_eq!(output.status, 0, "{output:?}");
    let (page, preview) = output.out.trim().split_once("&preview=").unwrap();
    assert_eq!(page, "https://site.example/preview?lang=en");
    assert_eq!(get(&server, preview).await.2["data"]["b"]["title"], "B draft", "from another process");
    assert_eq!(run(&["preview-link", "career", "z"]).await.err, "careerql: there is no career `z` to preview.\n");
    assert_eq!(run(&["preview-link", "carer", "b"]).await.status, 1);
    assert_ne!(run(&["preview-link", "career", "b", "--hours", "0"]).await.status, 0);

    let editor = server.token(&["read-drafts"]).await;
    let query = "{ entry(kind: CAREER, slug: \"b\") { preview(hours: 1) { token expiresAt } } }";
    let body = server.send_once(&editor, query).await;
    let preview = body["data"]["entry"]["preview"]["token"].as_str().unwrap();
    assert_eq!(get(&server, preview).await.2["data"]["b"]["title"], "B draft");
    let request = server.http(Method::POST).header("careerql-perspective", format!("preview:{preview}"));
    let response = request.json(&json!({ "query": QUERY })).send().await.unwrap();
    assert_eq!(response.json::<Value>().await.unwrap()["data"]["b"]["title"], "B draft");
    let body = server
        .send(&editor, "{ entry(kind: CAREER, slug: \"b\") { preview(hours: 9999) { token } } }", json!({}))
        .await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}
