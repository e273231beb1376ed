//! Omissions of modules: what is declared and not registered, and tables that differ from their structs, are reported at start.
use async_graphql::SimpleObject;
use careers::Career;
use kernel::{App, Entry};
use sea_orm_migration::{MigrationTrait, prelude::*};

/// A part that is registered wrongly.
mod slips {
    use std::sync::Arc;

    use careers::Career;
    use kernel::{App, Slug, Text, part, section};

    /// Notes on a career.
    #[section(key = "notes")]
    pub struct NotesSection {
        /// The notes.
        pub notes: Vec<Arc<Note>>,
    }

    /// A note on a career.
    #[part(of = Career, section = NotesSection, list = "notes", about = "All notes.")]
    pub struct Note {
        /// The key.
        pub key: Slug,
        /// The text of the note.
        #[column(filter, order)]
        pub text: Text,
        /// The number of the note.
        #[column(order)]
        pub number: Option<i32>,
    }

    pub(super) fn without_part(app: &mut App) {
        app.section::<Career, NotesSection>();
    }

    pub(super) fn without_node(app: &mut App) {
        app.section::<Career, NotesSection>();
        app.list::<Note>();
    }

    pub(super) fn whole(app: &mut App) {
        app.section::<Career, NotesSection>();
        app.part::<Note>();
    }
}

#[test]
fn parts_that_nobody_registers_are_reported_at_start() {
    let contradictions = |module| match careerql_server::app().module("slips", module).build() {
        Ok(_) => panic!("it builds"),
        Err(contradictions) => contradictions.0,
    };
    let held = "the section `notes` of `slips` holds parts of the type `Note`, and nobody registers it: write `app.part::<…>()` with the \
                struct of `Note`";
    assert_eq!(contradictions(slips::without_part), [held]);
    let listed = "`slips` lists `Note`, which is not a node: write `app.node::<…>()` with the struct of `Note`";
    assert_eq!(contradictions(slips::without_node), [held, listed]);
}

#[derive(SimpleObject)]
#[graphql(name = "NamelessNode")]
struct Nameless {
    /// A word.
    word: String,
}

impl kernel::Node for Nameless {
    type Of = Career;

    async fn find(_: &async_graphql::Context<'_>, _: Entry, _: String) -> kernel::Result<Option<std::sync::Arc<Self>>> {
        Ok(None)
    }
}

#[test]
fn a_node_without_an_id_is_reported_at_start() {
    let built = careerql_server::app().module("nameless", App::node::<Nameless>).build();
    let expected = "the node `NamelessNode` of `nameless` has no field `id`: write `complex` in its `#[graphql(…)]` and `async fn id` in its \
                    `#[ComplexObject]`";
    assert_eq!(built.err().map(|contradictions| contradictions.0), Some(vec![expected.to_owned()]));
}

/// Columns by name and type, and what is wrong with them.
type Columns = (&'static [(&'static str, &'static str)], Option<&'static str>);

/// Tables `note`.
const TABLES: [Columns; 5] = [
    (&[("text", "TEXT")], Some("the table has no column `number`")),
    (&[("text", "TEXT"), ("number", "TEXT")], Some("the column `number` holds Text and is given Number")),
    (
        &[("text", "TEXT"), ("number", "DOUBLE PRECISION NOT NULL")],
        Some("the column `number` is NOT NULL, and its field may have no value"),
    ),
    (
        &[("text", "TEXT"), ("number", "DOUBLE PRECISION"), ("author", "TEXT NOT NULL")],
        Some("nothing fills the column `author`, which is NOT NULL"),
    ),
    (&[("text", "TEXT"), ("number", "DOUBLE PRECISION")], None),
];

struct CreateNotes<const CASE: usize>;

impl<const CASE: usize> MigrationName for CreateNotes<CASE> {
    fn name(&self) -> &'static str {
        "m20261130_000001_notes"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl<const CASE: usize> MigrationTrait for CreateNotes<CASE> {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = migrations::table::of_nodes(manager, "note");
        for (name, definition) in TABLES[CASE].0 {
            table.col(ColumnDef::new_with_type(Alias::new(*name), ColumnType::custom(*definition)));
        }
        manager.create_table(table).await
    }
}

fn without(_: &mut App) {}

fn create_notes<const CASE: usize>(app: &mut App) {
    app.migrations(|| vec![Box::new(CreateNotes::<CASE>)]);
}

#[tokio::test]
async fn a_table_that_differs_from_its_struct_is_reported_at_start() {
    let mut cases = vec![(without as kernel::Module, Some("no migration makes the table"))];
    let created: [kernel::Module; 5] =
        [create_notes::<0>, create_notes::<1>, create_notes::<2>, create_notes::<3>, create_notes::<4>];
    cases.extend(created.into_iter().zip(TABLES.map(|(_, wrong)| wrong)));
    for (made, wrong) in cases {
        let database = crate::harness::TestDatabase::fresh().await;
        let app = careerql_server::app().module("slips", slips::whole).module("tables", made);
        let (_, migrations) = app.build().unwrap();
        let connection = careerql_server::connect(&database.url).await.unwrap();
        let error = migrations.up(connection).await.err();
        let said = error.map(|error| (error.code(), error.to_string()));
        let Some(wrong) = wrong else {
            assert_eq!(said, None);
            continue;
        };
        let (code, message) = said.expect(wrong);
        assert_eq!(code, "TABLE_DIFFERS");
        assert!(message.starts_with(&format!("The module `slips` and the table `note` differ: {wrong}.")), "{message}");
    }
}

/// On Postgres, a schema of the user's name comes before `public`, where the tables are.
#[tokio::test]
async fn tables_are_compared_where_statements_find_them() {
    let database = crate::harness::TestDatabase::migrated().await;
    let (_, migrations) = careerql_server::app().build().unwrap();
    let connection = careerql_server::connect(&database.url).await.unwrap();
    if connection.get_database_backend() == sea_orm::DbBackend::Postgres {
        connection.execute_unprepared("CREATE SCHEMA AUTHORIZATION CURRENT_USER").await.unwrap();
    }
    migrations.up(connection).await.unwrap();
}
