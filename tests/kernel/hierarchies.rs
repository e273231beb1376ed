//! Hierarchies: categories within categories, read in one request, and never round in a circle.
use kernel::store::{Mode, import_files};
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer};

/// A category, and the slugs of the wider ones.
fn category(folder: &Folder, slug: &str, parents: &str) -> std::path::PathBuf {
    let text = format!("kind: category\nslug: {slug}\ntitle: Category {slug}\nparents: [{parents}]\n");
    folder.file(&format!("categories/{slug}.yaml"), &text)
}

fn filed_under(folder: &Folder, slug: &str, category: &str) -> std::path::PathBuf {
    let article = format!(
        "shape: 2026-12-01\narticle: {{headline: A, publishedOn: 2026-05-10, category: {category}, author: {{name: A, kind: PERSON}}, \
         explanation: E}}\n"
    );
    folder.career(slug, slug, &article)
}

#[tokio::test]
async fn a_category_its_children_and_their_careers_come_in_one_request() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let mut files =
        vec![category(&folder, "all", ""), category(&folder, "care", "all"), category(&folder, "crafts", "all")];
    files.extend([
        filed_under(&folder, "nurse", "care"),
        filed_under(&folder, "mason", "crafts"),
        filed_under(&folder, "carer", "care"),
    ]);
    server.publish(&files).await;

    let query = r#"{
                category(slug: "all") {
                    careers { totalCount }
                    children(orderBy: [{title: ASC}]) { nodes { slug parents { slug } careers { nodes { slug } } } }
                }
                categories(filter: {parents: {none: {}}}) { nodes { slug } }
                careers(filter: {category: {in: ["crafts"]}}) { nodes { slug article { category { title } } } }
            }"#;
    let answer = server.ask(query, json!({})).await;

    assert_eq!(answer.errors, Vec::<Value>::new());
    insta::assert_json_snapshot!(answer.data, @r#"
    {
      "careers": {
        "nodes": [
          {
            "article": {
              "category": {
                "title": "Category crafts"
              }
            },
            "slug": "mason"
          }
        ]
      },
      "categories": {
        "nodes": [
          {
            "slug": "all"
          }
        ]
      },
      "category": {
        "careers": {
          "totalCount": 0
        },
        "children": {
          "nodes": [
            {
              "careers": {
                "nodes": [
                  {
                    "slug": "carer"
                  },
                  {
                    "slug": "nurse"
                  }
                ]
              },
              "parents": [
                {
                  "slug": "all"
                }
              ],
              "slug": "care"
            },
            {
              "careers": {
                "nodes": [
                  {
                    "slug": "mason"
                  }
                ]
              },
              "parents": [
                {
                  "slug": "all"
                }
              ],
              "slug": "crafts"
            }
          ]
        }
      }
    }
    "#);
    // Their number does not depend on that of the categories.
    server.publish(&[category(&folder, "arts", "all"), filed_under(&folder, "actor", "arts")]).await;
    assert_eq!(server.ask(query, json!({})).await.statements, answer.statements);
    assert!(answer.statements <= 10, "{} statements", answer.statements);
}

#[tokio::test]
async fn files_that_lead_round_in_a_circle_are_refused_with_their_places() {
    let folder = Folder::new();
    category(&folder, "a", "b");
    category(&folder, "b", "c");
    category(&folder, "c", "a");
    category(&folder, "own", "own");

    let output = Binary::new(&["check", folder.path().to_str().unwrap()]).run().await;

    assert_eq!(output.status, 1);
    insta::assert_snapshot!(output.out.replace(&format!("{}/", folder.path().display()), ""), @"
    categories/a.yaml:4:11: error[hierarchy-loop] parents[0]: this link leads back to where it began: `a` → `b` → `c` → `a`; take one of these links out of `parents`
    categories/own.yaml:4:11: error[hierarchy-loop] parents[0]: this link leads back to where it began: `own` → `own`; take one of these links out of `parents`
    4 files, 2 errors, 0 warnings.
    ");
}

#[tokio::test]
async fn a_file_that_closes_a_circle_through_the_database_is_refused() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[category(&folder, "a", ""), category(&folder, "b", "a"), category(&folder, "c", "b")]).await;

    for mode in [Mode::Publish, Mode::Draft] {
        let file = category(&folder, "a", "c");
        let content = server.graph.content();
        let change = kernel::store::ChangeInfo::now("test", "");
        let (summary, reports) =
            import_files(&server.db, content, &[file], mode, &change, std::sync::Arc::new(|_, _| {})).await.unwrap();

        assert!(summary.is_none());
        let found = &reports.listed[0];
        assert_eq!((found.line, found.finding.rule), (1, "hierarchy-loop"));
        assert!(found.finding.message.contains("`a` → `c` → `b` → `a`"), "{}", found.finding.message);
    }
    let data = server.query(r#"{ category(slug: "a") { parents { slug } } }"#).await;
    assert_eq!(data["category"]["parents"], json!([]));
}

#[tokio::test]
async fn drafts_are_told_of_a_circle_and_cannot_be_published() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[category(&folder, "a", ""), category(&folder, "b", "a")]).await;
    let token = server.token(&["read-drafts", "write", "publish"]).await;
    let document = json!({ "slug": "a", "title": "Category a", "parents": ["b"] });

    let saved = server
        .send(
            &token,
            "mutation($document: CategoryDocument!) { saveCategory(document: $document, baseRevision: 1) {
                isNew errors { code } findings { rule path severity } } }",
            json!({ "document": document }),
        )
        .await;
    let checked = "query($document: CategoryDocument!) { checkCategory(document: $document) { rule path } }";
    let checked = server.send(&token, checked, json!({ "document": document })).await;
    let drafted =
        server.send_in("draft", &token, "{ category(slug: \"b\") { findings { rule path } } }", json!({})).await;
    let published = server
        .send(
            &token,
            "mutation { publish(entries: [{kind: CATEGORY, slug: \"a\"}]) { entries { slug } errors { code message } } }",
            json!({}),
        )
        .await;

    let of = |path: &str| json!([{ "rule": "hierarchy-loop", "path": path }]);
    assert_eq!(
        saved["data"]["saveCategory"],
        json!({ "isNew": true, "errors": [],
                "findings": [{ "rule": "hierarchy-loop", "path": "parents[0]", "severity": "ERROR" }] }),
    );
    assert_eq!(checked["data"]["checkCategory"], of("parents[0]"), "{checked:#}");
    assert_eq!(drafted["data"]["category"]["findings"], of("parents[0]"), "{drafted:#}");
    let publish = &published["data"]["publish"];
    assert_eq!(publish["entries"], json!([]), "{published:#}");
    assert_eq!(publish["errors"][0]["code"], "hierarchy-loop");
    // Turned round, both at once, it is none.
    let turned = "mutation { saveCategory(document: {slug: \"b\", title: \"Category b\"}, baseRevision: 1) { errors { code } }
        publish(entries: [{kind: CATEGORY, slug: \"a\"}, {kind: CATEGORY, slug: \"b\"}]) { entries { slug } errors { code } } }";
    let turned = server.send(&token, turned, json!({})).await;
    assert_eq!(turned["data"]["publish"]["errors"], json!([]), "{turned:#}");
    let data = server.query(r#"{ category(slug: "a") { parents { slug } } }"#).await;
    assert_eq!(data["category"]["parents"], json!([{ "slug": "b" }]));
}

#[tokio::test]
async fn a_new_slug_that_closes_a_circle_is_refused() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    // What they lead to is not there yet.
    server.publish(&[category(&folder, "p", "z"), category(&folder, "q", "y"), category(&folder, "r", "q")]).await;
    let token = server.token(&["read-drafts", "write", "publish"]).await;

    for (from, to) in [("p", "z"), ("r", "y")] {
        let rename = format!(
            "mutation {{ rename(kind: CATEGORY, slug: \"{from}\", to: \"{to}\") {{ errors {{ code message }} }} }}"
        );
        let refused = server.send(&token, &rename, json!({})).await;
        assert_eq!(refused["data"]["rename"]["errors"][0]["code"], "hierarchy-loop", "{refused:#}");
    }
    let slugs = server.query("{ categories { nodes { slug } } }").await;
    assert_eq!(slugs["categories"]["nodes"], json!([{ "slug": "p" }, { "slug": "q" }, { "slug": "r" }]));
}

#[tokio::test]
async fn numbers_that_graphql_does_not_have_are_errors() {
    for number in ["2147483648", "-2147483649", "9999999999"] {
        let folder = Folder::new();
        folder.file("c.yaml", &format!("kind: category\nslug: c\ntitle: C\nposition: {number}\n"));
        folder.file(
            "d.jsonl",
            &format!("{{\"kind\": \"category\", \"slug\": \"d\", \"title\": \"D\", \"position\": {number}}}\n"),
        );
        let output = Binary::new(&["check", folder.path().to_str().unwrap()]).run().await;
        assert_eq!(output.status, 1, "{output:?}");
        let expected =
            format!("error[wrong-type] position: takes a whole number from -2147483648 to 2147483647, not `{number}`");
        assert_eq!(output.out.matches(&expected).count(), 2, "{output:?}");
    }
}

#[tokio::test]
async fn a_category_that_is_withdrawn_or_renamed_leaves_its_careers_in_place() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[category(&folder, "care", ""), filed_under(&folder, "nurse", "care")]).await;
    let content = server.graph.content();
    let change = kernel::store::ChangeInfo::now("editor", "");

    kernel::store::rename_entry(&server.db, content, "category", "care", "health", &change).await.unwrap();
    let query = r#"{ career(slug: "nurse") { article { categorySlug category { slug } } }
        categories(filter: {careers: {some: {slug: {eq: "nurse"}}}}) { nodes { slug } } }"#;
    let renamed = server.query(query).await;
    assert!(kernel::store::unpublish(&server.db, content, "category", "health", &change).await.unwrap());
    let withdrawn = server.query(query).await;

    assert_eq!(renamed["career"]["article"], json!({ "categorySlug": "health", "category": { "slug": "health" } }));
    assert_eq!(renamed["categories"]["nodes"], json!([{ "slug": "health" }]));
    assert_eq!(withdrawn["career"]["article"], json!({ "categorySlug": "health", "category": null }));
    assert_eq!(withdrawn["categories"]["nodes"], json!([]));
}
