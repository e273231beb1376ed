//! Withdrawal: from then on an entry is not visible, and nothing that was written of it is lost.
use chrono::{DateTime, Duration, TimeZone, Utc};
use kernel::{
    Perspective,
    store::{ChangeInfo, Mode, publication, unpublish},
};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder, Statement};
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf, sea_query::IntoIden};
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestDatabase, TestServer};

fn change(at: DateTime<Utc>) -> ChangeInfo {
    ChangeInfo::at("editor", "", at)
}

async fn titles(server: &TestServer, perspective: Perspective) -> Value {
    let query =
        async_graphql::Request::new("{ careers { totalCount nodes { title } } a: career(slug: \"a\") { title } }");
    let response = server.graph.execute(query, &server.db, perspective).await;
    let response = response.response;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    serde_json::to_value(response.data).unwrap()
}

#[tokio::test]
async fn an_entry_is_withdrawn_and_published_again_and_the_past_stays_right() {
    let server = TestServer::empty().await;
    let day = |day| Utc.with_ymd_and_hms(2026, 1, day, 12, 0, 0).unwrap();
    let folder = Folder::new();
    let paths = [folder.career("a", "A", "")];
    let visible = json!({ "careers": { "totalCount": 1, "nodes": [{ "title": "A" }] }, "a": { "title": "A" } });
    let nothing = json!({ "careers": { "totalCount": 0, "nodes": [] }, "a": null });

    server.import_at(&paths, Mode::Publish, change(day(1))).await;
    let version = server.db.version();
    assert!(unpublish(&server.db, server.graph.content(), "career", "a", &change(day(3))).await.unwrap());

    assert_eq!(server.db.version(), version + 1, "it is a content version of its own");
    assert_eq!(titles(&server, Perspective::Published).await, nothing);
    assert_eq!(titles(&server, Perspective::Draft).await, visible, "what was published is the draft");
    assert!(
        !unpublish(&server.db, server.graph.content(), "career", "a", &change(day(4))).await.unwrap(),
        "nothing is published any more"
    );
    assert!(!unpublish(&server.db, server.graph.content(), "career", "b", &change(day(4))).await.unwrap());

    server.import_at(&paths, Mode::Publish, change(day(5))).await;

    assert_eq!(titles(&server, Perspective::Published).await, visible);
    for (at, expected) in [(1, &visible), (2, &visible), (3, &nothing), (4, &nothing), (5, &visible), (6, &visible)] {
        assert_eq!(&titles(&server, Perspective::AsOf(day(at))).await, expected, "on day {at}");
    }
    let before = day(3) - Duration::milliseconds(1);
    assert_eq!(titles(&server, Perspective::AsOf(before)).await, visible);
    let log = publication::Entity::find().order_by_asc(publication::Column::Id).all(&*server.db).await.unwrap();
    let spans: Vec<_> = log.iter().map(|row| (row.revision_id.is_some(), row.published_at, row.retired_at)).collect();
    assert_eq!(
        spans,
        [(true, day(1), Some(day(3))), (false, day(3), Some(day(5))), (true, day(5), None)],
        "one revision, three spans of time"
    );
    assert_eq!(log[0].revision_id, log[2].revision_id);
}

#[tokio::test]
async fn a_newer_draft_stays_the_draft() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[folder.career("a", "A", "")]).await;
    server.import(&[folder.career("a", "A, drafted", "")], Mode::Draft).await;

    assert!(unpublish(&server.db, server.graph.content(), "career", "a", &change(server.now())).await.unwrap());

    assert_eq!(titles(&server, Perspective::Draft).await["a"]["title"], "A, drafted");
}

#[tokio::test]
async fn the_command_says_what_it_did() {
    let database = TestDatabase::fresh().await;
    let folder = Folder::new();
    folder.career("one", "One", "");
    folder.career("two", "Two", "");
    let run = |arguments: &[&str]| Binary::new(arguments).database(&database.url).run();
    assert_eq!(run(&["import", folder.path().to_str().unwrap(), "--publish"]).await.status, 0);

    let output = run(&["unpublish", "career", "one", "three", "two"]).await;
    assert_eq!(
        (output.status, output.out.as_str()),
        (1, "withdrawn career one\nwithdrawn career two\n2 documents withdrawn.\n")
    );
    assert_eq!(output.err, "careerql: no career `three` is published.\n");

    let output = run(&["unpublish", "career", "one"]).await;
    assert_eq!((output.status, output.out.as_str()), (1, "0 documents withdrawn.\n"));
    assert_eq!(output.err, "careerql: no career `one` is published.\n");

    let output = run(&["unpublish", "carer", "one"]).await;
    assert_eq!((output.status, output.out.as_str()), (1, ""));
    assert_eq!(
        output.err,
        "careerql: there is no kind `carer`; the kinds are `career`, `category`, `certification`, `dataset`, `source`.\n"
    );

    assert_eq!(run(&["import", folder.path().to_str().unwrap(), "--publish"]).await.status, 0);
    let output = run(&["unpublish", "career", "one"]).await;
    assert_eq!((output.status, output.out.as_str()), (0, "withdrawn career one\n1 document withdrawn.\n"));
}

/// The kernel's tables as they were before withdrawals.
struct Before;

impl MigratorTraitSelf for Before {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        migrations::kernel::migrations().into_iter().take(1).collect()
    }

    fn migration_table_name(&self) -> sea_orm::DynIden {
        "migration_kernel".into_iden()
    }
}

#[tokio::test]
async fn what_was_published_before_withdrawals_existed_is_kept() {
    let database = TestDatabase::fresh().await;
    let connection = careerql_server::connect(&database.url).await.unwrap();
    Before.up(&connection, None).await.unwrap();
    for statement in [
        "INSERT INTO entry (id, kind, slug, published_revision_id) VALUES (1, 'career', 'a', 12)",
        "INSERT INTO revision (id, entry_id, number, hash, author, message, created_at)
         VALUES (11, 1, 1, 'x', '', '', '2026-01-01T12:00:00+00:00'), (12, 1, 2, 'y', '', '', '2026-01-02T12:00:00+00:00')",
        "INSERT INTO publication (id, entry_id, revision_id, published_at, retired_at)
         VALUES (41, 1, 11, '2026-01-01T12:00:00+00:00', '2026-01-02T12:00:00+00:00')",
        "INSERT INTO publication (id, entry_id, revision_id, published_at) VALUES (42, 1, 12, '2026-01-02T12:00:00+00:00')",
    ] {
        connection.execute_raw(Statement::from_string(connection.get_database_backend(), statement)).await.unwrap();
    }
    if connection.get_database_backend() == sea_orm::DbBackend::Postgres {
        connection.execute_unprepared("SELECT setval('publication_id_seq', 42)").await.unwrap();
    }

    let (graph, migrations) = careerql_server::app().build().unwrap();
    let db = migrations.up(connection).await.unwrap();

    assert_eq!(db.version(), 42);
    let log = publication::Entity::find().order_by_asc(publication::Column::Id).all(&*db).await.unwrap();
    let day = |day| Utc.with_ymd_and_hms(2026, 1, day, 12, 0, 0).unwrap();
    assert_eq!(log.iter().map(|row| (row.id, row.revision_id)).collect::<Vec<_>>(), [(41, Some(11)), (42, Some(12))]);
    assert_eq!((log[0].published_at, log[0].retired_at, log[1].retired_at), (day(1), Some(day(2)), None));
    assert!(unpublish(&db, graph.content(), "career", "a", &change(day(3))).await.unwrap());
    assert_eq!(db.version(), 43);
    publication::Entity::delete_by_id(43).exec(&*db).await.unwrap();
    let again = publication::ActiveModel {
        entry_id: sea_orm::Set(1),
        revision_id: sea_orm::Set(Some(12)),
        published_at: sea_orm::Set(day(4)),
        ..Default::default()
    };
    assert_eq!(publication::Entity::insert(again).exec(&*db).await.unwrap().last_insert_id, 44, "ids never go back");
    let stranger = publication::ActiveModel {
        entry_id: sea_orm::Set(7),
        revision_id: sea_orm::Set(None),
        published_at: sea_orm::Set(day(4)),
        ..Default::default()
    };
    assert!(publication::Entity::insert(stranger).exec(&*db).await.is_err(), "the foreign keys are kept");
}
