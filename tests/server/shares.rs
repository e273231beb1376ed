//! Shares: one client takes no more than its part of what all have in common.
use careerql_server::{ClientOptions, Settings, SocketOptions};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::harness::TestServer;

/// A server behind a proxy on this machine.
async fn behind_a_proxy(settings: Settings) -> TestServer {
    let clients = ClientOptions { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..ClientOptions::default() };
    TestServer::with_settings(Settings { clients, ..settings }).await
}

/// An event stream of a client at this address.
async fn stream(server: &TestServer, client: &str) -> reqwest::Response {
    let request = server.http(Method::GET).header("accept", "text/event-stream").header("x-forwarded-for", client);
    request.query(&[("query", "subscription { contentChanged { slug } }")]).send().await.unwrap()
}

#[tokio::test]
async fn a_client_with_its_share_of_sockets_leaves_the_others_theirs() {
    let sockets = SocketOptions { max_sockets: 40, ..SocketOptions::default() };
    let server = behind_a_proxy(Settings { sockets, ..Settings::default() }).await;
    let mut open = Vec::new();
    for number in 0..16 {
        // All of them in one network of IPv6.
        open.push(stream(&server, &format!("2001:db8::{number:x}")).await);
    }
    assert!(open.iter().all(|stream| stream.status() == StatusCode::OK));

    let refused = stream(&server, "2001:db8::ffff").await;

    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "1");
    let answer: Value = refused.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TOO_MANY_SOCKETS");
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("16"), "{answer}");
    for other in ["2001:db8:0:1::1", "192.0.2.1", "192.0.2.1, 127.0.0.9"] {
        assert_eq!(stream(&server, other).await.status(), StatusCode::OK, "{other}");
    }
}
