//! The names that a server answers to, and proxies in front of it.
use careerql_server::{BrowserOptions, Settings};
use kernel::Perspective;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::TestServer;

async fn serve(perspective: Perspective, hosts: Option<&str>) -> TestServer {
    let hosts = hosts.map(|hosts| hosts.parse().unwrap());
    let settings = Settings { browsers: BrowserOptions { hosts, ..BrowserOptions::default() }, ..Settings::default() };
    TestServer::set_up(careerql_server::app(), perspective, settings).await
}

/// The status of a query to the server under a name.
async fn asked(server: &TestServer, host: &str) -> u16 {
    let request = server.http(Method::POST).header("host", host).json(&json!({ "query": "{ __typename }" }));
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_page_cannot_have_its_name_lead_to_the_drafts() {
    let server = serve(Perspective::Draft, None).await;
    let address = server.address.to_string();
    for host in [&*address, "localhost", "localhost:8000", "LOCALHOST.", "[::1]:8000", "app.localhost"] {
        assert_eq!(asked(&server, host).await, 200, "{host}");
    }
    for host in ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example"] {
        let root = server.url.trim_end_matches("/graphql");
        let send = async |method: Method, path: &str, headers: &[(&'static str, &str)]| {
            let request = reqwest::Client::new().request(method, format!("{root}{path}")).header("host", host);
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
        };
        let socket = [
            ("upgrade", "websocket"),
            ("connection", "upgrade"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("origin", &*format!("http://{host}")),
        ];
        for (what, answer) in [
            ("query", send(Method::GET, "/graphql?query={__typename}", &[]).await),
            ("preflight", send(Method::OPTIONS, "/graphql", &[("origin", "http://evil.example")]).await),
            (
                "event stream",
                send(Method::GET, "/graphql?query={__typename}", &[("accept", "text/event-stream")]).await,
            ),
            ("GraphiQL", send(Method::GET, "/graphql", &[("accept", "text/html")]).await),
            ("socket", send(Method::GET, "/graphql", &socket).await),
            ("metrics", send(Method::GET, "/metrics", &[]).await),
        ] {
            assert_eq!(answer.status(), 421, "{what} {host}");
            let answer: Value = answer.json().await.unwrap();
            assert_eq!(answer["errors"][0]["extensions"]["code"], "HOST_NOT_ALLOWED", "{what}");
            assert!(answer["errors"][0]["message"].as_str().unwrap().contains("--hosts"), "{what}");
        }
        assert_eq!(send(Method::GET, "/healthz", &[]).await.status(), 200, "probes have names of their own");
    }
}

#[tokio::test]
async fn names_are_listed_and_what_is_published_has_any() {
    let listed = serve(Perspective::Draft, Some("cms.example.com")).await;
    assert_eq!((asked(&listed, "CMS.example.com:8443").await, asked(&listed, "www.example.com").await), (200, 421));
    assert_eq!(asked(&serve(Perspective::Draft, Some("*")).await, "evil.example").await, 200);
    assert_eq!(asked(&serve(Perspective::Published, None).await, "www.example.com").await, 200);
    assert_eq!(asked(&serve(Perspective::Published, Some("cms.example.com")).await, "www.example.com").await, 421);
}
