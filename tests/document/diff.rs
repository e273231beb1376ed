//! Files against the database: what an import would do, told before it is done.
use kernel::store::Mode;
use serde_json::Value;

use crate::harness::{Binary, Folder, Output, TestDatabase, TestServer, seed};

async fn run(database: &TestDatabase, arguments: &[&str]) -> Output {
    Binary::new(arguments).database(&database.url).run().await
}

#[tokio::test]
async fn a_plan_names_what_is_new_changed_and_missing() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server
        .publish(&[folder.source("survey"), folder.career("same", "Same", ""), folder.career("gone", "Gone", "")])
        .await;
    server.publish(&[folder.career("pay", "Pay", &Folder::median(50_000))]).await;
    server.import(&[folder.career("same", "Drafted", "")], Mode::Draft).await;
    folder.career("same", "Same", "");
    folder.career("pay", "Pay", &Folder::median(52_000));
    folder.career("new", "New", "");
    std::fs::remove_file(folder.path().join("careers/gone.yaml")).unwrap();
    let path = folder.path().to_str().unwrap().to_owned();

    let output = run(&server.database, &["diff", &path]).await;
    assert_eq!(output.status, 2, "{output:?}");
    assert_eq!(
        output.out,
        "+ career new\n~ career pay\n    pay.median.amount: 50000 → 52000\n- career gone (in the database only)\n\
         1 to create, 1 to change, 1 in the database only, 2 unchanged.\n"
    );
    let one = folder.path().join("careers/pay.yaml");
    let output = run(&server.database, &["diff", one.to_str().unwrap()]).await;
    assert!(output.out.ends_with("0 to create, 1 to change, 0 in the database only, 0 unchanged.\n"), "{output:?}");
    let drafts = run(&server.database, &["diff", &path, "--perspective", "draft"]).await;
    assert!(drafts.out.contains("~ career same\n    title: \"Drafted\" → \"Same\""), "{drafts:?}");

    let json = run(&server.database, &["diff", &path, "--format", "json"]).await;
    let lines: Vec<Value> = json.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let change = lines.iter().find(|line| line["action"] == "change").unwrap();
    assert_eq!(change["slug"], "pay");
    let difference = &change["differences"][0];
    assert_eq!((&difference["kind"], &difference["path"]), (&"CHANGED".into(), &"pay.median.amount".into()));
    assert_eq!((&difference["before"], &difference["after"]), (&50_000.into(), &52_000.into()));

    assert_eq!(run(&server.database, &["import", &path, "--publish"]).await.status, 0);
    let after = run(&server.database, &["diff", &path]).await;
    assert_eq!(
        after.out,
        "- career gone (in the database only)\n0 to create, 0 to change, 1 in the database only, 4 unchanged.\n"
    );

    let mirrored = run(&server.database, &["import", &path, "--publish", "--withdraw-missing"]).await;
    assert!(mirrored.out.ends_with("0 created, 0 updated, 4 unchanged, 1 withdrawn (published).\n"), "{mirrored:?}");
    assert_eq!(run(&server.database, &["diff", &path]).await.status, 0, "files and database are the same");
    let gone = server.query("{ career(slug: \"gone\") { title } same: career(slug: \"same\") { title } }").await;
    assert_eq!((&gone["career"], &gone["same"]["title"]), (&Value::Null, &"Same".into()));
    let drafts = run(&server.database, &["diff", &path, "--perspective", "draft"]).await;
    assert!(drafts.out.contains("- career gone"), "it stays as a draft: {drafts:?}");
}

#[tokio::test]
async fn what_would_be_withdrawn_is_nothing_to_link_to() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[folder.source("survey"), folder.source("other")]).await;
    let files = Folder::new();
    files.source("other");
    files.career("a", "A", &Folder::median(50_000));

    let refused =
        run(&server.database, &["import", files.path().to_str().unwrap(), "--publish", "--withdraw-missing"]).await;

    assert_eq!(refused.status, 1);
    assert!(refused.out.contains("error[broken-link] pay.median.source"), "{refused:?}");
    assert_eq!(server.query("{ sources { totalCount } }").await["sources"]["totalCount"], 2);
}

#[tokio::test]
async fn a_broken_file_is_told_as_the_check_tells_it() {
    let database = TestDatabase::fresh().await;
    let folder = Folder::new();
    folder.career("a", "A", "nonsense: 1\n");
    let output = run(&database, &["diff", folder.path().to_str().unwrap()]).await;
    assert_eq!(output.status, 1);
    assert!(output.out.contains("careers/a.yaml:5:1: error[unknown-field] nonsense:"), "{output:?}");
    assert_eq!(output.err, "careerql: nothing was compared because of 1 error.\n");
}

#[tokio::test]
async fn what_an_export_wrote_changes_nothing() {
    let server = TestServer::seeded().await;
    let folder = Folder::new();
    server.import(&[folder.career("drafted", "Drafted", "")], Mode::Draft).await;
    for (perspective, flag) in [("published", Some("--publish")), ("draft", None)] {
        let exported = Folder::new();
        let path = exported.path().to_str().unwrap().to_owned();
        assert_eq!(run(&server.database, &["export", &path, "--perspective", perspective]).await.status, 0);
        let output = run(&server.database, &["diff", &path, "--perspective", perspective]).await;
        assert_eq!(output.status, 0, "{output:?}");
        let import: Vec<_> = ["import", &path].into_iter().chain(flag).collect();
        let output = run(&server.database, &import).await;
        assert!(output.out.contains("0 created, 0 updated, "), "{output:?}");
    }
    let output = run(&server.database, &["diff", seed().to_str().unwrap()]).await;
    assert_eq!(output.status, 0, "{output:?}");
}
