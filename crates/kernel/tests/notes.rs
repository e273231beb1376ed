//! The kernel on its own: an app with one small kind of document, `note`, that no module of CareerQL knows.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
#![allow(missing_docs, unreachable_pub, reason = "the name of a test is its sentence, and nobody else reaches it")]

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, InputObject, Object, OneofObject, SimpleObject};
use futures_util::future::{BoxFuture, join_all};
use kernel::{
    App, BatchKey, BatchValues, BySlug as _, Entry, Graph, Kind, Link, Owner, Perspective, QueryRoot, Request,
    RichText, Section, Sections as _, Slug, Text,
    document::{self, CheckedDocument, Document, Severity, parse},
    global_id,
    list::{Direction, FilterFields, Listed, OrderFields, OrderTerm, TableContext, TextFilter, all_given, fold},
    store::{self, ChangeInfo, Database, Mode, Rows},
};
use proptest::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectOptions, sea_query::SimpleExpr};
use sea_orm_migration::{MigrationTrait, prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::json;

kernel::entry_object! {
    /// A note.
    Note { kind: "note", folder: "notes", broken_link: Severity::Error }
}

#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(complex, input_name = "NoteProfileInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NoteProfile {
    #[graphql(skip)]
    #[serde(skip)]
    owner: Owner,
    /// The title.
    title: Text,
    /// The text.
    text: Option<RichText>,
    /// Key words.
    #[graphql(default)]
    #[serde(default)]
    tags: Vec<Slug>,
    /// The note that this one answers.
    answers: Option<Link<Note>>,
}

impl Section for NoteProfile {
    const NAME: &'static str = "note";

    fn bind(&mut self, entry: &Entry) {
        self.owner = entry.into();
    }
}

#[ComplexObject]
impl NoteProfile {
    /// The revision that is shown.
    async fn revision(&self) -> i64 {
        self.owner.entry().revision()
    }
}

mod note {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "note")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision_id: i64,
        pub entry_id: i64,
        pub node_key: String,
        pub title: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

struct CreateNotes;

impl MigrationName for CreateNotes {
    fn name(&self) -> &'static str {
        "m1_notes"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for CreateNotes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = |name: &str| ColumnDef::new(Alias::new(name));
        let table = Table::create()
            .table(Alias::new("note"))
            .col(column("revision_id").big_integer().not_null().primary_key())
            .col(column("entry_id").big_integer().not_null())
            .col(column("node_key").text().not_null())
            .col(column("title").text().not_null())
            .take();
        manager.create_table(table).await
    }
}

impl Listed for Note {
    type Table = note::Entity;

    const LIST: &'static str = "notes";
    const ABOUT: &'static str = "All notes.";
}

#[derive(InputObject)]
struct NoteConditions {
    /// Conditions on the title.
    title: Option<TextFilter>,
}

impl FilterFields for NoteConditions {
    type Of = Note;

    fn condition(&self, rows: &TableContext<'_>) -> kernel::Result<SimpleExpr> {
        Ok(all_given([self.title.as_ref().map(|title| title.on(&rows.column(note::Column::Title)))]))
    }
}

#[derive(OneofObject)]
#[graphql(name = "NoteOrderFields")]
enum NoteOrder {
    /// By title.
    Title(Direction),
}

impl OrderFields for NoteOrder {
    type Of = Note;

    fn term(&self) -> OrderTerm {
        let Self::Title(direction) = self;
        OrderTerm::text(note::Column::Title, *direction)
    }
}

fn project(guide: &CheckedDocument, entry: &Entry, rows: &mut Rows) {
    let Some(profile) = guide.section::<NoteProfile>() else { return };
    rows.insert(note::ActiveModel {
        revision_id: Set(entry.revision()),
        entry_id: Set(entry.id()),
        node_key: Set(entry.slug().to_owned()),
        title: Set(fold(&profile.title)),
    });
}

/// A field that another module adds to `Note`.
struct NoteLength(Entry);

impl From<&Note> for NoteLength {
    fn from(note: &Note) -> Self {
        Self(note.entry().clone())
    }
}

#[Object]
impl NoteLength {
    /// The length of the title.
    async fn length(&self, ctx: &Context<'_>) -> kernel::Result<usize> {
        Ok(self.0.section::<NoteProfile>(ctx).await?.title.len())
    }
}

struct NoteQueries;

impl From<&QueryRoot> for NoteQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl NoteQueries {
    /// The note with this slug.
    async fn note(&self, ctx: &Context<'_>, slug: String) -> kernel::Result<Option<Note>> {
        Note::by_slug(ctx, &slug).await
    }
}

fn notes(app: &mut App) {
    app.migrations(|| vec![Box::new(CreateNotes)]);
    app.kind::<Note>();
    app.section::<Note, NoteProfile>();
    app.project::<Note>(project);
    app.extend::<QueryRoot, NoteQueries>();
    app.list::<Note>();
    app.filter::<NoteConditions>();
    app.order::<NoteOrder>();
}

fn lengths(app: &mut App) {
    app.extend::<Note, NoteLength>();
}

async fn database() -> (Graph, Database) {
    let (graph, migrations) = App::default().module("notes", notes).module("lengths", lengths).build().unwrap();
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = sea_orm::Database::connect(options).await.unwrap();
    (graph, migrations.up(db).await.unwrap())
}

async fn import(graph: &Graph, db: &Database, yaml: &[&str], mode: Mode) {
    let read = |yaml: &&str| {
        let (guide, findings) = document::read(graph.content(), &parse(yaml).unwrap());
        assert_eq!(findings, []);
        guide.unwrap()
    };
    let guides: Vec<CheckedDocument> = yaml.iter().map(read).collect();
    let change = ChangeInfo::now("test", "");
    store::import(db, graph.content(), &guides, mode, &change).await.unwrap();
}

async fn ask(graph: &Graph, db: &Database, query: &str) -> serde_json::Value {
    let response = graph.execute(query.into(), db, Perspective::Published).await.response;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    let graph = graph.clone().without_projection();
    let by_sections = graph.execute(query.into(), db, Perspective::Published).await.response;
    assert_eq!(response.data, by_sections.data, "{query}");
    serde_json::to_value(response.data).unwrap()
}

#[tokio::test]
async fn a_document_becomes_a_graph() {
    let (graph, db) = database().await;
    let notes = [
        "kind: note\nslug: first\ntitle: First\ntext: '*Hello*'\n",
        "kind: note\nslug: second\ntitle: The second\nanswers: first\ntags: [a, b]\n",
    ];
    import(&graph, &db, &notes, Mode::Publish).await;

    let found = ask(
        &graph,
        &db,
        r#"{ note(slug: "second") { id title tags length revision answers { text { html } answers { slug } } } }"#,
    );
    assert_eq!(
        found.await["note"],
        json!({
            "id": global_id("Note".into(), "second"), "title": "The second", "tags": ["a", "b"], "length": 10, "revision": 2,
            "answers": { "text": { "html": "<p><em>Hello</em></p>\n" }, "answers": null },
        })
    );
    let found = ask(
        &graph,
        &db,
        r#"{ notes(filter: {title: {contains: "SECOND"}}, orderBy: {title: DESC}) { nodes { slug } totalCount } }"#,
    );
    assert_eq!(found.await["notes"], json!({ "nodes": [{ "slug": "second" }], "totalCount": 1 }));
}

#[tokio::test]
async fn published_revisions_never_change() {
    let (graph, db) = database().await;
    import(&graph, &db, &["kind: note\nslug: a\ntitle: One\n"], Mode::Publish).await;
    import(&graph, &db, &["kind: note\nslug: a\ntitle: Two\n"], Mode::Draft).await;
    let title = async |perspective| {
        let response = graph.execute(r#"{ note(slug: "a") { title revision } }"#.into(), &db, perspective).await;
        serde_json::to_value(response.response.data).unwrap()["note"].clone()
    };

    assert_eq!(title(Perspective::Published).await, json!({ "title": "One", "revision": 1 }));
    assert_eq!(title(Perspective::Draft).await, json!({ "title": "Two", "revision": 2 }));
}

#[tokio::test]
async fn a_document_can_be_checked_before_it_is_saved() {
    let (graph, db) = database().await;
    import(&graph, &db, &["kind: note\nslug: a\ntitle: A\n"], Mode::Publish).await;
    let check = async |document: &str| {
        let query = format!("{{ checkNote(document: {document}) {{ severity rule path message }} }}");
        ask(&graph, &db, &query).await["checkNote"].clone()
    };

    assert_eq!(check(r#"{slug: "b", title: "B", tags: ["x"], answers: "a"}"#).await, json!([]));
    let broken = json!({
        "severity": "ERROR", "rule": "broken-link", "path": "answers",
        "message": "there is no note `none`; add it to the folder notes",
    });
    assert_eq!(check(r#"{slug: "b", title: "B", answers: "none"}"#).await, json!([broken]));
}

/// A question that answers itself, and tells how many were asked at once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct HowMany(u32);

impl BatchKey for HowMany {
    type Answer = usize;

    fn load(_: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, kernel::Result<BatchValues<Self>>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let many = keys.len();
            Ok(keys.into_iter().filter(|key| key.0 != 13).map(|key| (key, many)).collect())
        })
    }
}

#[tokio::test]
async fn questions_are_answered_together_however_many_they_are() {
    let (graph, db) = database().await;
    let loaders = graph.loaders(&db, Perspective::Published);
    // Each asker asks a second question when it has the answer to its first, after work of its own.
    let asker = async |number: u32| {
        let first = loaders.load(HowMany(number)).await.unwrap();
        let second = loaders.load(HowMany(1_000 + number)).await.unwrap();
        (first, second)
    };

    let answers = loaders.drive(join_all((0..300).map(asker))).await;

    for (number, (first, second)) in answers.into_iter().enumerate() {
        assert_eq!(first, (number != 13).then_some(300), "{number}");
        assert_eq!(second, Some(300), "{number}");
    }
}

#[tokio::test]
async fn a_question_outside_of_a_request_is_an_error_and_does_not_wait() {
    let (graph, db) = database().await;

    let answer = graph.loaders(&db, Perspective::Published).load(HowMany(1)).await;

    assert_eq!(answer.map_err(|error| error.code()), Err("INTERNAL"));
}

/// A field that asks again after it was put off, while others wait for their answers.
#[tokio::test]
async fn a_question_that_comes_late_is_answered_in_the_next_turn() {
    let (graph, db) = database().await;
    let loaders = graph.loaders(&db, Perspective::Published);
    let late = async {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        loaders.load(HowMany(2)).await.unwrap()
    };

    let (early, late) = loaders.drive(futures_util::future::join(loaders.load(HowMany(1)), late)).await;

    assert_eq!((early.unwrap(), late), (Some(1), Some(1)));
}

proptest! {
    #[test]
    fn a_document_that_is_written_and_read_is_the_same(
        title in "[^\\p{C}\\p{Z}][^\\p{C}\\p{Z}]{0,30}",
        text in proptest::option::of("(\\PC|[ \n\t:#-]){1,200}"),
        tags in proptest::collection::vec("[a-z]{1,5}", 0..4),
    ) {
        prop_assume!(text.as_ref().is_none_or(|text| !text.trim().is_empty()));
        let (graph, _) = App::default().module("notes", notes).build().unwrap();
        let body = json!({ "tags": tags, "text": text, "title": title });
        let yaml = format!("kind: note\nslug: x\n{}", body.as_object().unwrap().iter()
            .map(|(name, value)| format!("{name}: {value}\n")).collect::<Vec<_>>().concat());
        let (guide, findings) = document::read(graph.content(), &parse(&yaml).unwrap());
        prop_assert_eq!(findings, vec![]);
        let first: Document = guide.unwrap().document;

        let written = document::write(graph.content(), &first).unwrap();
        let (guide, findings) = document::read(graph.content(), &parse(&written).unwrap());

        prop_assert_eq!(findings, vec![], "{}", written);
        prop_assert_eq!(guide.unwrap().document, first, "{}", written);
    }
}
