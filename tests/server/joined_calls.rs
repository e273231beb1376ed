//! Calls that tell several messages: pauses between them, the most tags of one, and receivers that have too much.
use std::{collections::BTreeSet, sync::atomic::Ordering};

use chrono::TimeDelta;
use kernel::store::{self, ChangeInfo, Mode, WebhookSettings};
use serde_json::{Value, json};

use super::webhook_requests::{deliveries, server, with};
use crate::harness::{Folder, Receiver, create_webhook, eventual, eventually};

fn tags(body: &Value) -> BTreeSet<String> {
    body["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn forty_publications_are_joined() {
    let (server, folder, receiver) = (server().await, Folder::new(), Receiver::default());
    let admin = server.token(&["administer"]).await;
    let url = receiver.start().await;
    create_webhook(
        &server,
        &admin,
        &with(&url, "body: \"{\\\"tags\\\": \\\"{{ data.cacheTags }}\\\"}\", everySeconds: 12"),
    )
    .await;
    server.publish(&[folder.career("first", "A", "")]).await;
    receiver.has(1).await;
    eventually("the first call is settled", async || {
        deliveries(&server, &admin).await.iter().all(|delivery| delivery["doneAt"].is_string())
    })
    .await;
    for number in 0..40 {
        server.publish(&[folder.career(&format!("c{}", number % 20), &format!("C {number}"), "")]).await;
    }
    eventually("all of them wait", async || deliveries(&server, &admin).await.len() == 41).await;
    assert_eq!(receiver.got.lock().unwrap().len(), 1, "the pause is not over");
    server.advance(TimeDelta::seconds(13));
    receiver.has(2).await;
    eventually("all are delivered", async || {
        deliveries(&server, &admin).await.iter().all(|delivery| delivery["doneAt"].is_string())
    })
    .await;
    let got = receiver.messages();
    assert_eq!(got.len(), 2, "one call tells all of them");
    assert_eq!(tags(&got[1]).len(), 21);
    let ids: BTreeSet<_> = receiver.got.lock().unwrap().iter().map(|got| got.id().to_owned()).collect();
    assert_eq!(ids.len(), 2);
}

#[tokio::test]
async fn the_standard_message_tells_several_changes_too() {
    let (server, folder, receiver) = (server().await, Folder::new(), Receiver::default());
    let admin = server.token(&["administer"]).await;
    let url = receiver.start().await;
    let query = "query: \"query($slug: String!) { career(slug: $slug) { title } }\"";
    create_webhook(&server, &admin, &format!("{}, {query}", with(&url, "everySeconds: 5"))).await;
    server.publish(&[folder.career("a", "A", ""), folder.career("b", "B", "")]).await;
    receiver.has(1).await;
    let message = receiver.messages().remove(0);
    assert_eq!((&message["type"], &message["data"]["version"]), (&json!("content.changed"), &json!("2")));
    assert_eq!(message["data"]["cacheTags"], json!(["career", "career:a", "career:b"]));
    let titles: Vec<_> = message["data"]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| &result["data"]["career"]["title"])
        .collect();
    assert_eq!(titles, ["A", "B"]);
}

#[tokio::test]
async fn a_receiver_that_has_too_much_is_left_alone_as_long_as_it_asks() {
    let (server, folder, receiver) = (server().await, Folder::new(), Receiver::default());
    let admin = server.token(&["administer"]).await;
    let url = receiver.start().await;
    *receiver.too_many.lock().unwrap() = Some("3600".to_owned());
    create_webhook(&server, &admin, &with(&url, "everySeconds: 1")).await;
    server.publish(&[folder.career("a", "A", "")]).await;
    eventually("it is turned away", async || {
        deliveries(&server, &admin).await.iter().any(|delivery| delivery["status"] == json!(429))
    })
    .await;
    *receiver.too_many.lock().unwrap() = None;
    server.advance(TimeDelta::minutes(30));
    server.publish(&[folder.career("b", "B", "")]).await;
    // Another webhook shows that the sender looked meanwhile.
    let other = Receiver::default();
    let address = other.start().await;
    create_webhook(&server, &admin, &format!("url: \"{address}\"")).await;
    server.publish(&[folder.career("c", "C", "")]).await;
    other.has(1).await;
    assert_eq!((receiver.turned_away.load(Ordering::SeqCst), receiver.got.lock().unwrap().len()), (1, 0));
    server.advance(TimeDelta::minutes(31));
    receiver.has(1).await;
    assert_eq!(receiver.messages()[0]["data"]["cacheTags"], json!(["career", "career:a", "career:b", "career:c"]));
}

#[tokio::test]
async fn a_single_message_waits_as_long_as_its_receiver_asks_too() {
    let (server, folder, receiver) = (server().await, Folder::new(), Receiver::default());
    let admin = server.token(&["administer"]).await;
    let url = receiver.start().await;
    *receiver.too_many.lock().unwrap() = Some("600".to_owned());
    create_webhook(&server, &admin, &format!("url: \"{url}\"")).await;
    server.publish(&[folder.career("a", "A", "")]).await;
    let due = eventual("it is turned away", async || {
        let delivery = deliveries(&server, &admin).await.into_iter().next()?;
        (delivery["status"] == json!(429)).then(|| delivery["dueAt"].as_str().unwrap().to_owned())
    })
    .await;
    let due: chrono::DateTime<chrono::Utc> = due.parse().unwrap();
    assert!(due >= server.now() + TimeDelta::seconds(590), "{due}");
}

#[tokio::test]
async fn many_tags_are_told_by_several_calls_and_none_is_lost() {
    let (server, folder, receiver) = (server().await, Folder::new(), Receiver::default());
    let admin = server.token(&["administer", "publish", "read-drafts", "write"]).await;
    let url = receiver.start().await;
    let body = "body: \"{\\\"tags\\\": \\\"{{ data.cacheTags }}\\\"}\", maxTags: 7";
    create_webhook(&server, &admin, &with(&url, &format!("{body}, everySeconds: 2"))).await;
    let paths: Vec<_> = (0..30).map(|number| folder.career(&format!("c{number:02}"), "C", "")).collect();
    server.import(&paths, Mode::Draft).await;
    let entries: Vec<_> = (0..30).map(|number| format!("{{kind: CAREER, slug: \"c{number:02}\"}}")).collect();
    let release = format!(
        "mutation {{ createRelease(release: \"e\") {{ errors {{ code }} }} publishRelease(release: \"e\") {{ errors {{ code }} }} \
         r: createRelease(release: \"r\") {{ errors {{ code }} }} \
         addToRelease(release: \"r\", entries: [{}]) {{ errors {{ code }} }} \
         p: publishRelease(release: \"r\") {{ errors {{ code }} }} }}",
        entries.join(", ")
    );
    let done = server.send(&admin, &release, json!({})).await;
    assert_eq!(done["data"]["p"]["errors"], json!([]), "{done}");
    let mut looks = 0;
    eventually("all are delivered", async || {
        // Not at each look: a call that is on its way would be taken for lost, and made again.
        looks += 1;
        if looks % 10 == 0 {
            server.advance(TimeDelta::seconds(3));
        }
        let all = deliveries(&server, &admin).await;
        all.len() == 32 && all.iter().all(|delivery| delivery["doneAt"].is_string())
    })
    .await;
    let told = receiver.messages();
    assert!(told.iter().all(|body| (1..=7).contains(&tags(body).len())), "{told:?}");
    let all: BTreeSet<_> = told.iter().flat_map(tags).collect();
    assert_eq!(all.len(), 31);
    let ids: BTreeSet<_> = receiver.got.lock().unwrap().iter().map(|got| got.id().to_owned()).collect();
    assert_eq!(ids.len(), told.len(), "each call is a message of its own");
    assert!(all.contains("career") && all.contains("career:c29"));
}

#[tokio::test]
async fn a_joined_receiver_that_hangs_keeps_no_other_waiting() {
    let (server, folder, hanging, healthy) = (server().await, Folder::new(), Receiver::default(), Receiver::default());
    let admin = server.token(&["administer"]).await;
    hanging.hangs.store(true, Ordering::SeqCst);
    create_webhook(&server, &admin, &with(&hanging.start().await, "everySeconds: 1")).await;
    create_webhook(&server, &admin, &format!("url: \"{}\"", healthy.start().await)).await;
    let paths: Vec<_> = (0..40).map(|number| folder.career(&format!("c{number}"), "C", "")).collect();
    server.publish(&paths).await;
    healthy.has(40).await;
    assert_eq!(hanging.got.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn servers_take_turns_with_a_joined_webhook() {
    let database = crate::harness::TestDatabase::fresh().await;
    let (graph, migrations) = careerql_server::app().build().unwrap();
    let connected = async || migrations.up(careerql_server::connect(&database.url).await.unwrap()).await.unwrap();
    let (db, folder, change) = (connected().await, Folder::new(), ChangeInfo::now("test", ""));
    let settings = WebhookSettings { every_seconds: Some(1), ..WebhookSettings::standard("https://x.example/") };
    store::create_webhook(&db, settings, &change).await.unwrap();
    let paths: Vec<_> = (0..20).map(|number| folder.career(&format!("c{number}"), "C", "")).collect();
    store::import_files(&db, graph.content(), &paths, Mode::Publish, &change, std::sync::Arc::new(|_, _| {}))
        .await
        .unwrap();
    let others = [connected().await, connected().await, db.clone()];
    let take = |db: store::Database| async move {
        db.refresh().await.unwrap();
        store::take_deliveries(&db, |_| 8, TimeDelta::zero()).await.unwrap()
    };
    let long = |db: store::Database| async move {
        db.refresh().await.unwrap();
        store::take_deliveries(&db, |_| 8, TimeDelta::minutes(1)).await.unwrap()
    };
    let first = take(db.clone()).await;
    let second = futures_util::future::join_all(others.map(long)).await;
    let counts: Vec<_> = second.iter().map(Vec::len).filter(|count| *count > 0).collect();
    assert_eq!((first.len(), counts), (20, vec![20]), "one takes all, once the lease of the first is over");
    // The first is late: it settles nothing.
    let done = |events: &[store::Event]| -> Vec<_> {
        events.iter().map(|event| (event.delivery.clone(), store::Attempt::Done { status: 200 })).collect()
    };
    store::settle_joined(&db, &first[0].webhook, done(&first), TimeDelta::zero()).await.unwrap();
    let open = async || {
        let all = store::deliveries(&db, 1, false, store::Span::newest(100)).await.unwrap();
        all.iter().filter(|delivery| delivery.done_at.is_none()).count()
    };
    assert_eq!(open().await, 20);
    let second = second.into_iter().find(|taken| !taken.is_empty()).unwrap();
    // One is requested again meanwhile, and stays.
    store::redeliver(&db, second[0].delivery.id, &change).await.unwrap().unwrap();
    store::settle_joined(&db, &second[0].webhook, done(&second), TimeDelta::zero()).await.unwrap();
    assert_eq!(open().await, 1);
}

#[tokio::test]
async fn changes_that_are_too_much_for_one_request_are_told_by_several() {
    let (server, folder, receiver) = (server().await, Folder::new(), Receiver::default());
    let admin = server.token(&["administer"]).await;
    let url = receiver.start().await;
    // Two hundred copies of each answer, so that two changes have room in a request and eight have none.
    let copies: Vec<_> = (0..200).map(|number| format!("\\\"c{number}\\\": \\\"{{{{ data.results }}}}\\\"")).collect();
    let query = "query: \"query($slug: String!) { career(slug: $slug) { slug summary { plain } } }\"";
    let request = with(
        &url,
        &format!(
            "body: \"{{{}, \\\"entries\\\": \\\"{{{{ data.entries }}}}\\\"}}\", everySeconds: 1",
            copies.join(", ")
        ),
    );
    create_webhook(&server, &admin, &format!("{request}, {query}")).await;
    let slugs: Vec<_> = (0..8).map(|number| format!("c{number}")).collect();
    let career = |slug: &String| {
        let text =
            format!("kind: career\nslug: {slug}\ntitle: {slug}\nsummary: {}\n", "word ".repeat(3_000).trim_end());
        folder.file(&format!("careers/{slug}.yaml"), &text)
    };

    server.publish(&slugs.iter().map(career).collect::<Vec<_>>()).await;

    let mut looks = 0;
    eventually("all are delivered", async || {
        // Not at each look: a call that is on its way would be taken for lost, and made again.
        looks += 1;
        if looks % 10 == 0 {
            server.advance(TimeDelta::seconds(2));
        }
        let deliveries = deliveries(&server, &admin).await;
        assert!(deliveries.iter().all(|delivery| delivery["deadAt"].is_null()), "{deliveries:?}");
        deliveries.len() == 8 && deliveries.iter().all(|delivery| delivery["doneAt"].is_string())
    })
    .await;
    let messages = receiver.messages();
    let told = messages.iter().flat_map(|message| message["entries"].as_array().unwrap());
    let told: BTreeSet<_> = told.map(|entry| entry["slug"].as_str().unwrap()).collect();
    assert_eq!(told, slugs.iter().map(String::as_str).collect());
    assert!(messages.len() >= 4, "{} requests", messages.len());
}
