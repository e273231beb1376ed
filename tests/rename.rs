//! Renaming: what links to an entry follows, its old slug leads to it, and the past stays as it was.
use chrono::Utc;
use kernel::store::Mode;
use serde_json::{Value, json};

use crate::harness::{Folder, TestServer};

struct Editor {
    server: TestServer,
    folder: Folder,
    token: String,
}

const LINK: &str = "certifications: [{certification: rhit, why: It helps., when: Early.}]\n";

impl Editor {
    /// The certification `rhit`, the published careers `a` and `b` that link to it, a draft of `b` that does too, and a draft of
    /// the certification.
    async fn new() -> Self {
        let server = TestServer::empty().await;
        let folder = Folder::new();
        server
            .publish(&[
                folder.certification("rhit", "AHIMA"),
                folder.career("a", "A", LINK),
                folder.career("b", "B", LINK),
            ])
            .await;
        server
            .import(&[folder.career("b", "B drafted", LINK), folder.certification("rhit", "Drafted")], Mode::Draft)
            .await;
        let token = server.token(&["read-drafts", "write", "publish", "administer"]).await;
        Self { server, folder, token }
    }

    async fn run(&self, query: &str) -> Value {
        let body = self.server.send(&self.token, query, json!({})).await;
        assert_eq!(body.get("errors"), None, "{body:#}");
        body["data"].clone()
    }

    async fn rename(&self, from: &str, to: &str) -> Value {
        let query = format!(
            "mutation {{ rename(kind: CERTIFICATION, slug: \"{from}\", to: \"{to}\") {{ entry {{ slug published {{ number message }} \
             draft {{ number }} revisions {{ nodes {{ number summary }} }} }} relinked {{ kind slug }} errors {{ path code }} }} }}"
        );
        self.run(&query).await["rename"].clone()
    }
}

const SEEN: &str = "{ old: certification(code: \"rhit\") { slug } new: certification(code: \"rhit-2\") { slug careers { nodes { slug } } } \
                    careers(filter: {certifications: {some: {issuer: {eq: \"AHIMA\"}}}}) { totalCount } \
                    career(slug: \"a\") { certifications { certification { slug } } } }";

#[tokio::test]
async fn links_lists_and_the_old_slug_lead_to_the_new_one() {
    let editor = Editor::new().await;
    let before = Utc::now().to_rfc3339();
    let seen = editor.server.query(SEEN).await;
    assert_eq!((&seen["old"]["slug"], &seen["new"]), (&json!("rhit"), &Value::Null));

    let renamed = editor.rename("rhit", "rhit-2").await;
    assert_eq!(renamed["errors"], json!([]), "{renamed}");
    assert_eq!(renamed["entry"]["published"], json!({ "number": 3, "message": "Renamed rhit to rhit-2" }));
    assert_eq!(renamed["entry"]["draft"]["number"], 4);
    let numbers: Vec<_> = renamed["entry"]["revisions"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["number"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, [4, 3, 2, 1], "its revisions are numbered on");
    assert_eq!(renamed["relinked"], json!([{ "kind": "CAREER", "slug": "a" }, { "kind": "CAREER", "slug": "b" }]));

    let seen = editor.server.query(SEEN).await;
    assert_eq!(seen["old"]["slug"], "rhit-2", "the old slug leads to it");
    assert_eq!(seen["new"]["careers"]["nodes"].as_array().map(Vec::len), Some(2), "back links follow");
    assert_eq!(seen["careers"]["totalCount"], 2, "filters follow");
    assert_eq!(seen["career"]["certifications"][0]["certification"]["slug"], "rhit-2");
    let drafts = editor
        .server
        .send_in(
            "draft",
            &editor.token,
            "{ career(slug: \"b\") { title certifications { certification { slug issuer { name } } } } }",
            json!({}),
        )
        .await;
    let linked = json!([{ "certification": { "slug": "rhit-2", "issuer": { "name": "Drafted" } } }]);
    assert_eq!(drafts["data"]["career"], json!({ "title": "B drafted", "certifications": linked }), "drafts follow");

    let then = editor.server.send_in(&format!("as-of:{before}"), &editor.token, SEEN, json!({})).await;
    assert_eq!(then["data"]["old"]["slug"], "rhit", "the past is as it was");
    assert_eq!(then["data"]["new"], Value::Null);
    assert_eq!(then["data"]["career"]["certifications"][0]["certification"]["slug"], "rhit");
    let now =
        editor.server.send_in(&format!("as-of:{}", Utc::now().to_rfc3339()), &editor.token, SEEN, json!({})).await;
    assert_eq!(now["data"], seen);
    let entry = editor
        .run("{ entry(kind: CERTIFICATION, slug: \"rhit\") { slug diff(from: 1, to: 3) { text } } }")
        .await["entry"]
        .clone();
    assert_eq!(entry, json!({ "slug": "rhit-2", "diff": [] }));
}

#[tokio::test]
async fn a_renamed_entry_is_renamed_again_and_back() {
    let editor = Editor::new().await;
    for (from, to) in [("rhit", "x"), ("x", "y"), ("y", "rhit"), ("rhit", "z")] {
        let renamed = editor.rename(from, to).await;
        assert_eq!(renamed["errors"], json!([]), "{from} {to}: {renamed}");
        for slug in ["rhit", from, to] {
            let seen = editor
                .server
                .query(&format!("{{ certification(code: \"{slug}\") {{ slug careers {{ totalCount }} }} }}"))
                .await;
            assert_eq!(seen["certification"], json!({ "slug": to, "careers": { "totalCount": 2 } }), "{slug}");
        }
    }
    let history = editor.run("{ entry(kind: CERTIFICATION, slug: \"z\") { revisions { nodes { number } } } }").await;
    let numbers: Vec<_> = history["entry"]["revisions"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["number"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=10).rev().collect::<Vec<_>>(), "each once, whatever it was called");
    let restore = "mutation { restore(kind: CERTIFICATION, slug: \"z\", revision: 1) { entry { slug draft { number } } errors { code } } }";
    assert_eq!(editor.run(restore).await["restore"]["entry"], json!({ "slug": "z", "draft": { "number": 11 } }));
}

#[tokio::test]
async fn a_slug_that_was_given_up_is_not_taken_by_mistake() {
    let editor = Editor::new().await;
    editor.server.publish(&[editor.folder.certification("other", "X")]).await;
    for (from, to, path, code) in
        [("rhit", "other", "to", "TAKEN"), ("rhit", "rhit", "to", "TAKEN"), ("absent", "new", "slug", "NOT_FOUND")]
    {
        assert_eq!(editor.rename(from, to).await["errors"], json!([{ "path": path, "code": code }]), "{from} {to}");
    }
    editor.rename("rhit", "new").await;
    assert_eq!(editor.rename("other", "rhit").await["errors"], json!([{ "path": "to", "code": "TAKEN" }]));
    assert_eq!(editor.rename("rhit", "newer").await["errors"], json!([{ "path": "slug", "code": "NOT_FOUND" }]));

    let save = "mutation { saveCertification(document: {slug: \"rhit\", title: \"T\", issuer: {name: \"I\"}, level: ENTRY, summary: \"S\"}) \
                { errors { path code message } } }";
    let errors = editor.run(save).await["saveCertification"]["errors"].clone();
    assert_eq!((&errors[0]["code"], &errors[0]["path"]), (&json!("RENAMED"), &json!("slug")), "{errors}");
    assert!(errors[0]["message"].as_str().unwrap().contains("`new`"));
    let change = kernel::store::Change::now("test", "");
    let progress = std::sync::Arc::new(|_, _| {});
    let paths = [editor.folder.certification("rhit", "Again")];
    let content = editor.server.graph.content();
    let imported =
        kernel::store::import_files(&editor.server.db, content, &paths, Mode::Publish, &change, progress).await;
    let error = imported.err().map(|error| (error.code(), error.to_string()));
    assert_eq!(error.as_ref().map(|(code, _)| *code), Some("RENAMED"), "{error:?}");
    // Revisions from before belong to the entry that it was; its old slug is nobody's to publish or put away.
    for (mutation, code) in [
        ("publish(entries: [{kind: CERTIFICATION, slug: \"new\", revision: 1}])", "RENAMED_SINCE"),
        ("publish(entries: [{kind: CERTIFICATION, slug: \"rhit\", revision: 1}])", "NOT_FOUND"),
        ("unpublish(entries: [{kind: CERTIFICATION, slug: \"rhit\"}])", "NOT_FOUND"),
        ("archive(entries: [{kind: CERTIFICATION, slug: \"rhit\"}])", "NOT_FOUND"),
        ("restore(kind: CERTIFICATION, slug: \"rhit\", revision: 1)", "RENAMED"),
    ] {
        let errors =
            editor.run(&format!("mutation {{ it: {mutation} {{ errors {{ code }} }} }}")).await["it"]["errors"].clone();
        assert_eq!(errors, json!([{ "code": code }]), "{mutation}");
    }
    editor.run("mutation { createRelease(release: \"r\") { errors { code } } addToRelease(release: \"r\", entries: [{kind: CERTIFICATION, slug: \"new\"}]) { errors { code } } }").await;
    let held = editor.rename("new", "newest").await;
    assert_eq!(
        held["errors"],
        json!([{ "path": "slug", "code": "IN_RELEASE" }]),
        "what it holds is bound to the entry"
    );
    // A link by the old slug leads somewhere, and is no error.
    editor.server.publish(&[editor.folder.career("c", "C", LINK)]).await;
    let seen = editor.server.query("{ career(slug: \"c\") { certifications { certification { slug } } } }").await;
    assert_eq!(seen["career"]["certifications"][0]["certification"]["slug"], "new");
}
