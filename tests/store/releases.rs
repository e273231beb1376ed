//! Releases: previewed as a whole, published at once, now or at their time.
use chrono::TimeDelta;
use kernel::{
    AccessContext, Clock, Principal,
    store::{ChangeInfo, Mode},
};
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, Running, TestDatabase, TestServer, eventual, eventually};

struct Editor {
    server: TestServer,
    folder: Folder,
    token: String,
}

impl Editor {
    /// Careers `a`, which is published and drafted anew, and `b`, which is only drafted; both in the release `spring`.
    async fn with_release() -> Self {
        let server = TestServer::empty().await;
        let folder = Folder::new();
        server.publish(&[folder.career("a", "A", ""), folder.certification("c", "X")]).await;
        let link = "certifications: [{certification: c, why: It helps., when: Early.}]\n";
        server
            .import(&[folder.career("a", "A in spring", ""), folder.career("b", "B in spring", link)], Mode::Draft)
            .await;
        let token = server.token(&["read-drafts", "publish", "administer"]).await;
        let editor = Self { server, folder, token };
        assert_eq!(editor.mutate("createRelease(release: \"spring\")").await["errors"], json!([]));
        let entries = "[{kind: CAREER, slug: \"a\"}, {kind: CAREER, slug: \"b\"}]";
        let added = editor.mutate(&format!("addToRelease(release: \"spring\", entries: {entries})")).await;
        assert_eq!(added["errors"], json!([]), "{added}");
        editor
    }

    async fn mutate(&self, mutation: &str) -> Value {
        let query = format!(
            "mutation {{ it: {mutation} {{ release {{ name scheduledAt publishedAt failure entries {{ entry {{ slug }} revision {{ number }} }} }} \
             errors {{ path code message }} }} }}"
        );
        let body = self.server.send(&self.token, &query, json!({})).await;
        assert_eq!(body.get("errors"), None, "{body:#}");
        body["data"]["it"].clone()
    }

    /// Schedules a release.
    async fn schedule(&self, release: &str, hours: i64) {
        let at = (self.server.now() + TimeDelta::hours(hours)).to_rfc3339();
        let scheduled = self.mutate(&format!("scheduleRelease(release: \"{release}\", at: \"{at}\")")).await;
        assert_eq!(scheduled["errors"], json!([]), "{scheduled}");
    }

    /// Publishes what the release `spring` cites and links to, and withdraws the source: it cannot be published.
    async fn hinder(&self) {
        self.server.publish(&[self.folder.source("survey")]).await;
        self.server.import(&[self.folder.career("b", "B", &Folder::median(50_000))], Mode::Draft).await;
        self.mutate("addToRelease(release: \"spring\", entries: [{kind: CAREER, slug: \"b\"}])").await;
        let (content, change) = (self.server.graph.content(), ChangeInfo::now("test", ""));
        assert!(kernel::store::unpublish(&self.server.db, content, "source", "survey", &change).await.unwrap());
    }

    /// Looks for what is due as further servers on the database do, all at once, until this is over.
    async fn beside_others<T>(&self, done: impl Future<Output = T>) -> T {
        let content = self.server.graph.content();
        let others = futures_util::future::join_all((0..4).map(|_| self.server.db.work(content)));
        tokio::select! {
            done = done => done,
            _ = others => unreachable!("they look until they are dropped"),
        }
    }

    /// Number of deeds of this kind in the audit log.
    async fn deeds(&self, action: &str) -> usize {
        let log = "{ audit(first: 50) { nodes { action } } }";
        let body = self.server.send_once(&self.token, log).await;
        body["data"]["audit"]["nodes"].as_array().unwrap().iter().filter(|deed| deed["action"] == action).count()
    }

    async fn seen(&self, perspective: &str) -> Value {
        let query = "{ careers(orderBy: [{title: DESC}]) { totalCount nodes { slug title } } \
                     spring: careers(filter: {title: {contains: \"spring\"}}) { totalCount } \
                     b: career(slug: \"b\") { title } \
                     certification(code: \"c\") { careers { totalCount nodes { slug } } } }";
        let body = self.server.send_in(perspective, &self.token, query, json!({})).await;
        assert_eq!(body.get("errors"), None, "{body:#}");
        body["data"].clone()
    }
}

#[tokio::test]
async fn a_release_is_previewed_as_a_whole_and_published_at_once() {
    let editor = Editor::with_release().await;
    let before = editor.seen("published").await;
    assert_eq!(before["careers"], json!({ "totalCount": 1, "nodes": [{ "slug": "a", "title": "A" }] }));
    let preview = editor.seen("release:spring").await;
    let nodes = json!([{ "slug": "b", "title": "B in spring" }, { "slug": "a", "title": "A in spring" }]);
    assert_eq!(preview["careers"], json!({ "totalCount": 2, "nodes": nodes }), "order and total follow");
    assert_eq!(preview["spring"]["totalCount"], 2, "filters follow");
    assert_eq!(preview["b"]["title"], "B in spring");
    assert_eq!(preview["certification"]["careers"]["nodes"], json!([{ "slug": "b" }]), "back links follow");
    assert_eq!(editor.seen("published").await, before);

    // What is drafted afterwards is not in the release.
    editor.server.import(&[editor.folder.career("a", "A in summer", "")], Mode::Draft).await;
    assert_eq!(editor.seen("release:spring").await, preview);

    let published = editor.mutate("publishRelease(release: \"spring\")").await;
    assert_eq!(published["errors"], json!([]), "{published}");
    assert_eq!(editor.seen("published").await, preview, "the world sees what was previewed");
    assert_eq!(editor.seen("draft").await["careers"]["nodes"][1]["title"], "A in summer", "the newer draft stays");

    editor.server.publish(&[editor.folder.career("a", "A in summer", "")]).await;
    assert_eq!(editor.seen("release:spring").await, preview, "a published release shows what it was");
    for mutation in [
        "publishRelease(release: \"spring\")",
        "deleteRelease(release: \"spring\")",
        "scheduleRelease(release: \"spring\", at: \"2999-01-01T00:00:00Z\")",
        "addToRelease(release: \"spring\", entries: [])",
        "removeFromRelease(release: \"spring\", entries: [])",
    ] {
        assert_eq!(editor.mutate(mutation).await["errors"][0]["code"], "PUBLISHED", "{mutation}");
    }
}

#[tokio::test]
async fn mistakes_with_releases_are_told() {
    let editor = Editor::with_release().await;
    for (mutation, path, code) in [
        ("createRelease(release: \"spring\")", "release", "EXISTS"),
        ("publishRelease(release: \"autumn\")", "release", "NOT_FOUND"),
        ("scheduleRelease(release: \"spring\", at: \"2001-01-01T00:00:00Z\")", "at", "BAD_TIME"),
        ("addToRelease(release: \"spring\", entries: [{kind: CAREER, slug: \"z\"}])", "entries[0]", "NOT_FOUND"),
        ("addToRelease(release: \"spring\", entries: [{kind: CERTIFICATION, slug: \"c\"}])", "entries[0]", "NO_DRAFT"),
        (
            "addToRelease(release: \"spring\", entries: [{kind: CAREER, slug: \"a\", revision: 9}])",
            "entries[0]",
            "NOT_FOUND",
        ),
    ] {
        let error = &editor.mutate(mutation).await["errors"][0];
        assert_eq!((error["path"].as_str(), error["code"].as_str()), (Some(path), Some(code)), "{mutation}");
    }
    let removed = editor.mutate("removeFromRelease(release: \"spring\", entries: [{kind: CAREER, slug: \"a\"}])").await;
    assert_eq!(removed["release"]["entries"].as_array().map(Vec::len), Some(1), "{removed}");
    let body = editor.server.send_in("release:autumn", &editor.token, "{ __typename }", json!({})).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_PERSPECTIVE", "{body}");
    assert_eq!(editor.mutate("deleteRelease(release: \"spring\")").await["errors"], json!([]));
}

#[tokio::test]
async fn the_server_publishes_a_release_at_its_time_and_only_once() {
    let editor = Editor::with_release().await;
    let version = editor.server.db.version();
    editor.schedule("spring", 24).await;
    // One that is due before shows that the server has looked.
    editor.mutate("createRelease(release: \"before\")").await;
    editor.schedule("before", 1).await;
    editor.server.advance(TimeDelta::hours(2));
    eventually("the earlier release is published", async || editor.deeds("PUBLISHED_RELEASE").await >= 1).await;
    assert_eq!(editor.server.db.version(), version, "not before its time");

    editor.server.advance(TimeDelta::days(1));
    let published = async || editor.deeds("PUBLISHED_RELEASE").await >= 2;
    editor.beside_others(eventually("it is published", published)).await;
    let log = "{ audit(first: 1) { nodes { action author details } } }";
    let body = editor.server.send(&editor.token, log, json!({})).await;
    let published = json!({ "action": "PUBLISHED_RELEASE", "author": "scheduler", "details": "spring" });
    // And one that is due afterwards, that all have looked once more.
    editor.mutate("createRelease(release: \"after\")").await;
    editor.schedule("after", 24).await;
    editor.server.advance(TimeDelta::days(2));
    let all = async || editor.deeds("PUBLISHED_RELEASE").await >= 3;
    editor.beside_others(eventually("the later release is published", all)).await;

    assert_eq!(body["data"]["audit"]["nodes"][0], published);
    assert_eq!(editor.server.db.version(), version + 2, "each entry was published once");
    assert_eq!(editor.deeds("PUBLISHED_RELEASE").await, 3, "each release was published once");
    assert_eq!(editor.seen("published").await["careers"]["totalCount"], 2);
}

#[tokio::test]
async fn a_release_that_cannot_be_published_says_why_and_waits() {
    let editor = Editor::with_release().await;
    editor.hinder().await;

    editor.schedule("spring", 24).await;
    editor.server.advance(TimeDelta::days(2));
    let release = eventual("it fails", async || {
        let query = "{ release(name: \"spring\") { failure scheduledAt publishedAt } }";
        let release = editor.server.send_once(&editor.token, query).await["data"]["release"].clone();
        release["failure"].is_string().then_some(release)
    })
    .await;
    assert!(release["failure"].as_str().unwrap().contains("there is no source `survey`"), "{release}");
    assert_eq!((&release["scheduledAt"], &release["publishedAt"]), (&Value::Null, &Value::Null));
    assert_eq!(editor.seen("published").await["careers"]["totalCount"], 1, "nothing of it was published");
    let refused = editor.mutate("publishRelease(release: \"spring\")").await;
    assert_eq!(refused["errors"][0]["code"], "broken-link", "{refused}");
    assert_eq!(refused["errors"][0]["path"], "entries[1].pay.median.source");
}

#[tokio::test]
async fn a_release_that_cannot_be_published_fails_once_whoever_looks() {
    let editor = Editor::with_release().await;
    editor.hinder().await;
    let names = ["r1", "r2", "r3", "r4", "r5", "r6"];
    for name in names {
        editor.mutate(&format!("createRelease(release: \"{name}\")")).await;
        let added = format!("addToRelease(release: \"{name}\", entries: [{{kind: CAREER, slug: \"b\"}}])");
        assert_eq!(editor.mutate(&added).await["errors"], json!([]));
        editor.schedule(name, 24).await;
    }
    editor.server.advance(TimeDelta::days(2));
    let failed = async || editor.deeds("FAILED_RELEASE").await >= names.len();
    editor.beside_others(eventually("all of them fail", failed)).await;
    // One that is due afterwards shows that they have looked once more.
    editor.mutate("createRelease(release: \"after\")").await;
    editor.schedule("after", 24).await;
    editor.server.advance(TimeDelta::days(2));
    let published = async || editor.deeds("PUBLISHED_RELEASE").await >= 1;
    editor.beside_others(eventually("the later release is published", published)).await;
    assert_eq!(editor.deeds("FAILED_RELEASE").await, names.len());
}

#[tokio::test]
async fn what_an_open_release_holds_is_not_put_away() {
    let editor = Editor::with_release().await;
    let archive = "mutation { archive(entries: [{kind: CAREER, slug: \"b\"}]) { errors { path code message } } }";
    let body = editor.server.send(&editor.token, archive, json!({})).await;
    let error = &body["data"]["archive"]["errors"][0];
    assert_eq!((&error["path"], &error["code"]), (&json!("entries[0]"), &json!("IN_RELEASE")), "{body}");
    assert!(error["message"].as_str().unwrap().contains("`spring`"), "{body}");

    assert_eq!(editor.mutate("publishRelease(release: \"spring\")").await["errors"], json!([]));
    let body = editor.server.send(&editor.token, archive, json!({})).await;
    assert_eq!(body["data"]["archive"]["errors"], json!([]), "{body}");
}

#[tokio::test]
async fn a_time_as_it_is_printed_shows_what_it_tells_of() {
    let editor = Editor::with_release().await;
    for _ in 0..5 {
        editor.server.publish(&[editor.folder.career("a", "Before", "")]).await;
        editor.server.publish(&[editor.folder.career("a", "After", "")]).await;
        let body = editor.server.send(&editor.token, "{ audit(first: 1) { nodes { at } } }", json!({})).await;
        let at = body["data"]["audit"]["nodes"][0]["at"].as_str().unwrap().to_owned();
        let then = format!("as-of:{at}");
        let then = editor.server.send_in(&then, &editor.token, "{ career(slug: \"a\") { title } }", json!({})).await;
        assert_eq!(then["data"]["career"]["title"], "After", "{at}");
    }
    let knowingly = "addToRelease(release: \"spring\", entries: [{kind: CAREER, slug: \"a\", overPublished: 12}])";
    assert_eq!(editor.mutate(knowingly).await["errors"], json!([]));
    let published = editor.mutate("publishRelease(release: \"spring\")").await;
    let at = published["release"]["publishedAt"].as_str().unwrap();
    assert_eq!(editor.seen(&format!("as-of:{at}")).await, editor.seen("published").await, "{at}");
}

#[tokio::test]
async fn a_time_that_passed_while_no_server_ran_is_made_up_for() {
    let database = TestDatabase::fresh().await;
    // The clock of the editors is slow: what is to come by it is over by that of the server.
    let clock = Clock::default();
    clock.advance(-TimeDelta::days(1));
    let (graph, migrations) = careerql_server::app().with_clock(clock.clone()).build().unwrap();
    let db = migrations.up(careerql_server::connect(&database.url).await.unwrap()).await.unwrap();
    let run = async |query: String| {
        let view = AccessContext { caller: Principal::Operator, ..AccessContext::default() };
        let response = graph.execute(async_graphql::Request::new(query), &db, view).await.response;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        serde_json::to_value(response.data).unwrap()
    };
    let at = (clock.now() + TimeDelta::hours(1)).to_rfc3339();
    let done = run(format!(
        "mutation {{ saveCareer(document: {{slug: \"a\", title: \"A\", summary: \"S\"}}) {{ errors {{ code }} }} \
         createRelease(release: \"r\") {{ errors {{ code }} }} \
         addToRelease(release: \"r\", entries: [{{kind: CAREER, slug: \"a\"}}]) {{ errors {{ code }} }} \
         scheduleRelease(release: \"r\", at: \"{at}\") {{ errors {{ code }} }} }}"
    ));
    assert!(done.await.as_object().unwrap().values().all(|payload| payload["errors"] == json!([])));
    assert_eq!(run("{ careers { totalCount } }".to_owned()).await["careers"]["totalCount"], 0, "nobody was there");

    let _server =
        Running::start(Binary::new(&["--listen", "127.0.0.1:0", "--log-level", "error"]).database(&database.url));
    eventually("the release is published", async || {
        db.refresh().await.unwrap();
        run("{ careers { totalCount } }".to_owned()).await["careers"]["totalCount"] == 1
    })
    .await;
}
