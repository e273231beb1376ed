//! Several processes on one database: nothing is lost, nothing is half there, and any of them may be killed at any moment.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{
    Clock,
    store::{self, ChangeInfo},
};
use serde_json::{Value, json};

use crate::harness::{Binary, PATIENCE, Receiver, Running, TestDatabase, eventual_within, eventually};

/// Three guides that are always published together.
const SLUGS: [&str; 3] = ["a", "b", "c"];

#[derive(Clone)]
struct Client {
    http: reqwest::Client,
    token: String,
}

impl Client {
    /// The answer; none where the server was killed.
    async fn ask(&self, url: &str, query: &str, variables: Value) -> Option<Value> {
        let request =
            self.http.post(url).bearer_auth(&self.token).json(&json!({ "query": query, "variables": variables }));
        let body: Value = request.send().await.ok()?.json().await.ok()?;
        assert_eq!(body.get("errors"), None, "{query}: {body}");
        Some(body["data"].clone())
    }

    /// Saves a title; the number of the revision where that was told.
    async fn save(&self, url: &str, slug: &str, title: &str) -> Option<i64> {
        let head = "query($slug: Slug!) { entry(kind: CAREER, slug: $slug) { published { number } draft { number } } }";
        let entry = self.ask(url, head, json!({ "slug": slug })).await?["entry"].clone();
        let base = entry["draft"]["number"].as_i64().or(entry["published"]["number"].as_i64());
        let save = "mutation($document: CareerDocument!, $base: Int) { saveCareer(document: $document, baseRevision: $base) \
                    { revision { number } isNew errors { code } } }";
        let document = json!({ "slug": slug, "title": title, "summary": "S" });
        let saved = self.ask(url, save, json!({ "document": document, "base": base })).await?["saveCareer"].clone();
        let codes: Vec<_> = saved["errors"].as_array()?.iter().map(|error| error["code"].clone()).collect();
        assert!(codes.iter().all(|code| code == "CONFLICT"), "{saved}");
        saved["revision"]["number"].as_i64()
    }

    /// The documents of all revisions of `d`, by number.
    async fn revisions(&self, url: &str) -> BTreeMap<i64, String> {
        let query = "query($after: String) { entry(kind: CAREER, slug: \"d\") { revisions(first: 100, after: $after) \
                     { nodes { number yaml } pageInfo { hasNextPage endCursor } } } }";
        let (mut stored, mut after) = (BTreeMap::new(), Value::Null);
        loop {
            let page = self.ask(url, query, json!({ "after": after })).await.unwrap()["entry"]["revisions"].clone();
            for node in page["nodes"].as_array().unwrap() {
                stored.insert(node["number"].as_i64().unwrap(), node["yaml"].as_str().unwrap().to_owned());
            }
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                return stored;
            }
        }
    }

    /// Schedules a release that holds `e`.
    async fn schedule(&self, url: &str, at: DateTime<Utc>) {
        let at = at.to_rfc3339();
        let release = format!(
            "mutation {{ saveCareer(document: {{slug: \"e\", title: \"E\", summary: \"S\"}}) {{ errors {{ code }} }} \
             createRelease(release: \"r\") {{ errors {{ code }} }} \
             addToRelease(release: \"r\", entries: [{{kind: CAREER, slug: \"e\"}}]) {{ errors {{ code }} }} \
             scheduleRelease(release: \"r\", at: \"{at}\") {{ errors {{ code }} }} }}"
        );
        self.ask(url, &release, json!({})).await.unwrap();
    }

    /// The whole audit log.
    async fn audit(&self, url: &str) -> Vec<Value> {
        let query = "query($after: String) { audit(first: 100, after: $after) { nodes { action slug revision } pageInfo { hasNextPage endCursor } } }";
        let (mut deeds, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.ask(url, query, json!({ "after": after })).await.unwrap()["audit"].clone();
            deeds.extend(page["nodes"].as_array().unwrap().iter().cloned());
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                return deeds;
            }
        }
    }
}

/// The revisions of each of the guides that were published, by the audit log, in the order of time.
fn publications(audit: &[Value]) -> BTreeMap<String, Vec<i64>> {
    let mut published: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for deed in audit.iter().rev().filter(|deed| deed["action"] == "PUBLISHED") {
        let slug = deed["slug"].as_str().unwrap().to_owned();
        published.entry(slug).or_default().push(deed["revision"].as_i64().unwrap());
    }
    published
}

/// The revisions that a receiver was told of, each as often as it was told in a row once.
fn messages(receiver: &Receiver) -> BTreeMap<String, Vec<i64>> {
    let mut told: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for message in receiver.messages().iter().filter(|message| message["type"] != "release.published") {
        let entry = &message["data"]["entries"][0];
        told.entry(entry["slug"].as_str().unwrap().to_owned()).or_default().push(entry["revision"].as_i64().unwrap());
    }
    told.values_mut().for_each(Vec::dedup);
    told
}

/// The receiver is told of each publication, in order for each guide, whoever had taken the message when it was killed.
async fn all_is_told(receiver: &Receiver, published: &BTreeMap<String, Vec<i64>>) {
    // What a process that was killed had taken is taken again after 21 seconds.
    let all = async || (messages(receiver) == *published).then_some(());
    eventual_within(PATIENCE * 3, "all is told", all).await;
}

async fn token(database: &TestDatabase) -> String {
    let (_, migrations) = careerql_server::app().build().unwrap();
    let db = migrations.up(careerql_server::connect(&database.url).await.unwrap()).await.unwrap();
    let scopes = ["read-drafts", "write", "publish", "administer"].map(|scope| scope.parse().unwrap());
    store::create_token(&db, "test", &scopes, None, &ChangeInfo::now("test", "")).await.unwrap().1
}

fn serve(database: &TestDatabase) -> Running {
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--webhook-private-addresses"];
    // What a process that was killed had taken, another takes soon.
    let short = ["--webhook-timeout-seconds", "1", "--max-execution-seconds", "5"];
    Running::start(Binary::new(&[&arguments[..], &short].concat()).database(&database.url))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_lose_nothing_and_publish_whole_sets_though_each_is_killed_again_and_again() {
    let database = TestDatabase::fresh().await;
    let token = token(&database).await;
    let client = Client { http: reqwest::Client::new(), token };
    let servers = Arc::new(Mutex::new([serve(&database), serve(&database)]));
    let url = {
        let servers = servers.clone();
        move |of: usize| servers.lock().unwrap()[of % 2].url.clone()
    };
    let first = url(0);
    let receiver = Receiver::default();
    let hook = format!("mutation {{ createWebhook(url: \"{}\") {{ errors {{ code }} }} }}", receiver.start().await);
    client.ask(&first, &hook, json!({})).await.unwrap();
    for slug in SLUGS {
        client.save(&first, slug, "Round 0").await.unwrap();
    }
    let publish = "mutation { publish(entries: [{kind: CAREER, slug: \"a\"}, {kind: CAREER, slug: \"b\"}, {kind: CAREER, slug: \"c\"}]) \
                   { errors { code } } }";
    client.ask(&first, publish, json!({})).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));

    // Writers of single drafts, on both processes: what was acknowledged must be there in the end.
    let told: Arc<Mutex<BTreeMap<i64, String>>> = Arc::default();
    let writers = (0..4).map(|writer| {
        let (client, told, done, url) = (client.clone(), told.clone(), done.clone(), url.clone());
        tokio::spawn(async move {
            for number in 0.. {
                if done.load(Ordering::SeqCst) {
                    break;
                }
                let title = format!("Draft {writer}/{number}");
                if let Some(revision) = client.save(&url(writer), "d", &title).await {
                    assert_eq!(told.lock().unwrap().insert(revision, title), None, "each save has a number of its own");
                }
            }
        })
    });
    let writers: Vec<_> = writers.collect();

    // A publisher: the three guides always say the same.
    let publisher = {
        let (client, done, url) = (client.clone(), done.clone(), url.clone());
        tokio::spawn(async move {
            for round in 1.. {
                if done.load(Ordering::SeqCst) {
                    break;
                }
                let url = url(round / 4);
                let documents =
                    SLUGS.map(|slug| json!({ "slug": slug, "title": format!("Round {round}"), "summary": "S" }));
                let mut all = true;
                for (slug, document) in SLUGS.iter().zip(&documents) {
                    all &= client.save(&url, slug, document["title"].as_str().unwrap()).await.is_some();
                }
                if all {
                    client.ask(&url, publish, json!({})).await;
                }
            }
        })
    };
    let seen: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let reader = {
        let (client, seen, done, url) = (client.clone(), seen.clone(), done.clone(), url.clone());
        tokio::spawn(async move {
            for turn in 0.. {
                if done.load(Ordering::SeqCst) {
                    break;
                }
                let query = "{ a: career(slug: \"a\") { title } b: career(slug: \"b\") { title } c: career(slug: \"c\") { title } }";
                let Some(data) = client.ask(&url(turn), query, json!({})).await else { continue };
                assert!(data["a"] == data["b"] && data["b"] == data["c"], "half a set: {data}");
                seen.lock().unwrap().insert(data["a"]["title"].as_str().unwrap().to_owned());
            }
        })
    };
    // Both processes look for releases that are due; each is published by one of them, once.
    client.schedule(&first, Clock::default().now() + TimeDelta::seconds(2)).await;
    for turn in 0..6 {
        let count = || (told.lock().unwrap().len(), seen.lock().unwrap().len());
        let (saves, sets) = count();
        eventually("drafts are saved and sets are published", async || {
            let (saves_now, sets_now) = count();
            saves_now >= saves + 3 && sets_now > sets
        })
        .await;
        let again = serve(&database);
        // The one before it is killed in the midst of what it does.
        servers.lock().unwrap()[turn % 2] = again;
    }
    eventually("the release is published at its time", async || {
        let asked = client.ask(&url(0), "{ career(slug: \"e\") { title } }", json!({})).await.unwrap();
        asked["career"]["title"] == "E"
    })
    .await;
    done.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    publisher.await.unwrap();
    reader.await.unwrap();

    let last = url(0);
    let audit = client.audit(&last).await;
    let releases = audit.iter().filter(|deed| deed["action"] == "PUBLISHED_RELEASE").count();
    assert_eq!(releases, 1, "the release was published once");

    all_is_told(&receiver, &publications(&audit)).await;

    nothing_is_lost(&client.revisions(&last).await, &told.lock().unwrap());
}

/// Everything that was acknowledged is in the history, under its number and with its words.
fn nothing_is_lost(stored: &BTreeMap<i64, String>, told: &BTreeMap<i64, String>) {
    for (number, title) in told {
        assert!(stored.get(number).is_some_and(|yaml| yaml.contains(title)), "revision {number}, {title}, is lost");
    }
    let numbers: Vec<_> = stored.keys().copied().collect();
    assert_eq!(numbers, (1..=i64::try_from(stored.len()).unwrap()).collect::<Vec<_>>(), "without gaps");
}
