//! Requests of webhooks: their own method, headers and body, secrets that nobody is shown, and calls that tell several messages.
use std::{sync::atomic::Ordering, time::Duration};

use careerql_server::{Settings, WebhookOptions};
use chrono::TimeDelta;
use kernel::store::{self, Mode, WebhookSettings};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::harness::{
    Binary, Folder, Receiver, Running, TestDatabase, TestServer, create_webhook, eventual, eventually,
};

const SECRET: &str = "s3cret-s3cret";

pub(super) async fn server() -> TestServer {
    let webhooks = WebhookOptions {
        webhook_private_addresses: true,
        // A receiver that hangs does so longer than a test waits, and nobody takes a call for lost while the clock is put forward.
        webhook_timeout_seconds: Duration::from_secs(1_000_000),
        webhook_retry_seconds: Duration::from_secs(5),
        ..WebhookOptions::default()
    };
    TestServer::with_settings(Settings { webhooks, ..Settings::default() }).await
}

/// Arguments of `createWebhook` with a request.
pub(super) fn with(url: &str, request: &str) -> String {
    format!("url: \"{url}\", request: {{ {request} }}")
}

/// The deliveries of the first webhook that meet a condition, the newest first.
pub(super) async fn deliveries(server: &TestServer, token: &str) -> Vec<Value> {
    let query =
        "{ webhooks { deliveries(first: 100) { nodes { dueAt doneAt deadAt attempts status failure sent } } } }";
    let body = server.send_once(token, query).await;
    body["data"]["webhooks"][0]["deliveries"]["nodes"].as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_request_has_its_own_method_headers_and_body_and_is_signed() {
    let (server, folder, receiver) = (server().await, Folder::new(), Receiver::default());
    let admin = server.token(&["administer"]).await;
    let url = receiver.start().await;
    let request = "method: PUT, headers: [{name: \"X-Key\", value: \"k={{ data.cacheTags }}\"}, \
                   {name: \"Content-Type\", value: \"application/vnd.x+json\"}], \
                   body: \"{\\\"what\\\": \\\"{{ type }} of {{ data.entries.0.slug }}\\\", \\\"entries\\\": \\\"{{ data.entries }}\\\"}\"";
    let secret = create_webhook(&server, &admin, &with(&url, request)).await;
    server.publish(&[folder.career("a", "A", "")]).await;
    receiver.has(1).await;
    let got = receiver.got.lock().unwrap();
    let got = &got[0];
    assert_eq!((&*got.method, &got.headers["x-key"]), ("PUT", &"k=career career:a".parse().unwrap()));
    assert_eq!(got.headers.get_all("content-type").iter().collect::<Vec<_>>(), ["application/vnd.x+json"]);
    let body = got.json();
    assert_eq!((&body["what"], &body["entries"][0]["slug"]), (&json!("entry.published of a"), &json!("a")));
    Webhook::new(&secret).unwrap().verify(&got.body, &got.headers).unwrap();
}

#[tokio::test]
async fn a_cache_is_purged_by_a_request_without_a_body() {
    let (server, folder, receiver) = (server().await, Folder::new(), Receiver::default());
    let admin = server.token(&["administer"]).await;
    let url = receiver.start().await;
    create_webhook(
        &server,
        &admin,
        &with(&url, "method: PURGE, headers: [{name: \"xkey\", value: \"{{ data.cacheTags }}\"}]"),
    )
    .await;
    server.publish(&[folder.career("a", "A", "")]).await;
    receiver.has(1).await;
    let got = receiver.got.lock().unwrap();
    assert_eq!((&*got[0].method, &got[0].headers["xkey"]), ("PURGE", &"career career:a".parse().unwrap()));
    assert!(got[0].body.is_empty() && !got[0].headers.contains_key("content-type"));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_its_place() {
    let (server, folder) = (server().await, Folder::new());
    let admin = server.token(&["administer"]).await;
    let create = "mutation($url: String!, $request: WebhookRequestInput) { createWebhook(url: $url, request: $request) \
                  { webhook { id } errors { path code message } } }";
    let header = |name: &str, value: &str| json!({ "headers": [{ "name": name, "value": value }] });
    for (request, path, code, words) in [
        (json!({ "body": "{\n \"a\": }" }), "request.body", "BAD_TEMPLATE", "(line 2, column 7)"),
        (json!({ "body": "{\n \"a\": \"{{ data.tags }}\" }" }), "request.body", "BAD_TEMPLATE", "(line 2, column 8)"),
        (json!({ "body": "{\"a\": \"{{ data.result.x }}\" }" }), "request.body", "BAD_TEMPLATE", "data.result"),
        (json!({ "body": "{\"a\": \"{{ data.cacheTags.0 }}\" }" }), "request.body", "BAD_TEMPLATE", "would be lost"),
        (json!({ "body": "{\"a\": \"{{ type\" }" }), "request.body", "BAD_TEMPLATE", "(line 1, column 8)"),
        (json!({ "body": "{}", "method": "GET" }), "request.body", "BAD_METHOD", "no body"),
        (header("Host", "x.example"), "request.headers", "BAD_HEADER", "`host` is set by the server"),
        (header("a b", "s3cret"), "request.headers", "BAD_HEADER", "no valid name"),
        (header("a", "s3cret\r\nb: c"), "request.headers", "BAD_HEADER", "visible ASCII"),
        (header("a", "s3cret {{ nothing }}"), "request.headers", "BAD_HEADER", "column 8"),
        (header("a", ""), "request.headers", "BAD_HEADER", "needs a value"),
        (json!({ "headers": [{ "name": "a" }] }), "request.headers[0]", "BAD_HEADER", "none to keep"),
        (
            json!({ "headers": [{ "name": "a", "value": "1" }, { "name": "A", "value": "2" }] }),
            "request.headers",
            "BAD_HEADER",
            "twice",
        ),
        (json!({ "everySeconds": 0 }), "request.everySeconds", "OUT_OF_RANGE", "1 to"),
        (json!({ "maxTags": 5000 }), "request.maxTags", "OUT_OF_RANGE", "1 to"),
    ] {
        let body = server.send(&admin, create, json!({ "url": "https://x.example", "request": request })).await;
        let error = &body["data"]["createWebhook"]["errors"][0];
        assert_eq!((&error["path"], &error["code"]), (&json!(path), &json!(code)), "{request}: {body}");
        assert!(error["message"].as_str().unwrap().contains(words), "{request}: {error}");
        assert!(!body.to_string().contains("s3cret"), "{body}");
    }
    let body = server.send(&admin, create, json!({ "url": "https://x.example/{{ type }}" })).await;
    assert_eq!(body["data"]["createWebhook"]["errors"][0]["code"], "BAD_URL", "{body}");

    let wrong = folder.file("wrong.json", "{\n  \"a\": \"{{ data.tags }}\"\n}");
    let run = |more: &[&str]| {
        let arguments: Vec<_> =
            ["webhook", "create", "https://x.example"].into_iter().chain(more.iter().copied()).collect();
        Binary::new(&arguments).database(&server.database.url).run()
    };
    let refused = run(&["--body", wrong.to_str().unwrap()]).await;
    assert!(refused.status == 1 && refused.err.contains("(line 2, column 9)"), "{refused:?}");
    for wrong in [["--header", "Key: s3cret"], ["--header", "Key: s3cret=="], ["--header-env", "Key=NOTHING"]] {
        let refused = run(&wrong).await;
        assert!(refused.status == 1 && !refused.err.contains("s3cret"), "{refused:?}");
    }
    assert_eq!(server.send_once(&admin, "{ webhooks { id } }").await["data"]["webhooks"], json!([]));
}

#[tokio::test]
async fn nobody_is_shown_a_secret() {
    let (server, folder, receiver) = (server().await, Folder::new(), Receiver::default());
    let admin = server.token(&["administer"]).await;
    receiver.refuses.store(1, Ordering::SeqCst);
    let url =
        format!("{}/{SECRET}?key={SECRET}", receiver.start().await.replace("http://", &format!("http://me:{SECRET}@")));
    let file = folder.file("headers", &format!("authorization=Bearer {SECRET}\n\nX-Other={SECRET}\n"));
    let run = |arguments: &[&str]| {
        Binary::new(arguments)
            .database(&server.database.url)
            .env("KEY", SECRET)
            .env("CAREERQL_LOG_LEVEL", "trace")
            .run()
    };
    let made =
        run(&["webhook", "create", &url, "--header-file", file.to_str().unwrap(), "--header-env", "X-Key=KEY"]).await;
    assert_eq!(made.status, 0, "{made:?}");
    server.publish(&[folder.career("a", "A", "")]).await;
    eventually("it is refused once", async || {
        deliveries(&server, &admin).await.iter().any(|delivery| delivery["failure"].is_string())
    })
    .await;
    server.advance(TimeDelta::seconds(10));
    receiver.has(1).await;
    {
        let got = receiver.got.lock().unwrap();
        assert_eq!(got[0].headers["x-other"], SECRET);
        assert_eq!(got[0].headers["x-key"], SECRET);
    }
    let query = "{ webhooks { id url kinds query method headerNames body everySeconds maxTags createdAt \
                   deliveries { nodes { attempts status failure sent } } } \
                   audit(first: 50) { nodes { action details author } } }";
    eventually("it is delivered", async || {
        deliveries(&server, &admin).await.iter().all(|delivery| delivery["doneAt"].is_string())
    })
    .await;
    let shown = server.send_once(&admin, query).await;
    let webhook = &shown["data"]["webhooks"][0];
    assert_eq!(webhook["headerNames"], json!(["x-key", "authorization", "x-other"]));
    let sent = webhook["deliveries"]["nodes"][0]["sent"].as_str().unwrap();
    assert!(sent.starts_with("POST http://…@127.0.0.1") && sent.contains("authorization: ••••\n"), "{sent}");
    let update = format!(
        "mutation {{ updateWebhook(id: {}, url: \"ftp://me:{SECRET}@x.example/{SECRET}\") {{ webhook {{ url }} errors {{ message }} }} }}",
        webhook["id"]
    );
    let mut texts = vec![shown.to_string(), format!("{:?}", store::webhooks(&server.db).await.unwrap())];
    texts.push(server.send(&admin, &update, json!({})).await.to_string());
    texts.push(format!("{:?}", WebhookSettings::of(&store::webhooks(&server.db).await.unwrap()[0])));
    for arguments in [
        &["webhook", "list"][..],
        &["webhook", "deliveries", "1"],
        &["webhook", "update", "1", "--every", "7"],
        &["webhook", "update", "1", "--header-env", "Host=KEY"],
        &["webhook", "delete", "1"],
    ] {
        let output = run(arguments).await;
        assert!(!output.out.is_empty() || output.status == 1, "{arguments:?}: {output:?}");
        texts.push(format!("{output:?}"));
    }
    let metrics = server.http(reqwest::Method::GET).build().unwrap().url().join("/metrics").unwrap();
    texts.push(reqwest::get(metrics).await.unwrap().text().await.unwrap());
    for text in texts {
        assert!(!text.contains(SECRET), "{text}");
        assert!(!text.contains("whsec_"), "{text}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn no_log_has_a_secret() {
    let (database, folder, receiver) = (TestDatabase::migrated().await, Folder::new(), Receiver::default());
    let url = format!("{}/{SECRET}", receiver.start().await);
    let header = format!("Authorization=Bearer {SECRET}");
    let run = async |arguments: &[&str]| {
        let run = Binary::new(arguments).database(&database.url).run().await;
        assert_eq!(run.status, 0, "{run:?}");
    };
    let running = Running::start(
        Binary::new(&["--listen", "127.0.0.1:0", "--webhook-private-addresses", "--webhook-max-attempts", "1"])
            .database(&database.url)
            .env("CAREERQL_LOG_LEVEL", "trace"),
    );
    // The first message is refused, and given up at once.
    receiver.refuses.store(1, Ordering::SeqCst);
    run(&["webhook", "create", &url, "--header", &header]).await;
    for slug in ["a", "b"] {
        run(&["import", "--publish", folder.career(slug, slug, "").to_str().unwrap()]).await;
    }
    receiver.has(1).await;
    running.signal("INT");
    let log = running.log();
    assert!(log.contains("webhook") && !log.contains(SECRET), "{log}");
}

#[tokio::test]
async fn a_request_that_cannot_be_made_is_given_up_and_says_why() {
    let (server, folder, receiver) = (server().await, Folder::new(), Receiver::default());
    let admin = server.token(&["administer"]).await;
    let url = receiver.start().await;
    create_webhook(&server, &admin, &with(&url, "headers: [{name: \"x-release\", value: \"{{ data.release }}\"}]"))
        .await;
    server.publish(&[folder.career("a", "A", "")]).await;
    let dead = eventual("it is given up", async || {
        deliveries(&server, &admin).await.into_iter().find(|delivery| delivery["deadAt"].is_string())
    })
    .await;
    assert_eq!(dead["failure"], "the header `x-release` cannot be made: `data.release` has no text in this message");
    assert_eq!(dead["attempts"], 1);
    // What can be made is sent.
    server.import(&[folder.career("b", "B", "")], Mode::Draft).await;
    let publisher = server.token(&["publish", "read-drafts", "write"]).await;
    let release = "mutation { createRelease(release: \"r\") { errors { code } } \
                   addToRelease(release: \"r\", entries: [{kind: CAREER, slug: \"b\"}]) { errors { code } } \
                   publishRelease(release: \"r\") { errors { code } } }";
    server.send(&publisher, release, json!({})).await;
    receiver.has(1).await;
    assert_eq!(receiver.got.lock().unwrap()[0].headers["x-release"], "r");
}

#[tokio::test]
async fn settings_change_and_what_waits_is_told_by_the_new_ones() {
    let (server, folder, receiver) = (server().await, Folder::new(), Receiver::default());
    let admin = server.token(&["administer"]).await;
    let url = receiver.start().await;
    receiver.refuses.store(usize::MAX, Ordering::SeqCst);
    create_webhook(&server, &admin, &with(&url, "headers: [{name: \"X-Key\", value: \"kept\"}], everySeconds: 600"))
        .await;
    for title in ["A", "A, again"] {
        server.publish(&[folder.career("a", title, "")]).await;
    }
    eventually("it is put off", async || {
        deliveries(&server, &admin).await.iter().any(|delivery| delivery["failure"].is_string())
    })
    .await;
    receiver.refuses.store(0, Ordering::SeqCst);
    let id = server.send_once(&admin, "{ webhooks { id } }").await["data"]["webhooks"][0]["id"].clone();
    let update = format!(
        "mutation {{ updateWebhook(id: {id}, request: {{ headers: [{{name: \"X-Key\"}}, {{name: \"X-New\", value: \"new\"}}] }}) \
         {{ webhook {{ headerNames everySeconds }} errors {{ message }} }} }}"
    );
    let updated = server.send(&admin, &update, json!({})).await;
    assert_eq!(
        updated["data"]["updateWebhook"]["webhook"],
        json!({ "headerNames": ["x-key", "x-new"], "everySeconds": null }),
        "{updated}"
    );
    // Another host must not learn what the headers say.
    for request in ["", ", request: {headers: [{name: \"X-Key\"}]}"] {
        let elsewhere = format!(
            "mutation {{ updateWebhook(id: {id}, url: \"http://127.0.0.1:1/hook\"{request}) {{ webhook {{ id }} errors {{ code }} }} }}"
        );
        let refused = server.send(&admin, &elsewhere, json!({})).await;
        assert_eq!(refused["data"]["updateWebhook"]["webhook"], json!(null), "{refused}");
    }
    server.advance(TimeDelta::seconds(60));
    receiver.has(2).await;
    {
        let got = receiver.got.lock().unwrap();
        assert_eq!(
            (&got[0].headers["x-key"], &got[0].headers["x-new"]),
            (&"kept".parse().unwrap(), &"new".parse().unwrap())
        );
        let revisions: Vec<_> = got.iter().map(|got| got.json()["data"]["entries"][0]["revision"].clone()).collect();
        assert_eq!(revisions, [1, 2], "in the order of the entry");
    }
    let run = |arguments: &[&str]| Binary::new(arguments).database(&server.database.url).run();
    let updated = run(&[
        "webhook",
        "update",
        "1",
        "--clear",
        "headers",
        "--header",
        "X-Last=1",
        "--max-tags",
        "9",
        "--method",
        "PUT",
    ])
    .await;
    assert_eq!(updated.out, format!("1  {url}  [all kinds]  PUT  x-last=••••  tags per call: 9\n"), "{updated:?}");
    assert_eq!(run(&["webhook", "update", "9"]).await.status, 1);
    let audit = server.send_once(&admin, "{ audit(first: 1) { nodes { action details } } }").await;
    assert_eq!(
        audit["data"]["audit"]["nodes"][0],
        json!({ "action": "CHANGED_WEBHOOK", "details": format!("1: {url}") })
    );
}
