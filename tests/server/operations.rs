//! Signals for operators: health, metrics, request ids and the log.
use careerql_server::{QueryOptions, Settings};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, Receiver, Running, Socket, TestDatabase, TestServer};

async fn get(server: &TestServer, path: &str) -> (StatusCode, String) {
    let root = server.url.trim_end_matches("/graphql");
    let response = reqwest::get(format!("{root}{path}")).await.unwrap();
    (response.status(), response.text().await.unwrap())
}

/// The value of a metric, by its name and labels.
fn metric(text: &str, name: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name} in {text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn probes_tell_whether_the_process_lives_and_answers() {
    let server = TestServer::empty().await;
    assert_eq!(get(&server, "/healthz").await, (StatusCode::OK, json!({ "status": "ok" }).to_string()));
    assert_eq!(get(&server, "/readyz").await, (StatusCode::OK, json!({ "status": "ok" }).to_string()));

    server.db.clone().close().await.unwrap();
    assert_eq!(get(&server, "/healthz").await.0, StatusCode::OK);
    let (status, text) = get(&server, "/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!text.to_lowercase().contains("sql"), "{text}");
}

#[tokio::test]
async fn a_command_asks_whether_a_server_is_ready() {
    let server = TestServer::empty().await;
    let asked = |address: &str| Binary::new(&["health"]).env("CAREERQL_LISTEN", address).run();
    let address = server.address.to_string();
    let ready = asked(&address).await;
    assert_eq!((ready.status, ready.out), (0, format!("The server on {address} is ready.\n")));

    server.db.clone().close().await.unwrap();
    let closed = asked(&address).await;
    assert_eq!(closed.status, 1);
    let expected = format!(
        "careerql: The server on {address} is not ready: the database does not answer. See its log. [NOT_READY]\n"
    );
    assert_eq!(closed.err, expected);

    let receiver = Receiver::default().start().await;
    let other = asked(receiver.trim_start_matches("http://").trim_end_matches("/hook")).await;
    assert_eq!(other.status, 1);
    assert!(other.err.contains("is no server of CareerQL"), "{}", other.err);

    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = asked(&free.to_string()).await;
    assert_eq!(silent.status, 1);
    assert!(silent.err.contains(&format!("No server answers on {free}.")), "{}", silent.err);
}

#[tokio::test]
async fn metrics_count_requests_by_operation() {
    let server = TestServer::seeded().await;
    let post = async |query: &str| {
        server.http(Method::POST).json(&json!({ "query": query })).send().await.unwrap();
    };
    post("query Page { careers { nodes { title } } }").await;
    post("query Page { careers { nodes { title } } }").await;
    post("query Page { career(slug: \"none\") { title } careers(first: -1) { totalCount } }").await;
    post("{ nothing").await;

    let (status, text) = get(&server, "/metrics").await;

    assert_eq!(status, StatusCode::OK);
    assert!((metric(&text, r#"careerql_requests_total{operation="Page",outcome="Ok"}"#) - 1.0).abs() < 0.1);
    assert!((metric(&text, r#"careerql_requests_total{operation="Page",outcome="Cached"}"#) - 1.0).abs() < 0.1);
    assert!((metric(&text, r#"careerql_requests_total{operation="Page",outcome="Errors"}"#) - 1.0).abs() < 0.1);
    assert!((metric(&text, r#"careerql_refusals_total{code="GRAPHQL_PARSE_FAILED"}"#) - 1.0).abs() < 0.1);
    assert!((metric(&text, r#"careerql_cache_lookups_total{tier="Answers",outcome="Hit"}"#) - 1.0).abs() < 0.1);
    assert!(metric(&text, "careerql_sql_statements_total") >= 2.0);
    assert!(metric(&text, "careerql_pool_connections") >= 1.0);
    assert!(metric(&text, r#"careerql_request_cost_sum{operation="Page"}"#) > 20.0);
    assert!(metric(&text, "careerql_answers_cached_bytes") >= 0.0);
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn the_labels_of_operations_are_bounded() {
    let server = TestServer::empty().await;
    for number in 0..200 {
        let body = json!({ "query": format!("query Name{number} {{ __typename }}") });
        server.http(Method::POST).json(&body).send().await.unwrap();
    }
    let text = get(&server, "/metrics").await.1;
    let labels = text.lines().filter(|line| line.starts_with("careerql_request_cost_count")).count();
    assert!(labels <= 101, "{labels}");
    assert!(metric(&text, r#"careerql_requests_total{operation="other",outcome="Ok"}"#) >= 100.0);
}

#[tokio::test]
async fn names_that_were_made_up_take_no_label_from_operations_in_use() {
    let server = TestServer::empty().await;
    let post = async |name: &str| {
        let body = json!({ "query": format!("query {name} {{ __typename }}") });
        server.http(Method::POST).json(&body).send().await.unwrap();
    };
    for _ in 0..4 {
        post("Early").await;
    }
    for number in 0..150 {
        post(&format!("Made{number}")).await;
    }
    // The second is kept, and the first where it took a while; the others come from the cache.
    for _ in 0..4 {
        post("Late").await;
    }

    let text = get(&server, "/metrics").await.1;

    for name in ["Early", "Late"] {
        let cached = metric(&text, &format!("careerql_requests_total{{operation=\"{name}\",outcome=\"Cached\"}}"));
        assert!((1.9..3.1).contains(&cached), "{name}: {text}");
    }
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_for_tokens_that_allow_them() {
    let server = TestServer::empty().await;
    let url = server.url.replace("/graphql", "/metrics");
    let scrape = async |name: &'static str, value: String| {
        let answer = reqwest::Client::new().get(&url).header(name, value).send().await.unwrap();
        answer.status().as_u16()
    };
    // A proxy on this machine passes on what strangers ask.
    for (name, value) in
        [("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=203.0.113.7"), ("host", "evil.example")]
    {
        let answer = reqwest::Client::new().get(&url).header(name, value).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{name}");
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        assert!(answer.text().await.unwrap().contains("read-metrics"));
    }
    assert_eq!(scrape("authorization", "Bearer none".to_owned()).await, 401);
    for (scope, status) in [("read-metrics", 200), ("administer", 403)] {
        let token = server.token(&[scope]).await;
        let request = reqwest::Client::new().get(&url).bearer_auth(token).header("x-forwarded-for", "203.0.113.7");
        assert_eq!(request.send().await.unwrap().status(), status, "{scope}");
    }
}

#[tokio::test]
async fn metrics_may_have_an_address_of_their_own() {
    let database = TestDatabase::fresh().await;
    let server = Running::start(Running::on(&database).env("CAREERQL_METRICS_LISTEN", "127.0.0.1:0"));
    let url = server.lines.iter().find_map(|line| line.strip_prefix("Metrics   ")).expect("it prints the address");

    let alone = reqwest::Client::new().get(url).header("host", "careerql").send().await.unwrap();
    assert_eq!(alone.status(), 200);
    assert!(alone.text().await.unwrap().ends_with("# EOF\n"));
    assert_eq!(reqwest::get(url.replace("/metrics", "/graphql")).await.unwrap().status(), 404);
    assert_eq!(reqwest::get(server.url.replace("/graphql", "/metrics")).await.unwrap().status(), 404);
}

#[tokio::test]
async fn only_what_was_executed_has_a_label_and_what_is_trusted_always_has() {
    let folder = Folder::new();
    let manifest = json!({ "id": "query Trusted { __typename }" }).to_string();
    let trusted_documents = Some(folder.file("manifest.json", &manifest));
    let queries = QueryOptions { trusted_documents, ..QueryOptions::default() };
    let server = TestServer::with_settings(Settings { queries, ..Settings::default() }).await;
    let long = "Long".repeat(30);
    let mut queries: Vec<_> = (0..120).map(|number| format!("query Name{number} {{ __typename }}")).collect();
    queries.extend((0..3).map(|number| format!("query Junk{number} {{ nothing }}")));
    queries.extend([format!("query {long} {{ __typename }}"), "query Trusted { __typename }".to_owned()]);
    for query in &queries[120..] {
        server.http(Method::POST).json(&json!({ "query": query })).send().await.unwrap();
    }
    for query in &queries {
        server.http(Method::POST).json(&json!({ "query": query })).send().await.unwrap();
    }

    let text = get(&server, "/metrics").await.1;

    assert!(!text.contains("Junk") && !text.contains(&long), "{text}");
    assert!(metric(&text, r#"careerql_requests_total{operation="Trusted",outcome="Ok"}"#) >= 1.0);
    assert!(metric(&text, r#"careerql_requests_total{operation="Name90",outcome="Ok"}"#) >= 1.0);
}

#[tokio::test]
async fn batches_sockets_and_event_streams_count_too() {
    let server = TestServer::empty().await;
    let query =
        |name: &str| json!({ "query": format!("query {name} {{ __typename }}"), "extensions": { "cost": true } });
    let batch = json!([query("Batched"), query("Batched")]);
    server.http(Method::POST).json(&batch).send().await.unwrap();
    let events = server.http(Method::POST).header("accept", "text/event-stream").header("x-request-id", "mine");
    let events = events.json(&query("Streamed")).send().await.unwrap();
    assert_eq!(events.headers()["x-request-id"], "mine");
    assert!(events.text().await.unwrap().contains(r#""cost":{"#));
    let mut socket = Socket::ready(&server).await;
    socket.say(json!({ "type": "subscribe", "id": "1", "payload": query("Socketed") })).await;
    assert_eq!(socket.next("1").await["extensions"]["cost"], json!({ "requested": 1, "maximum": 25_000 }));

    let text = get(&server, "/metrics").await.1;

    for (name, times) in [("Batched", 2.0), ("Streamed", 1.0), ("Socketed", 1.0)] {
        assert!(
            (metric(&text, &format!("careerql_requests_total{{operation=\"{name}\",outcome=\"Ok\"}}")) - times).abs()
                < 0.1
        );
        assert!(
            (metric(&text, &format!("careerql_request_seconds_count{{operation=\"{name}\"}}")) - times).abs() < 0.1
        );
        assert!((metric(&text, &format!("careerql_request_cost_count{{operation=\"{name}\"}}")) - times).abs() < 0.1);
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id() {
    let server = TestServer::empty().await;
    let post = async |id: &str| {
        let request = server.http(Method::POST).header("x-request-id", id).json(&json!({ "query": "{ __typename }" }));
        let response = request.send().await.unwrap();
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert!(response.json::<Value>().await.is_ok());
        id
    };
    assert_eq!(post("mine-1").await, "mine-1");
    assert_eq!(post("no id").await.len(), 24);
}

/// A collector that answers one request for each path that it is asked; what it got.
async fn collect(listener: tokio::net::TcpListener) -> Vec<u8> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut got = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    while !got.windows(7).any(|bytes| bytes == b"graphql") {
        let length = stream.read(&mut buffer).await.unwrap();
        assert!(length > 0, "{}", String::from_utf8_lossy(&got));
        got.extend(&buffer[..length]);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    got
}

#[cfg(unix)]
#[tokio::test]
async fn traces_go_to_the_collector_that_the_environment_names() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let collected = tokio::spawn(collect(listener));
    let database = TestDatabase::fresh().await;
    let binary = Running::on(&database).env("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{address}"));
    let mut server = Running::start(binary.env("CAREERQL_LOG_LEVEL", "info"));
    let body = json!({ "query": "query Traced { careers { totalCount } }" });
    reqwest::Client::new().post(&server.url).json(&body).send().await.unwrap();

    server.signal("INT");
    let got = String::from_utf8_lossy(&collected.await.unwrap()).into_owned();

    assert!(got.starts_with("POST /v1/traces") && got.contains("Traced") && got.contains("request_id"), "{got}");
    server.wait();
}
