//! Webhooks: a real receiver gets each message at least once, in order for each entry, with a signature that an independent
//! library verifies.
use std::{collections::HashMap, sync::atomic::Ordering, time::Duration};

use careerql_server::{Settings, WebhookOptions};
use kernel::store::{ChangeInfo, Mode, unpublish};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::harness::{Binary, Folder, Receiver, TestServer, create_webhook, eventual, eventually};

async fn server() -> TestServer {
    let webhooks = WebhookOptions {
        webhook_private_addresses: true,
        webhook_retry_seconds: Duration::from_millis(50),
        webhook_max_attempts: 4,
        ..WebhookOptions::default()
    };
    TestServer::with_settings(Settings { webhooks, ..Settings::default() }).await
}

#[tokio::test]
async fn a_receiver_is_told_of_what_is_published_updated_withdrawn_and_released() {
    let server = server().await;
    let folder = Folder::new();
    server.publish(&[folder.career("old", "Published before", "")]).await;
    let admin = server.token(&["administer", "publish", "read-drafts"]).await;
    let receiver = Receiver::default();
    let url = receiver.start().await;
    let secret = create_webhook(&server, &admin, &format!("url: \"{url}\"")).await;

    server.publish(&[folder.career("a", "A", "")]).await;
    receiver.has(1).await;
    server.publish(&[folder.career("a", "A, again", "")]).await;
    receiver.has(2).await;
    assert!(unpublish(&server.db, server.graph.content(), "career", "a", &ChangeInfo::now("test", "")).await.unwrap());
    receiver.has(3).await;
    server.import(&[folder.career("a", "A, released", ""), folder.career("b", "B", "")], Mode::Draft).await;
    let release = "mutation { createRelease(release: \"r\") { errors { code } } \
                   addToRelease(release: \"r\", entries: [{kind: CAREER, slug: \"a\"}, {kind: CAREER, slug: \"b\"}]) { errors { code } } \
                   publishRelease(release: \"r\") { errors { code } } }";
    let body = server.send(&admin, release, json!({})).await;
    assert_eq!(body["data"]["publishRelease"]["errors"], json!([]), "{body}");
    receiver.has(6).await;

    let verifier = Webhook::new(&secret).unwrap();
    for received in receiver.got.lock().unwrap().iter() {
        verifier.verify(&received.body, &received.headers).unwrap();
        assert_eq!(received.headers["content-type"], "application/json");
        let mut forged = received.body.clone();
        forged[0] ^= 1;
        assert!(verifier.verify(&forged, &received.headers).is_err());
    }
    let messages = receiver.messages();
    let types: Vec<_> = messages.iter().map(|message| message["type"].as_str().unwrap()).collect();
    assert_eq!(types[..3], ["entry.published", "entry.updated", "entry.withdrawn"], "nothing from before it was made");
    let first = &messages[0]["data"];
    let id = kernel::global_id("Career".into(), "a").to_string();
    assert_eq!(
        first["entries"],
        json!([{ "kind": "career", "slug": "a", "id": id, "revision": 1, "previousRevision": null }])
    );
    assert_eq!(first["cacheTags"], json!(["career", "career:a"]));
    assert_eq!(messages[1]["data"]["entries"][0]["previousRevision"], 1);
    assert_eq!(messages[2]["data"]["entries"][0]["revision"], Value::Null);
    let released: Vec<_> = messages.iter().filter(|message| message["type"] == "release.published").collect();
    assert_eq!(released.len(), 1, "{types:?}");
    assert_eq!(released[0]["data"]["release"], "r");
    let slugs: Vec<_> = released[0]["data"]["entries"].as_array().unwrap().iter().map(|entry| &entry["slug"]).collect();
    assert_eq!(slugs, ["a", "b"]);
}

#[tokio::test]
async fn messages_come_at_least_once_and_in_order_for_each_entry() {
    let server = server().await;
    let folder = Folder::new();
    let admin = server.token(&["administer"]).await;
    let receiver = Receiver::default();
    let url = receiver.start().await;
    create_webhook(&server, &admin, &format!("url: \"{url}\"")).await;
    // It refuses now and then, each message a few times at most.
    receiver.refuses.store(3, Ordering::SeqCst);
    for round in 0..6 {
        let paths: Vec<_> = ["a", "b", "c", "d"].map(|slug| folder.career(slug, &format!("{slug} {round}"), "")).into();
        server.publish(&paths).await;
        if round == 3 {
            receiver.lies.store(true, Ordering::SeqCst);
            receiver.refuses.store(2, Ordering::SeqCst);
        }
    }
    let told = |receiver: &Receiver| {
        let mut told: HashMap<String, Vec<i64>> = HashMap::new();
        for message in receiver.messages() {
            let entry = &message["data"]["entries"][0];
            told.entry(entry["slug"].as_str().unwrap().to_owned())
                .or_default()
                .push(entry["revision"].as_i64().unwrap());
        }
        told
    };
    eventually("the last revision of each is told", async || {
        told(&receiver).values().filter(|revisions| revisions.last() == Some(&6)).count() == 4
    })
    .await;
    for (slug, revisions) in told(&receiver) {
        let mut once = revisions.clone();
        once.dedup();
        assert_eq!(once, [1, 2, 3, 4, 5, 6], "{slug}: {revisions:?}");
    }
    // What came twice has the same id, so that a receiver can tell.
    let mut bodies: HashMap<String, Value> = HashMap::new();
    for received in receiver.got.lock().unwrap().iter() {
        let known = bodies.entry(received.id().to_owned()).or_insert_with(|| received.json());
        assert_eq!(*known, received.json());
    }
    assert_eq!(bodies.len(), 24);
}

#[tokio::test]
async fn what_is_never_taken_is_given_up_and_can_be_sent_once_more() {
    let server = server().await;
    let folder = Folder::new();
    let admin = server.token(&["administer"]).await;
    let receiver = Receiver::default();
    let url = receiver.start().await;
    create_webhook(&server, &admin, &format!("url: \"{url}\"")).await;
    receiver.refuses.store(usize::MAX, Ordering::SeqCst);
    server.publish(&[folder.career("a", "A", "")]).await;

    let query = "{ webhooks { deliveries(dead: true) { nodes { id attempts status failure dueAt } } } }";
    let dead = eventual("it is given up", async || {
        let dead = server.send_once(&admin, query).await["data"]["webhooks"][0]["deliveries"]["nodes"][0].clone();
        dead.is_object().then_some(dead)
    })
    .await;
    assert_eq!((&dead["attempts"], &dead["status"], &dead["dueAt"]), (&json!(4), &json!(503), &Value::Null), "{dead}");
    assert_eq!(dead["failure"], "the receiver answered 503 Service Unavailable");

    receiver.refuses.store(0, Ordering::SeqCst);
    // An entry whose message was given up is told of again.
    server.publish(&[folder.career("a", "A, again", "")]).await;
    receiver.has(1).await;
    let run = |arguments: &[&str]| Binary::new(arguments).database(&server.database.url).run();
    assert!(run(&["webhook", "deliveries", "1", "--dead"]).await.out.contains("dead since "));
    assert_eq!(run(&["webhook", "redeliver", dead["id"].as_str().unwrap()]).await.status, 0);
    receiver.has(2).await;
    assert_eq!(receiver.messages()[1]["data"]["entries"][0]["revision"], 1);
    assert_eq!(run(&["webhook", "redeliver", "99"]).await.status, 1);
}

#[tokio::test]
async fn a_subscriber_chooses_what_comes_with_the_message_and_of_which_kinds() {
    let server = server().await;
    let folder = Folder::new();
    let admin = server.token(&["administer"]).await;
    let receiver = Receiver::default();
    let url = receiver.start().await;
    let query =
        "query($id: ID!, $slug: String!) { node(id: $id) { ... on Career { title } } career(slug: $slug) { slug } }";
    create_webhook(&server, &admin, &format!("url: \"{url}\", kinds: [CAREER], query: \"{query}\"")).await;

    server.publish(&[folder.source("s")]).await;
    server.publish(&[folder.career("a", "A", "")]).await;
    receiver.has(1).await;
    let message = receiver.messages()[0].clone();
    assert_eq!(message["data"]["entries"][0]["kind"], "career");
    assert_eq!(message["data"]["result"]["data"], json!({ "node": { "title": "A" }, "career": { "slug": "a" } }));

    for (arguments, path, code) in [
        ("url: \"http://x.example\", query: \"{ careers { nope } }\"", "query", "BAD_QUERY"),
        ("url: \"http://x.example\", query: \"{\"", "query", "BAD_QUERY"),
        ("url: \"ftp://x.example\"", "url", "BAD_URL"),
        ("url: \"/path\"", "url", "BAD_URL"),
    ] {
        let query = format!("mutation {{ createWebhook({arguments}) {{ secret errors {{ path code }} }} }}");
        let body = server.send(&admin, &query, json!({})).await;
        let payload = &body["data"]["createWebhook"];
        assert_eq!(payload["errors"][0], json!({ "path": path, "code": code }), "{arguments}: {body}");
        assert_eq!(payload["secret"], Value::Null);
    }
}

#[tokio::test]
async fn private_addresses_are_not_called() {
    let options = WebhookOptions { webhook_max_attempts: 1, ..WebhookOptions::default() };
    let server = TestServer::with_settings(Settings { webhooks: options, ..Settings::default() }).await;
    let admin = server.token(&["administer"]).await;
    let receiver = Receiver::default();
    let url = receiver.start().await;
    create_webhook(&server, &admin, &format!("url: \"{url}\"")).await;
    create_webhook(&server, &admin, &format!("url: \"{}\"", url.replace("127.0.0.1", "localhost"))).await;
    let folder = Folder::new();
    server.publish(&[folder.career("a", "A", "")]).await;

    let query = "{ webhooks { deliveries { nodes { failure deadAt } } } }";
    let failures = eventual("both are given up", async || {
        let body = server.send_once(&admin, query).await;
        let nodes =
            body["data"]["webhooks"].as_array().unwrap().iter().map(|hook| hook["deliveries"]["nodes"][0].clone());
        let dead = nodes.filter(|node| node["deadAt"].is_string());
        let failures: Vec<_> = dead.map(|node| node["failure"].clone()).collect();
        (failures.len() == 2).then_some(failures)
    })
    .await;
    for failure in &failures {
        assert!(failure.as_str().unwrap().contains("the address is private"), "{failures:?}");
    }
    assert_eq!(receiver.messages().len(), 0);
}

#[tokio::test]
async fn the_command_makes_lists_and_deletes_webhooks() {
    let server = server().await;
    let run = |arguments: &[&str]| Binary::new(arguments).database(&server.database.url).run();
    let receiver = Receiver::default();
    let url = receiver.start().await;
    let made = run(&["webhook", "create", &url, "--kind", "career"]).await;
    assert!(made.status == 0 && made.out.starts_with("whsec_"), "{made:?}");
    assert_eq!(run(&["webhook", "list"]).await.out, format!("1  {url}  [career]\n"));
    assert_eq!(run(&["webhook", "create", "nowhere"]).await.status, 1);
    assert_eq!(run(&["webhook", "create", &url, "--kind", "carer"]).await.status, 1);

    assert_eq!(run(&["webhook", "delete", "1"]).await.out, format!("deleted {url}\n"));
    assert_eq!(run(&["webhook", "list"]).await.out, "");
    assert_eq!(run(&["webhook", "delete", "1"]).await.status, 1);
    // Another is told, and this one is not.
    let other = Receiver::default();
    assert_eq!(run(&["webhook", "create", &other.start().await]).await.status, 0);
    let folder = Folder::new();
    for slug in ["a", "b"] {
        server.publish(&[folder.career(slug, "Title", "")]).await;
    }
    other.has(2).await;
    assert_eq!(receiver.messages().len(), 0);
}

#[tokio::test]
async fn an_address_with_a_password_is_shown_without_it() {
    let server = server().await;
    let admin = server.token(&["administer"]).await;
    let (receiver, folder) = (Receiver::default(), Folder::new());
    let address = receiver.start().await;
    let secret = format!("{}?token=s3cret", address.replace("http://", "http://me:s3cret@"));
    let run = |arguments: &[&str]| Binary::new(arguments).database(&server.database.url).run();

    create_webhook(&server, &admin, &format!("url: \"{secret}\"")).await;
    let made = run(&["webhook", "create", &secret]).await;
    let listed = run(&["webhook", "list"]).await;
    let deleted = run(&["webhook", "delete", "2"]).await;
    let wrong = run(&["webhook", "create", "ftp://me:s3cret@example.com/?token=s3cret"]).await;
    let shown = server.send_once(&admin, "{ webhooks { url } audit(first: 10) { nodes { action details } } }").await;

    assert_eq!((made.status, listed.status, deleted.status, wrong.status), (0, 0, 0, 1));
    assert!(listed.out.contains("http://…@127.0.0.1:"), "{listed:?}");
    for text in [format!("{listed:?}"), format!("{deleted:?}"), format!("{wrong:?} {}", made.err), shown.to_string()] {
        assert!(!text.contains("s3cret"), "{text}");
    }

    // Its receiver is let in as before.
    server.publish(&[folder.career("a", "A", "")]).await;
    receiver.has(1).await;
    let got = receiver.got.lock().unwrap();
    assert_eq!(got[0].headers["authorization"], "Basic bWU6czNjcmV0");
}
