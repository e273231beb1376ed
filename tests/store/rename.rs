//! Renaming: what links to an entry follows, its old slug leads to it, and the past stays as it was.
mod in_secret;

use kernel::store::Mode;
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer};

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
    let before = editor.server.now().to_rfc3339();
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
    let now = editor
        .server
        .send_in(&format!("as-of:{}", editor.server.now().to_rfc3339()), &editor.token, SEEN, json!({}))
        .await;
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
    let change = kernel::store::ChangeInfo::now("test", "");
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
}

#[tokio::test]
async fn an_entry_that_links_to_itself_is_renamed_once() {
    let editor = Editor::new().await;
    let link = "relatedGuides: [{title: Itself, career: me}]\n";
    editor.server.publish(&[editor.folder.career("me", "Me", link)]).await;
    editor.server.import(&[editor.folder.career("me", "Me, drafted", link)], Mode::Draft).await;
    let rename = "mutation { rename(kind: CAREER, slug: \"me\", to: \"myself\") { relinked { slug } errors { code } \
                  entry { revisions { nodes { number } } } } }";
    let renamed = editor.run(rename).await["rename"].clone();
    assert_eq!((&renamed["errors"], &renamed["relinked"]), (&json!([]), &json!([])), "{renamed}");
    let numbers: Vec<_> =
        renamed["entry"]["revisions"]["nodes"].as_array().unwrap().iter().map(|node| &node["number"]).collect();
    assert_eq!(numbers, [4, 3, 2, 1]);
    let query =
        "{ careers(filter: {slug: {in: [\"me\", \"myself\"]}}) { nodes { slug relatedGuides { career { slug } } } } }";
    let itself = json!([{ "slug": "myself", "relatedGuides": [{ "career": { "slug": "myself" } }] }]);
    assert_eq!(editor.server.query(query).await["careers"]["nodes"], itself);
}

#[tokio::test]
async fn a_slug_that_only_drafts_had_leads_nobody_else_to_the_entry() {
    let editor = Editor::new().await;
    editor.server.import(&[editor.folder.career("acme-layoffs", "Acme", "")], Mode::Draft).await;
    for mutation in [
        "rename(kind: CAREER, slug: \"acme-layoffs\", to: \"acme\")",
        "publish(entries: [{kind: CAREER, slug: \"acme\"}])",
    ] {
        let done = editor.run(&format!("mutation {{ it: {mutation} {{ errors {{ code }} }} }}")).await;
        assert_eq!(done["it"]["errors"], json!([]), "{mutation}");
    }
    let id = kernel::global_id("Career".into(), "acme-layoffs");
    let query = format!(
        "{{ now: career(slug: \"acme\") {{ slug }} career(slug: \"acme-layoffs\") {{ slug }} node(id: \"{}\") {{ id }} }}",
        id.as_str()
    );
    let seen = editor.server.query(&query).await;
    assert_eq!(seen, json!({ "now": { "slug": "acme" }, "career": null, "node": null }));
    let drafts = editor.server.send_in("draft", &editor.token, &query, json!({})).await;
    assert_eq!(drafts["data"]["career"]["slug"], "acme", "editors are led on");
}

#[tokio::test]
async fn the_log_has_a_row_for_each_entry_that_is_relinked() {
    let editor = Editor::new().await;
    assert_eq!(editor.rename("rhit", "rhit-2").await["errors"], json!([]));
    let log = editor.run("{ audit(first: 5) { nodes { action kind slug revision } } }").await;
    let mut rows: Vec<_> = log["audit"]["nodes"].as_array().unwrap().iter().map(ToString::to_string).collect();
    rows.sort();
    let row = |action: &str, slug: &str, revision: i32| {
        json!({ "action": action, "kind": "CAREER", "slug": slug, "revision": revision }).to_string()
    };
    for expected in [row("PUBLISHED", "a", 2), row("PUBLISHED", "b", 3), row("SAVED", "b", 4)] {
        assert!(rows.contains(&expected), "{expected}: {rows:#?}");
    }
}

#[tokio::test]
async fn a_release_goes_on_to_hold_what_is_relinked() {
    let editor = Editor::new().await;
    editor
        .run(
            "mutation { createRelease(release: \"r\") { errors { code } } \
              addToRelease(release: \"r\", entries: [{kind: CAREER, slug: \"b\"}]) { errors { code } } }",
        )
        .await;
    editor.rename("rhit", "rhit-2").await;
    let query = "{ certification(code: \"rhit-2\") { careers { totalCount } } career(slug: \"b\") { title } }";
    let preview = editor.server.send_in("release:r", &editor.token, query, json!({})).await["data"].clone();
    assert_eq!(
        preview,
        json!({ "certification": { "careers": { "totalCount": 2 } }, "career": { "title": "B drafted" } })
    );
    let published = editor.run("mutation { publishRelease(release: \"r\") { errors { code message } } }").await;
    assert_eq!(published["publishRelease"]["errors"], json!([]), "{published}");
    assert_eq!(editor.server.query(query).await, preview);
}

#[tokio::test]
async fn links_by_an_old_slug_are_refused_or_brought_up_to_date() {
    let editor = Editor::new().await;
    editor
        .run(
            "mutation { createRelease(release: \"r\") { errors { code } } \
              addToRelease(release: \"r\", entries: [{kind: CAREER, slug: \"a\", revision: 1}]) { errors { code } } }",
        )
        .await;
    // An older revision than those that follow the rename.
    editor.server.publish(&[editor.folder.career("a", "A, again", LINK)]).await;
    editor.rename("rhit", "rhit-2").await;

    // A file is mended by whoever writes it.
    let path = editor.folder.career("c", "C", LINK);
    let checked = Binary::new(&["import", path.to_str().unwrap(), "--publish"]).database(&editor.server.database.url);
    let imported = checked.run().await;
    let told = format!("{}{}", imported.out, imported.err);
    assert!(imported.status == 1 && told.contains("c.yaml:5:") && told.contains("renamed to `rhit-2`"), "{told}");

    // What is saved or restored has the slug of today.
    let save = "mutation { saveCareer(document: {slug: \"d\", title: \"D\", summary: \"S\", \
                certifications: [{certification: \"rhit\", why: \"W\", when: \"E\"}]}) { errors { code } } \
                restore(kind: CAREER, slug: \"a\", revision: 1) { errors { code } } \
                publish(entries: [{kind: CAREER, slug: \"d\"}, {kind: CAREER, slug: \"a\"}]) { errors { code message } } }";
    let done = editor.run(save).await;
    for field in ["saveCareer", "restore", "publish"] {
        assert_eq!(done[field]["errors"], json!([]), "{done}");
    }
    let query = "{ certification(code: \"rhit-2\") { careers(orderBy: [{slug: ASC}]) { nodes { slug } } } }";
    let linking = json!([{ "slug": "a" }, { "slug": "b" }, { "slug": "d" }]);
    assert_eq!(editor.server.query(query).await["certification"]["careers"]["nodes"], linking);

    // A revision stays what it is: it is not published. A release holds one that links to the slug of today.
    let publish =
        "mutation { publish(entries: [{kind: CAREER, slug: \"a\", revision: 1}]) { errors { path message } } }";
    let refused = editor.run(publish).await;
    let error = &refused["publish"]["errors"][0];
    assert_eq!(error["path"], "entries[0].certifications[0].certification", "{refused}");
    assert!(error["message"].as_str().unwrap().contains("`rhit-2`"), "{refused}");
    let knowingly = "mutation { publishRelease(release: \"r\") { errors { code } } entry: publish(entries: []) { errors { code } } }";
    let refused = editor.run(knowingly).await;
    assert_eq!(
        refused["publishRelease"]["errors"],
        json!([{ "code": "CONFLICT" }]),
        "`a` was published since: {refused}"
    );
}

#[tokio::test]
async fn what_many_link_to_is_renamed_in_few_statements_and_by_a_command() {
    let editor = Editor::new().await;
    let paths: Vec<_> = (0..250).map(|n| editor.folder.career(&format!("c{n}"), "C", LINK)).collect();
    editor.server.publish(&paths).await;
    let before = editor.server.statements();
    let renamed =
        editor.run("mutation { rename(kind: CERTIFICATION, slug: \"rhit\", to: \"x\") { errors { code } } }").await;
    let statements = editor.server.statements() - before;
    assert_eq!(renamed["rename"]["errors"], json!([]));
    assert!(statements < 200, "{statements} statements");

    let run = |arguments: &[&str]| Binary::new(arguments).database(&editor.server.database.url).run();
    assert_eq!(
        run(&["rename", "certification", "x", "y"]).await.out,
        "renamed certification x to y; 252 documents linked to it\n"
    );
    let refused = run(&["rename", "certification", "x", "z"]).await;
    assert!(refused.status == 1 && refused.err.contains("there is no certification `x`"), "{refused:?}");
    assert_eq!(run(&["rename", "certification", "y", "No slug"]).await.status, 1);
    editor.server.db.refresh().await.unwrap();
    let seen = editor.server.query("{ certification(code: \"rhit\") { slug careers { totalCount } } }").await;
    assert_eq!(seen["certification"], json!({ "slug": "y", "careers": { "totalCount": 252 } }));
}

#[tokio::test]
async fn a_release_holds_what_links_to_the_slug_of_today_whatever_its_entry_points_at() {
    let editor = Editor::new().await;
    let create = "mutation { createRelease(release: \"r\") { errors { code } } \
                  addToRelease(release: \"r\", entries: [{kind: CAREER, slug: \"b\"}]) { errors { code } } }";
    editor.run(create).await;
    // The draft goes on: what the release holds is neither published nor drafted.
    let save = "mutation { saveCareerSections(slug: \"b\", sections: {profile: {title: \"B, later\"}}, baseRevision: 2) { errors { code } } }";
    assert_eq!(editor.run(save).await["saveCareerSections"]["errors"], json!([]));
    for (from, to) in [("rhit", "x"), ("x", "y"), ("y", "rhit"), ("rhit", "z")] {
        assert_eq!(editor.rename(from, to).await["errors"], json!([]), "{from} {to}");
    }
    let query = "{ certification(code: \"z\") { careers { totalCount } } career(slug: \"b\") { title certifications { certification { slug } } } }";
    let linked = json!({ "title": "B drafted", "certifications": [{ "certification": { "slug": "z" } }] });
    let preview = editor.server.send_in("release:r", &editor.token, query, json!({})).await["data"].clone();
    assert_eq!(preview, json!({ "certification": { "careers": { "totalCount": 2 } }, "career": linked }));
    let published = editor.run("mutation { publishRelease(release: \"r\") { errors { code message } } }").await;
    assert_eq!(published["publishRelease"]["errors"], json!([]), "{published}");
    assert_eq!(editor.server.query(query).await, preview);
}
