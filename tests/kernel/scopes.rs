//! Mutations do not tell what their token may not read; and what it may not have is refused before anything is done.
use kernel::store::Mode;
use serde_json::{Value, json};

use crate::harness::{Folder, TestServer};

/// The published career `a` with a draft by `anna`, and `draft-x`, which nobody published.
async fn server() -> TestServer {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[folder.career("a", "A", "")]).await;
    server.import(&[folder.career("draft-x", "X", "")], Mode::Draft).await;
    let editor = server.token(&["read-drafts", "write"]).await;
    let save = "mutation { saveCareer(document: {slug: \"a\", title: \"Drafted\", summary: \"S\", relatedGuides: [{title: \"T\", career: \"nowhere\"}]}, \
                baseRevision: 1, author: \"anna\") { errors { code } } }";
    assert_eq!(server.send(&editor, save, json!({})).await["data"]["saveCareer"]["errors"], json!([]));
    server
}

async fn title(server: &TestServer) -> Value {
    server.query("{ career(slug: \"a\") { title } }").await["career"]["title"].clone()
}

#[tokio::test]
async fn nothing_is_done_of_what_asks_for_more_than_it_may() {
    let server = server().await;
    let token = server.token(&["publish"]).await;
    let entry = "[{kind: CAREER, slug: \"a\"}]";
    let asked = [
        (
            format!(
                "mutation {{ unpublish(entries: {entry}) {{ entries {{ revisions {{ nodes {{ number }} }} }} }} }}"
            ),
            vec!["unpublish", "entries", "revisions"],
        ),
        (
            format!(
                "mutation {{ it: unpublish(entries: {entry}) {{ all: entries {{ ...E }} }} }} fragment E on Entry {{ old: draft {{ number }} }}"
            ),
            vec!["it", "all", "old"],
        ),
        (
            format!("mutation {{ unpublish(entries: {entry}) {{ entries {{ published {{ yaml }} }} }} }}"),
            vec!["unpublish", "entries", "published", "yaml"],
        ),
        (
            format!(
                "mutation {{ unpublish(entries: {entry}) {{ ... {{ entries {{ ... on Entry {{ draft {{ number }} }} }} }} }} }}"
            ),
            vec!["unpublish", "entries", "draft"],
        ),
        (
            format!(
                "mutation {{ unpublish(entries: {entry}) {{ errors {{ code }} }} createToken(name: \"t\", scopes: [\"publish\"]) {{ secret }} }}"
            ),
            vec!["createToken"],
        ),
        (
            format!(
                "mutation {{ unpublish(entries: {entry}) {{ errors {{ code }} }} saveCareer(document: {{slug: \"a\", title: \"T\", summary: \"S\"}}) {{ isNew }} }}"
            ),
            vec!["saveCareer"],
        ),
        (
            format!(
                "mutation($yes: Boolean = true) {{ unpublish(entries: {entry}) {{ entries {{ diff(from: 1, to: 2) @include(if: $yes) {{ text }} }} }} }}"
            ),
            vec!["unpublish", "entries", "diff"],
        ),
    ];
    for (mutation, path) in asked {
        let body = server.send(&token, &mutation, json!({})).await;
        let error = &body["errors"][0];
        assert_eq!(
            (&error["extensions"]["code"], &error["path"]),
            (&json!("FORBIDDEN"), &json!(path)),
            "{mutation}: {body}"
        );
        assert_eq!((&body["data"], body["errors"].as_array().map(Vec::len)), (&Value::Null, Some(1)), "{body}");
        assert_eq!(title(&server).await, "A", "nothing was done: {mutation}");
    }
    // What is left out by a directive is not asked for.
    let skipped = format!(
        "mutation($no: Boolean!) {{ unpublish(entries: {entry}) {{ errors {{ code }} entries {{ slug ...E @include(if: $no) draft @skip(if: true) {{ number }} }} }} }} \
         fragment E on Entry {{ draft {{ number }} }}"
    );
    let body = server.send(&token, &skipped, json!({ "no": false })).await;
    assert_eq!(body["data"]["unpublish"], json!({ "errors": [], "entries": [{ "slug": "a" }] }), "{body}");
    assert_eq!(title(&server).await, Value::Null);
}

#[tokio::test]
async fn a_query_answers_what_it_may() {
    let server = server().await;
    let query = "{ career(slug: \"a\") { title it: revisions { nodes { number } } } }";
    let answer = server.ask(query, json!({})).await;
    assert_eq!(answer.codes(), ["UNAUTHENTICATED"]);
    assert_eq!(answer.errors[0]["path"], json!(["career", "it"]));
    assert_eq!(answer.data, json!({ "career": { "title": "A", "it": null } }));
}

#[tokio::test]
async fn who_writes_one_section_hears_nothing_of_the_others() {
    let server = server().await;
    let token = server.token(&["write:faq"]).await;
    let faq = "faq: {faq: [{key: \"q\", question: \"Why?\", answer: \"Because.\"}]}";
    let all = "{ revision { number author } isNew base { number author } latest { number author } errors { path code message } findings { path message } }";
    let save = |sections: &str, base: i32| {
        format!(
            "mutation {{ it: saveCareerSections(slug: \"a\", sections: {{{sections}}}, baseRevision: {base}) {all} }}"
        )
    };

    let body = server.send(&token, &save(faq, 1), json!({})).await;
    let conflict = &body["data"]["it"];
    assert_eq!(
        (&conflict["errors"][0]["code"], &conflict["latest"], &conflict["base"]),
        (&json!("CONFLICT"), &Value::Null, &Value::Null)
    );
    let unchanged = server.send(&token, &save("", 2), json!({})).await;
    assert_eq!(unchanged["data"]["it"]["errors"], json!([]), "{unchanged}");
    let saved = server.send(&token, &save(faq, 2), json!({})).await;
    assert_eq!(saved["data"]["it"]["revision"]["number"], 3, "{saved}");
    assert_eq!(saved["data"]["it"]["findings"], json!([]), "of the profile: {saved}");
    let whole = format!(
        "mutation {{ it: saveCareer(document: {{slug: \"a\", title: \"T\", summary: \"S\"}}, baseRevision: 1) {all} }}"
    );
    let whole = server.send(&token, &whole, json!({})).await;
    for told in [&body, &unchanged, &saved, &whole] {
        let told = told.to_string();
        assert!(!told.contains("anna") && !told.contains("revision 2") && !told.contains("nowhere"), "{told}");
    }

    let reader = server.token(&["write:faq", "read-drafts"]).await;
    let body = server.send(&reader, &save(faq, 1), json!({})).await;
    assert_eq!(body["data"]["it"]["latest"]["number"], 3, "whoever may read drafts is told: {body}");
}

#[tokio::test]
async fn who_publishes_without_reading_is_told_that_not_what_hinders() {
    let server = server().await;
    let folder = Folder::new();
    server.publish(&[folder.career("a", "Imported", "")]).await;
    let token = server.token(&["publish"]).await;
    let publish = |more: &str| {
        format!(
            "mutation {{ it: publish(entries: [{{kind: CAREER, slug: \"a\"{more}}}]) {{ errors {{ path code message }} warnings {{ finding {{ message }} }} entries {{ slug }} }} }}"
        )
    };
    let refused = server.send(&token, &publish(""), json!({})).await;
    assert_eq!(refused["data"]["it"]["errors"][0]["code"], "CONFLICT", "{refused}");
    let done = server.send(&token, &publish(", overPublished: 3"), json!({})).await;
    assert_eq!(done["data"]["it"]["errors"], json!([]), "{done}");
    for told in [&refused, &done] {
        let told = told.to_string();
        assert!(!told.contains("anna") && !told.contains("nowhere"), "{told}");
    }
}
