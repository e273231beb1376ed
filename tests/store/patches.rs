//! Changes to sections: what is left out stays, what is null is removed.
use serde_json::{Value, json};

use crate::harness::TestServer;

const SAVE: &str = "mutation($sections: CareerSections!, $base: Int!) { saveCareerSections(slug: \"a\", sections: $sections, \
                    baseRevision: $base) { career { title alternateTitles tags faq { key } } revision { number summary } isNew \
                    errors { path code message } } }";

struct Editor {
    server: TestServer,
    token: String,
}

impl Editor {
    async fn new() -> Self {
        let server = TestServer::empty().await;
        let token = server.token(&["read-drafts", "write"]).await;
        let save = "mutation { saveCareer(document: {slug: \"a\", title: \"A\", summary: \"S\", alternateTitles: [\"One\", \"Two\"], tags: [\"x\"], \
                    faq: [{key: \"why\", question: \"Why?\", answer: \"Because.\"}]}) { errors { code message } } }";
        let body = server.send(&token, save, json!({})).await;
        assert_eq!(body["data"]["saveCareer"]["errors"], json!([]), "{body}");
        Self { server, token }
    }

    async fn save(&self, sections: Value, base: i32) -> Value {
        let body = self.server.send(&self.token, SAVE, json!({ "sections": sections, "base": base })).await;
        assert_eq!(body.get("errors"), None, "{body}");
        body["data"]["saveCareerSections"].clone()
    }
}

#[tokio::test]
async fn what_is_left_out_stays_and_what_is_null_is_gone() {
    let editor = Editor::new().await;
    let whole = json!({ "title": "B", "alternateTitles": ["One", "Two"], "tags": ["x"], "faq": [{ "key": "why" }] });
    let saved = editor.save(json!({ "profile": { "title": "B", "summary": "New." } }), 1).await;
    assert_eq!(saved["career"], whole, "{saved}");
    let saved = editor.save(json!({ "profile": { "summary": "Newer." } }), 2).await;
    assert_eq!(saved["career"], whole, "a field that every document needs may be left out: {saved}");

    let saved = editor.save(json!({ "profile": { "alternateTitles": [], "tags": null }, "faq": null }), 3).await;
    assert_eq!(saved["career"], json!({ "title": "B", "alternateTitles": [], "tags": [], "faq": [] }), "{saved}");
    let summary = saved["revision"]["summary"].as_str().unwrap();
    assert!(summary.contains("alternateTitles") && summary.contains("removed"), "the history says so: {summary}");
    let list = editor.save(json!({ "profile": { "alternateTitles": ["Three"] } }), 4).await;
    assert_eq!(list["career"]["alternateTitles"], json!(["Three"]), "a list is given as a whole: {list}");

    for needed in [json!({ "profile": { "title": null } }), json!({ "profile": null })] {
        let refused = editor.save(needed, 5).await;
        assert_eq!(
            (&refused["errors"][0]["path"], &refused["errors"][0]["code"]),
            (&json!("title"), &json!("missing-field"))
        );
    }
    let nothing = editor.save(json!({}), 5).await;
    assert_eq!((&nothing["isNew"], &nothing["revision"]["number"]), (&json!(false), &json!(5)));
}

#[tokio::test]
async fn a_variable_that_is_absent_leaves_its_field_out() {
    let editor = Editor::new().await;
    let save = "mutation($titles: [Text!], $tags: [Slug!]) { saveCareerSections(slug: \"a\", baseRevision: 1, \
                sections: {profile: {alternateTitles: $titles, tags: $tags}}) { career { alternateTitles tags } errors { message } } }";
    let body = editor.server.send(&editor.token, save, json!({ "titles": null })).await;
    let saved = &body["data"]["saveCareerSections"];
    assert_eq!(saved["career"], json!({ "alternateTitles": [], "tags": ["x"] }), "{body}");
}

#[tokio::test]
async fn the_schema_says_what_may_be_left_out() {
    let editor = Editor::new().await;
    let query = "{ __type(name: \"CareerProfilePatch\") { inputFields { name type { kind } defaultValue } } }";
    let fields = editor.server.query(query).await["__type"]["inputFields"].clone();
    let fields = fields.as_array().unwrap();
    assert!(fields.iter().any(|field| field["name"] == "title"));
    assert!(
        fields.iter().all(|field| field["type"]["kind"] != "NON_NULL" && field["defaultValue"] == Value::Null),
        "{fields:?}"
    );
}
