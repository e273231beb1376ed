//! Characters: one rule about what a text may hold, on every way in, and nothing that a terminal or a log would obey.
use kernel::store::Mode;
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestDatabase, TestServer};

/// The lines of a check, without the folder.
async fn check(folder: &Folder) -> (i32, Vec<String>) {
    let output = Binary::new(&["check", folder.path().to_str().unwrap()]).run().await;
    let prefix = format!("{}/", folder.path().display());
    (output.status, output.out.lines().map(|line| line.replace(&prefix, "")).collect())
}

#[tokio::test]
async fn what_is_no_text_has_file_line_and_path() {
    for (title, expected) in [
        (r"T\u0000", "contains U+0000 at character 2"),
        (r"T\u0007", "contains U+0007 at character 2"),
        (r"T\u0085s", "contains U+0085 at character 2"),
        (r"T\u2028s", "contains U+2028 at character 2"),
        (r"T\u202es", "contains U+202E at character 2"),
        (r"\ufeffT", "contains U+FEFF at character 1"),
        (r"T\ufffe", "contains U+FFFE at character 2"),
        (r"T\ts", "contains U+0009 at character 2"),
        (r"\u200b", "contains only invisible characters, such as U+200B"),
        (r"\u00ad", "contains only invisible characters, such as U+00AD"),
        (r"T\u200b", "begins or ends with U+200B"),
    ] {
        let folder = Folder::new();
        let line = format!(r#"{{"kind": "career", "slug": "x", "title": "{title}", "summary": "About it."}}"#);
        folder.file("a.jsonl", &format!("\n{line}\n"));
        folder.file("b.yaml", &format!("kind: career\nslug: z\ntitle: \"{title}\"\nsummary: About it.\n"));

        let (status, lines) = check(&folder).await;

        assert_eq!(status, 1, "{title}");
        assert!(
            lines[0].starts_with(&format!("a.jsonl:2:33: error[character] title: the text {expected}")),
            "{lines:#?}"
        );
        assert!(
            lines[1].starts_with(&format!("b.yaml:3:1: error[character] title: the text {expected}")),
            "{lines:#?}"
        );
        assert_eq!(lines.len(), 3, "{lines:#?}");
    }
}

#[tokio::test]
async fn every_text_of_a_document_is_looked_at() {
    let folder = Folder::new();
    folder.source("survey");
    folder.career(
        "x",
        "X",
        "codes: [{scheme: SOC, version: \"20\\e18\", code: \"29-2072\\0\", match: EXACT}]\n\
         article: {headline: A, publishedOn: 2025-05-01, category: b, author: {name: C, kind: PERSON, url: \"https://a.example/\\n\"}, \
         explanation: \"One.\\n\\tTwo.\\u0007\"}\n\
         faq: [{key: a, question: \"A?\\u202e\", answer: \"\\u3164\"}]\ntags: [\"a\\u200b\"]\n",
    );
    let (_, lines) = check(&folder).await;
    let places: Vec<_> = lines.iter().filter(|line| line.contains("error[")).collect();
    for path in [
        "codes[0].version",
        "codes[0].code",
        "article.author.url",
        "article.explanation",
        "faq[0].question",
        "faq[0].answer",
        "tags[0]",
    ] {
        assert!(places.iter().any(|line| line.contains(&format!("error[character] {path}: "))), "{path} {lines:#?}");
    }
}

#[tokio::test]
async fn prose_has_tabs_and_lines_and_titles_any_script() {
    let folder = Folder::new();
    folder.file("a.yaml", "kind: career\nslug: a\ntitle: 看護師 👩🏽‍⚕️ (مُمَرِّضة)\nsummary: \"One.\\n\\n\\tTwo.\\r\\n\"\n");
    let (status, lines) = check(&folder).await;
    assert_eq!((status, lines.len()), (0, 1), "{lines:#?}");
}

#[tokio::test]
async fn what_is_printed_moves_no_cursor() {
    let folder = Folder::new();
    folder.career("x", "X", "\"fo\\e]0;owned\\a\\nb\": 1\npay: \"\\e[31m\"\n");
    folder.file("careers/\u{1b}[2Jb.yaml", "kind: \"\\e[1m\"\nslug: \"\\x9b2J\"\n");

    let (status, lines) = check(&folder).await;

    assert_eq!(status, 1);
    let printed = lines.join("\n");
    assert!(!printed.chars().any(|character| character != '\n' && character.is_control()), "{printed:?}");
    assert!(printed.contains("\\u001b]0;owned\\u0007\\nb"), "{printed}");
}

#[tokio::test]
async fn no_argument_reaches_the_database_with_a_zero() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[folder.career("a", "A title", "tags: [one]\n")]).await;
    for filter in [
        r#"{title: {contains: "\u0000"}}"#,
        r#"{title: {startsWith: "\u0000"}}"#,
        r#"{title: {ne: "A title\u0000"}}"#,
        r#"{title: {in: ["\u0000", "a title"]}}"#,
        r#"{not: {slug: {notIn: ["a\u0000"]}}}"#,
        r#"{tag: {in: ["one\u0000"]}}"#,
        r#"{roles: {none: {career: {code: {eq: "\u0000"}}}}}"#,
    ] {
        let answer = server.ask(&format!("{{ careers(filter: {filter}) {{ totalCount }} }}"), json!({})).await;
        assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{filter}");
    }
    for query in [
        r#"{ career(slug: "a\u0000") { slug } certification(code: "\u0000") { slug } source(slug: "\u0000") { slug } }"#,
        r#"{ career(slug: "a") { salaryBands(role: "\u0000") { stage } findings(rule: "\u0000") { rule } } }"#,
    ] {
        server.query(query).await;
    }
    let id = |text: &str| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text);
    let ids = [id("Career:a\0"), id("Role:a/\0"), id("\0:a"), "\0".to_owned()];
    for id in ids {
        let answer = server.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        assert!(!answer.codes().contains(&"INTERNAL"), "{id:?} {answer:?}");
    }
}

#[tokio::test]
async fn what_editors_say_of_a_change_is_text() {
    let server = TestServer::empty().await;
    let token = server.token(&["read-drafts", "write", "publish", "administer"]).await;
    let document = json!({ "slug": "a", "title": "A", "summary": "S." });
    let save = "mutation($d: CareerDocument!, $author: String, $message: String) \
                { saveCareer(document: $d, author: $author, message: $message) { errors { code path message } revision { number } } }";
    let refused = [
        (save, json!({ "d": document, "author": "me\u{0}" })),
        (save, json!({ "d": document, "author": "\u{1b}[31mme" })),
        (save, json!({ "d": document, "message": "why\u{0}" })),
        (
            "mutation($n: String!) { createToken(name: $n, scopes: [\"write\"]) { errors { code } } }",
            json!({ "n": "a\u{0}" }),
        ),
        (
            "mutation($n: String!) { createToken(name: $n, scopes: [\"write\"]) { errors { code } } }",
            json!({ "n": "a\u{202e}b" }),
        ),
        (
            "mutation($n: String!) { createWebhook(url: $n) { errors { code } } }",
            json!({ "n": "https://a.example/\u{0}" }),
        ),
        (
            "mutation($n: String!) { createWebhook(url: \"https://a.example/\", query: $n) { errors { code } } }",
            json!({ "n": "{ career(slug: \"a\u{0}\") { slug } }" }),
        ),
        ("mutation { createRelease(release: \"a\\u0000\") { errors { code } } }", json!({})),
    ];
    for (query, variables) in refused {
        let answer = server.send(&token, query, variables.clone()).await;
        let said = answer.to_string();
        assert!(said.contains("\"code\"") && !said.contains("INTERNAL"), "{query} {variables} {said}");
    }
    let zero = json!({ "d": { "slug": "a", "title": "A\u{0}", "summary": "S." } });
    let answer = server.send(&token, save, zero).await;
    assert_eq!(answer["data"]["saveCareer"]["errors"][0]["code"], "character", "{answer}");
    assert_eq!(answer["data"]["saveCareer"]["errors"][0]["path"], "title");
    let kept = server.send(&token, save, json!({ "d": document, "author": "Zoë", "message": "One.\n\nTwo." })).await;
    assert_eq!(kept["data"]["saveCareer"]["revision"]["number"], 1, "{kept}");
    let asked = server
        .send(
            &token,
            "{ release(name: \"a\\u0000\") { name } findings(after: \"career/a\\u0000/0\") { nodes { slug } } }",
            json!({}),
        )
        .await;
    assert!(!asked.to_string().contains("INTERNAL"), "{asked}");
    for perspective in ["release:a\u{0}b", "preview:\u{0}", "as-of:\u{0}", "\u{0}"] {
        let body = json!({ "query": "{ __typename }", "extensions": { "perspective": perspective } });
        let answer = server.http(reqwest::Method::POST).bearer_auth(&token).json(&body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned();
        assert!(code.starts_with("BAD_"), "{perspective:?} {answer}");
    }
}

#[tokio::test]
async fn an_author_of_the_command_line_is_text() {
    let database = TestDatabase::fresh().await;
    let folder = Folder::new();
    let career = folder.career("x", "X", "");
    let import = Binary::new(&["import", career.to_str().unwrap(), "--author", "\u{1b}[31mme"]).database(&database.url);
    let output = import.run().await;
    assert_eq!(output.status, 1);
    assert!(output.err.contains("`author` contains U+001B at character 1"), "{}", output.err);
    let server = TestServer::empty().await;
    server.import(&[career], Mode::Draft).await;
}
