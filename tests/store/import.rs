//! Import: atomic, idempotent, and drafts that nobody sees.
use std::time::Duration;

use kernel::store::{Mode, revision};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use crate::{
    harness::{Binary, Folder, TestDatabase, TestServer},
    server::starting::hold,
};

async fn import(database: &TestDatabase, folder: &Folder, flags: &[&str]) -> crate::harness::Output {
    let mut arguments = vec!["import", folder.path().to_str().unwrap()];
    arguments.extend(flags);
    Binary::new(&arguments).database(&database.url).run().await
}

#[tokio::test]
async fn it_says_what_became_of_each_document() {
    let database = TestDatabase::fresh().await;
    let folder = Folder::new();
    folder.career("one", "One", "");
    folder.career("two", "Two", "");

    assert_eq!(
        import(&database, &folder, &["--publish"]).await.out,
        "created career one\ncreated career two\n2 created, 0 updated, 0 unchanged (published).\n"
    );
    assert_eq!(
        import(&database, &folder, &["--publish"]).await.out,
        "unchanged career one\nunchanged career two\n0 created, 0 updated, 2 unchanged (published).\n"
    );
    folder.career("two", "Two, revised", "");
    assert_eq!(
        import(&database, &folder, &["--publish"]).await.out,
        "unchanged career one\nupdated career two\n0 created, 1 updated, 1 unchanged (published).\n"
    );
}

#[tokio::test]
async fn the_same_document_in_another_dress_writes_no_revision() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    folder.file("a.yaml", "kind: career\nslug: a\ntitle: A\nsummary: About it.\ntags: [x]\n");
    server.publish(&[folder.path().to_owned()]).await;
    folder.file(
        "a.yaml",
        "# a comment\ntags:\n  - x\nsummary: >-\n  About it.\nalternateTitles: []\ntitle: \"A\"\nslug: a\nkind: career\narticle:\n",
    );
    server.publish(&[folder.path().to_owned()]).await;

    assert_eq!(revision::Entity::find().count(&*server.db).await.unwrap(), 1);
}

#[tokio::test]
async fn any_error_leaves_the_database_as_it_was() {
    let database = TestDatabase::fresh().await;
    let folder = Folder::new();
    folder.career("one", "One", "");
    import(&database, &folder, &["--publish"]).await;
    folder.career("one", "One, revised", "");
    folder.career("two", "Two", "titel: wrong\n");

    let output = import(&database, &folder, &["--publish"]).await;

    assert_eq!(output.status, 1);
    assert!(output.out.contains("two.yaml:5:1: error[unknown-field] titel"), "{}", output.out);
    assert_eq!(output.err, "careerql: nothing was imported because of 1 error.\n");
    std::fs::remove_file(folder.path().join("careers/two.yaml")).unwrap();
    folder.career("one", "One", "");
    assert!(import(&database, &folder, &["--publish"]).await.out.contains("unchanged career one"));
}

#[tokio::test]
async fn drafts_are_invisible_until_they_are_published() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    folder.career("public", "Public", "tags: [shown]\n");
    server.publish(&[folder.path().to_owned()]).await;
    folder.career("public", "Secret change", "tags: [hidden]\nfaq: [{key: q, question: Secret?, answer: Yes.}]\n");
    folder.career("hidden", "Hidden", "tags: [hidden]\n");
    server.import(&[folder.path().to_owned()], Mode::Draft).await;

    let seen = server
        .query(
            r#"{ careers { totalCount nodes { title tags faq { question } } } hidden: career(slug: "hidden") { title }
                 faqs { totalCount } byTag: careers(filter: {tag: {eq: "hidden"}}) { totalCount }
                 node(id: "Q2FyZWVyOmhpZGRlbg") { id } role: node(id: "RmFxUXVlc3Rpb246cHVibGljL3E") { id } }"#,
        )
        .await;
    assert_eq!(
        seen,
        json!({
            "careers": { "totalCount": 1, "nodes": [{ "title": "Public", "tags": ["shown"], "faq": [] }] },
            "hidden": null, "faqs": { "totalCount": 0 }, "byTag": { "totalCount": 0 }, "node": null, "role": null,
        })
    );

    server.publish(&[folder.path().to_owned()]).await;
    let seen = server.query("{ careers { nodes { title } } }").await;
    assert_eq!(seen["careers"]["nodes"], json!([{ "title": "Hidden" }, { "title": "Secret change" }]));
    assert_eq!(
        revision::Entity::find().count(&*server.db).await.unwrap(),
        3,
        "a draft that is published needs no new revision"
    );
}

#[tokio::test]
async fn a_draft_that_was_imported_twice_is_unchanged() {
    let database = TestDatabase::fresh().await;
    let folder = Folder::new();
    folder.career("one", "One", "");

    assert!(import(&database, &folder, &[]).await.out.ends_with("1 created, 0 updated, 0 unchanged (drafts).\n"));
    assert!(import(&database, &folder, &[]).await.out.ends_with("0 created, 0 updated, 1 unchanged (drafts).\n"));
    assert!(
        import(&database, &folder, &["--publish"])
            .await
            .out
            .ends_with("0 created, 1 updated, 0 unchanged (published).\n")
    );
    assert!(import(&database, &folder, &[]).await.out.ends_with("0 created, 0 updated, 1 unchanged (drafts).\n"));
}

#[tokio::test]
async fn links_may_lead_to_what_the_database_holds() {
    let database = TestDatabase::fresh().await;
    let (sources, careers) = (Folder::new(), Folder::new());
    sources.source("survey");
    careers.career("one", "One", &Folder::median(5));

    assert_eq!(import(&database, &careers, &["--publish"]).await.status, 1, "there is no source yet");
    assert_eq!(import(&database, &sources, &[]).await.status, 0);
    assert_eq!(import(&database, &careers, &["--publish"]).await.status, 1, "the world does not see the source");
    assert_eq!(import(&database, &careers, &[]).await.status, 0, "editors do");
    assert_eq!(import(&database, &sources, &["--publish"]).await.status, 0);
    assert_eq!(import(&database, &careers, &["--publish"]).await.status, 0);
}

#[tokio::test]
async fn a_killed_import_leaves_the_database_as_it_was_or_complete() {
    let database = TestDatabase::fresh().await;
    let folder = Folder::new();
    folder.career("before", "Before", "");
    import(&database, &folder, &["--publish"]).await;
    for number in 0..400 {
        folder.career(&format!("career-{number}"), "Career", "faq: [{key: q, question: Q?, answer: A.}]\n");
    }
    let path = folder.path().to_str().unwrap().to_owned();
    let mut seen = Vec::new();
    for delay in [0, 20, 40, 70, 100] {
        // It has read all files when it waits for its turn to write: a command that reads them, too, ends meanwhile.
        let turn = hold(&database.url).await;
        let mut importing = Binary::new(&["import", &path, "--publish"]).database(&database.url).start();
        Binary::new(&["diff", &path]).database(&database.url).run().await;
        turn.close().await.unwrap();
        tokio::time::sleep(Duration::from_millis(delay)).await;
        importing.kill().unwrap();
        importing.wait().unwrap();
        let target = Folder::new();
        let output = Binary::new(&["export", target.path().to_str().unwrap()]).database(&database.url).run().await;
        assert_eq!(output.status, 0, "{}", output.err);
        seen.push(std::fs::read_dir(target.path().join("careers")).unwrap().count());
    }
    assert!(seen.iter().all(|count| *count == 1 || *count == 401), "{seen:?}");
    assert_eq!(import(&database, &folder, &["--publish"]).await.status, 0);
}
