//! Pages of other origins: what a browser is told about them.
use careerql_server::{BrowserOptions, CacheOptions, Limits, Settings};
use kernel::Perspective;
use reqwest::{Method, RequestBuilder, Response, header::HeaderMap};
use serde_json::{Value, json};

use crate::harness::TestServer;

const PAGE: &str = "https://app.example.com";

fn origins(list: &str) -> Settings {
    let cors_origins = Some(list.parse().unwrap());
    Settings { browsers: BrowserOptions { cors_origins, ..BrowserOptions::default() }, ..Settings::default() }
}

/// The value of a header; empty where it is missing.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// Tells whether a header that lists names has this one.
fn lists(headers: &HeaderMap, list: &str, name: &str) -> bool {
    header(headers, list).split(',').any(|listed| listed.trim().eq_ignore_ascii_case(name))
}

fn preflight(server: &TestServer, origin: &str) -> RequestBuilder {
    let asked = "authorization,content-type,x-of-the-client";
    let preflight = server.http(Method::OPTIONS).header("origin", origin);
    preflight.header("access-control-request-method", "POST").header("access-control-request-headers", asked)
}

/// Requests of all sorts, with answers of all sorts.
async fn answers(server: &TestServer, origin: &str) -> Vec<(&'static str, u16, Response)> {
    let query = [("query", "{ __typename }")];
    let http = |method: Method| server.http(method).header("origin", origin);
    let etag = http(Method::GET).query(&query).send().await.unwrap().headers()["etag"].clone();
    let post = |body: Value| http(Method::POST).json(&body);
    let stream = post(json!({ "query": "{ __typename }" })).header("accept", "text/event-stream");
    let requests = [
        ("POST", 200, post(json!({ "query": "{ __typename }" }))),
        ("GET", 200, http(Method::GET).query(&query)),
        ("known", 304, http(Method::GET).query(&query).header("if-none-match", etag)),
        ("event stream", 200, stream),
        ("no JSON", 400, http(Method::POST).header("content-type", "application/json").body("{")),
        ("unknown token", 401, post(json!({ "query": "{ __typename }" })).bearer_auth("none")),
        ("method", 405, http(Method::PUT)),
        ("accept", 406, http(Method::GET).query(&query).header("accept", "text/plain")),
        ("form", 415, http(Method::POST).body("query={a}")),
    ];
    let mut answers = Vec::new();
    for (name, status, request) in requests {
        answers.push((name, status, request.send().await.unwrap()));
    }
    answers
}

#[tokio::test]
async fn pages_of_all_origins_may_query_what_is_published() {
    let server = TestServer::empty().await;
    for (name, status, answer) in answers(&server, PAGE).await {
        let headers = answer.headers();
        assert_eq!(answer.status(), status, "{name}");
        assert_eq!(header(headers, "access-control-allow-origin"), "*", "{name}");
        for exposed in ["etag", "x-request-id", "cache-tag", "retry-after", "allow"] {
            assert!(lists(headers, "access-control-expose-headers", exposed), "{name} {exposed}");
        }
        assert!(!headers.contains_key("access-control-allow-credentials"), "{name}");
        assert!(!lists(headers, "vary", "origin"), "{name}: caches may give it to all");
    }
}

#[tokio::test]
async fn a_shared_cache_may_keep_what_a_program_asked_first() {
    let server = TestServer::empty().await;

    let answer = server.http(Method::GET).query(&[("query", "{ __typename }")]).send().await.unwrap();

    assert_eq!(header(answer.headers(), "access-control-allow-origin"), "*");
}

#[tokio::test]
async fn preflights_are_answered_and_kept() {
    let server = TestServer::empty().await;
    for origin in [PAGE, "null", "http://localhost:5173"] {
        let answer = preflight(&server, origin).send().await.unwrap();
        let headers = answer.headers();
        assert_eq!(answer.status(), 204, "{origin}");
        assert_eq!(header(headers, "access-control-allow-origin"), "*");
        for method in ["GET", "HEAD", "POST"] {
            assert!(lists(headers, "access-control-allow-methods", method), "{method}");
        }
        for asked in ["authorization", "content-type", "x-of-the-client"] {
            assert!(lists(headers, "access-control-allow-headers", asked), "{asked}");
        }
        assert!(header(headers, "access-control-max-age").parse::<u32>().unwrap() >= 600);
        assert!(!headers.contains_key("access-control-allow-credentials"));
    }
}

#[tokio::test]
async fn a_preflight_names_no_headers_or_a_program_asks_for_the_methods() {
    let server = TestServer::empty().await;
    let bare = server.http(Method::OPTIONS).header("origin", PAGE).header("access-control-request-method", "GET");
    let bare = bare.send().await.unwrap();
    assert_eq!(bare.status(), 204);
    for known in ["authorization", "careerql-perspective", "x-request-id", "if-none-match", "content-type"] {
        assert!(lists(bare.headers(), "access-control-allow-headers", known), "{known}");
    }

    let plain = server.http(Method::OPTIONS).send().await.unwrap();
    assert_eq!(plain.status(), 204);
    assert!(lists(plain.headers(), "allow", "POST") && lists(plain.headers(), "allow", "GET"));
}

#[tokio::test]
async fn a_list_of_origins_lets_its_own_in_and_nobody_else() {
    let server = TestServer::with_settings(origins("https://app.example.com/, http://localhost:5173")).await;
    for (name, status, answer) in answers(&server, PAGE).await {
        assert_eq!(answer.status(), status, "{name}");
        assert_eq!(header(answer.headers(), "access-control-allow-origin"), PAGE, "{name}");
        assert!(lists(answer.headers(), "vary", "origin"), "{name}");
    }
    let answer = preflight(&server, PAGE).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), header(answer.headers(), "access-control-allow-origin")), (204, PAGE));
    for other in ["https://elsewhere.example", "http://app.example.com", "https://app.example.com:8443", "null"] {
        for (name, status, answer) in answers(&server, other).await {
            assert_eq!(answer.status(), status, "{name}: programs may send an origin, too");
            assert_eq!(header(answer.headers(), "access-control-allow-origin"), "", "{name} {other}");
            assert!(lists(answer.headers(), "vary", "origin"), "{name}");
        }
        let answer = preflight(&server, other).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), header(answer.headers(), "access-control-allow-origin")), (403, ""));
        assert!(lists(answer.headers(), "vary", "origin"));
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "ORIGIN_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn where_everybody_sees_drafts_other_origins_are_named_or_refused() {
    let serve = async |settings| TestServer::set_up(careerql_server::app(), Perspective::Draft, settings).await;
    let post = async |server: &TestServer| {
        let request = server.http(Method::POST).header("origin", PAGE).json(&json!({ "query": "{ __typename }" }));
        header(request.send().await.unwrap().headers(), "access-control-allow-origin").to_owned()
    };

    let closed = serve(Settings::default()).await;
    assert_eq!(post(&closed).await, "");
    assert_eq!(preflight(&closed, PAGE).send().await.unwrap().status(), 403);
    assert_eq!(post(&serve(origins(PAGE)).await).await, PAGE);
    assert_eq!(post(&serve(origins("*")).await).await, "*");
    assert_eq!(post(&TestServer::with_settings(origins("none")).await).await, "");
}

#[tokio::test]
async fn a_server_that_has_too_much_to_do_says_so_to_pages() {
    let limits = Limits { max_concurrent_requests: 0, ..Limits::default() };
    let caching = CacheOptions { cache_tag_header: "surrogate-key".parse().unwrap(), ..CacheOptions::default() };
    let server = TestServer::with_settings(Settings { limits, caching, ..Settings::default() }).await;

    let request = server.http(Method::POST).header("origin", PAGE).json(&json!({ "query": "{ __typename }" }));
    let answer = request.send().await.unwrap();

    assert_eq!((answer.status().as_u16(), header(answer.headers(), "access-control-allow-origin")), (503, "*"));
    assert!(lists(answer.headers(), "access-control-expose-headers", "surrogate-key"));
    assert_eq!(preflight(&server, PAGE).send().await.unwrap().status(), 204, "a preflight needs no place");
}
