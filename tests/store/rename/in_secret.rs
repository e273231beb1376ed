//! Renames of what is not published: nobody is told, and links follow when it is.
use kernel::store::Mode;
use serde_json::{Value, json};

use super::Editor;
use crate::harness::{Binary, Folder, Output, TestDatabase, TestServer};

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
