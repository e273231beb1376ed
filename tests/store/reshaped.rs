//! A database from before categories were entries: opened, it has the same words, and all of its past.
use chrono::{DateTime, TimeZone, Utc};
use kernel::store::{ChangeInfo, Mode};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer};

fn day(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, day, 12, 0, 0).unwrap()
}

fn filed_under(folder: &Folder, slug: &str, category: &str) -> std::path::PathBuf {
    let article = format!(
        "shape: 2026-12-01\narticle: {{headline: A, publishedOn: 2026-05-10, category: {category}, author: {{name: A, kind: PERSON}}, \
         explanation: E}}\n"
    );
    folder.career(slug, slug, &article)
}

/// Careers whose revisions named these categories, by the day on which they were imported; then the database is what an earlier version
/// would have left: names where the links are, no categories, and none of their migration.
async fn from_before() -> TestServer {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let all = [
        ("a", "zero", Mode::Publish, 1),
        ("a", "one", Mode::Publish, 3),
        ("b", "two", Mode::Publish, 2),
        ("c", "three", Mode::Draft, 5),
        ("d", "four", Mode::Draft, 6),
    ];
    for (slug, category, mode, of) in all {
        server.import_at(&[filed_under(&folder, slug, category)], mode, ChangeInfo::at("editor", "", day(of))).await;
    }
    let names = [
        ("zero", "Old Trades"),
        ("one", "Health & Care"),
        ("two", "Health Care"),
        ("three", "健康"),
        ("four", "HEALTH: care"),
    ];
    for (slug, name) in names {
        server
            .db
            .execute_unprepared(&format!(
                "UPDATE section SET body = replace(body, '\"category\":\"{slug}\"', '\"category\":\"{name}\"') WHERE name = 'article'"
            ))
            .await
            .unwrap();
    }
    for sql in
        ["DROP INDEX career_by_category", "DELETE FROM migration_careers WHERE version = 'm20261201_000001_categories'"]
    {
        server.db.execute_unprepared(sql).await.unwrap();
    }
    server
}

async fn migrate(server: &TestServer) {
    let run = Binary::new(&["migrate"]).database(&server.database.url).run().await;
    assert_eq!(run.status, 0, "{run:?}");
}

#[tokio::test]
async fn each_name_becomes_a_category_for_as_long_as_it_was_said() {
    let server = from_before().await;
    migrate(&server).await;
    let token = server.token(&["read-drafts"]).await;
    let seen = async |perspective: &str| {
        let query = "{ careers { nodes { slug article { category { slug title alternateTitles } } } } categories { nodes { slug } } }";
        let body = server.send_in(perspective, &token, query, json!({})).await;
        assert_eq!(body.get("errors"), None, "{body:#}");
        let filed = body["data"]["careers"]["nodes"].as_array().unwrap().iter().map(|career| {
            let category = &career["article"]["category"];
            format!("{}: {} {}", career["slug"].as_str().unwrap(), category["title"], category["alternateTitles"])
        });
        let slugs = body["data"]["categories"]["nodes"].as_array().unwrap().iter();
        let slugs: Vec<_> = slugs.map(|category| category["slug"].as_str().unwrap()).collect();
        format!("{} | {}", filed.collect::<Vec<_>>().join(", "), slugs.join(" "))
    };

    // Two spellings of the same words are one category, which is called as it was spelt last.
    let health = r#""Health Care" ["Health & Care"]"#;
    assert_eq!(seen("published").await, format!("a: {health}, b: {health} | health-care"));
    // Words that stood in drafts only stay in a draft.
    let drafted = r#""Health Care" ["HEALTH: care","Health & Care"]"#;
    assert_eq!(
        seen("draft").await,
        format!("a: {drafted}, b: {drafted}, c: \"健康\" [], d: {drafted} | health-care old-trades category-5065-5eb7")
    );
    assert_eq!(seen("as-of:2026-01-01T18:00:00Z").await, "a: \"Old Trades\" [] | old-trades");
    assert_eq!(
        seen("as-of:2026-01-02T18:00:00Z").await,
        format!("a: \"Old Trades\" [], b: {health} | health-care old-trades")
    );
}

#[tokio::test]
async fn files_of_either_shape_say_what_the_database_says() {
    let server = from_before().await;
    migrate(&server).await;
    let folder = Folder::new();
    let old = |slug: &str, category: &str| {
        let file = filed_under(&folder, slug, category);
        let text = std::fs::read_to_string(&file).unwrap().replace("shape: 2026-12-01\n", "");
        std::fs::write(&file, text).unwrap();
        file
    };
    let import = async |file: &std::path::Path| {
        Binary::new(&["import", "--publish", file.to_str().unwrap()]).database(&server.database.url).run().await
    };

    let of_before = import(&old("a", "'Health & Care'")).await;
    let of_today = import(&filed_under(&folder, "b", "health-care")).await;

    for run in [of_before, of_today] {
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.out.contains("1 unchanged") || run.err.contains("1 unchanged"), "{run:?}");
    }
}

#[tokio::test]
async fn a_file_may_say_more_of_a_category_that_was_made_of_a_name() {
    let server = from_before().await;
    migrate(&server).await;
    let folder = Folder::new();
    let file =
        folder.file("categories/health-care.yaml", "kind: category\nslug: health-care\ntitle: Health and care\n");

    let run = Binary::new(&["import", "--publish", file.to_str().unwrap()]).database(&server.database.url).run().await;

    assert_eq!(run.status, 0, "{run:?}");
    let token = server.token(&["read-drafts"]).await;
    let published =
        server.send(&token, "{ category(slug: \"health-care\") { title alternateTitles } }", json!({})).await;
    assert_eq!(published["data"]["category"], json!({ "title": "Health and care", "alternateTitles": [] }));
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_database_as_it_was() {
    let server = from_before().await;
    let contents = |of: &str| format!("SELECT count(*) AS n FROM {of}");
    let count = async |of: &str| -> i64 {
        let row =
            server.db.query_one_raw(sea_orm::Statement::from_string(server.db.get_database_backend(), contents(of)));
        row.await.unwrap().unwrap().try_get("", "n").unwrap()
    };
    let broken = "UPDATE section SET body = replace(body, '健康', '\"健康') WHERE name = 'article'";
    server.db.execute_unprepared(broken).await.unwrap();
    let before = (count("entry").await, count("section WHERE body LIKE '%Old Trades%'").await);

    let run = Binary::new(&["migrate"]).database(&server.database.url).run().await;

    assert_ne!(run.status, 0, "{run:?}");
    assert_eq!((count("entry").await, count("section WHERE body LIKE '%Old Trades%'").await), before);
    assert_eq!(before, (4, 1));
    server
        .db
        .execute_unprepared("UPDATE section SET body = replace(body, '\"\"健康', '\"健康') WHERE name = 'article'")
        .await
        .unwrap();
    migrate(&server).await;
    assert_eq!(count("section WHERE body LIKE '%Old Trades%'").await, 1, "it stands in the category alone");
    assert_eq!(count("section WHERE name = 'article' AND body LIKE '%Old Trades%'").await, 0);
    let _answers: Value = server.query("{ categories { totalCount } }").await;
}
