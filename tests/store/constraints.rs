//! Constraints of the database, whoever writes to it; and the migration of an old database that breaks them.
use std::sync::Arc;

use kernel::{
    AccessContext, Principal, async_graphql,
    store::{self, ChangeInfo, Mode},
};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::harness::{Binary, Folder, TestDatabase, Witness};

/// Everything that there is, without a server, which would go on by itself: careers `a` (renamed to `b`), `c` and `d`, a release, and
/// deliveries.
async fn filled() -> TestDatabase {
    let database = TestDatabase::fresh().await;
    let (graph, migrations) = careerql_server::app().build().unwrap();
    let db = migrations.up(careerql_server::connect(&database.url).await.unwrap()).await.unwrap();
    let (folder, change) = (Folder::new(), ChangeInfo::now("test", ""));
    let paths = [folder.career("a", "A", ""), folder.career("c", "C", "")];
    let progress = Arc::new(|_, _| {});
    store::import_files(&db, graph.content(), &paths, Mode::Publish, &change, progress).await.unwrap();
    store::create_webhook(&db, store::WebhookSettings::standard("https://example.org/"), &change).await.unwrap();
    let query = "mutation { rename(kind: CAREER, slug: \"a\", to: \"b\") { errors { code } } \
                 save: saveCareer(document: {slug: \"d\", title: \"D\", summary: \"S\"}) { errors { code } } \
                 createRelease(release: \"r\") { errors { code } } \
                 addToRelease(release: \"r\", entries: [{kind: CAREER, slug: \"d\"}]) { errors { code } } }";
    let view = AccessContext { caller: Principal::Operator, ..AccessContext::default() };
    let answer = graph.execute(async_graphql::Request::new(query), &db, view).await.response;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    store::take_deliveries(&db, |_| 100, chrono::TimeDelta::minutes(1)).await.unwrap();
    db.close().await.unwrap();
    database
}

/// The id of an entry.
fn entry(slug: &str) -> String {
    format!("(SELECT id FROM entry WHERE slug = '{slug}')")
}

fn revision(slug: &str) -> String {
    format!("(SELECT max(id) FROM revision WHERE entry_id = {})", entry(slug))
}

#[tokio::test]
async fn the_database_refuses_what_no_program_may_write() {
    let database = filled().await;
    let db = Database::connect(&database.url).await.unwrap();
    let witness = Witness::of(&database.url).await;
    let (b, c) = (entry("b"), entry("c"));
    let before = witness.sees().await;
    let number = format!("(SELECT min(number) FROM revision WHERE entry_id = {})", entry("a"));
    let now = "CURRENT_TIMESTAMP";
    for refused in [
        "UPDATE entry SET published_revision_id = 9999 WHERE slug = 'c'".to_owned(),
        format!("UPDATE entry SET published_revision_id = {} WHERE slug = 'c'", revision("b")),
        format!("UPDATE entry SET draft_revision_id = {} WHERE slug = 'c'", revision("b")),
        format!("UPDATE entry SET archived_at = {now} WHERE slug = 'c'"),
        "UPDATE entry SET lineage_id = 9999 WHERE slug = 'c'".to_owned(),
        "UPDATE entry SET lineage_id = (SELECT lineage_id FROM entry WHERE slug = 'b') WHERE slug = 'c'".to_owned(),
        "UPDATE entry SET renamed_to = id WHERE slug = 'a'".to_owned(),
        format!("UPDATE entry SET renamed_to = {b} WHERE slug = 'c'"),
        format!("INSERT INTO entry (kind, slug, published_revision_id) VALUES ('career', 'new', {})", revision("c")),
        format!("INSERT INTO publication (entry_id, revision_id, published_at) VALUES ({c}, {}, {now})", revision("c")),
        format!("UPDATE publication SET retired_at = NULL WHERE entry_id = {}", entry("a")),
        format!("UPDATE publication SET revision_id = {} WHERE entry_id = {c}", revision("b")),
        format!(
            "INSERT INTO revision (entry_id, number, hash, author, message, created_at) VALUES ({b}, {number}, 'h', 'a', 'm', {now})"
        ),
        format!(
            "INSERT INTO revision (entry_id, number, hash, author, message, created_at) VALUES ({c}, 0, 'h', 'a', 'm', {now})"
        ),
        format!("DELETE FROM revision WHERE id = {}", revision("c")),
        format!("UPDATE release_entry SET revision_id = {}", revision("c")),
        "UPDATE release SET publication_id = 9999".to_owned(),
        "UPDATE delivery SET publication_id = 9999".to_owned(),
        "UPDATE delivery SET publication_id = NULL".to_owned(),
        "UPDATE delivery SET release_id = (SELECT max(id) FROM release)".to_owned(),
        "UPDATE delivery SET publication_id = NULL, release_id = 9999".to_owned(),
        format!(
            "INSERT INTO delivery (webhook_id, publication_id, attempts, due_at) \
             SELECT webhook_id, publication_id, 0, {now} FROM delivery WHERE publication_id IS NOT NULL"
        ),
        "DELETE FROM publication WHERE id IN (SELECT publication_id FROM delivery)".to_owned(),
    ] {
        let told = db.execute_unprepared(&refused).await;
        assert!(told.is_err(), "{refused} was done");
        assert_eq!(witness.sees().await, before, "{refused}");
    }
}

/// Takes away what holds the rules, as in a database from before.
async fn forget(db: &DatabaseConnection) {
    let column = async |sql: &str| -> Vec<String> {
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    };
    let drops = match db.get_database_backend() {
        DbBackend::Sqlite => column(
            "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'audit%'",
        )
        .await,
        _ => column(
            "SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || conname FROM pg_constraint \
             WHERE connamespace = 'public'::regnamespace AND (conname LIKE 'entry_%' AND contype IN ('c', 'f') \
               OR conname IN ('publication_of_entry', 'release_entry_of_entry', 'release_publication') OR conname IN ('delivery_publication', 'delivery_release', 'delivery_subject')) \
             UNION ALL SELECT 'DROP FUNCTION ' || proname || ' CASCADE' FROM pg_proc WHERE proname LIKE '%_holds'",
        )
        .await,
    };
    let indexes = ["publication_open", "delivery_of_publication", "delivery_of_release", "revision_of_entry"];
    let indexes = indexes.map(|index| format!("DROP INDEX IF EXISTS {index}"));
    let version = "DELETE FROM migration_kernel WHERE version = 'm20261128_000011_constraints'".to_owned();
    for sql in drops.into_iter().chain(indexes).chain([version]) {
        db.execute_unprepared(&sql).await.unwrap_or_else(|cause| panic!("{sql}: {cause}"));
    }
}

async fn migrate(database: &TestDatabase) -> crate::harness::Output {
    Binary::new(&["migrate"]).database(&database.url).run().await
}

#[tokio::test]
async fn a_database_from_before_gets_the_rules_and_loses_no_row() {
    let database = filled().await;
    let db = Database::connect(&database.url).await.unwrap();
    forget(&db).await;
    let witness = Witness::of(&database.url).await;
    let mut before = witness.sees().await;

    let run = migrate(&database).await;

    assert_eq!(run.status, 0, "{run:?}");
    let mut after = witness.sees().await;
    assert_ne!(before.remove("migration_kernel"), after.remove("migration_kernel"), "it was migrated");
    assert_eq!(after, before);
    assert!(db.execute_unprepared("UPDATE entry SET draft_revision_id = 9999").await.is_err());
}

#[tokio::test]
async fn a_database_that_breaks_the_rules_is_left_as_it_is_and_the_rows_are_named() {
    let database = filled().await;
    let db = Database::connect(&database.url).await.unwrap();
    forget(&db).await;
    db.execute_unprepared("UPDATE entry SET draft_revision_id = 9999 WHERE slug = 'c'").await.unwrap();
    let double = format!(
        "INSERT INTO publication (entry_id, revision_id, published_at) VALUES ({}, {}, CURRENT_TIMESTAMP)",
        entry("c"),
        revision("c")
    );
    db.execute_unprepared(&double).await.unwrap();
    let witness = Witness::of(&database.url).await;
    let before = witness.sees().await;

    let run = migrate(&database).await;

    assert_eq!(run.status, 1, "{run:?}");
    for part in ["entry 2 (its draft is none of its own revisions)", "publication 2, ", "nothing was changed", "backup"]
    {
        assert!(run.err.contains(part), "{part} in {}", run.err);
    }
    assert_eq!(witness.sees().await, before);
}
