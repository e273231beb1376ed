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
async fn the_status_tells_what_came_of_a_request_whatever_the_media_type() {
    let server = TestServer::empty().await;
    let error = "{ a: careers(first: -1) { totalCount } b: __typename }";
    let cases = [
        (r#"{ "query": "{ __typename }" }"#.to_owned(), 200, ""),
        (json!({ "query": error }).to_string(), 294, ""),
        ("NONSENSE".to_owned(), 400, "BAD_REQUEST"),
        (r#"{ "query":"#.to_owned(), 400, "BAD_REQUEST"),
        (String::new(), 400, "BAD_REQUEST"),
        (json!({ "query": "{" }).to_string(), 400, "GRAPHQL_PARSE_FAILED"),
        (json!({ "query": "" }).to_string(), 400, "GRAPHQL_PARSE_FAILED"),
        (json!({ "qeury": "{ __typename }" }).to_string(), 422, "BAD_REQUEST"),
        (json!({ "query": 5 }).to_string(), 422, "BAD_REQUEST"),
        (json!({ "query": "{ __typename }", "variables": [7] }).to_string(), 422, "BAD_REQUEST"),
        (json!({ "query": "{ __typename }", "extensions": "x" }).to_string(), 422, "BAD_REQUEST"),
        (json!({ "query": "{ __typename }", "operationName": 1 }).to_string(), 422, "BAD_REQUEST"),
        ("5".to_owned(), 422, "BAD_REQUEST"),
        ("[]".to_owned(), 422, "BAD_REQUEST"),
        (json!({ "query": "{ nothing }" }).to_string(), 422, "GRAPHQL_VALIDATION_FAILED"),
        (
            json!({ "query": "query A { __typename } query A { __typename }" }).to_string(),
            422,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (json!({ "query": "{ __typename }", "operationName": "none" }).to_string(), 422, "OPERATION_RESOLUTION_FAILED"),
        (
            json!({ "query": "query A { __typename } query B { __typename }" }).to_string(),
            422,
            "OPERATION_RESOLUTION_FAILED",
        ),
        (
            json!({ "query": "query($s: String!) { career(slug: $s) { slug } }", "variables": { "s": null } })
                .to_string(),
            422,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            json!({ "query": "query($n: Int) { careers(first: $n) { totalCount } }", "variables": { "n": "x" } })
                .to_string(),
            422,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (json!({ "documentId": "none" }).to_string(), 422, "DOCUMENT_NOT_FOUND"),
        (
            json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "none" } } }).to_string(),
            422,
            "PERSISTED_QUERY_NOT_FOUND",
        ),
    ];
    for (body, status, code) in cases {
        for accept in [RESPONSE, "application/json", "*/*", ""] {
            let request = server.http(Method::POST).header("accept", accept).header("content-type", "application/json");
            let response = request.body(body.clone()).send().await.unwrap();
            assert_eq!(response.status(), status, "{accept} {body}");
            // What clients of old take for an answer of GraphQL is a success, or says by its type that it is one.
            let kind = if accept == RESPONSE || status >= 400 { RESPONSE } else { "application/json" };
            assert!(content_type(&response).starts_with(kind), "{accept} {body}");
            let control = response.headers()["cache-control"].to_str().unwrap().to_owned();
            assert_eq!(control == "no-store", status != 200, "{accept} {body}: {control}");
            assert!(status == 200 || !response.headers().contains_key("etag"), "{body}");
            let answer: Value = response.json().await.unwrap();
            assert_eq!(answer.get("data").is_some(), status < 300, "{accept} {answer}");
            assert!(code.is_empty() || answer["errors"][0]["extensions"]["code"] == code, "{answer}");
            for error in answer["errors"].as_array().into_iter().flatten() {
                assert!(error["extensions"]["code"].is_string(), "{error}");
                assert_ne!(error["locations"], json!([]), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn a_partial_success_is_no_whole_one() {
    let server = TestServer::empty().await;
    let query = "{ careers(first: -1) { totalCount } }";
    let get = async |cached: &str| {
        let request = server.http(Method::GET).query(&[("query", query)]).header("if-none-match", cached);
        request.send().await.unwrap()
    };
    for _ in 0..2 {
        let response = get("*").await;
        assert_eq!((response.status().as_u16(), response.status().is_success()), (294, true));
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert!(!response.headers().contains_key("etag"));
    }
    let address = server.address.to_string();
    let head = raw(
        &address,
        &format!("GET /graphql?query=%7Bcareers(first:-1)%7BtotalCount%7D%7D HTTP/1.1\r\nhost: {address}\r\n"),
    )
    .await;
    assert!(head.starts_with("HTTP/1.1 294 Partial Success\r\n"), "{head}");
    // Nothing at all came of it, and it was executed all the same.
    let mutation = json!({ "query": "mutation { publish(entries: []) { errors { message } } }" });
    let response = server.http(Method::POST).json(&mutation).send().await.unwrap();
    let status = response.status().as_u16();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer}");
    assert_eq!(status, if answer.get("data").is_some() { 294 } else { 401 }, "{answer}");
}

/// The answer to a request as it stands here.
async fn raw(address: &str, head: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    type Query<'a> = &'a [(&'a str, &'a str)];
    let server = TestServer::empty().await;
    let query = [("query", "{ careers { totalCount } }")];
    let send = async |method: Method, query: &[(&str, &str)], accept: &str, known: &str| {
        let request = server.http(method).query(query).header("accept", accept).header("if-none-match", known);
        request.header("x-request-id", "mine").send().await.unwrap()
    };
    let etag = send(Method::GET, &query, RESPONSE, "").await.headers()["etag"].to_str().unwrap().to_owned();
    let cases: [(Query<'_>, &str, &str, u16); 7] = [
        (&query, RESPONSE, "", 200),
        (&query, "application/json", "", 200),
        (&query, RESPONSE, &etag, 304),
        (&[("query", "{")], RESPONSE, "", 400),
        (&[("query", "mutation { nothing }")], RESPONSE, "", 405),
        (&query, "text/plain", "", 406),
        (&[], "text/html", "", 200),
    ];
    for (query, accept, known, status) in cases {
        let mut get = send(Method::GET, query, accept, known).await;
        let mut head = send(Method::HEAD, query, accept, known).await;
        for headers in [get.headers_mut(), head.headers_mut()] {
            headers.remove("date");
        }
        assert_eq!(head.headers(), get.headers(), "{query:?} {accept}");
        assert_eq!((get.status().as_u16(), head.status().as_u16()), (status, status), "{query:?} {accept}");
        assert_eq!(head.bytes().await.unwrap().len(), 0);
    }
}

#[tokio::test]
async fn the_endpoint_has_a_slash_at_its_end_or_none() {
    let server = TestServer::empty().await;
    let url = format!("{}/", server.url);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let post = client.post(&url).json(&json!({ "query": "{ __typename }" })).send().await.unwrap();
    assert_eq!((post.status().as_u16(), post.headers()["access-control-allow-origin"].to_str().unwrap()), (200, "*"));
    let get = client.get(&url).query(&[("query", "{ __typename }")]).send().await.unwrap();
    assert_eq!(get.json::<Value>().await.unwrap(), json!({ "data": { "__typename": "Query" } }));

    let elsewhere = client.get(server.url.replace("/graphql", "/api")).send().await.unwrap();
    assert_eq!(elsewhere.status(), 404);
    let answer: Value = elsewhere.json().await.unwrap();
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("/graphql"), "{answer}");
}

#[tokio::test]
async fn json_is_taken_as_programs_write_it() {
    let server = TestServer::empty().await;
    let post = async |kind: &str, body: &[u8]| {
        let request = server.http(Method::POST).header("content-type", kind).body(body.to_vec());
        request.send().await.unwrap().status().as_u16()
    };
    let body = br#"{"query": "{ __typename }"}"#;
    for kind in [
        "application/json",
        "application/json; charset=utf8",
        "application/json; charset=UTF8",
        "application/json;charset=\"utf-8\"",
        "Application/JSON ; Charset=\"UTF-8\"; profile=x",
        "application/graphql+json",
    ] {
        assert_eq!(post(kind, body).await, 200, "{kind}");
    }
    assert_eq!(post("application/json", &[b"\xEF\xBB\xBF".as_slice(), body].concat()).await, 200);
    assert_eq!(post("application/json", b"\xEF\xBB\xBF").await, 400);
    assert_eq!(post("application/json; charset=utf-16", body).await, 415);
}

#[tokio::test]
async fn a_parameter_is_given_once_and_an_empty_one_is_none() {
    let server = TestServer::empty().await;
    let get = async |query: &str| {
        let response = reqwest::get(format!("{}?{query}", server.url)).await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(
        get("query={__typename}&variables=&operationName=&extensions=&documentId=&other=1&other=2").await.0,
        200
    );
    for twice in ["query={__typename}&query={__typename}", "query={__typename}&variables={}&variables={}"] {
        let (status, text) = get(twice).await;
        assert!(status == 422 && text.contains("more than once"), "{status} {text}");
    }
    assert_eq!(get("query=").await.0, 400);
    assert_eq!(get("query={__typename}&variables={").await.0, 400);
    assert_eq!(get("query={__typename}&variables=[7]").await.0, 422);
    // The body of a POST stands for itself.
    let post = server.http(Method::POST).query(&[("query", "{ nothing }")]).json(&json!({ "query": "{ __typename }" }));
    assert_eq!(post.send().await.unwrap().status(), 200);
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
    assert_eq!(get(&[]).await.status(), 422);
    let mutation = get(&[("query", "mutation { publish(entries: []) { errors { message } } }")]).await;
    assert_eq!(mutation.status(), 405);
    assert_eq!(mutation.headers()["allow"], "GET, HEAD, POST, OPTIONS");
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

    let assets = async |url: &str, page: &str| {
        let page_url = url::Url::parse(url).unwrap();
        let assets: Vec<_> = page.split('"').filter(|text| text.contains("assets/")).collect();
        assert_eq!(assets.len(), 3, "{page}");
        for asset in assets {
            assert!(!asset.starts_with('/'), "{asset} is not relative");
            let response = reqwest::get(page_url.join(asset).unwrap()).await.unwrap();
            assert_eq!(response.status(), 200, "{asset}");
        }
    };
    assets(&server.url, &page).await;
    let with_slash = format!("{}/", server.url);
    let page = reqwest::Client::new().get(&with_slash).header("accept", "text/html").send().await.unwrap();
    assets(&with_slash, &page.text().await.unwrap()).await;
    let file = async |name: &str| reqwest::get(format!("{with_slash}assets/{name}")).await.unwrap().status();
    assert_eq!(file("none.js").await, 404);
    assert_eq!(file("..%2f..%2fCargo.toml").await, 404);
}
