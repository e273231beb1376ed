//! The names that a server answers to, and proxies in front of it.
use careerql_server::{BrowserOptions, ClientOptions, Settings};
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

/// Headers that a proxy may write, in both kinds.
fn forwarded(host: &str, scheme: &str) -> [Vec<(&'static str, String)>; 2] {
    let older = vec![("x-forwarded-host", host.to_owned()), ("x-forwarded-proto", scheme.to_owned())];
    [older, vec![("forwarded", format!("for=192.0.2.1;host=\"{host}\";proto={scheme}"))]]
}

/// A server that answers to `cms.example.com`, behind a proxy on this machine or not.
async fn behind(proxy: Option<&str>) -> TestServer {
    let hosts = Some("cms.example.com".parse().unwrap());
    let trusted_proxies = proxy.into_iter().map(|proxy| proxy.parse().unwrap()).collect();
    let settings = Settings {
        browsers: BrowserOptions { hosts, ..BrowserOptions::default() },
        clients: ClientOptions { trusted_proxies, ..ClientOptions::default() },
        ..Settings::default()
    };
    TestServer::set_up(careerql_server::app(), Perspective::Draft, settings).await
}

/// The status and the answer to a query with these headers, or to the opening of a socket where they name an origin.
async fn opened(server: &TestServer, headers: &[(&'static str, String)], origin: Option<&str>) -> (u16, String) {
    let mut request = server.http(Method::GET).query(&[("query", "{ __typename }")]);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    if let Some(origin) = origin {
        request = request
            .header("upgrade", "websocket")
            .header("connection", "upgrade")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("origin", origin);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    // What follows the opening of a socket has no end.
    (status, if status == 101 { String::new() } else { answer.text().await.unwrap() })
}

#[tokio::test]
async fn the_name_that_the_client_called_counts_behind_a_trusted_proxy() {
    let server = behind(Some("127.0.0.1")).await;
    for mut headers in forwarded("cms.example.com", "https") {
        headers.push(("host", "backend.internal:8000".to_owned()));
        assert_eq!(opened(&server, &headers, None).await.0, 200, "{headers:?}");
    }
    for mut headers in forwarded("evil.example", "https") {
        headers.push(("host", "cms.example.com".to_owned()));
        let (status, answer) = opened(&server, &headers, None).await;
        assert_eq!(status, 421, "{headers:?}");
        assert!(answer.contains("X-Forwarded-Host"), "{answer}");
    }
    // A line that hides what the proxy appended names nobody.
    let hidden = [("forwarded", "for=\"x, for=192.0.2.1;host=evil.example".to_owned())];
    assert_eq!(opened(&server, &hidden, None).await.0, 421);
    let both = [("x-forwarded-host", "cms.example.com".to_owned()), ("forwarded", "host=evil.example".to_owned())];
    assert_eq!(opened(&server, &both, None).await.0, 421, "one of them may be the client's");
}

#[tokio::test]
async fn forwarding_headers_of_strangers_mean_nothing() {
    for server in [behind(None).await, behind(Some("192.0.2.0/24")).await] {
        for mut headers in forwarded("cms.example.com", "https") {
            headers.push(("host", "evil.example".to_owned()));
            assert_eq!(opened(&server, &headers, None).await.0, 421, "{headers:?}");
        }
        for mut headers in forwarded("evil.example", "https") {
            headers.push(("host", "cms.example.com".to_owned()));
            assert_eq!(opened(&server, &headers, None).await.0, 200, "{headers:?}");
            assert_eq!(opened(&server, &headers, Some("https://evil.example")).await.0, 403, "{headers:?}");
            assert_eq!(opened(&server, &headers, Some("http://cms.example.com")).await.0, 101, "{headers:?}");
        }
    }
}

#[tokio::test]
async fn the_origin_of_a_server_behind_a_trusted_proxy_is_what_the_client_sees() {
    let server = behind(Some("127.0.0.0/8")).await;
    for (host, scheme, origin, status) in [
        ("cms.example.com", "https", "https://cms.example.com", 101),
        ("cms.example.com:443", "https", "https://cms.example.com", 101),
        ("cms.example.com", "wss", "https://cms.example.com", 101),
        ("cms.example.com:8443", "https", "https://cms.example.com:8443", 101),
        ("cms.example.com", "https", "http://cms.example.com", 403),
        ("cms.example.com", "http", "https://cms.example.com", 403),
        ("cms.example.com", "https", "https://cms.example.com:8443", 403),
        ("cms.example.com", "https", "https://localhost", 403),
    ] {
        for mut headers in forwarded(host, scheme) {
            headers.push(("host", "localhost".to_owned()));
            let (found, answer) = opened(&server, &headers, Some(origin)).await;
            assert_eq!(found, status, "{headers:?} {origin}");
            assert!(status == 101 || answer.contains("--trusted-proxies"), "{answer}");
        }
    }
}
