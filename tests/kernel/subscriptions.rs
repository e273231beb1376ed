//! Subscriptions: what is told, of what, and by whom it was done.
use std::{cell::Cell, time::Duration};

use async_graphql::Object;
use careerql_server::{Limits, Settings, SocketOptions};
use futures_util::StreamExt;
use kernel::{
    App, Perspective, QueryRoot,
    store::{ChangeInfo, Mode, unpublish},
};
use serde_json::{Value, json};
use tokio::{sync::Semaphore, time::timeout};

use crate::harness::{Binary, Folder, PATIENCE, Socket, TestServer, eventually};

const LISTEN: &str = "subscription { contentChanged { change kind slug version at node { __typename id
    ... on Career { title certifications { certification { title } } } } } }";

async fn withdraw(server: &TestServer, kind: &'static str, slug: &str) {
    let change = ChangeInfo::now("test", "");
    assert!(unpublish(&server.db, server.graph.content(), kind, slug, &change).await.unwrap());
}

fn told(event: &Value) -> (&str, &str, &str) {
    let change = &event["data"]["contentChanged"];
    let text = |field: &str| change[field].as_str().unwrap();
    (text("change"), text("kind"), text("slug"))
}

#[tokio::test]
async fn it_tells_what_is_published_updated_and_withdrawn() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[folder.career("before", "Before", "")]).await;
    let before = server.db.version();
    let mut socket = Socket::ready(&server).await;
    socket.subscribed("1", LISTEN).await;

    server.publish(&[folder.career("a", "A", "")]).await;
    let event = socket.next("1").await;
    assert!(event.get("errors").is_none(), "{event}");
    assert_eq!(told(&event), ("PUBLISHED", "CAREER", "a"));
    let change = &event["data"]["contentChanged"];
    assert_eq!(change["node"]["title"], "A");
    assert_eq!(change["version"], json!((before + 1).to_string()));
    assert!(chrono::DateTime::parse_from_rfc3339(change["at"].as_str().unwrap()).is_ok(), "{change}");
    assert_eq!(
        server.query(&format!("{{ node(id: {}) {{ ... on Career {{ title }} }} }}", change["node"]["id"])).await["node"]
            ["title"],
        "A"
    );

    server.import(&[folder.career("a", "A, drafted", "")], Mode::Draft).await;
    server.publish(&[folder.career("before", "Before", "")]).await;
    server.publish(&[folder.career("a", "A, revised", "")]).await;
    let event = socket.next("1").await;
    assert_eq!(told(&event), ("UPDATED", "CAREER", "a"), "a draft and what is unchanged are not told");
    assert_eq!(event["data"]["contentChanged"]["node"]["title"], "A, revised");

    withdraw(&server, "career", "a").await;
    let event = socket.next("1").await;
    assert_eq!(told(&event), ("WITHDRAWN", "CAREER", "a"));
    assert_eq!(event["data"]["contentChanged"]["node"], Value::Null);

    server.publish(&[folder.career("a", "A, revised", "")]).await;
    let event = socket.next("1").await;
    assert_eq!(told(&event), ("PUBLISHED", "CAREER", "a"), "nothing was visible just before");
    assert_eq!(event["data"]["contentChanged"]["node"]["title"], "A, revised");
}

#[tokio::test]
async fn what_an_event_leads_to_is_never_older_than_the_event() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let certify = |title: &str| {
        let text = format!(
            "kind: certification\nslug: c\ntitle: {title}\nissuer: {{name: I}}\nlevel: ENTRY\nsummary: About it.\n"
        );
        folder.file("certifications/c.yaml", &text)
    };
    let linked = "certifications: [{certification: c, why: It helps., when: Early.}]\n";
    server.publish(&[certify("Title 0"), folder.career("a", "A 0", linked)]).await;
    let mut socket = Socket::ready(&server).await;
    socket.subscribed("1", LISTEN).await;
    for number in 1..5 {
        let title = format!("Title {number}");
        server.publish(&[certify(&title)]).await;
        assert_eq!(told(&socket.next("1").await), ("UPDATED", "CERTIFICATION", "c"));
        server.publish(&[folder.career("a", &format!("A {number}"), linked)]).await;
        let event = socket.next("1").await;
        let node = &event["data"]["contentChanged"]["node"];
        assert_eq!(node["title"], format!("A {number}"));
        assert_eq!(node["certifications"][0]["certification"]["title"], json!(title));
    }
}

#[tokio::test]
async fn kinds_and_slugs_narrow_what_is_told() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let mut socket = Socket::ready(&server).await;
    socket
        .subscribed("kinds", "subscription { contentChanged(kinds: [SOURCE, CERTIFICATION]) { change kind slug } }")
        .await;
    socket.subscribed("slugs", "subscription { contentChanged(slugs: [\"b\"]) { change kind slug } }").await;
    socket.subscribed("none", "subscription { contentChanged(kinds: []) { slug } }").await;
    let variables = json!({ "kinds": ["CAREER"], "slugs": ["a"] });
    let query = "subscription($kinds: [EntryKind!], $slugs: [String!]) { contentChanged(kinds: $kinds, slugs: $slugs) { change kind slug } }";
    let payload = json!({ "query": query, "variables": variables });
    socket.say(json!({ "type": "subscribe", "id": "both", "payload": payload })).await;
    socket.subscribed("last", "subscription { contentChanged(slugs: [\"last\"]) { change kind slug } }").await;

    folder.career("a", "A", "");
    folder.source("a");
    folder.career("b", "B", "");
    server.publish(&[folder.path().to_owned()]).await;
    server.publish(&[folder.source("last")]).await;

    let mut heard = Vec::new();
    for _ in 0..5 {
        let message = socket.hear().await;
        let (_, kind, slug) = told(&message["payload"]);
        heard.push(format!("{} {kind} {slug}", message["id"].as_str().unwrap()));
    }
    heard.sort();
    assert_eq!(heard, ["both CAREER a", "kinds SOURCE a", "kinds SOURCE last", "last SOURCE last", "slugs CAREER b"]);
}

#[tokio::test]
async fn a_client_that_completes_hears_no_more() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let mut socket = Socket::ready(&server).await;
    socket.subscribed("1", LISTEN).await;
    socket.subscribed("2", LISTEN).await;
    socket.say(json!({ "type": "complete", "id": "1" })).await;
    socket.answer("barrier", "{ __typename }").await;

    server.publish(&[folder.career("a", "A", "")]).await;
    server.publish(&[folder.career("b", "B", "")]).await;

    assert_eq!(told(&socket.next("2").await), ("PUBLISHED", "CAREER", "a"));
    assert_eq!(told(&socket.next("2").await), ("PUBLISHED", "CAREER", "b"));
}

#[tokio::test]
async fn the_root_field_may_stand_in_a_fragment() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let mut socket = Socket::ready(&server).await;
    let query = "subscription S { ...Root ... on Subscription { changed: contentChanged { slug } } }
                 fragment Root on Subscription { changed: contentChanged { ...Change } }
                 fragment Change on ContentChange { change }";
    socket.subscribed("1", query).await;

    server.publish(&[folder.career("a", "A", "")]).await;

    assert_eq!(socket.next("1").await, json!({ "data": { "changed": { "change": "PUBLISHED", "slug": "a" } } }));
}

#[tokio::test]
async fn another_process_is_heard() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let mut socket = Socket::ready(&server).await;
    socket.subscribed("1", LISTEN).await;
    let run = async |arguments: &[&str]| {
        let output = Binary::new(arguments).database(&server.database.url).run().await;
        assert_eq!(output.status, 0, "{}", output.err);
    };
    let path = folder.career("a", "A", "");

    run(&["import", path.to_str().unwrap(), "--publish"]).await;
    let event = socket.next("1").await;
    assert_eq!(told(&event), ("PUBLISHED", "CAREER", "a"));
    assert_eq!(event["data"]["contentChanged"]["node"]["title"], "A");

    folder.career("a", "A, revised", "");
    run(&["import", path.to_str().unwrap(), "--publish"]).await;
    let event = socket.next("1").await;
    assert_eq!(told(&event), ("UPDATED", "CAREER", "a"));
    assert_eq!(event["data"]["contentChanged"]["node"]["title"], "A, revised");

    run(&["unpublish", "career", "a"]).await;
    assert_eq!(told(&socket.next("1").await), ("WITHDRAWN", "CAREER", "a"));
}

#[tokio::test]
async fn thousands_of_changes_at_once_are_all_told_in_order_also_to_a_slow_client() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    for number in 0..2_100 {
        folder.source(&format!("s{number:04}"));
    }
    let request = async_graphql::Request::new("subscription { contentChanged { slug version } }");
    let mut events = server.graph.subscribe(request, &server.db, Perspective::Published);
    let mut next = async || {
        let response = timeout(PATIENCE, events.next()).await.expect("an event in time").unwrap();
        serde_json::to_value(response.data).unwrap()["contentChanged"].take()
    };
    let version_of = |event: &Value| event["version"].as_str().unwrap().parse::<i64>().unwrap();
    // Listening begins some time after the first event is asked for.
    let has_begun = Cell::new(false);
    let publish = async {
        for number in 0.. {
            server.publish(&[folder.career("first", &format!("First {number}"), "")]).await;
            if has_begun.get() {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    let first = async {
        let event = next().await;
        has_begun.set(true);
        event
    };
    let (mut event, ()) = tokio::join!(first, publish);
    assert_eq!(event["slug"], "first");
    while version_of(&event) < server.db.version() {
        event = next().await;
    }

    server.publish(&[folder.path().join("sources")]).await;

    let mut version = version_of(&event);
    for number in 0..2_100 {
        let event = next().await;
        version += 1;
        assert_eq!(event, json!({ "slug": format!("s{number:04}"), "version": version.to_string() }));
    }
}

#[tokio::test]
async fn drafts_are_not_told_to_their_editor_either() {
    let server = TestServer::with(careerql_server::app(), Perspective::Draft).await;
    let folder = Folder::new();
    let mut socket = Socket::ready(&server).await;
    socket.subscribed("1", LISTEN).await;

    server.import(&[folder.career("drafted", "Drafted", "")], Mode::Draft).await;
    server.publish(&[folder.career("a", "A", "")]).await;
    assert_eq!(told(&socket.next("1").await), ("PUBLISHED", "CAREER", "a"));

    withdraw(&server, "career", "a").await;
    let event = socket.next("1").await;
    assert_eq!(told(&event), ("WITHDRAWN", "CAREER", "a"));
    assert_eq!(event["data"]["contentChanged"]["node"]["title"], "A", "the draft, which this endpoint shows");
}

/// The number of fields that wait for the gate, and the gate.
static WAITING: Semaphore = Semaphore::const_new(0);
static GATE: Semaphore = Semaphore::const_new(0);

/// Adds fields to careers and queries that take their time.
fn slow(app: &mut App) {
    app.extend::<careers::Career, Slow>();
    app.extend::<QueryRoot, Slow>();
}

struct Slow;

impl From<&careers::Career> for Slow {
    fn from(_: &careers::Career) -> Self {
        Self
    }
}

impl From<&QueryRoot> for Slow {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl Slow {
    /// Never answers.
    async fn endless(&self) -> bool {
        std::future::pending().await
    }

    /// Answers once the gate is open.
    async fn gated(&self) -> bool {
        WAITING.add_permits(1);
        GATE.acquire().await.is_ok()
    }
}

async fn slow_server(limits: Limits) -> TestServer {
    let app = careerql_server::app().module("slow", slow);
    let settings = Settings { limits, ..Settings::default() };
    TestServer::set_up(app, Perspective::Published, settings).await
}

#[tokio::test]
async fn an_event_has_the_time_of_a_request() {
    let limits = Limits { max_execution_seconds: Duration::from_millis(500), ..Limits::default() };
    let server = slow_server(limits).await;
    let mut socket = Socket::ready(&server).await;
    let slow = "subscription { contentChanged { node { ... on Career { endless } } } }";
    socket.subscribed("1", slow).await;

    server.publish(&[Folder::new().career("a", "A", "")]).await;

    let message = socket.hear().await;
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")), "{message}");
    assert_eq!(message["payload"][0]["extensions"]["code"], "EXECUTION_TIMEOUT", "{message}");
}

#[tokio::test]
async fn an_event_waits_for_a_place_among_the_requests() {
    let server = slow_server(Limits { max_concurrent_requests: 1, ..Limits::default() }).await;
    let mut socket = Socket::ready(&server).await;
    socket.subscribed("1", LISTEN).await;
    let request = server.http(reqwest::Method::POST).json(&json!({ "query": "{ gated }" }));
    let gated = tokio::spawn(request.send());
    let _waiting = timeout(PATIENCE, WAITING.acquire()).await.expect("it is executed").unwrap();

    server.publish(&[Folder::new().career("a", "A", "")]).await;

    assert!(timeout(Duration::from_millis(100), socket.hear()).await.is_err(), "the request has the only place");
    GATE.add_permits(1);
    assert_eq!(told(&socket.next("1").await), ("PUBLISHED", "CAREER", "a"));
    assert_eq!(gated.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn subscriptions_have_a_number_in_all() {
    let server =
        TestServer::with_sockets(SocketOptions { max_open_subscriptions: 1, ..SocketOptions::default() }).await;
    let (mut first, mut second) = (Socket::ready(&server).await, Socket::ready(&server).await);
    first.subscribed("1", LISTEN).await;

    second.subscribe("1", LISTEN).await;

    let message = second.hear().await;
    assert_eq!(message["payload"][0]["extensions"]["code"], "TOO_MANY_SUBSCRIPTIONS", "{message}");
    assert_eq!(second.answer("1", "{ __typename }").await["data"]["__typename"], "Query", "queries are none");
    first.close().await;
    eventually("the place is free again", async || {
        second.subscribe("2", LISTEN).await;
        second.say(json!({ "type": "ping" })).await;
        let is_refused = second.hear().await["type"] == "error";
        if is_refused {
            assert_eq!(second.hear().await["type"], "pong");
        }
        !is_refused
    })
    .await;
}
