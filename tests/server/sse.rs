//! Event streams, rule by rule.
use std::time::Duration;

use careerql_server::SocketOptions;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Folder, PATIENCE, TestServer, eventually};

const LISTEN: &str = "subscription { contentChanged { change slug } }";

struct Events {
    response: reqwest::Response,
    text: String,
}

impl Events {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.header("accept", "text/event-stream").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
        Self { response, text: String::new() }
    }

    /// The next block of lines; none where the stream ends.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                self.text = rest.into();
                return Some(block);
            }
            let chunk =
                tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("a chunk in time").unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event, as its name and data.
    async fn event(&mut self) -> Option<(String, Value)> {
        loop {
            let block = self.block().await?;
            if block == ":" {
                continue;
            }
            let (name, data) = block.split_once('\n').unwrap();
            let (name, data) = (name.strip_prefix("event: ").unwrap(), data.strip_prefix("data: ").unwrap());
            return Some((name.to_owned(), serde_json::from_str(data).unwrap_or_default()));
        }
    }

    async fn all(mut self) -> Vec<(String, Value)> {
        let mut events = Vec::new();
        while let Some(event) = self.event().await {
            events.push(event);
        }
        events
    }
}

fn complete() -> (String, Value) {
    ("complete".to_owned(), Value::Null)
}

#[tokio::test]
async fn a_query_has_one_event_and_the_end() {
    let server = TestServer::empty().await;
    let expected = vec![("next".to_owned(), json!({ "data": { "__typename": "Query" } })), complete()];

    let post = server.http(Method::POST).json(&json!({ "query": "{ __typename }" }));
    assert_eq!(Events::of(post).await.all().await, expected);
    let get = server.http(Method::GET).query(&[("query", "{ __typename }")]);
    assert_eq!(Events::of(get).await.all().await, expected);
}

#[tokio::test]
async fn a_subscription_goes_on_and_the_first_comment_comes_at_once() {
    let server = TestServer::with_sockets(SocketOptions {
        keep_alive_seconds: Duration::from_millis(100),
        ..SocketOptions::default()
    })
    .await;
    let folder = Folder::new();
    let mut events = Events::of(server.http(Method::POST).json(&json!({ "query": LISTEN }))).await;
    for _ in 0..3 {
        assert_eq!(events.block().await.as_deref(), Some(":"));
    }

    server.publish(&[folder.career("a", "A", "")]).await;
    let next =
        |change: &str| ("next".to_owned(), json!({ "data": { "contentChanged": { "change": change, "slug": "a" } } }));
    assert_eq!(events.event().await, Some(next("PUBLISHED")));
    server.publish(&[folder.career("a", "B", "")]).await;
    assert_eq!(events.event().await, Some(next("UPDATED")));

    let stopping = tokio::spawn(server.stop());
    assert_eq!(events.event().await, None, "the end of the server is not the end of the operation");
    stopping.await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_with_an_operation_is_told_in_the_stream() {
    let server = TestServer::empty().await;
    let cases = [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILED"),
        ("subscription { contentChanged(kinds: [CARER]) { slug } }", "GRAPHQL_VALIDATION_FAILED"),
    ];
    for (query, code) in cases {
        let events = Events::of(server.http(Method::POST).json(&json!({ "query": query }))).await.all().await;
        assert_eq!(events.len(), 2, "{query}: {events:?}");
        assert_eq!(events[0].0, "next");
        assert_eq!(events[0].1["errors"][0]["extensions"]["code"], code, "{query}: {events:?}");
        assert!(events[0].1.get("data").is_none(), "{query}: {events:?}");
        assert_eq!(events[1], complete());
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_http_request_has_its_status() {
    let server = TestServer::empty().await;
    let accept = |method| server.http(method).header("accept", "text/event-stream");
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();

    assert_eq!(status(accept(Method::POST).header("content-type", "text/plain").body("{}")).await, 415);
    assert_eq!(status(accept(Method::POST).header("content-type", "application/json").body("{")).await, 400);
    assert_eq!(status(accept(Method::POST).json(&json!({}))).await, 422);
    assert_eq!(status(accept(Method::GET)).await, 422);
    assert_eq!(status(accept(Method::PUT)).await, 405);
    let mutation = accept(Method::GET).query(&[("query", "mutation { nothing }")]);
    let answer = mutation.send().await.unwrap();
    assert_eq!(answer.status(), 405);
    assert_eq!(answer.json::<Value>().await.unwrap()["errors"][0]["extensions"]["code"], "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn whoever_likes_json_as_well_gets_json() {
    let server = TestServer::empty().await;
    let request = server.http(Method::POST).header("accept", "application/json, text/event-stream");
    let answer = request.json(&json!({ "query": "{ __typename }" })).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["data"]["__typename"], "Query");
}

#[tokio::test]
async fn a_client_that_goes_away_frees_its_place() {
    let server = TestServer::with_sockets(SocketOptions {
        max_sockets: 1,
        keep_alive_seconds: Duration::from_millis(50),
        ..SocketOptions::default()
    })
    .await;
    let listen = || server.http(Method::GET).query(&[("query", LISTEN)]).header("accept", "text/event-stream");
    let first = Events::of(listen()).await;
    assert_eq!(listen().send().await.unwrap().status(), 503);
    drop(first);
    eventually("the place is free again", async || listen().send().await.unwrap().status() == 200).await;
}
