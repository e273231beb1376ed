//! Faults of the database at each statement of each kind of write: nothing is acknowledged that is not stored, nothing is half
//! there, and the next write works.
mod acknowledged;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use kernel::{
    AccessContext, Graph, Perspective, Principal, Result, async_graphql,
    store::{self, ChangeInfo, Database, Fault, Mode},
};
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::harness::{Contents, Folder, TestDatabase, Witness, growth};

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
