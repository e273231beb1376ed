//! Dates of entries: right after each thing that can happen to one, in the past as well, in lists, and in a database from before.
use chrono::{DateTime, TimeZone, Utc};
use kernel::store::{ChangeInfo, Mode, ToPublish, archive, publish, rename_entry, unpublish};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer};

fn day(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, day, 12, 0, 0).unwrap()
}

fn at(of: u32) -> ChangeInfo {
    ChangeInfo::at("editor", "", day(of))
}

const DATES: &str = "firstPublishedAt publishedAt updatedAt version";

/// The days of the dates; 0 where there is none.
fn days(entry: &Value) -> [u32; 3] {
    ["firstPublishedAt", "publishedAt", "updatedAt"].map(|field| {
        let text = entry[field].as_str().unwrap_or("2026-01-00T");
        text["2026-01-".len()..text.find('T').unwrap()].parse().unwrap()
    })
}

struct Editor {
    server: TestServer,
    folder: Folder,
    token: String,
}

impl Editor {
    async fn new() -> Self {
        let server = TestServer::empty().await;
        let token = server.token(&["read-drafts"]).await;
        Self { server, folder: Folder::new(), token }
    }

    async fn import(&self, slug: &str, issuer: &str, mode: Mode, of: u32) {
        self.server.import_at(&[self.folder.certification(slug, issuer)], mode, at(of)).await;
    }

    /// Publishes the draft, or a revision of the past.
    async fn publish(&self, slug: &str, revision: Option<i32>, of: u32) {
        let item = ToPublish { key: ("certification", slug.to_owned()), revision, over: None };
        let done = publish(&self.server.db, self.server.graph.content(), &[item], &at(of)).await.unwrap();
        assert!(done.problems.is_empty(), "{:?}", done.problems);
    }

    async fn withdraw(&self, slug: &str, of: u32) {
        let content = self.server.graph.content();
        assert!(unpublish(&self.server.db, content, "certification", slug, &at(of)).await.unwrap());
    }

    async fn rename(&self, from: &str, to: &str, of: u32) {
        let content = self.server.graph.content();
        rename_entry(&self.server.db, content, "certification", from, to, &at(of)).await.unwrap();
    }

    /// The certification in a perspective; null where that shows none.
    async fn seen(&self, perspective: &str, slug: &str) -> Value {
        let query = format!("{{ certification(code: \"{slug}\") {{ slug {DATES} }} }}");
        let body = self.server.send_in(perspective, &self.token, &query, json!({})).await;
        assert_eq!(body.get("errors"), None, "{body:#}");
        body["data"]["certification"].clone()
    }

    /// The days of its dates, as drafts show them, so that they can be read when nothing is published.
    async fn days(&self, slug: &str) -> [u32; 3] {
        days(&self.seen("draft", slug).await)
    }
}

#[tokio::test]
async fn dates_follow_whatever_happens_to_an_entry() {
    let editor = Editor::new().await;
    editor.import("x", "A", Mode::Draft, 1).await;
    assert_eq!(editor.days("x").await, [0, 0, 0], "a draft is not published");
    editor.publish("x", None, 2).await;
    assert_eq!(editor.days("x").await, [2, 2, 2]);
    editor.import("x", "B", Mode::Draft, 3).await;
    assert_eq!(editor.days("x").await, [2, 2, 2], "another draft changes nothing that is published");
    editor.publish("x", None, 4).await;
    assert_eq!(editor.days("x").await, [2, 2, 4]);
    editor.publish("x", Some(1), 5).await;
    assert_eq!(editor.days("x").await, [2, 2, 5], "an old revision is a change");
    editor.import("x", "A", Mode::Publish, 6).await;
    assert_eq!(editor.days("x").await, [2, 2, 5], "the same again is none");
    editor.rename("x", "y", 7).await;
    assert_eq!(editor.days("y").await, [2, 2, 7], "another slug is no break");
    editor.withdraw("y", 8).await;
    assert_eq!(editor.days("y").await, [2, 0, 0]);
    assert_eq!(editor.seen("draft", "y").await["version"], Value::Null);
    assert_eq!(editor.seen("published", "y").await, Value::Null);
    editor.rename("y", "z", 9).await;
    assert_eq!(editor.days("z").await, [2, 0, 0], "a slug of a draft publishes nothing");
    editor.publish("z", None, 10).await;
    assert_eq!(editor.days("z").await, [2, 10, 10], "and its first publication is that of the slug before");
    editor.rename("z", "x", 11).await;
    assert_eq!(editor.days("x").await, [2, 10, 11], "back to a slug that it had");
    let keys = [("certification", "x".to_owned())];
    let put_away = archive(&editor.server.db, editor.server.graph.content(), &keys, &at(12)).await.unwrap();
    assert!(put_away.problems.is_empty());
    editor.publish("x", Some(5), 13).await;
    assert_eq!(editor.days("x").await, [2, 13, 13]);

    let then = [(2, "x", [2, 2, 2]), (4, "x", [2, 2, 4]), (7, "y", [2, 2, 7]), (10, "z", [2, 10, 10])];
    for (of, slug, expected) in then {
        let seen = editor.seen(&format!("as-of:{}", day(of).to_rfc3339()), slug).await;
        assert_eq!((days(&seen), &seen["slug"]), (expected, &json!(slug)), "as of day {of}");
    }
    assert_eq!(editor.seen(&format!("as-of:{}", day(1).to_rfc3339()), "x").await, Value::Null);
    let versions: Vec<_> = [2, 4, 7, 10].into_iter().zip(["x", "x", "y", "z"]).collect();
    let mut last = 0;
    for (of, slug) in versions {
        let seen = editor.seen(&format!("as-of:{}", day(of).to_rfc3339()), slug).await;
        let version: u64 = seen["version"].as_str().unwrap().parse().unwrap();
        assert!(version > last, "it grows: {version}");
        last = version;
    }
}

#[tokio::test]
async fn an_entry_that_follows_another_changes_with_it_and_a_release_is_one_moment() {
    let editor = Editor::new().await;
    let link = "certifications: [{certification: x, why: It helps., when: Early.}]\n";
    editor.import("x", "A", Mode::Publish, 1).await;
    editor.server.import_at(&[editor.folder.career("a", "A", link)], Mode::Publish, at(2)).await;
    editor.rename("x", "y", 3).await;
    let seen = editor.server.query(&format!("{{ career(slug: \"a\") {{ {DATES} }} }}")).await;
    assert_eq!(days(&seen["career"]), [2, 2, 3], "what links to it says another slug");

    editor.import("y", "B", Mode::Draft, 4).await;
    let token = editor.server.token(&["publish"]).await;
    for mutation in [
        "createRelease(release: \"spring\")",
        "addToRelease(release: \"spring\", entries: [{kind: CERTIFICATION, slug: \"y\"}])",
    ] {
        let mutation = format!("mutation {{ it: {mutation} {{ errors {{ code }} }} }}");
        let made = editor.server.send(&token, &mutation, json!({}));
        assert_eq!(made.await["data"]["it"]["errors"], json!([]));
    }
    let in_release = editor.seen("release:spring", "y").await;
    assert_eq!(days(&in_release), [1, 1, 3], "until it is published, nothing changed");
    let release = "mutation { it: publishRelease(release: \"spring\") { release { publishedAt } errors { code } } }";
    let released = editor.server.send(&token, release, json!({})).await["data"]["it"].clone();
    let now = editor.seen("published", "y").await;
    assert_eq!(now["updatedAt"], released["release"]["publishedAt"], "{released}");
    assert_eq!(days(&now)[..2], [1, 1]);
}

#[tokio::test]
async fn lists_filter_and_sort_by_dates_at_any_place_of_them() {
    let editor = Editor::new().await;
    // First published in the order d c b a, published since a d c b, updated last in the order a c b d.
    for (slug, of) in [("d", 1), ("c", 2), ("b", 3), ("a", 4)] {
        editor.import(slug, "A", Mode::Publish, of).await;
    }
    for (slug, of) in [("d", 5), ("c", 7), ("b", 9)] {
        editor.withdraw(slug, of).await;
        editor.publish(slug, None, of + 1).await;
    }
    editor.import("d", "B", Mode::Publish, 11).await;
    editor.import("e", "A", Mode::Draft, 12).await;
    let list = async |arguments: &str| -> String {
        let data = editor.server.query(&format!("{{ certifications({arguments}) {{ nodes {{ slug }} }} }}")).await;
        let nodes = data["certifications"]["nodes"].as_array().unwrap().clone();
        nodes.iter().map(|node| node["slug"].as_str().unwrap()).collect()
    };
    let orders = [("firstPublishedAt", "dcba"), ("publishedAt", "adcb"), ("updatedAt", "acbd"), ("version", "acbd")];
    for (field, expected) in orders {
        assert_eq!(list(&format!("orderBy: {{{field}: ASC}}")).await, expected, "{field}");
        let reversed: String = expected.chars().rev().collect();
        assert_eq!(list(&format!("orderBy: {{{field}: DESC}}")).await, reversed, "{field}");
        // A page at a time, there and back.
        let (mut there, mut after) = (String::new(), "null".to_owned());
        loop {
            let query = format!(
                "{{ certifications(first: 1, after: {after}, orderBy: {{{field}: DESC}}) {{ nodes {{ slug }} pageInfo {{ hasNextPage endCursor }} }} }}"
            );
            let page = editor.server.query(&query).await["certifications"].clone();
            there += page["nodes"][0]["slug"].as_str().unwrap();
            after = page["pageInfo"]["endCursor"].to_string();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(there, reversed, "{field}, page by page");
        let back = format!("last: 2, before: {after}, orderBy: {{{field}: DESC}}");
        assert_eq!(list(&back).await, reversed[1..3], "{field}, back from the end");
    }
    assert_eq!(
        list("orderBy: [{updatedAt: DESC}, {version: ASC}, {publishedAt: ASC}]").await,
        "dbca",
        "one more than once"
    );
    let of = |day_of: u32| day(day_of).to_rfc3339();
    let version =
        editor.server.query("{ certification(code: \"b\") { version } }").await["certification"]["version"].to_string();
    for (filter, expected) in [
        (format!("firstPublishedAt: {{lt: \"{}\"}}", of(3)), "cd"),
        (format!("firstPublishedAt: {{gte: \"{}\"}}", of(3)), "ab"),
        (format!("publishedAt: {{gt: \"{}\", lte: \"{}\"}}", of(4), of(8)), "cd"),
        (format!("updatedAt: {{gte: \"{}\"}}", of(10)), "bd"),
        (format!("updatedAt: {{gt: \"{}\"}}", of(11)), ""),
        (format!("version: {{gt: {version}}}"), "d"),
        (format!("version: {{gte: {version}}}"), "bd"),
        (format!("version: {{lt: {version}}}"), "ac"),
        (format!("not: {{version: {{lte: {version}}}}}"), "d"),
        ("updatedAt: {isNull: true}".to_owned(), ""),
        ("publishedAt: {isNull: false}".to_owned(), "abcd"),
    ] {
        assert_eq!(list(&format!("filter: {{{filter}}}")).await, expected, "{filter}");
    }
    let through =
        "{ careers(filter: {certifications: {some: {updatedAt: {gt: \"2026-01-01T00:00:00Z\"}}}}) { totalCount } }";
    assert_eq!(editor.server.query(through).await["careers"]["totalCount"], 0);

    let drafts = "{ certifications(orderBy: {updatedAt: DESC}) { nodes { slug updatedAt } } \
                  never: certifications(filter: {updatedAt: {isNull: true}}) { nodes { slug } } }";
    let drafts = editor.server.send_in("draft", &editor.token, drafts, json!({})).await["data"].clone();
    assert_eq!(
        drafts["certifications"]["nodes"][4],
        json!({ "slug": "e", "updatedAt": null }),
        "those without come last"
    );
    assert_eq!(drafts["never"]["nodes"], json!([{ "slug": "e" }]));
    let then = format!("as-of:{}", of(6));
    let past = "{ certifications(orderBy: {publishedAt: DESC}) { nodes { slug } } }";
    let past =
        editor.server.send_in(&then, &editor.token, past, json!({})).await["data"]["certifications"]["nodes"].clone();
    assert_eq!(past, json!([{ "slug": "d" }, { "slug": "a" }, { "slug": "b" }, { "slug": "c" }]));
}

#[tokio::test]
async fn every_kind_has_dates_and_the_dates_of_a_page_are_one_statement() {
    let server = TestServer::seeded().await;
    let lists: Vec<_> = server.graph.content().kinds().map(|kind| kind.folder.to_owned()).collect();
    for list in lists {
        let titles = server.ask(&format!("{{ {list}(first: 5) {{ nodes {{ slug }} }} }}"), json!({})).await;
        assert!(titles.errors.is_empty(), "{list}: {:?}", titles.errors);
        let query = format!(
            "{{ {list}(first: 5, filter: {{updatedAt: {{isNull: false}}}}, orderBy: {{publishedAt: DESC}}) {{ nodes {{ slug {DATES} }} }} }}"
        );
        let dated = server.ask(&query, json!({})).await;
        assert!(dated.errors.is_empty(), "{list}: {:?}", dated.errors);
        for node in dated.data[&list]["nodes"].as_array().unwrap() {
            assert!(DATES.split(' ').all(|field| node[field].is_string()), "{list}: {node}");
        }
        let has_nodes = titles.data[&list]["nodes"][0].is_object();
        assert_eq!(dated.statements, titles.statements + u64::from(has_nodes), "{list}");
    }
}

#[tokio::test]
async fn a_database_from_before_gets_the_dates_that_it_would_have() {
    let editor = Editor::new().await;
    editor.import("x", "A", Mode::Publish, 1).await;
    editor.import("x", "B", Mode::Publish, 2).await;
    editor.rename("x", "y", 3).await;
    editor.withdraw("y", 4).await;
    editor.publish("y", None, 5).await;
    editor.rename("y", "x", 6).await;
    editor.import("z", "A", Mode::Publish, 7).await;
    editor.withdraw("z", 8).await;
    editor.import("w", "A", Mode::Publish, 9).await;
    let query = format!("{{ certifications {{ nodes {{ slug {DATES} }} }} }}");
    let perspectives: Vec<_> =
        (1..=9).map(|of| format!("as-of:{}", day(of).to_rfc3339())).chain(["draft".to_owned()]).collect();
    let all = async |editor: &Editor| {
        let mut seen = Vec::new();
        for perspective in &perspectives {
            seen.push(editor.server.send_in(perspective, &editor.token, &query, json!({})).await);
        }
        seen
    };
    let before = all(&editor).await;
    let current = days(&editor.seen("published", "x").await);
    assert_eq!(current, [1, 5, 6]);

    for sql in [
        "DROP INDEX publication_first",
        "DROP INDEX publication_since",
        "DROP INDEX publication_last",
        "DROP INDEX publication_updated",
        "ALTER TABLE publication DROP COLUMN first_id",
        "ALTER TABLE publication DROP COLUMN since_id",
        "DELETE FROM migration_kernel WHERE version = 'm20261130_000060_dates'",
    ] {
        editor.server.db.execute_unprepared(sql).await.unwrap();
    }
    let run = Binary::new(&["migrate"]).database(&editor.server.database.url).run().await;
    assert_eq!(run.status, 0, "{run:?}");

    assert_eq!(all(&editor).await, before);
}
