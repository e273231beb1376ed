//! `graphql-transport-ws`, rule by rule.
use std::time::Duration;

use careerql_server::SocketOptions;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Socket, TestServer, eventually};

const LISTEN: &str = "subscription { contentChanged { change slug } }";

/// The headers of a handshake, with the key that the RFC shows.
const HANDSHAKE: [(&str, &str); 4] = [
    ("upgrade", "websocket"),
    ("connection", "upgrade"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

fn codes(message: &Value) -> Vec<&str> {
    message["payload"].as_array().unwrap().iter().map(|error| error["extensions"]["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_query_has_one_answer() {
    let server = TestServer::seeded().await;
    let mut socket = Socket::ready(&server).await;

    let answer = socket.answer("1", "{ careers { totalCount } }").await;

    assert_eq!(answer, json!({ "data": { "careers": { "totalCount": 1 } } }));
    assert_eq!(socket.answer("1", "{ __typename }").await["data"]["__typename"], "Query", "the id is free again");
}

#[tokio::test]
async fn variables_and_operation_names_are_read() {
    let server = TestServer::seeded().await;
    let mut socket = Socket::ready(&server).await;
    let query = "query A { __typename } query B($slug: String!) { career(slug: $slug) { slug } }";

    let payload =
        json!({ "query": query, "operationName": "B", "variables": { "slug": "health-information-technology" } });
    socket.say(json!({ "type": "subscribe", "id": "1", "payload": payload })).await;

    assert_eq!(socket.next("1").await["data"]["career"]["slug"], "health-information-technology");
}

#[tokio::test]
async fn what_is_wrong_with_an_operation_is_an_error_and_the_socket_stays_open() {
    let server = TestServer::empty().await;
    let mut socket = Socket::ready(&server).await;
    let cases = [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILED"),
        ("query($id: ID!) { node(id: $id) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { contentChanged(kinds: [CARER]) { slug } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a: contentChanged { slug } b: contentChanged { slug } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { contentChanged @skip(if: false) { slug } }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ];
    for (query, code) in cases {
        socket.subscribe("1", query).await;
        let message = socket.hear().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")), "{query}: {message}");
        assert_eq!(codes(&message)[0], code, "{query}: {message}");
        assert!(message["payload"][0]["message"].is_string());
    }

    let slugs: Vec<String> = (0..101).map(|number| format!("s{number}")).collect();
    let query = "subscription($slugs: [String!]) { contentChanged(slugs: $slugs) { slug } }";
    let payload = json!({ "query": query, "variables": { "slugs": slugs } });
    socket.say(json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
    assert_eq!(codes(&socket.hear().await), ["TOO_MANY_SLUGS"]);

    assert_eq!(socket.answer("1", "{ __typename }").await["data"]["__typename"], "Query", "no `complete` came after");
}

#[tokio::test]
async fn an_error_in_a_field_is_part_of_an_answer() {
    let server = TestServer::empty().await;
    let mut socket = Socket::ready(&server).await;

    let answer = socket.answer("1", "{ node(id: \"x\") { id } }").await;

    assert_eq!(answer["data"], json!({ "node": null }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_ID");
}

#[tokio::test]
async fn pings_are_answered_at_any_time_and_pongs_are_welcome() {
    let server = TestServer::empty().await;
    let mut socket = Socket::silent(&server).await;
    socket.say(json!({ "type": "ping", "payload": { "at": [1] } })).await;
    assert_eq!(socket.hear().await, json!({ "type": "pong", "payload": { "at": [1] } }));
    socket.say(json!({ "type": "pong" })).await;
    socket.say(json!({ "type": "pong", "payload": { "at": 1 } })).await;
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await, json!({ "type": "pong" }));
    socket.say(json!({ "type": "connection_init", "payload": {} })).await;
    assert_eq!(socket.hear().await, json!({ "type": "connection_ack" }));
    socket.send(Message::Ping(vec![1, 2].into())).await;
    assert_eq!(socket.frame().await, Some(Message::Pong(vec![1, 2].into())), "also those of WebSocket itself");
}

#[tokio::test]
async fn what_is_not_of_the_protocol_closes_the_socket_with_4400() {
    let server = TestServer::empty().await;
    let cases = [
        Message::text("no json"),
        Message::text("[]"),
        Message::text(r#"{"id":"1"}"#),
        Message::text(r#"{"type":"start","id":"1","payload":{"query":"{ __typename }"}}"#),
        Message::text(r#"{"type":"subscribe","payload":{"query":"{ __typename }"}}"#),
        Message::text(r#"{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}"#),
        Message::text(r#"{"type":"subscribe","id":"1","payload":{}}"#),
        Message::text(r#"{"type":"connection_init","payload":7}"#),
        Message::text(format!("{}{}", "[".repeat(5_000), "]".repeat(5_000))),
        Message::binary(r#"{"type":"ping"}"#.as_bytes().to_vec()),
    ];
    for message in cases {
        let mut socket = Socket::ready(&server).await;
        socket.send(message.clone()).await;
        let (code, reason) = socket.closed().await;
        assert_eq!(code, 4400, "{message:?}");
        assert!(!reason.is_empty(), "{message:?}");
    }
}

#[tokio::test]
async fn operations_wait_for_the_acknowledgement() {
    let server = TestServer::empty().await;
    let mut socket = Socket::silent(&server).await;
    socket.subscribe("1", "{ __typename }").await;
    assert_eq!(socket.closed().await, (4401, "Unauthorized".into()));
}

#[tokio::test]
async fn a_second_initialisation_closes_the_socket() {
    let server = TestServer::empty().await;
    let mut socket = Socket::ready(&server).await;
    socket.say(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.closed().await, (4429, "Too many initialisation requests".into()));
}

#[tokio::test]
async fn whoever_does_not_initialise_is_sent_away() {
    let server =
        TestServer::with_sockets(SocketOptions { init_seconds: Duration::from_millis(50), ..SocketOptions::default() })
            .await;
    let mut socket = Socket::silent(&server).await;
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.closed().await, (4408, "Connection initialisation timeout (0.05 seconds)".into()));
    let mut socket = Socket::ready(&server).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(socket.answer("1", "{ __typename }").await["data"]["__typename"], "Query");
}

#[tokio::test]
async fn another_protocol_is_not_acceptable() {
    let server = TestServer::empty().await;
    let socket = Socket::offering(&server, None).await.ok().unwrap();
    assert_eq!(socket.closed().await, (4406, "Subprotocol not acceptable".into()));
    // A client that offers only others ends the connection itself, because the server agrees to none of them.
    let get = server.http(reqwest::Method::GET).header("sec-websocket-protocol", "graphql-ws");
    let answer = HANDSHAKE.iter().fold(get, |get, (name, value)| get.header(*name, *value)).send().await.unwrap();
    assert_eq!(answer.status(), 101);
    assert_eq!(answer.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert!(!answer.headers().contains_key("sec-websocket-protocol"));
    let mut socket = Socket::offering(&server, Some("graphql-ws, graphql-transport-ws")).await.ok().unwrap();
    socket.say(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.hear().await["type"], "connection_ack");
}

#[tokio::test]
async fn an_id_stands_for_one_open_operation() {
    let server = TestServer::empty().await;
    let mut socket = Socket::ready(&server).await;
    let long = "ä".repeat(200);
    socket.subscribe(&long, LISTEN).await;
    socket.say(json!({ "type": "complete", "id": long })).await;
    socket.say(json!({ "type": "complete", "id": "unknown" })).await;
    socket.subscribe(&long, LISTEN).await;
    assert_eq!(socket.answer("2", "{ __typename }").await["data"]["__typename"], "Query");
    socket.subscribe(&long, "{ __typename }").await;
    let (code, reason) = socket.closed().await;
    assert_eq!(code, 4409);
    assert!(reason.starts_with("Subscriber for ää") && reason.len() <= 123, "{reason}");
}

#[tokio::test]
async fn one_socket_has_so_many_operations() {
    let server = TestServer::with_sockets(SocketOptions { max_subscriptions: 2, ..SocketOptions::default() }).await;
    let mut socket = Socket::ready(&server).await;
    for id in ["1", "2", "3"] {
        socket.subscribe(id, LISTEN).await;
    }
    let message = socket.hear().await;
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("3")));
    assert_eq!(codes(&message), ["TOO_MANY_SUBSCRIPTIONS"]);
    socket.say(json!({ "type": "complete", "id": "1" })).await;
    assert_eq!(socket.answer("3", "{ __typename }").await["data"]["__typename"], "Query");
}

#[tokio::test]
async fn one_server_has_so_many_sockets() {
    let server = TestServer::with_sockets(SocketOptions { max_sockets: 1, ..SocketOptions::default() }).await;
    let first = Socket::ready(&server).await;

    assert_eq!(Socket::offering(&server, Some("graphql-transport-ws")).await.err(), Some(503));
    let answer = server.http(reqwest::Method::GET).header("accept", "text/event-stream").query(&[("query", LISTEN)]);
    assert_eq!(answer.send().await.unwrap().status(), 503, "event streams count as well");
    assert_eq!(server.query("{ __typename }").await["__typename"], "Query", "single answers do not");

    first.close().await;
    eventually("the place is free again", async || {
        let again = Socket::offering(&server, Some("graphql-transport-ws")).await;
        assert!(again.as_ref().err().is_none_or(|status| *status == 503));
        again.is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_message_has_so_many_bytes() {
    let server = TestServer::empty().await;
    for size in [70_000, 3_000_000] {
        let mut socket = Socket::ready(&server).await;
        let query = format!("{{ __typename }} #{}", "x".repeat(size));
        socket.subscribe("1", &query).await;
        assert_eq!(socket.closed().await.0, 1009);
    }
    let mut socket = Socket::ready(&server).await;
    let query = format!("{{ __typename }} #{}", "x".repeat(60_000));
    assert_eq!(socket.answer("1", &query).await["data"]["__typename"], "Query");
}

#[tokio::test]
async fn a_silent_client_is_asked_for_a_sign_of_life() {
    let settings = SocketOptions {
        ping_seconds: Duration::from_millis(50),
        idle_seconds: Duration::from_millis(400),
        ..SocketOptions::default()
    };
    let server = TestServer::with_sockets(settings).await;

    let mut answering = Socket::ready(&server).await;
    for _ in 0..20 {
        assert!(matches!(answering.frame().await, Some(Message::Ping(_))), "it answers by itself while it reads");
    }
    assert_eq!(answering.answer("1", "{ __typename }").await["data"]["__typename"], "Query");

    answering.close().await;

    let deaf = Socket::ready(&server).await;
    let said = deaf.unanswered().await;
    let farewell = [&1001_u16.to_be_bytes()[..], b"No sign of life for 0.4 seconds"].concat();
    assert!(said.ends_with(&farewell), "{}", String::from_utf8_lossy(&said));
}

#[tokio::test]
async fn the_end_of_the_server_closes_its_sockets() {
    let server = TestServer::empty().await;
    let mut socket = Socket::ready(&server).await;
    socket.subscribed("1", LISTEN).await;
    let stopping = tokio::spawn(server.stop());
    assert_eq!(socket.closed().await.0, 1001);
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_page_of_another_origin_may_not_open_a_socket() {
    let server = TestServer::empty().await;
    let get = |origin: &str| {
        let get = server.http(reqwest::Method::GET).header("origin", origin);
        HANDSHAKE.iter().fold(get, |get, (name, value)| get.header(*name, *value))
    };

    let answer = get("https://elsewhere.example").send().await.unwrap();
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.json::<Value>().await.unwrap()["errors"][0]["extensions"]["code"], "ORIGIN_NOT_ALLOWED");
    assert_eq!(get(&format!("http://{}", server.address)).send().await.unwrap().status(), 101);
}

#[tokio::test]
async fn what_is_no_whole_handshake_is_refused() {
    let server = TestServer::empty().await;
    let upgrade = server.http(reqwest::Method::GET).header("upgrade", "websocket").header("connection", "upgrade");
    assert_eq!(upgrade.send().await.unwrap().status(), 400);
}
