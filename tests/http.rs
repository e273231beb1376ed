//! GraphQL over HTTP, as its specification has it.
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::harness::TestServer;

const RESPONSE: &str = "application/graphql-response+json";

async fn post(server: &TestServer, accept: &str, body: &Value) -> Response {
    server.http(Method::POST).header("accept", accept).json(body).send().await.unwrap()
}

fn content_type(response: &Response) -> String {
    response.headers()["content-type"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_media_type_decides_about_status_and_content_type() {
    let server = TestServer::empty().await;
    let cases = [
        (json!({ "query": "{ __typename }" }), 200, 200, true),
        (json!({ "query": "{ careers(first: 1000) { totalCount nodes { slug } } }" }), 200, 200, true),
        (json!({ "query": "{ nothing }" }), 400, 200, false),
        (json!({ "query": "{" }), 400, 200, false),
        (json!({ "query": "query($s: String!) { career(slug: $s) { slug } }" }), 400, 200, false),
        (json!({ "query": "{ __typename }", "operationName": "none" }), 400, 200, false),
        (json!({ "query": "{ __typename }", "variables": [] }), 400, 400, false),
        (json!({ "query": 5 }), 400, 400, false),
        (json!({}), 400, 400, false),
        (json!([]), 400, 400, false),
    ];
    for (body, graphql_status, json_status, has_data) in cases {
        for (accept, status) in [(RESPONSE, graphql_status), ("application/json", json_status)] {
            let response = post(&server, accept, &body).await;
            assert_eq!(response.status(), status, "{accept} {body}");
            assert!(content_type(&response).starts_with(accept), "{accept} {body}");
            let answer: Value = response.json().await.unwrap();
            assert_eq!(answer.get("data").is_some(), has_data, "{accept} {answer}");
            for error in answer["errors"].as_array().into_iter().flatten() {
                assert!(error["extensions"]["code"].is_string(), "{error}");
                assert_ne!(error["locations"], json!([]), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn accept_is_negotiated() {
    let server = TestServer::empty().await;
    let body = json!({ "query": "{ __typename }" });

    assert!(content_type(&post(&server, "*/*", &body).await).starts_with("application/json"));
    assert!(
        content_type(&post(&server, &format!("{RESPONSE}, application/json;q=0.5"), &body).await).starts_with(RESPONSE)
    );
    assert_eq!(post(&server, "text/plain", &body).await.status(), StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn queries_may_come_by_get_and_nothing_else() {
    let server = TestServer::empty().await;
    let get = async |parameters: &[(&str, &str)]| {
        server.http(Method::GET).header("accept", RESPONSE).query(parameters).send().await.unwrap()
    };

    let found = get(&[
        ("query", "query A($s: String!) { career(slug: $s) { slug } } query B { __typename }"),
        ("operationName", "A"),
        ("variables", r#"{"s": "none"}"#),
    ])
    .await;
    assert_eq!(found.status(), 200);
    assert_eq!(found.json::<Value>().await.unwrap(), json!({ "data": { "career": null } }));
    assert_eq!(get(&[("query", "{ __typename }"), ("variables", "{")]).await.status(), 400);
    assert_eq!(get(&[]).await.status(), 400);
    let mutation = get(&[("query", "mutation { anything }")]).await;
    assert_eq!(mutation.status(), 405);
    assert_eq!(mutation.headers()["allow"], "GET, POST, OPTIONS");
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        assert_eq!(server.http(method).send().await.unwrap().status(), 405);
    }
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let server = TestServer::empty().await;
    let body = r#"{"query": "{ __typename }"}"#;
    for kind in [
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin1",
    ] {
        let response = server.http(Method::POST).header("content-type", kind).body(body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    let untyped = server.http(Method::POST).body(body).send().await.unwrap();
    assert_eq!(untyped.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let typed = server
        .http(Method::POST)
        .header("content-type", "application/json; charset=UTF-8")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(typed.status(), 200);
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let server = TestServer::empty().await;
    let body = json!({ "query": format!("{{ __typename }} #{}", "x".repeat(3_000_000)) });

    let response = post(&server, RESPONSE, &body).await;

    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_failure_of_the_server_says_nothing_about_its_inside() {
    let server = TestServer::seeded().await;
    server.db.clone().close().await.unwrap();

    let answer = server.ask(r#"{ career(slug: "x") { slug } careers { nodes { slug } } }"#, json!({})).await;

    assert!(answer.codes().iter().all(|code| *code == "INTERNAL"), "{:?}", answer.errors);
    let text = format!("{:?}", answer.errors).to_lowercase();
    for word in ["sql", "select", "pool", "sqlx", "/"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[tokio::test]
async fn graphiql_comes_from_the_binary_and_asks_no_other_site() {
    let server = TestServer::empty().await;
    let page =
        server.http(Method::GET).header("accept", "text/html,application/xhtml+xml,*/*;q=0.8").send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(content_type(&page).starts_with("text/html"));
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("http"), "{policy}");
    let page = page.text().await.unwrap();
    assert!(!page.contains("://"), "{page}");

    let root = server.url.trim_end_matches("/graphql").to_owned();
    for asset in page.split('"').filter(|text| text.starts_with("/graphiql/assets/")) {
        let response = reqwest::get(format!("{root}{asset}")).await.unwrap();
        assert_eq!(response.status(), 200, "{asset}");
    }
    assert_eq!(reqwest::get(format!("{root}/graphiql/assets/none.js")).await.unwrap().status(), 404);
    assert_eq!(reqwest::get(format!("{root}/graphiql/assets/..%2f..%2fCargo.toml")).await.unwrap().status(), 404);
}
