//! Renaming: what links to an entry follows, its old slug leads to it, and the past stays as it was.
use kernel::store::Mode;
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, Output, TestDatabase, TestServer};

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

#[tokio::test]
async fn a_rename_in_secret_tells_nobody_and_links_follow_when_it_is_published() {
    let editor = Editor::new().await;
    let link = "relatedGuides: [{title: It, career: draft-x}]\n";
    editor.server.publish(&[editor.folder.career("linker", "Linker", link)]).await;
    editor.server.import(&[editor.folder.career("draft-x", "X", "")], Mode::Draft).await;
    let version = editor.server.db.version();
    let rename = "mutation { rename(kind: CAREER, slug: \"draft-x\", to: \"secret-name\") { errors { code } relinked { slug } } }";
    let renamed = editor.run(rename).await["rename"].clone();
    assert_eq!(renamed, json!({ "errors": [], "relinked": [{ "slug": "linker" }] }), "for editors");
    assert_eq!(editor.server.db.version(), version, "nothing is published anew");

    let seen = "{ career(slug: \"linker\") { findings { message } relatedGuides { career { slug } } } }";
    let told = editor.server.query(seen).await;
    assert!(told.to_string().contains("draft-x") && !told.to_string().contains("secret"), "{told}");
    let check = "{ checkCareer(document: {slug: \"q\", title: \"Q\", summary: \"S\", relatedGuides: [{title: \"It\", career: \"draft-x\"}]}) { message } }";
    assert!(!editor.server.query(check).await.to_string().contains("secret"));

    let publish = "mutation { publish(entries: [{kind: CAREER, slug: \"secret-name\"}]) { errors { code message } } }";
    assert_eq!(editor.run(publish).await["publish"]["errors"], json!([]));
    let told = editor.server.query(seen).await;
    assert_eq!(told["career"]["relatedGuides"][0]["career"]["slug"], "secret-name", "{told}");
    assert_eq!(told["career"]["findings"], json!([]));
}

/// A published career `linker` that links to the draft `draft-x`, which is renamed to `secret-name` before anybody sees it.
async fn renamed_in_secret() -> Editor {
    let editor = Editor::new().await;
    let link = "relatedGuides: [{title: It, career: draft-x}]\n";
    editor.server.publish(&[editor.folder.career("linker", "Linker", link)]).await;
    editor.server.import(&[editor.folder.career("draft-x", "X", "")], Mode::Draft).await;
    let rename = "mutation { rename(kind: CAREER, slug: \"draft-x\", to: \"secret-name\") { errors { code } relinked { slug } } }";
    // Editors see the link follow, in a draft.
    let renamed = json!({ "errors": [], "relinked": [{ "slug": "linker" }] });
    assert_eq!(editor.run(rename).await["rename"], renamed);
    editor
}

const FOLLOWED: &str = "{ career(slug: \"linker\") { findings { message } relatedGuides { career { slug } } } \
                        secret: career(slug: \"secret-name\") { title } }";

/// The revisions of the career `linker`: number, message and whether it is published.
async fn revisions_of_linker(editor: &Editor) -> Value {
    let query =
        "{ entry(kind: CAREER, slug: \"linker\") { published { number message } revisions { nodes { number } } } }";
    editor.run(query).await["entry"].clone()
}

#[tokio::test]
async fn links_follow_when_an_import_publishes_what_was_renamed_in_secret() {
    // As the draft stands, with another title, or by the command.
    for (title, by_command) in [("X", false), ("Another", false), ("X", true)] {
        let editor = renamed_in_secret().await;
        let path = editor.folder.career("secret-name", title, "");
        // A neighbour that links to nobody stays as it is.
        let before = editor.run("{ entry(kind: CAREER, slug: \"a\") { published { number } } }").await;
        if by_command {
            let import = Binary::new(&["import", path.to_str().unwrap(), "--publish"]);
            let imported = import.database(&editor.server.database.url).run().await;
            assert!(imported.status == 0 && !imported.out.contains("linker"), "{imported:?}");
            editor.server.db.refresh().await.unwrap();
        } else {
            editor.server.publish(&[path]).await;
        }

        let seen = editor.server.query(FOLLOWED).await;
        assert_eq!(seen["career"]["relatedGuides"], json!([{ "career": { "slug": "secret-name" } }]), "{seen}");
        assert_eq!(seen["career"]["findings"], json!([]));
        assert_eq!(seen["secret"]["title"], title);
        assert_eq!(editor.run("{ entry(kind: CAREER, slug: \"a\") { published { number } } }").await, before);
        let published = json!({ "number": 2, "message": "Renamed draft-x to secret-name" });
        assert_eq!(revisions_of_linker(&editor).await["published"], published);
        let log = editor.run("{ audit(first: 3) { nodes { action slug revision } } }").await;
        let row = json!({ "action": "PUBLISHED", "slug": "linker", "revision": 2 });
        assert!(log["audit"]["nodes"].as_array().unwrap().contains(&row), "{log}");
        let now = editor.server.now().to_rfc3339();
        let then = editor.server.send_in(&format!("as-of:{now}"), &editor.token, FOLLOWED, json!({})).await;
        assert_eq!(then["data"]["career"]["relatedGuides"], seen["career"]["relatedGuides"]);

        // Once: the entry is visible now.
        editor.server.publish(&[editor.folder.career("secret-name", "Later", "")]).await;
        assert_eq!(revisions_of_linker(&editor).await["published"]["number"], 2);
    }
}

#[tokio::test]
async fn an_import_that_publishes_nothing_of_it_relinks_nothing() {
    let editor = renamed_in_secret().await;
    let version = editor.server.db.version();
    editor.server.import(&[editor.folder.career("secret-name", "Drafted anew", "")], Mode::Draft).await;
    assert_eq!(editor.server.db.version(), version, "a draft stays a secret");

    // One that fails half-way leaves everything as it was.
    let paths = [editor.folder.career("secret-name", "X", ""), editor.folder.career("draft-x", "X", "")];
    let imported = import(&editor, &paths).await;
    assert_eq!(imported.err().map(|error| error.code()), Some("RENAMED"));
    assert_eq!(editor.server.db.version(), version);
    assert_eq!(revisions_of_linker(&editor).await["published"]["number"], 1);
    let seen = editor.server.query_once("{ career(slug: \"secret-name\") { slug } }").await;
    assert_eq!(seen["career"], Value::Null);
}

async fn import(editor: &Editor, paths: &[std::path::PathBuf]) -> kernel::Result<kernel::store::Reports> {
    let (change, progress) = (kernel::store::ChangeInfo::now("test", ""), std::sync::Arc::new(|_, _| {}));
    let content = editor.server.graph.content();
    let imported =
        kernel::store::import_files(&editor.server.db, content, paths, Mode::Publish, &change, progress).await;
    imported.map(|(_, reports)| reports)
}

#[tokio::test]
async fn a_file_that_links_to_the_old_slug_does_not_bring_it_back() {
    let editor = renamed_in_secret().await;
    let (linker, old) =
        (editor.folder.path().join("careers/linker.yaml"), editor.folder.path().join("careers/draft-x.yaml"));
    let refused = async |arguments: &[&str], expected: &str| {
        let run = Binary::new(arguments).database(&editor.server.database.url).run().await;
        let told = format!("{}{}", run.out, run.err);
        assert!(run.status == 1 && told.contains(expected), "{arguments:?}: {told}");
        editor.server.db.refresh().await.unwrap();
    };
    let linker = linker.to_str().unwrap();
    let renamed = "renamed to `secret-name`";
    // Once it is published: with the file of the old slug beside it or not; alone and as all that there is.
    editor.server.publish(&[editor.folder.career("secret-name", "X", "")]).await;
    refused(&["import", linker, "--publish"], renamed).await;
    refused(&["import", linker, "--publish", "--theirs"], renamed).await;
    refused(&["import", linker, old.to_str().unwrap(), "--publish"], "was renamed to `secret-name`").await;
    std::fs::remove_file(&old).unwrap();
    refused(&["import", linker, "--publish"], renamed).await;

    let seen = editor.server.query(FOLLOWED).await;
    assert_eq!(seen["career"]["relatedGuides"], json!([{ "career": { "slug": "secret-name" } }]), "{seen}");
    // The file as the message asks for it says what is published: it changes nothing.
    let mended = editor.folder.career("linker", "Linker", "relatedGuides: [{title: It, career: secret-name}]\n");
    editor.server.publish(&[mended]).await;
    assert_eq!(revisions_of_linker(&editor).await["published"]["number"], 2);
}

impl Editor {
    /// The career `a`, which links to the career `b`, and to the certification `x`. `b` and `x` were withdrawn and renamed since, to `c`
    /// and `y`.
    async fn in_secret() -> Self {
        let server = TestServer::empty().await;
        let folder = Folder::new();
        let token = server.token(&["read-drafts", "write", "publish"]).await;
        let editor = Self { server, folder, token };
        editor.server.publish(&[editor.folder.certification("x", "I"), editor.folder.career("b", "B", "")]).await;
        editor.server.publish(&[editor.folder.career("a", "A", A_LINKS)]).await;
        editor.done("unpublish(entries: [{kind: CAREER, slug: \"b\"}, {kind: CERTIFICATION, slug: \"x\"}])").await;
        let version = editor.server.db.version();
        editor.done("rename(kind: CAREER, slug: \"b\", to: \"c\")").await;
        editor.done("rename(kind: CERTIFICATION, slug: \"x\", to: \"y\")").await;
        assert_eq!(editor.server.db.version(), version, "the world hears nothing");
        editor
    }

    /// Runs a mutation that nothing hinders.
    async fn done(&self, mutation: &str) {
        let done = self.run(&format!("mutation {{ it: {mutation} {{ errors {{ code message }} }} }}")).await;
        assert_eq!(done["it"]["errors"], json!([]), "{mutation}: {done}");
    }

    /// Draft perspective of `a` and of its links.
    async fn drafted(&self) -> Value {
        self.server.send_in("draft", &self.token, LINKED, json!({})).await["data"].clone()
    }

    /// The published revision and the draft of `a`: their numbers.
    async fn revisions(&self) -> Value {
        self.run("{ entry(kind: CAREER, slug: \"a\") { published { number } draft { number } } }").await["entry"]
            .clone()
    }

    async fn command(&self, arguments: &[&str]) -> Output {
        Binary::new(arguments).database(&self.server.database.url).run().await
    }
}

const A_LINKS: &str =
    "relatedGuides: [{title: It, career: b}]\ncertifications: [{certification: x, why: W., when: E.}]\n";
const CAREER_LINK: &str = "relatedGuides: [{title: It, career: b}]\n";
const LINKED: &str = "{ career(slug: \"a\") { title relatedGuides { career { slug } } certifications { certification { slug } } } \
                      certification(code: \"y\") { careers { totalCount nodes { slug } } } \
                      careers(filter: {certifications: {some: {issuer: {eq: \"I\"}}}}) { totalCount } }";

fn linked(title: &str) -> Value {
    json!({
        "career": {
            "title": title,
            "relatedGuides": [{ "career": { "slug": "c" } }],
            "certifications": [{ "certification": { "slug": "y" } }],
        },
        "certification": { "careers": { "totalCount": 1, "nodes": [{ "slug": "a" }] } },
        "careers": { "totalCount": 1 },
    })
}

#[tokio::test]
async fn editors_see_links_forth_and_back_after_a_rename_in_secret_and_their_export_can_be_imported() {
    let editor = Editor::in_secret().await;
    assert_eq!(editor.drafted().await, linked("A"));
    assert_eq!(editor.revisions().await, json!({ "published": { "number": 1 }, "draft": { "number": 3 } }));
    let world = editor.server.query(LINKED).await;
    assert_eq!((&world["certification"], &world["career"]["title"]), (&Value::Null, &json!("A")), "{world}");
    assert!(!world.to_string().contains("\"y\""), "{world}");

    let out = editor.folder.path().join("drafts");
    let exported = editor.command(&["export", out.to_str().unwrap(), "--perspective", "draft"]).await;
    assert_eq!(exported.status, 0, "{exported:?}");
    let fresh = TestDatabase::fresh().await;
    let imported = Binary::new(&["import", out.to_str().unwrap()]).database(&fresh.url).run().await;
    assert_eq!(imported.status, 0, "{imported:?}");
    let again = editor.command(&["import", out.to_str().unwrap()]).await;
    assert!(again.out.contains("0 created, 0 updated, 3 unchanged"), "{again:?}");

    editor
        .done("publish(entries: [{kind: CERTIFICATION, slug: \"y\", overPublished: 0}, {kind: CAREER, slug: \"c\", overPublished: 0}])")
        .await;
    assert_eq!(editor.server.query(LINKED).await, linked("A"), "the world sees them, too");
    assert_eq!(editor.drafted().await, linked("A"));
    let revisions = editor.revisions().await;
    assert_eq!(revisions["draft"], Value::Null, "nobody has edited it: {revisions}");
}

#[tokio::test]
async fn what_is_published_is_exported_compared_and_imported_after_a_rename_in_secret() {
    let editor = Editor::new().await;
    editor.server.publish(&[editor.folder.career("to", "To", "")]).await;
    editor.server.publish(&[editor.folder.career("from", "From", "relatedGuides: [{title: It, career: to}]\n")]).await;
    editor.done("unpublish(entries: [{kind: CAREER, slug: \"to\"}])").await;
    editor.done("rename(kind: CAREER, slug: \"to\", to: \"now\")").await;

    let out = editor.folder.path().join("out");
    let out = out.to_str().unwrap();
    assert_eq!(editor.command(&["export", out]).await.status, 0);
    let compared = editor.command(&["diff", out]).await;
    assert_eq!(compared.status, 0, "the files are what is published: {compared:?}");
    let fresh = TestDatabase::fresh().await;
    for url in [&editor.server.database.url, &fresh.url] {
        let imported = Binary::new(&["import", out, "--publish"]).database(url).run().await;
        let told = format!("{}{}", imported.out, imported.err);
        assert!(imported.status == 0 && !told.contains("now"), "{told}");
        assert!(told.contains("broken-link"), "a warning tells that the link leads nowhere: {told}");
    }

    // Withdrawn, published, in any order: nobody has to edit it.
    editor.done("unpublish(entries: [{kind: CAREER, slug: \"from\"}])").await;
    let query = "{ career(slug: \"from\") { relatedGuides { career { slug } } } }";
    let drafted = editor.server.send_in("draft", &editor.token, query, json!({})).await["data"].clone();
    let expected = json!({ "career": { "relatedGuides": [{ "career": { "slug": "now" } }] } });
    assert_eq!(drafted, expected);
    editor.done("publish(entries: [{kind: CAREER, slug: \"now\", overPublished: 0}])").await;
    editor.done("publish(entries: [{kind: CAREER, slug: \"from\", overPublished: 0}])").await;
    editor.server.db.refresh().await.unwrap();
    assert_eq!(editor.server.query(query).await, expected);

    // Now that everybody sees the slug of today, a file is told it.
    let refused = editor.command(&["import", out, "--publish"]).await;
    assert!(refused.status == 1 && refused.out.contains("renamed to `now`"), "{refused:?}");
}

#[tokio::test]
async fn a_draft_that_nobody_wrote_follows_what_is_published_and_goes_with_its_reason() {
    let editor = Editor::in_secret().await;
    editor.done("publish(entries: [{kind: CERTIFICATION, slug: \"y\", overPublished: 0}])").await;
    let links = "relatedGuides: [{title: It, career: b}]\ncertifications: [{certification: y, why: W., when: E.}]\n";

    editor.server.publish(&[editor.folder.career("a", "A, again", links)]).await;
    assert_eq!(editor.drafted().await, linked("A, again"), "editors see what is new");
    editor.server.publish(&[editor.folder.career("a", "A, alone", "")]).await;
    assert_eq!(editor.revisions().await["draft"], Value::Null);

    editor.server.publish(&[editor.folder.career("a", "A", CAREER_LINK)]).await;
    assert_eq!(editor.drafted().await["career"]["relatedGuides"], linked("A")["career"]["relatedGuides"]);
    editor.done("rename(kind: CAREER, slug: \"c\", to: \"b\")").await;
    assert_eq!(editor.revisions().await["draft"], Value::Null, "it would say what is published");
}

#[tokio::test]
async fn a_draft_of_an_editor_stays_when_what_it_links_to_comes_into_view() {
    let editor = Editor::in_secret().await;
    let save = "saveCareerSections(slug: \"a\", sections: {profile: {title: \"Edited\"}}, baseRevision: 3)";
    editor.done(save).await;
    editor
        .done("publish(entries: [{kind: CERTIFICATION, slug: \"y\", overPublished: 0}, {kind: CAREER, slug: \"c\", overPublished: 0}])")
        .await;
    assert_eq!(editor.drafted().await, linked("Edited"));
    assert_eq!(editor.server.query(LINKED).await, linked("A"));
    editor.done("publish(entries: [{kind: CAREER, slug: \"a\"}])").await;
    assert_eq!(editor.server.query(LINKED).await, linked("Edited"), "nothing was published over it");
}

#[tokio::test]
async fn links_follow_to_what_an_import_publishes_and_to_what_is_restored() {
    let editor = Editor::in_secret().await;
    editor.server.publish(&[editor.folder.certification("y", "I")]).await;
    let world = editor.server.query(LINKED).await;
    assert_eq!(world["certification"]["careers"]["totalCount"], 1, "{world}");

    // What was put away is seen by nobody: a link by an old slug is one that leads nowhere, until it comes back.
    editor.done("archive(entries: [{kind: CAREER, slug: \"c\"}])").await;
    editor.server.publish(&[editor.folder.career("late", "Late", CAREER_LINK)]).await;
    let query = "{ career(slug: \"late\") { relatedGuides { career { slug } } } entry(kind: CAREER, slug: \"late\") { draft { number } } }";
    assert_eq!(editor.run(query).await["entry"]["draft"], Value::Null);
    let newest = editor.run("{ entry(kind: CAREER, slug: \"c\") { revisions(first: 1) { nodes { number } } } }").await;
    let number = &newest["entry"]["revisions"]["nodes"][0]["number"];
    editor.done(&format!("restore(kind: CAREER, slug: \"c\", revision: {number})")).await;
    assert_eq!(editor.run(query).await["entry"]["draft"], json!({ "number": 2 }));
    let drafts = editor.server.send_in("draft", &editor.token, query, json!({})).await;
    assert_eq!(drafts["data"]["career"]["relatedGuides"][0]["career"]["slug"], "c");
}

#[tokio::test]
async fn a_release_goes_on_from_what_is_published_where_a_draft_follows_a_rename() {
    let editor = Editor::new().await;
    let link = "relatedGuides: [{title: It, career: to}]\n";
    editor.server.publish(&[editor.folder.career("to", "To", "")]).await;
    editor.server.publish(&[editor.folder.career("from", "From", link)]).await;
    editor.done("createRelease(release: \"r\")").await;
    editor.done("addToRelease(release: \"r\", entries: [{kind: CAREER, slug: \"from\", revision: 1}])").await;
    editor.done("unpublish(entries: [{kind: CAREER, slug: \"to\"}])").await;
    editor.done("rename(kind: CAREER, slug: \"to\", to: \"now\")").await;
    editor.done("addToRelease(release: \"r\", entries: [{kind: CAREER, slug: \"now\"}])").await;
    editor.done("publishRelease(release: \"r\")").await;
    let query = "{ career(slug: \"from\") { relatedGuides { career { slug } } } }";
    assert_eq!(editor.server.query(query).await["career"]["relatedGuides"][0]["career"]["slug"], "now");
}
