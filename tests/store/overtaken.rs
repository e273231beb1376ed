//! Publishing what was begun before somebody else published: nobody's work is undone without a word.
use chrono::TimeDelta;
use kernel::store::{ChangeInfo, Mode, entry, unpublish};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder, Statement, TransactionTrait};
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf, sea_query::IntoIden};
use serde_json::{Value, json};

use crate::harness::{Folder, TestDatabase, TestServer, eventual};

struct Editor {
    server: TestServer,
    folder: Folder,
    token: String,
}

impl Editor {
    /// The career `a`, whose revision 1 came from a file and whose draft, revision 2, is an editor's.
    async fn new() -> Self {
        let server = TestServer::empty().await;
        let folder = Folder::new();
        server.publish(&[folder.career("a", "First", "")]).await;
        let token = server.token(&["read-drafts", "write", "publish", "administer"]).await;
        let editor = Self { server, folder, token };
        assert_eq!(editor.save("By an editor", Some(1)).await["errors"], json!([]));
        editor
    }

    async fn run(&self, mutation: &str) -> Value {
        let body = self.server.send(&self.token, &format!("mutation {{ it: {mutation} }}"), json!({})).await;
        assert_eq!(body.get("errors"), None, "{mutation}: {body:#}");
        body["data"]["it"].clone()
    }

    async fn save(&self, title: &str, base: Option<i32>) -> Value {
        let base = base.map_or_else(String::new, |base| format!(", baseRevision: {base}"));
        let document = format!("{{slug: \"a\", title: \"{title}\", summary: \"About it.\"}}");
        self.run(&format!(
            "saveCareer(document: {document}, author: \"anna\"{base}) {{ revision {{ number }} errors {{ code message }} }}"
        ))
        .await
    }

    async fn publish(&self, more: &str) -> Value {
        self.run(&format!(
            "publish(entries: [{{kind: CAREER, slug: \"a\"{more}}}], author: \"paul\") \
             {{ entries {{ published {{ number }} isOvertaken }} errors {{ path code message }} }}"
        ))
        .await
    }

    async fn title(&self) -> Value {
        self.server.query("{ career(slug: \"a\") { title } }").await["career"]["title"].clone()
    }

    async fn overtake(&self) {
        let path = self.folder.career("a", "Imported", "");
        self.server.import_at(&[path], Mode::Publish, ChangeInfo::now("importer", "")).await;
    }
}

fn assert_conflict(payload: &Value, told: &[&str]) {
    let error = &payload["errors"][0];
    assert_eq!(error["code"], "CONFLICT", "{payload}");
    let message = error["message"].as_str().unwrap();
    assert!(told.iter().all(|part| message.contains(part)), "{message}");
}

#[tokio::test]
async fn a_draft_does_not_undo_what_was_published_since_it_was_begun() {
    let editor = Editor::new().await;
    editor.overtake().await;

    for which in ["", ", revision: 2"] {
        let refused = editor.publish(which).await;
        assert_conflict(
            &refused,
            &["revision 2 by anna", "revision 1 by test", "revision 3 by importer", "overPublished: 3"],
        );
        assert_eq!((&refused["errors"][0]["path"], &refused["entries"]), (&json!("entries[0]"), &json!([])));
    }
    assert_eq!(editor.title().await, "Imported");
    let entry = "{ entry(kind: CAREER, slug: \"a\") { isOvertaken draft { number } } }";
    let entry = editor.server.send(&editor.token, entry, json!({})).await["data"]["entry"].clone();
    assert_eq!(entry, json!({ "isOvertaken": true, "draft": { "number": 2 } }), "the draft survives, and knows");

    assert_conflict(&editor.publish(", overPublished: 1").await, &["revision 3 by importer"]);
    let done = editor.publish(", overPublished: 3").await;
    assert_eq!(done["errors"], json!([]), "whoever names what they replace may: {done}");
    assert_eq!(editor.title().await, "By an editor");
}

#[tokio::test]
async fn whoever_brought_both_together_publishes() {
    let editor = Editor::new().await;
    editor.overtake().await;
    // Once with another text, once with the text of the draft, which is one way to bring both together.
    for title in ["By an editor", "Both"] {
        assert_eq!(editor.save(title, Some(3)).await["errors"], json!([]), "{title}");
    }
    assert_eq!(editor.publish("").await["errors"], json!([]));
    assert_eq!(editor.title().await, "Both");
}

#[tokio::test]
async fn a_draft_that_is_confirmed_as_it_is_goes_on_from_what_is_published() {
    let editor = Editor::new().await;
    editor.overtake().await;
    let confirmed = editor.save("By an editor", Some(3)).await;
    assert_eq!(confirmed, json!({ "revision": { "number": 2 }, "errors": [] }));
    assert_eq!(editor.publish("").await["errors"], json!([]));
}

#[tokio::test]
async fn a_draft_that_goes_on_from_what_is_published_is_no_conflict() {
    let editor = Editor::new().await;
    // Revision 2 is published while revision 3, which was made of it, waits.
    assert_eq!(editor.save("Going on", Some(2)).await["revision"]["number"], 3);
    assert_eq!(editor.publish(", revision: 2").await["errors"], json!([]));
    assert_eq!(editor.publish("").await["errors"], json!([]));
    assert_eq!(editor.title().await, "Going on");
    // Going back to a revision of the past is a wish of its own, and what was begun before is a conflict with it.
    assert_eq!(editor.save("Further", Some(3)).await["errors"], json!([]));
    assert_eq!(editor.publish(", revision: 1").await["errors"], json!([]));
    assert_conflict(&editor.publish("").await, &["revision 4 by anna", "revision 3 by anna", "revision 1 by test"]);
    assert_eq!(editor.title().await, "First");
}

#[tokio::test]
async fn what_was_withdrawn_does_not_come_back_by_a_draft_from_before() {
    let editor = Editor::new().await;
    assert!(
        unpublish(&editor.server.db, editor.server.graph.content(), "career", "a", &ChangeInfo::now("lawyer", ""))
            .await
            .unwrap()
    );
    assert_conflict(&editor.publish("").await, &["revision 1 by test", "withdrawn", "overPublished: 0"]);
    assert_eq!(editor.title().await, Value::Null);
    assert_eq!(editor.publish(", overPublished: 0").await["errors"], json!([]));

    // What was withdrawn itself, or drafted since, is published again.
    assert!(
        unpublish(&editor.server.db, editor.server.graph.content(), "career", "a", &ChangeInfo::now("lawyer", ""))
            .await
            .unwrap()
    );
    assert_eq!(editor.publish("").await["errors"], json!([]));
    assert!(
        unpublish(&editor.server.db, editor.server.graph.content(), "career", "a", &ChangeInfo::now("lawyer", ""))
            .await
            .unwrap()
    );
    assert_eq!(editor.save("Mended", Some(2)).await["errors"], json!([]));
    assert_eq!(editor.publish("").await["errors"], json!([]));
}

#[tokio::test]
async fn a_restored_revision_is_based_on_what_its_editor_has_seen() {
    let editor = Editor::new().await;
    editor.overtake().await;
    let restore = |base: &str| format!("restore(kind: CAREER, slug: \"a\", revision: 1{base}) {{ errors {{ code }} }}");
    assert_eq!(editor.run(&restore("")).await["errors"], json!([]));
    assert_conflict(&editor.publish("").await, &["revision 3 by importer"]);
    let editor = Editor::new().await;
    editor.overtake().await;
    assert_eq!(editor.run(&restore(", baseRevision: 3")).await["errors"], json!([]));
    assert_eq!(editor.publish("").await["errors"], json!([]));
    assert_eq!(editor.title().await, "First");
}

#[tokio::test]
async fn a_release_does_not_undo_what_was_published_since() {
    let editor = Editor::new().await;
    let errors = "{ errors { path code message } }";
    editor.run(&format!("createRelease(release: \"r\") {errors}")).await;
    let add =
        |more: &str| format!("addToRelease(release: \"r\", entries: [{{kind: CAREER, slug: \"a\"{more}}}]) {errors}");
    assert_eq!(editor.run(&add("")).await["errors"], json!([]));
    editor.overtake().await;

    let refused = editor.run(&format!("publishRelease(release: \"r\") {errors}")).await;
    assert_conflict(&refused, &["revision 2 by anna", "revision 3 by importer"]);
    assert_eq!(refused["errors"][0]["path"], "entries[0]");

    // At its time, the server says why, once, and leaves it to the editors.
    let at = (editor.server.now() + TimeDelta::days(1)).to_rfc3339();
    editor.run(&format!("scheduleRelease(release: \"r\", at: \"{at}\") {errors}")).await;
    let query = "{ release(name: \"r\") { failure scheduledAt } }";
    editor.server.advance(TimeDelta::days(2));
    let release = eventual("it fails", async || {
        let release = editor.server.send_once(&editor.token, query).await["data"]["release"].clone();
        release["failure"].is_string().then_some(release)
    })
    .await;
    assert!(release["failure"].as_str().unwrap().contains("revision 3 by importer"), "{release}");
    assert_eq!(release["scheduledAt"], Value::Null, "it is not tried again and again");
    assert_eq!(editor.title().await, "Imported");

    assert_eq!(editor.run(&add(", overPublished: 3")).await["errors"], json!([]));
    assert_eq!(editor.run(&format!("publishRelease(release: \"r\") {errors}")).await["errors"], json!([]));
    assert_eq!(editor.title().await, "By an editor");
}

#[tokio::test]
async fn releases_that_follow_each_other_are_no_conflict() {
    let editor = Editor::new().await;
    let errors = "{ errors { code message } }";
    for (name, title, base) in [("one", "", 0), ("two", "Going on", 2)] {
        if base > 0 {
            assert_eq!(editor.save(title, Some(base)).await["errors"], json!([]));
        }
        editor.run(&format!("createRelease(release: \"{name}\") {errors}")).await;
        let added = format!("addToRelease(release: \"{name}\", entries: [{{kind: CAREER, slug: \"a\"}}]) {errors}");
        assert_eq!(editor.run(&added).await["errors"], json!([]));
    }
    for name in ["one", "two"] {
        let published = editor.run(&format!("publishRelease(release: \"{name}\") {errors}")).await;
        assert_eq!(published["errors"], json!([]), "{name}");
    }
    assert_eq!(editor.title().await, "Going on");
}

#[tokio::test]
async fn a_rename_is_nobodys_conflict() {
    let editor = Editor::new().await;
    let rename = "rename(kind: CAREER, slug: \"a\", to: \"b\") { errors { code } }";
    assert_eq!(editor.run(rename).await["errors"], json!([]));
    let publish = "publish(entries: [{kind: CAREER, slug: \"b\"}]) { errors { code message } }";
    assert_eq!(editor.run(publish).await["errors"], json!([]));

    // What was a conflict before stays one.
    let editor = Editor::new().await;
    editor.overtake().await;
    assert_eq!(editor.run(rename).await["errors"], json!([]));
    assert_eq!(editor.run(publish).await["errors"][0]["code"], "CONFLICT");
}

/// The kernel's tables as they were before drafts knew what they began with.
struct Before;

impl MigratorTraitSelf for Before {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        migrations::kernel::migrations().into_iter().take(7).collect()
    }

    fn migration_table_name(&self) -> sea_orm::DynIden {
        "migration_kernel".into_iden()
    }
}

#[tokio::test]
async fn drafts_from_before_know_what_they_began_with() {
    let database = TestDatabase::fresh().await;
    let connection = careerql_server::connect(&database.url).await.unwrap();
    let before = connection.begin().await.unwrap();
    Before.up(&before, None).await.unwrap();
    before.commit().await.unwrap();
    // Of `a`, revision 1 was published, an editor drafted 2, and revision 3 was published over it. The draft of `b` is up to date.
    for statement in [
        "INSERT INTO entry (id, kind, slug) VALUES (1, 'career', 'a'), (2, 'career', 'b')",
        "INSERT INTO revision (id, entry_id, number, hash, author, message, created_at) VALUES \
         (11, 1, 1, 'a1', 'import', '', '2026-01-01T12:00:00+00:00'), (12, 1, 2, 'a2', 'anna', '', '2026-01-02T12:00:00+00:00'), \
         (13, 1, 3, 'a3', 'import', '', '2026-01-03T12:00:00+00:00'), (21, 2, 1, 'b1', 'import', '', '2026-01-01T12:00:00+00:00'), \
         (22, 2, 2, 'b2', 'anna', '', '2026-01-02T12:00:00+00:00')",
        "UPDATE entry SET published_revision_id = 13, draft_revision_id = 12 WHERE id = 1",
        "UPDATE entry SET published_revision_id = 21, draft_revision_id = 22 WHERE id = 2",
        "INSERT INTO publication (id, entry_id, revision_id, published_at, retired_at) VALUES \
         (41, 1, 11, '2026-01-01T12:00:00+00:00', '2026-01-03T12:00:00+00:00')",
        "INSERT INTO publication (id, entry_id, revision_id, published_at) VALUES \
         (42, 1, 13, '2026-01-03T12:00:00+00:00'), (43, 2, 21, '2026-01-01T12:00:00+00:00')",
        "INSERT INTO audit (at, author, action, kind, slug, revision, details) VALUES \
         ('2026-01-02T12:00:00+00:00', 'anna', 'saved', 'career', 'a', 2, ''), ('2026-01-02T12:00:00+00:00', 'anna', 'saved', 'career', 'b', 2, '')",
        "INSERT INTO release (id, name, author, created_at) VALUES (1, 'r', 'anna', '2026-01-02T12:00:00+00:00')",
        "INSERT INTO release_entry (release_id, entry_id, revision_id) VALUES (1, 1, 12), (1, 2, 22)",
    ] {
        let statement = if statement.contains("INTO release (") {
            statement.replace("release (", "\"release\" (")
        } else {
            statement.to_owned()
        };
        connection.execute_raw(Statement::from_string(connection.get_database_backend(), statement)).await.unwrap();
    }

    let (_, migrations) = careerql_server::app().build().unwrap();
    let db = migrations.up(connection).await.unwrap();

    let entries = entry::Entity::find().order_by_asc(entry::Column::Id).all(&*db).await.unwrap();
    let pointers: Vec<_> = entries
        .iter()
        .map(|entry| (entry.draft_base_id, entry.imported_published_id, entry.imported_draft_id))
        .collect();
    assert_eq!(pointers, [(Some(11), Some(13), None), (Some(21), Some(21), None)]);
    let held = "SELECT base_id FROM release_entry ORDER BY entry_id";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), held)).await.unwrap();
    let held: Vec<Option<i64>> = rows.iter().map(|row| row.try_get("", "base_id").unwrap()).collect();
    assert_eq!(held, [Some(11), Some(21)]);
}
