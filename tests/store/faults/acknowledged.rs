//! Faults after a commit, and before a transaction: who wrote is told what is stored.
use std::{sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use kernel::{AccessContext, Perspective, Principal, async_graphql, store::Database};
use sea_orm::{DbBackend, sqlx};
use serde_json::Value;
use tokio::time::timeout;

use super::{Editor, WRITES, Write};
use crate::harness::PATIENCE;

impl Editor {
    async fn answer(&self, request: &str) -> Value {
        let view = AccessContext { caller: Principal::Operator, perspective: Perspective::Draft };
        let answer = self.graph.execute(async_graphql::Request::new(request), &self.db, view).await.response;
        serde_json::to_value(answer).unwrap()
    }

    /// The id that is found at a place of the answer to a query.
    async fn id(&self, query: &str, place: &str) -> String {
        let answer = self.answer(query).await;
        answer["data"].pointer(place).and_then(Value::as_str).unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// The mutation that writes, with as much in its payload as may be; none where no mutation does.
    async fn mutation(&self, write: Write, slug: &str) -> Option<String> {
        let entry = "kind slug published { number author document } draft { number entry { slug } } revisions { nodes { number summary } } findings { rule }";
        let entries = format!("entries {{ {entry} }} errors {{ code }} warnings {{ slug }}");
        let release =
            format!("release {{ name entries {{ entry {{ {entry} }} revision {{ number }} }} }} errors {{ code }}");
        let saved = "isNew revision { number document entry { slug } } findings { rule message } base { number } errors { code }";
        let key = format!("kind: CAREER, slug: \"{slug}\"");
        let document = format!(
            "document: {{slug: \"{slug}\", title: \"Two\", summary: \"S\", tags: [\"t\"], relatedGuides: [{{title: \"X\", career: \"x\"}}]}}"
        );
        let of_release = format!("release: \"{slug}\"");
        Some(match write {
            Write::Import | Write::Mirror => return None,
            Write::Save => format!("saveCareer({document}) {{ career {{ title relatedGuides {{ career {{ slug }} }} }} {saved} }}"),
            Write::SaveAgain => format!(
                "saveCareerSections(slug: \"{slug}\", baseRevision: 1, sections: {{profile: {{title: \"Two\", relatedGuides: [{{title: \"X\", \
                 career: \"x\"}}]}}}}) {{ {saved} }}"
            ),
            Write::Restore => format!("restore({key}, revision: 1) {{ entry {{ {entry} }} {saved} }}"),
            Write::Publish | Write::Unpublish | Write::Archive => {
                let name = format!("{write:?}").to_lowercase();
                format!("{name}(entries: [{{{key}}}]) {{ {entries} }}")
            }
            Write::Rename => {
                format!("rename({key}, to: \"new-{slug}\") {{ entry {{ {entry} }} relinked {{ {entry} }} errors {{ code }} }}")
            }
            Write::CreateRelease => format!("createRelease({of_release}) {{ {release} }}"),
            Write::AddToRelease => format!("addToRelease({of_release}, entries: [{{{key}}}]) {{ {release} }}"),
            Write::ScheduleRelease => {
                format!("scheduleRelease({of_release}, at: \"2099-01-01T00:00:00Z\") {{ {release} }}")
            }
            Write::DeleteRelease => format!("deleteRelease({of_release}) {{ {release} }}"),
            Write::PublishRelease => format!("publishRelease({of_release}) {{ {release} }}"),
            Write::CreateToken => {
                format!("createToken(name: \"{slug}\", scopes: [\"write\"]) {{ token {{ id }} errors {{ code }} }}")
            }
            Write::RevokeToken => {
                let id = self.id("{ tokens { id } }", "/tokens/0/id").await;
                format!("revokeToken(id: \"{id}\") {{ token {{ id }} errors {{ code }} }}")
            }
            Write::CreateWebhook => "createWebhook(url: \"https://example.org/\") { webhook { id deliveries { nodes { id } } } errors { code } }".to_owned(),
            Write::DeleteWebhook => {
                let id = self.id("{ webhooks { id } }", "/webhooks/0/id").await;
                format!("deleteWebhook(id: \"{id}\") {{ errors {{ code }} }}")
            }
            Write::PreviewLink => {
                format!("createPreviewLink({key}) {{ previewLink {{ id kind slug }} token errors {{ code }} }}")
            }
            Write::Redeliver => {
                let query = "{ webhooks { deliveries { nodes { id } } } }";
                let id = self.id(query, "/webhooks/0/deliveries/nodes/0/id").await;
                format!("redeliver(id: \"{id}\") {{ delivery {{ id attempts }} errors {{ code }} }}")
            }
        })
    }
}

#[tokio::test]
async fn what_is_stored_is_acknowledged_though_nothing_can_be_read_after_the_commit() {
    let mut unread = Vec::new();
    for write in WRITES {
        let editor = Editor::new().await;
        let slug = "it";
        editor.prepare(write, slug).await.unwrap();
        let mutation = editor.mutation(write, slug).await;
        let before = editor.contents().await;
        // The commit goes through on the connection that its transaction holds; no other can be had.
        let db = editor.db.clone();
        editor.db.fail_by(Some(Arc::new(move |sql: &str| {
            if sql == "COMMIT" {
                let _closing = db.clone().close().now_or_never();
            }
            None
        })));
        let Some(mutation) = mutation else {
            assert_eq!(editor.write(write, slug, 0).await, Ok(()), "{write:?}");
            assert_ne!(editor.contents().await, before, "{write:?}");
            editor.db.fail_by(None);
            continue;
        };
        let answer = editor.answer(&format!("mutation {{ it: {mutation} }}")).await;
        editor.db.fail_by(None);

        assert_ne!(editor.contents().await, before, "{write:?} is stored: {answer}");
        assert!(!answer.to_string().contains("Nothing was stored"), "{write:?}: {answer}");
        let failures = answer["errors"].as_array().cloned().unwrap_or_default();
        for failure in &failures {
            assert_eq!(failure["extensions"]["code"], "DATABASE_OUTCOME_UNKNOWN", "{write:?}: {answer}");
            assert!(failure["path"].as_array().is_some_and(|path| path.len() > 1), "{write:?} itself failed: {answer}");
        }
        let is_acknowledged = answer["data"]["it"]["errors"] == Value::Array(Vec::new());
        assert!(is_acknowledged || !failures.is_empty(), "{write:?}: {answer}");
        if !failures.is_empty() {
            unread.push(write);
        }
    }
    for write in [Write::Save, Write::Restore, Write::Publish, Write::Rename, Write::PublishRelease] {
        assert!(unread.contains(&write), "nothing of {write:?} was read after the commit, but of {unread:?}");
    }
}

#[tokio::test]
async fn a_draft_that_goes_on_from_what_is_published_is_acknowledged_though_nothing_can_be_read_after() {
    let editor = Editor::new().await;
    editor.save("it", "One", None).await.unwrap();
    editor.entries("publish", &["it"]).await.unwrap();
    editor.save("it", "Two", Some(1)).await.unwrap();
    let publish = "publish(entries: [{kind: CAREER, slug: \"it\", revision: 1}]) { errors { code } }";
    editor.mutate(publish).await.unwrap();
    editor.mutate("unpublish(entries: [{kind: CAREER, slug: \"it\"}]) { errors { code } }").await.unwrap();
    editor.mutate(publish).await.unwrap();
    let db = editor.db.clone();
    editor.db.fail_by(Some(Arc::new(move |sql: &str| {
        if sql == "COMMIT" {
            let _closing = db.clone().close().now_or_never();
        }
        None
    })));
    let saved = editor.save("it", "Two", Some(1)).await;
    editor.db.fail_by(None);
    assert_eq!(saved, Ok(()));
}

#[tokio::test]
async fn whoever_cannot_write_because_no_connection_can_be_had_is_not_told_that_others_write() {
    let editor = Editor::new().await;
    editor.save("before", "One", None).await.unwrap();
    let waiting = editor.db.clone().waiting(Duration::from_secs(2));
    let editor = Editor { db: waiting, ..editor };
    let held = AllConnections::of(&editor.db).await;

    let slugs: Vec<_> = (0..4).map(|number| format!("s{number}")).collect();
    let saves = slugs.iter().map(|slug| editor.save(slug, "One", None));
    let (answers, published) =
        tokio::join!(futures_util::future::join_all(saves), editor.entries("publish", &["before"]));
    for told in answers.into_iter().chain([published]) {
        assert_eq!(told, Err("DATABASE_UNAVAILABLE".to_owned()));
    }

    drop(held);
    editor.save("after", "One", None).await.unwrap();
}

/// All connections of the pool, so that nobody else has one.
#[expect(dead_code, reason = "they are held")]
enum AllConnections {
    Sqlite(Vec<sqlx::pool::PoolConnection<sqlx::Sqlite>>),
    Postgres(Vec<sqlx::pool::PoolConnection<sqlx::Postgres>>),
}

impl AllConnections {
    async fn of(db: &Database) -> Self {
        match db.get_database_backend() {
            DbBackend::Sqlite => Self::Sqlite(all(db.get_sqlite_connection_pool()).await),
            _ => Self::Postgres(all(db.get_postgres_connection_pool()).await),
        }
    }
}

/// All connections that can be had: readers keep some for themselves.
async fn all<DB: sqlx::Database>(pool: &sqlx::Pool<DB>) -> Vec<sqlx::pool::PoolConnection<DB>> {
    let mut held = Vec::new();
    while pool.num_idle() > 0 || pool.size() < pool.options().get_max_connections() {
        held.push(timeout(PATIENCE, pool.acquire()).await.expect("there is one").unwrap());
    }
    held
}
