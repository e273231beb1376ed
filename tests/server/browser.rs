//! A real browser: where `CAREERQL_TEST_CHROMIUM` names a Chromium, its pages query the server from another origin.
use std::{process::Stdio, sync::Arc};

use careerql_server::{BrowserOptions, Settings};
use kernel::Perspective;
use poem::{Endpoint, IntoResponse, Request, Response, Server, http::Method, listener::TcpAcceptor};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    process::Command,
    sync::mpsc::{Sender, channel},
    time::timeout,
};

use crate::harness::{PATIENCE, TestServer};

/// Does what the page of an application does, and tells the test what came of it.
const SCRIPT: &str = r"
const { endpoint, token } = new Proxy(new URLSearchParams(location.search), { get: (all, name) => all.get(name) });
const attempt = async (work) => { try { return await work(); } catch (error) { return String(error.name); } };
const query = JSON.stringify({ query: '{ careers { totalCount } }' });
const json = { 'content-type': 'application/json' };
const post = (headers) => attempt(async () => {
  const answer = await fetch(endpoint, { method: 'POST', headers: { ...json, ...headers }, body: query });
  return { status: answer.status, id: answer.headers.has('x-request-id'), body: await answer.json() };
});
const get = (url, headers) => attempt(async () => {
  const answer = await fetch(url, { headers });
  const [etag, tags] = ['etag', 'cache-tag'].map((name) => answer.headers.has(name));
  return { status: answer.status, etag, tags, body: await answer.json() };
});
const stream = () => attempt(async () => {
  const headers = { ...json, accept: 'text/event-stream', 'careerql-perspective': 'published' };
  const answer = await fetch(endpoint, { method: 'POST', headers, body: query });
  return (await answer.text()).includes('event: complete');
});
const events = () => new Promise((resolve) => {
  const source = new EventSource(endpoint + '?' + new URLSearchParams({ query: '{ __typename }' }));
  source.addEventListener('next', (event) => { source.close(); resolve(JSON.parse(event.data)); });
  source.onerror = () => { source.close(); resolve('error'); };
});
const open = () => new Promise((resolve) => {
  const opened = new WebSocket(endpoint.replace('http', 'ws'), 'graphql-transport-ws');
  opened.onopen = () => resolve(true);
  opened.onerror = () => resolve(false);
});
const url = endpoint + '?' + new URLSearchParams({ query: '{ careers { totalCount } }' });
const outcome = {
  post: await post({}), token: await post({ authorization: `Bearer ${token}` }),
  wrong: await post({ authorization: 'Bearer none' }), get: await get(url, {}), again: await get(url, {}),
  traced: await get(url, { 'x-request-id': 'of-the-page' }), stream: await stream(), events: await events(), socket: await open(),
};
await fetch('/outcome', { method: 'POST', body: JSON.stringify(outcome) });
";

/// The server of the page, on an origin of its own.
#[derive(Clone)]
struct Page(Sender<Value>);

impl Endpoint for Page {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        if *request.method() == Method::POST {
            let outcome = request.take_body().into_json().await.unwrap();
            self.0.send(outcome).await.unwrap();
            return Ok(().into_response());
        }
        let page = format!("<!doctype html><script type=module>{SCRIPT}</script>");
        Ok(Response::builder().content_type("text/html").body(page))
    }
}

/// The name of the Chromium, where there is one.
#[expect(clippy::print_stderr, reason = "whoever reads the output of the tests sees that these were left out")]
fn chromium() -> Option<String> {
    let named = std::env::var("CAREERQL_TEST_CHROMIUM").ok();
    if named.is_none() {
        eprintln!("skipped: CAREERQL_TEST_CHROMIUM names no browser");
    }
    named
}

/// Result of a page of another origin. `origins` makes the setting of the server from the origin of the page.
async fn outcome(chromium: &str, perspective: Perspective, origins: impl Fn(&str) -> Option<String>) -> Value {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let page = format!("http://{}", listener.local_addr().unwrap());
    let (sender, mut outcomes) = channel(1);
    tokio::spawn(Server::new_with_acceptor(TcpAcceptor::from_tokio(listener).unwrap()).run(Arc::new(Page(sender))));
    let cors_origins = origins(&page).map(|origins| origins.parse().unwrap());
    let browsers = BrowserOptions { cors_origins, ..BrowserOptions::default() };
    let settings = Settings { browsers, ..Settings::default() };
    let server = TestServer::set_up(careerql_server::app(), perspective, settings).await;
    let token = server.token(&["write"]).await;

    let profile = tempfile::tempdir().unwrap();
    let url = url::Url::parse_with_params(&page, [("endpoint", &server.url), ("token", &token)]).unwrap();
    let flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
                 --disable-component-update --disable-sync --remote-debugging-port=0";
    let mut browser = Command::new(chromium)
        .args(flags.split_whitespace())
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(url.as_str())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("CAREERQL_TEST_CHROMIUM can be started");
    let outcome = timeout(PATIENCE * 4, outcomes.recv()).await.expect("the page is done in time").unwrap();
    browser.kill().await.unwrap();
    outcome
}

/// Result of a page that may query.
fn allowed(socket: bool) -> Value {
    let body = json!({ "data": { "careers": { "totalCount": 0 } } });
    let got = json!({ "status": 200, "etag": true, "tags": true, "body": body });
    let posted = json!({ "status": 200, "id": true, "body": body });
    let wrong =
        json!({ "message": "This token is unknown, expired or revoked.", "extensions": { "code": "UNAUTHENTICATED" } });
    json!({
        "post": posted, "token": posted, "wrong": { "status": 401, "id": true, "body": { "errors": [wrong] } },
        "get": got, "again": got, "traced": got, "stream": true, "events": { "data": { "__typename": "Query" } },
        "socket": socket,
    })
}

/// Result of a page that may not.
fn refused() -> Value {
    let names = ["post", "token", "wrong", "get", "again", "traced", "stream"];
    let mut refused: Value = names.into_iter().map(|name| (name.to_owned(), json!("TypeError"))).collect();
    refused["events"] = json!("error");
    refused["socket"] = json!(false);
    refused
}

#[tokio::test]
async fn pages_of_another_origin_query_what_is_published() {
    let Some(chromium) = chromium() else { return };
    assert_eq!(outcome(&chromium, Perspective::Published, |_| None).await, allowed(false));
    assert_eq!(outcome(&chromium, Perspective::Published, |_| Some("*".to_owned())).await, allowed(true));
}

#[tokio::test]
async fn a_browser_keeps_to_the_list_of_origins() {
    let Some(chromium) = chromium() else { return };
    let with_page = |page: &str| Some(format!("https://app.example.com,{page}"));
    assert_eq!(outcome(&chromium, Perspective::Published, with_page).await, allowed(true));
    let without = |_: &str| Some("https://app.example.com".to_owned());
    assert_eq!(outcome(&chromium, Perspective::Published, without).await, refused());
}

#[tokio::test]
async fn a_browser_shows_no_draft_to_pages_of_another_origin() {
    let Some(chromium) = chromium() else { return };
    assert_eq!(outcome(&chromium, Perspective::Draft, |_| None).await, refused());
}
