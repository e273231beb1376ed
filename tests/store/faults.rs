//! Faults of the database at each statement of each kind of write: nothing is acknowledged that is not stored, nothing is half
//! there, and the next write works.
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt as _;
use kernel::{
    AccessContext, Graph, Perspective, Principal, Result, async_graphql,
    store::{self, ChangeInfo, Database, Fault, Mode},
};
use sea_orm::{ConnectionTrait, DbBackend, sqlx};
use serde_json::Value;
use tokio::time::timeout;

use crate::harness::{Contents, Folder, PATIENCE, TestDatabase, Witness, growth};

struct Editor {
    graph: Graph,
    db: Database,
    witness: Witness,
    _database: TestDatabase,
    folder: Folder,
}

/// A kind of write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Write {
    Save,
    SaveAgain,
    Restore,
    Publish,
    Unpublish,
    Archive,
    Rename,
    Import,
    Mirror,
    CreateRelease,
    AddToRelease,
    ScheduleRelease,
    DeleteRelease,
    PublishRelease,
    CreateToken,
    RevokeToken,
    CreateWebhook,
    DeleteWebhook,
    PreviewLink,
    Redeliver,
}

const WRITES: [Write; 20] = [
    Write::Save,
    Write::SaveAgain,
    Write::Restore,
    Write::Publish,
    Write::Unpublish,
    Write::Archive,
    Write::Rename,
    Write::Import,
    Write::Mirror,
    Write::CreateRelease,
    Write::AddToRelease,
    Write::ScheduleRelease,
    Write::DeleteRelease,
    Write::PublishRelease,
    Write::CreateToken,
    Write::RevokeToken,
    Write::CreateWebhook,
    Write::DeleteWebhook,
    Write::PreviewLink,
    Write::Redeliver,
];

impl Editor {
    async fn new() -> Self {
        let database = TestDatabase::fresh().await;
        let (graph, migrations) = careerql_server::app().build().unwrap();
        let db = migrations.up(careerql_server::connect(&database.url).await.unwrap()).await.unwrap();
        let witness = Witness::of(&database.url).await;
        Self { graph, db, witness, _database: database, folder: Folder::new() }
    }

    /// Runs a mutation: the code of what failed, as somebody hears it who asked for it.
    async fn mutate(&self, mutation: &str) -> Result<(), String> {
        let request = async_graphql::Request::new(format!("mutation {{ it: {mutation} }}"));
        let view = AccessContext { caller: Principal::Operator, perspective: Perspective::Draft };
        let answer = self.graph.execute(request, &self.db, view).await.response;
        let answer = serde_json::to_value(answer).unwrap();
        if let Some(code) = answer["errors"][0]["extensions"]["code"].as_str() {
            return Err(code.to_owned());
        }
        assert_eq!(answer["data"]["it"]["errors"], Value::Array(Vec::new()), "{mutation}: {answer}");
        Ok(())
    }

    async fn save(&self, slug: &str, title: &str, base: Option<i32>) -> Result<(), String> {
        let base = base.map(|base| format!(", baseRevision: {base}")).unwrap_or_default();
        let document = format!("{{slug: \"{slug}\", title: \"{title}\", summary: \"S\", tags: [\"t\"]}}");
        self.mutate(&format!("saveCareer(document: {document}{base}) {{ errors {{ code }} }}")).await
    }

    async fn entries(&self, mutation: &str, slugs: &[&str]) -> Result<(), String> {
        let entries: Vec<_> = slugs.iter().map(|slug| format!("{{kind: CAREER, slug: \"{slug}\"}}")).collect();
        self.mutate(&format!("{mutation}(entries: [{}]) {{ errors {{ code }} }}", entries.join(", "))).await
    }

    async fn release(&self, mutation: &str, name: &str, more: &str) -> Result<(), String> {
        self.mutate(&format!("{mutation}(release: \"{name}\"{more}) {{ errors {{ code }} }}")).await
    }

    async fn import(&self, slug: &str, mirrors: bool) -> Result<(), String> {
        let (content, progress) = (self.graph.content(), Arc::new(|_, _| {}));
        let paths = [self.folder.certification(slug, "X"), self.folder.certification(&format!("{slug}-b"), "X")];
        let change = ChangeInfo::now("test", "");
        let done = if mirrors {
            store::mirror_files(&self.db, content, &paths, &change, progress).await
        } else {
            store::import_files(&self.db, content, &paths, Mode::Publish, &change, progress).await
        };
        coded(done.map(|(summary, _)| assert!(summary.is_some())))
    }

    async fn webhook(&self) -> i64 {
        store::create_webhook(
            &self.db,
            store::WebhookSettings::standard("https://example.org/hook"),
            &ChangeInfo::now("test", ""),
        )
        .await
        .unwrap()
        .id
    }

    async fn newest_delivery(&self, webhook: i64) -> i64 {
        store::deliveries(&self.db, webhook, false, store::Span::newest(1)).await.unwrap()[0].id
    }

    async fn take(&self) -> Result<()> {
        store::take_deliveries(&self.db, |_| 100, chrono::TimeDelta::minutes(1)).await.map(drop)
    }

    /// Rows that must be there before; the row that the write is about, where it is one.
    async fn prepare(&self, write: Write, slug: &str) -> Result<i64, String> {
        let linker = format!("linker-{slug}");
        match write {
            Write::Save | Write::Import | Write::CreateRelease | Write::CreateToken | Write::CreateWebhook => {}
            Write::SaveAgain | Write::Publish => self.save(slug, "One", None).await?,
            Write::Restore => {
                self.save(slug, "One", None).await?;
                self.save(slug, "Two", Some(1)).await?;
            }
            Write::Unpublish | Write::Archive => {
                self.save(slug, "One", None).await?;
                self.entries("publish", &[slug]).await?;
            }
            Write::Rename => {
                self.save(slug, "One", None).await?;
                let links = format!("relatedGuides: [{{title: \"R\", career: \"{slug}\"}}]");
                let document = format!("{{slug: \"{linker}\", title: \"L\", summary: \"S\", {links}}}");
                self.mutate(&format!("saveCareer(document: {document}) {{ errors {{ code }} }}")).await?;
                self.entries("publish", &[slug, &linker]).await?;
            }
            Write::Mirror => self.import(&format!("old-{slug}"), true).await?,
            Write::AddToRelease | Write::ScheduleRelease | Write::DeleteRelease | Write::PublishRelease => {
                self.save(slug, "One", None).await?;
                self.release("createRelease", slug, "").await?;
                if write == Write::PublishRelease {
                    self.release("addToRelease", slug, &format!(", entries: [{{kind: CAREER, slug: \"{slug}\"}}]"))
                        .await?;
                }
            }
            Write::RevokeToken => {
                let scopes = ["write".parse().unwrap()];
                let token = store::create_token(&self.db, slug, &scopes, None, &ChangeInfo::now("test", "")).await;
                return Ok(coded(token)?.0.id);
            }
            Write::DeleteWebhook => return Ok(self.webhook().await),
            Write::PreviewLink => {
                self.save(slug, "One", None).await?;
                self.db.execute_unprepared("DELETE FROM signing_key").await.unwrap();
            }
            Write::Redeliver => {
                self.save(slug, "One", None).await?;
                let webhook = self.webhook().await;
                self.entries("publish", &[slug]).await?;
                coded(self.take().await)?;
                return Ok(self.newest_delivery(webhook).await);
            }
        }
        Ok(0)
    }

    async fn write(&self, write: Write, slug: &str, row: i64) -> Result<(), String> {
        let change = ChangeInfo::now("test", "");
        match write {
            Write::Save => self.save(slug, "New", None).await,
            Write::SaveAgain => self.save(slug, "Two", Some(1)).await,
            Write::Restore => {
                self.mutate(&format!("restore(kind: CAREER, slug: \"{slug}\", revision: 1) {{ errors {{ code }} }}"))
                    .await
            }
            Write::Publish => self.entries("publish", &[slug]).await,
            Write::Unpublish => self.entries("unpublish", &[slug]).await,
            Write::Archive => self.entries("archive", &[slug]).await,
            Write::Rename => {
                self.mutate(&format!(
                    "rename(kind: CAREER, slug: \"{slug}\", to: \"new-{slug}\") {{ errors {{ code }} }}"
                ))
                .await
            }
            Write::Import => self.import(slug, false).await,
            Write::Mirror => self.import(slug, true).await,
            Write::CreateRelease => self.release("createRelease", slug, "").await,
            Write::AddToRelease => {
                self.release("addToRelease", slug, &format!(", entries: [{{kind: CAREER, slug: \"{slug}\"}}]")).await
            }
            Write::ScheduleRelease => self.release("scheduleRelease", slug, ", at: \"2099-01-01T00:00:00Z\"").await,
            Write::DeleteRelease => self.release("deleteRelease", slug, "").await,
            Write::PublishRelease => self.release("publishRelease", slug, "").await,
            Write::CreateToken => {
                let scopes = ["write".parse().unwrap()];
                coded(store::create_token(&self.db, slug, &scopes, None, &change).await.map(drop))
            }
            Write::RevokeToken => coded(store::revoke_token(&self.db, row, &change).await.map(drop)),
            Write::CreateWebhook => coded(
                store::create_webhook(&self.db, store::WebhookSettings::standard("https://example.org/"), &change)
                    .await
                    .map(drop),
            ),
            Write::DeleteWebhook => coded(store::delete_webhook(&self.db, row, &change).await.map(drop)),
            Write::PreviewLink => {
                let now = self.db.clock().now();
                coded(store::create_preview_link(&self.db, "career", slug, now, &change).await.map(drop))
            }
            Write::Redeliver => coded(store::redeliver(&self.db, row, &change).await.map(drop)),
        }
    }

    /// Makes the statement of this number fail; how many there were is counted.
    fn fail(&self, fault: Fault, number: usize) -> Arc<AtomicUsize> {
        let statements = Arc::new(AtomicUsize::new(0));
        let counter = statements.clone();
        let faults = move |_: &str| (counter.fetch_add(1, Ordering::SeqCst) + 1 == number).then_some(fault);
        self.db.fail_by(Some(Arc::new(faults)));
        statements
    }

    async fn contents(&self) -> Contents {
        self.witness.sees().await
    }
}

fn coded<T>(done: Result<T>) -> Result<T, String> {
    done.map_err(|error| error.code().to_owned())
}

/// Makes each statement of a write fail in turn.
async fn fail_everywhere(editor: &Editor, write: Write, fault: Fault) {
    let told = |number: usize| format!("{write:?}, {fault:?} at statement {number}");
    let name = format!("{write:?}-{fault:?}").to_lowercase();
    let row = editor.prepare(write, &name).await.unwrap();
    let before = editor.contents().await;
    editor.write(write, &name, row).await.unwrap();
    let complete = growth(&before, &editor.contents().await);
    let (mut slug, mut row, mut before) = (String::new(), 0, Contents::new());
    for number in 1.. {
        // What a failure left as it was is tried again.
        if slug.is_empty() {
            slug = format!("{name}-{number}");
            row = editor.prepare(write, &slug).await.unwrap_or_else(|code| panic!("{code} before {}", told(number)));
            before = editor.contents().await;
        }
        let counted = editor.fail(fault, number);
        let answer = editor.write(write, &slug, row).await;
        editor.db.fail_by(None);
        let after = editor.contents().await;
        let (is_before, is_complete) = (before == after, growth(&before, &after) == complete);
        match answer.as_ref().map_err(String::as_str) {
            Ok(()) => assert!(is_complete, "{} was acknowledged: {:?}", told(number), growth(&before, &after)),
            Err("DATABASE_OUTCOME_UNKNOWN") => assert!(is_before || is_complete, "{}: half of it", told(number)),
            Err(code) => {
                assert!(is_before, "{}: {code}, and yet {:?}", told(number), growth(&before, &after));
                assert!(code.starts_with("DATABASE_"), "{}: {code}", told(number));
            }
        }
        if !is_before {
            slug.clear();
        }
        if counted.load(Ordering::SeqCst) < number {
            assert!(number > 3, "{} has statements", told(number));
            return;
        }
    }
}

async fn fail_all(fault: Fault) {
    let editor = Editor::new().await;
    for write in WRITES {
        fail_everywhere(&editor, write, fault).await;
    }
}

#[tokio::test]
async fn a_statement_that_does_not_reach_the_database_leaves_no_trace() {
    fail_all(Fault::Refused).await;
}

#[tokio::test]
async fn a_statement_whose_answer_is_lost_leaves_no_trace_and_a_commit_is_looked_up() {
    fail_all(Fault::Unheard).await;
}

#[tokio::test]
async fn a_transaction_that_the_database_ends_by_itself_leaves_no_trace_and_no_lie() {
    fail_all(Fault::Ended).await;
}

#[tokio::test]
async fn what_was_published_is_to_be_delivered_once_wherever_making_the_deliveries_fails() {
    for fault in [Fault::Refused, Fault::Unheard, Fault::Ended] {
        let editor = Editor::new().await;
        for _ in 0..2 {
            editor.webhook().await;
        }
        for number in 1.. {
            let slug = format!("s{number}");
            editor.save(&slug, "One", None).await.unwrap();
            editor.entries("publish", &[&slug]).await.unwrap();
            let counted = editor.fail(fault, number);
            let taken = editor.take().await;
            editor.db.fail_by(None);
            if counted.load(Ordering::SeqCst) < number {
                taken.unwrap();
                let deliveries = editor.contents().await["delivery"].len();
                assert_eq!(deliveries, 2 * number, "{fault:?}");
                break;
            }
        }
    }
}

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
