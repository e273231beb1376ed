//! Deliveries: messages about releases, the order of all of them, whom they wait for, and what a subscriber may ask.
use std::sync::atomic::Ordering;

use careerql_server::{Limits, QueryOptions, Settings, WebhookOptions};
use chrono::TimeDelta;
use kernel::store::Mode;
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, PATIENCE, Receiver, Socket, TestServer, create_webhook, eventual, eventually};

struct Editor {
    server: TestServer,
    folder: Folder,
    token: String,
}

impl Editor {
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let webhooks = WebhookOptions {
            webhook_private_addresses: true,
            // A receiver that hangs does so longer than a test waits.
            webhook_timeout_seconds: PATIENCE * 3,
            ..WebhookOptions::default()
        };
        let server = TestServer::with_settings(Settings { webhooks, ..settings }).await;
        let token = server.token(&["administer", "publish", "read-drafts", "write"]).await;
        Self { server, folder: Folder::new(), token }
    }

    async fn run(&self, query: &str) -> Value {
        let body = self.server.send(&self.token, query, json!({})).await;
        assert_eq!(body.get("errors"), None, "{body:#}");
        body["data"].clone()
    }

    async fn publish(&self, slug: &str, title: &str) {
        self.server.publish(&[self.folder.career(slug, title, "")]).await;
    }

    async fn draft(&self, slug: &str, title: &str) {
        self.server.import(&[self.folder.career(slug, title, "")], Mode::Draft).await;
    }

    /// Publishes a release of these entries.
    async fn release(&self, name: &str, entries: &str) {
        let query = format!(
            "mutation {{ createRelease(release: \"{name}\") {{ errors {{ code }} }} \
             addToRelease(release: \"{name}\", entries: [{entries}]) {{ errors {{ code }} }} \
             publishRelease(release: \"{name}\") {{ errors {{ code message }} }} }}"
        );
        let done = self.run(&query).await;
        for field in ["addToRelease", "publishRelease"] {
            assert_eq!(done[field]["errors"], json!([]), "{done}");
        }
    }

    /// Waits until what was refused is put off, and puts the clock forward to its next attempt.
    async fn retry(&self) {
        let query = "{ webhooks { deliveries { nodes { failure } } } }";
        eventually("a delivery is put off", async || {
            let body = self.server.send_once(&self.token, query).await;
            let deliveries = body["data"]["webhooks"][0]["deliveries"]["nodes"].as_array().cloned().unwrap_or_default();
            deliveries.iter().any(|delivery| delivery["failure"].is_string())
        })
        .await;
        self.server.advance(TimeDelta::seconds(10));
    }

    async fn receiver(&self, more: &str) -> Receiver {
        let receiver = Receiver::default();
        let url = receiver.start().await;
        create_webhook(&self.server, &self.token, &format!("url: \"{url}\"{more}")).await;
        receiver
    }
}

/// Type, release or slug, and revision of each message.
fn told(receiver: &Receiver) -> Vec<(String, String, Option<i64>)> {
    let messages = receiver.messages().into_iter();
    let told = messages.map(|message| {
        let (data, entry) = (&message["data"], &message["data"]["entries"][0]);
        let about = data["release"].as_str().or(entry["slug"].as_str()).unwrap_or_default().to_owned();
        (message["type"].as_str().unwrap().to_owned(), about, entry["revision"].as_i64())
    });
    told.collect()
}

#[tokio::test]
async fn a_release_that_publishes_nothing_anew_is_told_too() {
    let editor = Editor::new().await;
    editor.publish("a", "A").await;
    let receiver = editor.receiver("").await;
    // Others have made their deliveries by then.
    editor.publish("b", "B").await;
    receiver.has(1).await;

    editor.release("empty", "").await;
    receiver.has(2).await;
    editor.release("same", "{kind: CAREER, slug: \"a\", revision: 1}").await;
    receiver.has(3).await;

    let messages = receiver.messages();
    assert_eq!((&messages[1]["type"], &messages[1]["data"]["release"]), (&json!("release.published"), &json!("empty")));
    assert_eq!(messages[1]["data"]["entries"], json!([]));
    let entry = &messages[2]["data"]["entries"][0];
    assert_eq!((&entry["slug"], &entry["revision"], &entry["previousRevision"]), (&json!("a"), &json!(1), &json!(1)));
}

#[tokio::test]
async fn a_webhook_of_some_kinds_is_told_of_releases_that_hold_them() {
    let editor = Editor::new().await;
    let receiver = editor.receiver(", kinds: [SOURCE]").await;
    editor.draft("a", "A").await;
    editor.release("careers", "{kind: CAREER, slug: \"a\"}").await;
    editor.server.import(&[editor.folder.source("s"), editor.folder.career("b", "B", "")], Mode::Draft).await;
    editor.release("both", "{kind: CAREER, slug: \"b\"}, {kind: SOURCE, slug: \"s\"}").await;

    receiver.has(2).await;
    // Whatever else there were to tell would come before this.
    editor.server.publish(&[editor.folder.source("later")]).await;
    receiver.has(3).await;
    let messages = receiver.messages();
    let types: Vec<_> = messages.iter().map(|message| message["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["entry.published", "release.published", "entry.published"], "{messages:?}");
    assert_eq!(messages[2]["data"]["entries"][0]["slug"], "later");
    let entries = messages[1]["data"]["entries"].as_array().unwrap();
    assert_eq!(entries.iter().map(|entry| &entry["slug"]).collect::<Vec<_>>(), ["s"]);
}

#[tokio::test]
async fn a_message_about_a_release_keeps_the_order_of_each_of_its_entries() {
    let editor = Editor::new().await;
    let receiver = editor.receiver("").await;
    *receiver.refuses_those_with.lock().unwrap() = "release.published".to_owned();
    editor.draft("a", "A").await;
    editor.release("r", "{kind: CAREER, slug: \"a\"}").await;
    editor.publish("a", "A, again").await;
    editor.publish("b", "B").await;
    receiver.has_refused(1).await;
    receiver.has(2).await;
    // What waits for nothing would come before this.
    editor.publish("c", "C").await;
    receiver.has(3).await;
    let entry = |kind: &str, slug: &str, revision| (format!("entry.{kind}"), slug.to_owned(), Some(revision));
    let mut early = told(&receiver);
    early.sort();
    assert_eq!(
        early,
        [entry("published", "a", 1), entry("published", "b", 1), entry("published", "c", 1)],
        "what follows the release waits for it"
    );
    receiver.refuses_those_with.lock().unwrap().clear();
    editor.retry().await;
    receiver.has(5).await;
    let release = ("release.published".to_owned(), "r".to_owned(), Some(1));
    assert_eq!(told(&receiver)[3..], [release, entry("updated", "a", 2)]);

    // And the release waits for what was published of its entries before.
    *receiver.refuses_those_with.lock().unwrap() = "entry.updated".to_owned();
    editor.draft("a", "A, released").await;
    editor.release("s", "{kind: CAREER, slug: \"a\"}").await;
    receiver.has_refused(2).await;
    editor.publish("d", "D").await;
    receiver.has(6).await;
    assert_eq!(told(&receiver)[5..], [entry("published", "d", 1)]);
    receiver.refuses_those_with.lock().unwrap().clear();
    editor.retry().await;
    receiver.has(8).await;
    assert_eq!(
        told(&receiver)[6..],
        [entry("updated", "a", 3), ("release.published".to_owned(), "s".to_owned(), Some(3))]
    );
}

#[tokio::test]
async fn a_subscriber_has_an_answer_for_each_entry_of_a_release() {
    let editor = Editor::new().await;
    let receiver = Receiver::default();
    let url = receiver.start().await;
    let query = editor.folder.file("query.graphql", "query($id: ID!) { node(id: $id) { ... on Career { title } } }");
    let run = |query: &std::path::Path| {
        let arguments = ["webhook", "create", &url, "--query", query.to_str().unwrap()];
        Binary::new(&arguments).database(&editor.server.database.url).run()
    };
    let wrong = run(&editor.folder.file("wrong.graphql", "{ nothing }")).await;
    assert!(wrong.status == 1 && wrong.err.contains("nothing"), "{wrong:?}");
    assert_eq!(run(&query).await.status, 0);
    editor.draft("a", "A").await;
    editor.draft("b", "B").await;
    editor.release("r", "{kind: CAREER, slug: \"b\"}, {kind: CAREER, slug: \"a\"}").await;

    receiver.has(3).await;
    let released = receiver.messages().into_iter().find(|message| message["type"] == "release.published").unwrap();
    let titles: Vec<_> =
        released["data"]["results"].as_array().unwrap().iter().map(|answer| &answer["data"]["node"]["title"]).collect();
    assert_eq!(titles, ["A", "B"]);
}

#[tokio::test]
async fn the_query_of_a_webhook_is_a_query_and_is_not_executed_when_it_is_given() {
    let editor = Editor::new().await;
    for query in [
        "mutation { createRelease(release: \\\"x\\\") { errors { code } } }",
        "subscription { contentChanged { slug } }",
        "query A { __typename } mutation B { createRelease(release: \\\"x\\\") { errors { code } } }",
    ] {
        let create = format!(
            "mutation {{ createWebhook(url: \"http://x.example\", query: \"{query}\") {{ errors {{ code }} }} }}"
        );
        assert_eq!(editor.run(&create).await["createWebhook"]["errors"], json!([{ "code": "BAD_QUERY" }]), "{query}");
    }
    let deep = "{a".repeat(5_000);
    let create =
        "mutation($query: String!) { createWebhook(url: \"http://x.example\", query: $query) { errors { code } } }";
    let body = editor.server.send(&editor.token, create, json!({ "query": deep })).await;
    assert_eq!(body["data"]["createWebhook"]["errors"], json!([{ "code": "BAD_QUERY" }]), "{body}");
    assert_eq!(editor.run("{ releases { name } }").await["releases"], json!([]), "nothing was done");
}

#[tokio::test]
async fn the_query_of_a_webhook_has_the_limits_of_a_request() {
    let limits = Limits { max_complexity: 60, ..Limits::default() };
    let editor = Editor::with(Settings { limits, ..Settings::default() }).await;
    let receiver = editor.receiver(", query: \"{ careers(first: 100) { nodes { title } } }\"").await;
    editor.publish("a", "A").await;
    receiver.has(1).await;
    let result = receiver.messages()[0]["data"]["result"].clone();
    assert_eq!(result["errors"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX", "{result}");
}

#[tokio::test]
async fn the_query_of_a_webhook_does_not_show_a_hidden_schema() {
    let queries = QueryOptions { hide_schema: true, ..QueryOptions::default() };
    let editor = Editor::with(Settings { queries, ..Settings::default() }).await;
    let receiver = editor.receiver(", query: \"{ __schema { types { name } } }\"").await;
    editor.publish("a", "A").await;
    receiver.has(1).await;
    let result = receiver.messages()[0]["data"]["result"].clone();
    assert_eq!(result["errors"][0]["extensions"]["code"], "INTROSPECTION_DISABLED", "{result}");
    assert_eq!(result["data"], Value::Null);
}

#[tokio::test]
async fn a_receiver_that_hangs_keeps_no_other_waiting() {
    let editor = Editor::new().await;
    let hanging = editor.receiver("").await;
    hanging.hangs.store(true, Ordering::SeqCst);
    let healthy = editor.receiver("").await;
    let paths: Vec<_> = (0..40).map(|n| editor.folder.career(&format!("c{n}"), "C", "")).collect();
    editor.server.publish(&paths).await;
    healthy.has(40).await;
    assert_eq!(hanging.messages().len(), 0, "it hangs still");
}

#[tokio::test]
async fn a_receiver_leads_to_no_other_address() {
    let editor = Editor::new().await;
    let inside = Receiver::default();
    let receiver = editor.receiver("").await;
    *receiver.leads_to.lock().unwrap() = Some(inside.start().await);
    editor.publish("a", "A").await;
    let query = "{ webhooks { deliveries { nodes { failure } } } }";
    let failure = eventual("the delivery fails", async || {
        let body = editor.server.send_once(&editor.token, query).await;
        let failure = body["data"]["webhooks"][0]["deliveries"]["nodes"][0]["failure"].clone();
        failure.is_string().then_some(failure)
    })
    .await;
    assert_eq!(failure, "the receiver answered 307 Temporary Redirect");
    assert_eq!(inside.messages().len(), 0);
}

#[tokio::test]
async fn what_is_purged_has_the_slugs_that_an_entry_had_before() {
    let editor = Editor::new().await;
    editor.publish("x", "X").await;
    editor.run("mutation { rename(kind: CAREER, slug: \"x\", to: \"y\") { errors { code } } }").await;
    let entry = "entries: [{kind: CAREER, slug: \"y\"}]";
    editor.run(&format!("mutation {{ unpublish({entry}) {{ errors {{ code }} }} }}")).await;
    assert_eq!(editor.server.query("{ career(slug: \"x\") { slug } }").await["career"], Value::Null);
    let receiver = editor.receiver("").await;
    let mut socket = Socket::ready(&editor.server).await;
    socket.subscribed("1", "subscription { contentChanged { cacheTags } }").await;

    editor.run(&format!("mutation {{ publish({entry}) {{ errors {{ code }} }} }}")).await;
    assert_eq!(editor.server.query("{ career(slug: \"x\") { slug } }").await["career"]["slug"], "y");
    receiver.has(1).await;
    assert_eq!(receiver.messages()[0]["data"]["cacheTags"], json!(["career", "career:x", "career:y"]));
    let event = socket.next("1").await;
    assert_eq!(event["data"]["contentChanged"]["cacheTags"], json!(["career", "career:x", "career:y"]), "{event}");
}

#[tokio::test]
async fn the_query_of_a_webhook_is_held_against_the_schema_when_it_is_given() {
    let editor = Editor::new().await;
    let create = "mutation($query: String) { createWebhook(url: \"http://x.example\", query: $query) \
                  { webhook { id } secret errors { path code message } } }";
    let given = async |query: &str| {
        let body = editor.server.send(&editor.token, create, json!({ "query": query })).await;
        assert_eq!(body.get("errors"), None, "{body}");
        body["data"]["createWebhook"].clone()
    };
    for (query, expected) in [
        ("{ nothing }", "(line 1, column 3)"),
        ("{ __typename ", "(line 1, column 14)"),
        ("query($id: ID!) {\n  node(id: $id) { nothing }\n}", "(line 2, column 19)"),
        ("query($slug: String!) { career(slug: $slug) { ...F } }", "(line 1, column 50)"),
        // Variables that no message has, without a default or with one that its type does not take.
        ("query($other: Int!) { careers(first: $other) { totalCount } }", "The variable `$other` needs a value"),
        ("query(\n $first: Int = \"x\") { careers(first: $first) { totalCount } }", "(line 2, column 16)"),
        ("query($first: Int = 5000000000) { careers(first: $first) { totalCount } }", "(line 1, column 21)"),
        ("query($slug: Int!) { career(slug: $slug) { title } }", "(line 1, column 7)"),
        ("query($slug: String!) { careers { totalCount } }", "$slug"),
        (
            "query A { __typename }\nquery B { __typename }",
            "It has 2 operations; it must have exactly one. (line 2, column 1)",
        ),
        ("{ __typename } { __typename }", "An operation without a name must be the only one"),
        ("{ careers { a: totalCount } careers(first: 1) { a: nodes { slug } } }", "different"),
        ("", "(line 1, column 1)"),
    ] {
        let payload = given(query).await;
        let error = &payload["errors"][0];
        assert_eq!((&error["path"], &error["code"]), (&json!("query"), &json!("BAD_QUERY")), "{query}: {payload}");
        assert!(error["message"].as_str().unwrap().contains(expected), "{query}: {payload}");
        assert_eq!((&payload["webhook"], &payload["secret"]), (&Value::Null, &Value::Null), "{query}");
        // The command says the same.
        let file = editor.folder.file("query.graphql", query);
        let arguments = ["webhook", "create", "http://x.example", "--query", file.to_str().unwrap()];
        let run = Binary::new(&arguments).database(&editor.server.database.url).run().await;
        assert!(run.status == 1 && run.err.contains(expected), "{query}: {run:?}");
    }
    assert_eq!(editor.run("{ webhooks { id } }").await["webhooks"], json!([]), "none was made");
}

#[tokio::test]
async fn the_query_of_a_webhook_has_the_defaults_of_its_variables() {
    let editor = Editor::new().await;
    let query = "query($slug: String!, $of: String! = \\\"b\\\", $first: Int = 1, $with: Boolean! = true) { \
                 career(slug: $slug) { title @include(if: $with) slug @skip(if: $with) } \
                 careers(first: $first) { nodes { slug } totalCount } all: careers(filter: {slug: {in: [$of]}}) { totalCount } }";
    editor.publish("b", "B").await;
    let receiver = editor.receiver(&format!(", query: \"{query}\"")).await;
    editor.publish("a", "A").await;
    receiver.has(1).await;
    let result = receiver.messages()[0]["data"]["result"].clone();
    let expected = json!({
        "career": { "title": "A" }, "careers": { "nodes": [{ "slug": "a" }], "totalCount": 2 }, "all": { "totalCount": 1 },
    });
    assert_eq!(result, json!({ "data": expected }), "{result}");
}
