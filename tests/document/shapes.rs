//! Shapes of documents: files of an earlier day are read as they were meant, exports name the day of today, and what comes from a
//! newer version is refused.
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer};

/// A career whose article is filed under a category, with these lines in its header.
fn filed(header: &str, category: &str) -> String {
    format!(
        "kind: career\nslug: x\n{header}title: X\nsummary: About it.\narticle:\n  headline: A guide\n  publishedOn: 2026-05-10\n  \
         category: {category}\n  author: {{name: An author, kind: PERSON}}\n  explanation: About it.\n"
    )
}

async fn check(text: &str) -> (i32, String) {
    let folder = Folder::new();
    folder.file("careers/x.yaml", text);
    folder.file("categories/health-care.yaml", "kind: category\nslug: health-care\ntitle: Health & Care\n");
    let output = Binary::new(&["check", "--all", folder.path().to_str().unwrap()]).run().await;
    (output.status, output.out.replace(&format!("{}/", folder.path().display()), ""))
}

#[tokio::test]
async fn a_file_without_a_shape_is_of_the_first_and_is_told_where_it_differs() {
    let (status, out) = check(&filed("", "Health & Care")).await;

    assert_eq!(status, 0, "{out}");
    insta::assert_snapshot!(out, @"
    careers/x.yaml:8:3: warning[earlier-shape] article.category: `Health & Care` is read as a link to the category `health-care` (until then, `article.category` was the name of a category; it is its slug); write it so, and `shape: 2026-12-01` at the top of the file
    2 files, 0 errors, 1 warning.
    ");
}

#[tokio::test]
async fn a_file_of_today_is_not_changed() {
    for header in ["shape: 2026-12-01\n", "shape: '2026-12-01'\n"] {
        assert_eq!(check(&filed(header, "health-care")).await, (0, "2 files, 0 errors, 0 warnings.\n".to_owned()));
    }
    // What is written for the first shape is an error in that of today.
    let (status, out) = check(&filed("shape: 2026-12-01\n", "Health & Care")).await;
    assert!(status == 1 && out.contains("careers/x.yaml:9:3: error[wrong-type] article.category"), "{out}");
    // A name that says nothing is none, in either shape.
    for blank in ["''", "' '"] {
        let (status, out) = check(&filed("", blank)).await;
        assert!(status == 1 && out.contains("error[wrong-type] article.category"), "{out}");
    }
    // A slug means the same in both.
    assert_eq!(check(&filed("", "health-care")).await.1, "2 files, 0 errors, 0 warnings.\n");
}

#[tokio::test]
async fn a_shape_that_is_not_known_is_one_error() {
    let cases = [
        (
            "shape: 2999-01-01\n",
            "careers/x.yaml:3:1: error[newer-shape] shape: this version knows the shapes of a career up to `2026-12-01`",
        ),
        ("shape: new\n", "careers/x.yaml:3:1: error[wrong-type] shape: `shape` takes the day of the shape of the file"),
        ("shape: 2\n", "careers/x.yaml:3:1: error[wrong-type] shape: `shape` takes the day"),
        ("shape: 2026-13-01\n", "careers/x.yaml:3:1: error[wrong-type] shape: `shape` takes the day"),
        ("shape: {day: 2026-12-01}\n", "careers/x.yaml:3:1: error[wrong-type] shape: `shape` takes the day"),
        ("shape: 2026-12-01\nshape: 2026-12-01\n", "careers/x.yaml:3:1: error[duplicate-field] shape"),
    ];
    for (header, line) in cases {
        let (status, out) = check(&filed(header, "Health & Care")).await;
        assert_eq!(status, 1, "{header}{out}");
        assert!(out.starts_with(line), "{header}{out}");
    }
    let category = "kind: category\nslug: x\nshape: 2026-12-01\ntitle: X\n";
    let (status, out) = check(category).await;
    assert!(
        status == 1 && out.contains("error[newer-shape] shape: this version knows one shape of a category"),
        "{out}"
    );
}

#[tokio::test]
async fn files_of_all_shapes_and_formats_hold_the_same_document() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let category =
        folder.file("categories/health-care.yaml", "kind: category\nslug: health-care\ntitle: Health & Care\n");
    server.publish(&[category, folder.file("careers/x.yaml", &filed("", "Health & Care"))]).await;
    let old: Value = serde_saphyr::from_str(&filed("", "Health & Care")).unwrap();
    let new: Value = serde_saphyr::from_str(&filed("shape: 2026-12-01\n", "health-care")).unwrap();

    // Each says what is there already, in whichever shape and format.
    for document in [old.clone(), new.clone()] {
        server.publish(&[folder.file("x.jsonl", &format!("{document}\n"))]).await;
        server.publish(&[folder.file("x.json", &document.to_string())]).await;
    }
    server.publish(&[folder.file("y.yaml", &filed("shape: 2026-12-01\n", "health-care"))]).await;

    let token = server.token(&["read-drafts"]).await;
    let query = "{ career(slug: \"x\") { article { categorySlug category { title careers { nodes { slug } } } }
        revisions(first: 5) { nodes { number } } } }";
    let answer = server.send(&token, query, json!({})).await;
    assert_eq!(
        answer["data"]["career"],
        json!({
            "article": {
                "categorySlug": "health-care",
                "category": { "title": "Health & Care", "careers": { "nodes": [{ "slug": "x" }] } },
            },
            "revisions": { "nodes": [{ "number": 1 }] },
        }),
        "{answer:#}"
    );
    // What is exported names its shape.
    let exported = Folder::new();
    let run = Binary::new(&["export", exported.path().to_str().unwrap()]).database(&server.database.url).run().await;
    assert_eq!(run.status, 0, "{run:?}");
    let text = std::fs::read_to_string(exported.path().join("careers/x.yaml")).unwrap();
    assert!(text.starts_with("kind: career\nslug: x\nshape: \"2026-12-01\"\ntitle: X\n"), "{text}");
    let category = std::fs::read_to_string(exported.path().join("categories/health-care.yaml")).unwrap();
    assert_eq!(category, "kind: category\nslug: health-care\ntitle: Health & Care\n");
}

#[tokio::test]
async fn a_document_that_is_saved_may_name_its_shape() {
    let server = TestServer::empty().await;
    let token = server.token(&["read-drafts", "write"]).await;
    let save =
        "mutation($document: CareerDocument!) { saveCareer(document: $document) { isNew errors { path code } } }";
    let saved = async |shape: Value| {
        let document = json!({ "slug": "x", "title": "X", "summary": "About it.", "shape": shape });
        server.send(&token, save, json!({ "document": document })).await["data"]["saveCareer"].clone()
    };

    let newer = json!({ "isNew": false, "errors": [{ "path": ["shape"], "code": "newer-shape" }] });
    assert_eq!(saved(json!("2999-01-01")).await["errors"][0]["code"], newer["errors"][0]["code"]);
    assert_eq!(saved(json!("2026-12-01")).await, json!({ "isNew": true, "errors": [] }));
}
