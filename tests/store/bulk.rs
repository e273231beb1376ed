//! JSON Lines, and imports of many documents: the same rules as for a handful of YAML files.
use std::{
    fmt::Write,
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use kernel::store::{self, ChangeInfo, Mode, Step, publication, revision};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::json;

use crate::harness::{Binary, Folder, Output, TestDatabase, TestServer};

async fn run(database: &TestDatabase, arguments: &[&str]) -> Output {
    Binary::new(arguments).database(&database.url).run().await
}

/// As many careers as are asked for, one in each line.
fn careers(folder: &Folder, count: usize, title: impl Fn(usize) -> String) -> PathBuf {
    let mut lines = String::new();
    for number in 0..count {
        let career = json!({
            "kind": "career", "slug": format!("career-{number}"), "title": title(number), "summary": "About it.",
            "faq": [{ "key": "q", "question": "Q?", "answer": "A." }],
        });
        writeln!(lines, "{career}").unwrap();
    }
    folder.file("careers.jsonl", &lines)
}

#[tokio::test]
async fn a_line_says_the_same_as_a_file() {
    let database = TestDatabase::fresh().await;
    let folder = Folder::new();
    let yaml = folder.career("one", "Öne", "tags: [x]\narticle:\n");
    let lines = folder.file(
        "lines.ndjson",
        "\u{feff}{\"kind\": \"career\", \"slug\": \"one\", \"title\": \"\\u00d6ne\", \"summary\": \"About it.\", \"tags\": [\"x\"]}\r\n\
         \r\n\
         {\"slug\": \"two\", \"kind\": \"career\", \"title\": \"\\ud83d\\ude00\", \"summary\": \"About it.\", \"article\": null}",
    );

    assert_eq!(run(&database, &["import", yaml.to_str().unwrap()]).await.status, 0);
    let output = run(&database, &["import", lines.to_str().unwrap()]).await;

    assert_eq!(output.out, "unchanged career one\ncreated career two\n1 created, 0 updated, 1 unchanged (drafts).\n");
    assert_eq!(
        run(&database, &["check", lines.to_str().unwrap()]).await.out,
        "1 file, 2 documents, 0 errors, 0 warnings.\n"
    );
}

#[tokio::test]
async fn every_mistake_in_a_line_has_its_place() {
    let folder = Folder::new();
    let lines = folder.file(
        "lines.jsonl",
        &[
            r#"{"kind": "career", "slug": "one", "title": "One", "titel": 1, "summary": "About it."}"#,
            "",
            r#"{"kind": "career", "slug": "two", "title": "Two", "summary": "x", "relatedGuides": [{"title": "Next", "career": "gone"}]}"#,
            r#"{"kind": "career", "slug": "three", "title": "Three" "summary": "x"}"#,
            r#"{"kind": "career", "slug": "two", "title": "Two", "summary": "x"}"#,
            r#"{"kind": "career", "slug": "five", "slug": "five", "title": "😀", "summary": ""}"#,
            "title: YAML is not JSON",
            "\u{0}",
        ]
        .join("\n"),
    );

    let output = Binary::new(&["check", lines.to_str().unwrap()]).within(folder.path()).run().await;

    let name = format!("{}:", lines.display());
    insta::assert_snapshot!(output.out.replace(&name, "").replace(lines.to_str().unwrap(), "lines.jsonl"), @r#"
    1:51: error[unknown-field] titel: `career` has no field `titel`; did you mean `title`?
    4:54: error[json] it is not valid JSON: expected `,` or `}`
    5:20: error[duplicate-document] slug: the career `two` is already in lines.jsonl; give one of them another slug
    6:20: error[duplicate-field] slug: `slug` appears twice; keep one of them
    6:66: error[wrong-type] summary: empty text is not a valid `Markdown`: expected prose as Markdown (CommonMark with tables and strike-through), not empty
    7:2: error[json] it is not valid JSON: expected ident
    8:1: error[json] it is not valid JSON: expected value
    3:103: warning[broken-link] relatedGuides[0].career: there is no career `gone` yet; the link is null until it is loaded
    1 file, 7 documents, 7 errors, 1 warning.
    "#);
    assert_eq!(output.status, 1);
}

#[tokio::test]
async fn many_documents_are_counted_not_named() {
    let database = TestDatabase::fresh().await;
    let folder = Folder::new();
    let lines = careers(&folder, 1_203, |number| format!("Career {number}"));
    let arguments = ["import", lines.to_str().unwrap(), "--publish"];

    assert_eq!(run(&database, &arguments).await.out, "1203 created, 0 updated, 0 unchanged (published).\n");
    careers(&folder, 1_203, |number| format!("Career {}", if number % 2 == 0 { 0 } else { number }));
    assert_eq!(run(&database, &arguments).await.out, "0 created, 601 updated, 602 unchanged (published).\n");
    careers(&folder, 1_204, |number| format!("Career {number}"));
    assert_eq!(run(&database, &arguments).await.out, "1 created, 601 updated, 602 unchanged (published).\n");
}

#[tokio::test]
async fn revisions_and_publications_of_many_follow_each_other() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let lines = [careers(&folder, 600, |_| "First".into())];
    server.publish(&lines).await;
    careers(&folder, 600, |number| if number < 300 { "Second".into() } else { "First".into() });
    server.import(&lines, Mode::Draft).await;
    server.publish(&lines).await;
    careers(&folder, 601, |number| if number < 100 { "Third".into() } else { "First".into() });
    server.publish(&lines).await;

    let one = server.query(r#"{ career(slug: "career-7") { title faq { answer { plain } } } }"#).await;
    assert_eq!(one, json!({ "career": { "title": "Third", "faq": [{ "answer": { "plain": "A." } }] } }));
    let count = server.query("{ careers { totalCount } faqs { totalCount } }").await;
    assert_eq!(count, json!({ "careers": { "totalCount": 601 }, "faqs": { "totalCount": 601 } }));
    let open = publication::Entity::find().filter(publication::Column::RetiredAt.is_null());
    assert_eq!(open.count(&*server.db).await.unwrap(), 601, "one for each career");
    let all = publication::Entity::find().count(&*server.db).await.unwrap();
    assert_eq!(all, 600 + 300 + 300 + 1);
    let last = revision::Entity::find().order_by_desc(revision::Column::Number);
    assert_eq!(last.one(&*server.db).await.unwrap().unwrap().number, 3);
    assert_eq!(revision::Entity::find().count(&*server.db).await.unwrap(), 600 + 300 + 300 + 1);
}

#[tokio::test]
async fn a_file_that_changes_meanwhile_is_not_imported() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let lines = careers(&folder, 3, |_| "First".into());
    let (path, is_changed) = (lines.clone(), AtomicBool::new(false));
    let progress = Arc::new(move |step, _| {
        if step == Step::Checked && !is_changed.swap(true, Ordering::SeqCst) {
            fs::write(&path, fs::read_to_string(&path).unwrap().replace("First", "Other")).unwrap();
        }
    });
    let change = ChangeInfo::now("test", "");

    let content = server.graph.content();
    let imported = store::import_files(&server.db, content, &[lines], Mode::Publish, &change, progress).await;

    assert_eq!(imported.unwrap_err().code(), "FILE_CHANGED");
    assert!(store::is_empty(&server.db).await.unwrap());
}

#[tokio::test]
async fn what_is_imported_was_not_there_before_it_was_seen() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[careers(&folder, 1, |_| "Before".into())]).await;
    let lines = careers(&folder, 300, |_| "After".into());
    let (sender, written) = std::sync::mpsc::channel();
    let clock = server.db.clock().clone();
    let progress = Arc::new(move |step, _| {
        if step == Step::Written {
            sender.send(clock.now()).unwrap();
        }
    });
    let change = ChangeInfo::now("test", "");

    let content = server.graph.content();
    store::import_files(&server.db, content, &[lines], Mode::Publish, &change, progress).await.unwrap();

    let token = server.token(&["read-drafts"]).await;
    let query = "{ career(slug: \"career-0\") { title } careers { totalCount } }";
    let seen = async |perspective: &str| server.send_in(perspective, &token, query, json!({})).await["data"].clone();
    let meanwhile = written.iter().last().unwrap().to_rfc3339();
    let before = json!({ "career": { "title": "Before" }, "careers": { "totalCount": 1 } });
    assert_eq!(seen(&format!("as-of:{meanwhile}")).await, before);
    let after = json!({ "career": { "title": "After" }, "careers": { "totalCount": 300 } });
    assert_eq!(seen(&format!("as-of:{}", server.now().to_rfc3339())).await, after);
}

#[tokio::test]
async fn a_missing_target_of_many_links_is_told_once_for_each_of_the_first() {
    let folder = Folder::new();
    let mut lines = String::new();
    for number in 0..150 {
        let guide = json!([{ "title": "Next", "career": "gone" }]);
        let career = json!({
            "kind": "career", "slug": format!("c-{number}"), "title": "C", "summary": "x", "relatedGuides": guide,
        });
        writeln!(lines, "{career}").unwrap();
    }
    let path = folder.file("lines.jsonl", &lines);

    let output = Binary::new(&["check", "--all", path.to_str().unwrap()]).run().await;

    assert_eq!(
        output.out.lines().filter(|line| line.contains("warning[broken-link] relatedGuides[0].career")).count(),
        100
    );
    assert!(
        output.out.ends_with("... and 50 more.\n1 file, 150 documents, 0 errors, 150 warnings.\n"),
        "{}",
        output.out
    );
}

#[tokio::test]
async fn json_that_is_read_twice_is_stored_like_yaml() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let full = fs::read_to_string(crate::harness::seed().join("careers/health-information-technology.yaml")).unwrap();
    let json: serde_json::Value = serde_saphyr::from_str(&full).unwrap();
    let lines = folder.file("careers.jsonl", &json.to_string());
    server.publish(&[crate::harness::seed()]).await;

    server.publish(&[lines]).await;

    let revisions = revision::Entity::find().filter(revision::Column::Number.eq(2));
    assert_eq!(revisions.count(&*server.db).await.unwrap(), 0, "the same document, the same hash");
}

#[tokio::test]
async fn a_list_may_hold_a_document_again() {
    let server = TestServer::empty().await;
    let content = server.graph.content();
    let guide = |title: &str| {
        let yaml = format!("kind: career\nslug: one\ntitle: {title}\nsummary: About it.\n");
        kernel::document::read(content, &kernel::document::parse(&yaml).unwrap()).0.unwrap()
    };
    let guides = [guide("First"), guide("Second"), guide("Second"), guide("Third")];
    let change = ChangeInfo::now("test", "");

    let summary = store::import(&server.db, content, &guides, Mode::Publish, &change).await.unwrap();

    let outcomes: Vec<_> = summary.documents().unwrap().iter().map(|(_, _, outcome)| format!("{outcome:?}")).collect();
    assert_eq!(outcomes, ["Created", "Updated", "Unchanged", "Updated"]);
    let open = publication::Entity::find().filter(publication::Column::RetiredAt.is_null());
    assert_eq!(open.count(&*server.db).await.unwrap(), 1);
}
