//! Saving, publishing, withdrawing, restoring, as an editor does it.
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer};

const SAVE: &str = "mutation($document: CareerDocument!, $base: Int, $message: String) {
    saveCareer(document: $document, baseRevision: $base, message: $message) {
        career { title faq { key } }
        revision { number author message }
        isNew
        errors { path code message }
        findings { rule path severity }
        base { number }
        latest { number author }
    }
}";

/// An editor with all scopes.
struct Editor {
    server: TestServer,
    token: String,
}

impl Editor {
    async fn new(server: TestServer) -> Self {
        let token = server.token(&["read-drafts", "write", "publish", "administer"]).await;
        Self { server, token }
    }

    async fn run(&self, query: &str, variables: Value) -> Value {
        let body = self.server.send(&self.token, query, variables).await;
        assert_eq!(body.get("errors"), None, "{query}: {body:#}");
        body["data"].clone()
    }

    async fn save(&self, document: Value, base: Option<i64>) -> Value {
        self.run(SAVE, json!({ "document": document, "base": base })).await["saveCareer"].clone()
    }

    async fn entries(&self, mutation: &str, slugs: &[&str]) -> Value {
        let entries: Vec<_> = slugs.iter().map(|slug| format!("{{kind: CAREER, slug: \"{slug}\"}}")).collect();
        let query = format!(
            "mutation {{ {mutation}(entries: [{}]) {{ entries {{ slug published {{ number }} draft {{ number }} archivedAt }} \
             errors {{ path code message }} warnings {{ slug finding {{ rule }} }} }} }}",
            entries.join(", ")
        );
        self.run(&query, json!({})).await[mutation].clone()
    }

    async fn title(&self, slug: &str) -> Value {
        let query = format!("{{ career(slug: \"{slug}\") {{ title }} }}");
        self.server.query(&query).await["career"]["title"].clone()
    }
}

fn document(title: &str) -> Value {
    json!({ "slug": "a", "title": title, "summary": "About it." })
}

#[tokio::test]
async fn a_draft_is_saved_seen_by_editors_and_published_as_a_whole() {
    let editor = Editor::new(TestServer::empty().await).await;

    let saved = editor.save(document("First"), None).await;
    assert_eq!(saved["career"]["title"], "First");
    assert_eq!(saved["revision"]["number"], 1);
    assert_eq!(saved["revision"]["author"], "read-drafts write publish administer", "the name of the token");
    assert_eq!(editor.title("a").await, Value::Null, "nobody has published it");

    let published = editor.entries("publish", &["a"]).await;
    assert_eq!(published["errors"], json!([]));
    assert_eq!(published["entries"][0]["published"]["number"], 1);
    assert_eq!(published["entries"][0]["draft"], Value::Null);
    assert_eq!(editor.title("a").await, "First");

    assert_eq!(editor.save(document("Second"), Some(1)).await["revision"]["number"], 2);
    assert_eq!(editor.title("a").await, "First");
    let again = editor.save(document("Second"), Some(1)).await;
    assert_eq!((&again["isNew"], &again["revision"]["number"]), (&json!(false), &json!(2)), "said twice, saved once");

    let withdrawn = editor.entries("unpublish", &["a"]).await;
    assert_eq!(withdrawn["entries"][0]["draft"]["number"], 2, "the newer draft stays");
    assert_eq!(editor.title("a").await, Value::Null);
}

#[tokio::test]
async fn two_editors_never_overwrite_each_other() {
    let editor = Editor::new(TestServer::empty().await).await;
    editor.save(document("First"), None).await;
    editor.save(document("By one"), Some(1)).await;

    let lost = editor.save(document("By another"), Some(1)).await;
    assert_eq!(lost["errors"][0]["code"], "CONFLICT");
    assert_eq!(lost["errors"][0]["path"], "baseRevision");
    assert_eq!((&lost["base"]["number"], &lost["latest"]["number"]), (&json!(1), &json!(2)), "both versions are named");
    assert_eq!((&lost["career"], &lost["revision"]), (&Value::Null, &Value::Null));
    let message = lost["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("revision 1") && message.contains("revision 2"), "{message}");

    let new = editor.save(document("Thought to be new"), None).await;
    assert_eq!(new["errors"][0]["code"], "CONFLICT", "{new}");
    let gone = editor.save(json!({ "slug": "b", "title": "B", "summary": "S" }), Some(4)).await;
    assert_eq!(gone["errors"][0]["code"], "CONFLICT", "{gone}");
    assert_eq!(gone["latest"], Value::Null);
}

#[tokio::test]
async fn what_an_import_published_over_a_draft_is_not_overwritten_by_it() {
    let editor = Editor::new(TestServer::empty().await).await;
    let folder = Folder::new();
    editor.server.publish(&[folder.career("a", "First", "")]).await;
    assert_eq!(editor.save(document("A draft"), Some(1)).await["revision"]["number"], 2);
    editor.server.publish(&[folder.career("a", "Imported", "")]).await;

    let lost = editor.save(document("A draft, going on"), Some(2)).await;
    assert_eq!(lost["errors"][0]["code"], "CONFLICT", "{lost}");
    assert_eq!((&lost["base"]["number"], &lost["latest"]["number"]), (&json!(2), &json!(3)));

    assert_eq!(editor.save(document("Both"), Some(3)).await["revision"]["number"], 4);
}

#[tokio::test]
async fn many_editors_at_once_lose_nothing() {
    let editor = Editor::new(TestServer::empty().await).await;
    editor.save(document("0"), None).await;
    let work = (0..8).map(|editor_number| {
        let editor = &editor;
        async move {
            let mut saved = Vec::new();
            while saved.len() < 5 {
                let query = "{ entry(kind: CAREER, slug: \"a\") { draft { number } } }";
                let body = editor.server.send_once(&editor.token, query).await;
                let known = body["data"]["entry"]["draft"]["number"].as_i64();
                let title = format!("{editor_number}/{}", saved.len());
                let answer = editor.save(document(&title), known).await;
                if answer["errors"] == json!([]) {
                    saved.push(answer["revision"]["number"].as_i64().unwrap());
                }
            }
            saved
        }
    });
    let mut numbers: Vec<_> = futures_util::future::join_all(work).await.into_iter().flatten().collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (2..=41).collect::<Vec<_>>(), "each save is a revision of its own, and none is lost");
}

#[tokio::test]
async fn one_section_is_saved_without_the_others() {
    let editor = Editor::new(TestServer::empty().await).await;
    let mut whole = document("A");
    whole["faq"] = json!([{ "key": "why", "question": "Why?", "answer": "Because." }]);
    editor.save(whole, None).await;
    let save = "mutation($sections: CareerSections!, $base: Int!) { saveCareerSections(slug: \"a\", sections: $sections, \
                baseRevision: $base) { career { title alternateTitles faq { key } } revision { number } errors { path code } } }";

    let profile = json!({ "profile": { "title": "B", "summary": "New." } });
    let saved = editor.run(save, json!({ "sections": profile, "base": 1 })).await["saveCareerSections"].clone();
    assert_eq!(saved["career"], json!({ "title": "B", "alternateTitles": [], "faq": [{ "key": "why" }] }), "{saved}");

    let nothing = editor.run(save, json!({ "sections": { "faq": {} }, "base": 2 })).await["saveCareerSections"].clone();
    assert_eq!(nothing["revision"]["number"], 2, "what is left out stays: {nothing}");
    let none = json!({ "faq": null });
    let saved = editor.run(save, json!({ "sections": none, "base": 2 })).await["saveCareerSections"].clone();
    assert_eq!(saved["career"], json!({ "title": "B", "alternateTitles": [], "faq": [] }), "{saved}");

    let late = editor.run(save, json!({ "sections": profile, "base": 1 })).await["saveCareerSections"].clone();
    assert_eq!(late["errors"], json!([{ "path": "baseRevision", "code": "CONFLICT" }]));
    let never = editor.run(save, json!({ "sections": profile, "base": 9 })).await["saveCareerSections"].clone();
    assert_eq!(never["errors"], json!([{ "path": "baseRevision", "code": "NOT_FOUND" }]));
}

#[tokio::test]
async fn mistakes_come_back_with_the_rules_of_the_check() {
    let editor = Editor::new(TestServer::empty().await).await;
    let mut wrong = document("A");
    wrong["faq"] = json!([
        { "key": "q", "question": "One?", "answer": "1" },
        { "key": "q", "question": "Two?", "answer": "2" },
    ]);
    let refused = editor.save(wrong, None).await;
    assert_eq!(refused["errors"][0]["code"], "duplicate-key", "{refused}");
    assert_eq!(refused["errors"][0]["path"], "faq[1].key");
    assert_eq!(refused["revision"], Value::Null);

    // A link to nothing may be saved, as its target may follow, and not published, where it is an error.
    let mut linked = document("A");
    linked["pay"] = json!({ "median": { "amount": 1000.0, "currency": "USD", "period": "YEAR", "source": "survey", "asOf": "2026-01-01" } });
    linked["relatedGuides"] = json!([{ "title": "Another", "career": "absent" }]);
    let saved = editor.save(linked, None).await;
    assert_eq!(saved["errors"], json!([]), "{saved}");
    let rules: Vec<_> = saved["findings"].as_array().unwrap().iter().map(|finding| &finding["rule"]).collect();
    assert!(rules.contains(&&json!("broken-link")), "{saved}");
    let published = editor.entries("publish", &["a"]).await;
    assert_eq!(published["errors"][0]["code"], "broken-link", "{published}");
    assert_eq!(published["errors"][0]["path"], "entries[0].pay.median.source");
    assert_eq!(published["entries"], json!([]));
    assert_eq!(editor.title("a").await, Value::Null);

    let save =
        "mutation { saveSource(document: {slug: \"survey\", title: \"S\", publisher: \"P\"}) { errors { code } } }";
    editor.run(save, json!({})).await;
    let both = "mutation { publish(entries: [{kind: CAREER, slug: \"a\"}, {kind: SOURCE, slug: \"survey\"}]) { errors { code message } \
                entries { slug } warnings { slug finding { rule path } } } }";
    let published = editor.run(both, json!({})).await["publish"].clone();
    assert_eq!(published["errors"], json!([]), "published together, they find each other: {published}");
    assert_eq!(
        published["warnings"][0]["slug"], "a",
        "a certification that is not there yet is a warning: {published}"
    );
    assert_eq!(editor.title("a").await, "A");
}

#[tokio::test]
async fn many_entries_are_published_together_or_not_at_all() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let paths: Vec<_> = ["a", "b", "c"].map(|slug| folder.career(slug, slug, "")).into();
    server.import(&paths, kernel::store::Mode::Draft).await;
    let editor = Editor::new(server).await;
    let version = editor.server.db.version();

    let refused = editor.entries("publish", &["a", "absent", "b", "a"]).await;
    let errors: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|e| (&e["path"], &e["code"])).collect();
    assert_eq!(
        errors,
        [(&json!("entries[1]"), &json!("NOT_FOUND")), (&json!("entries[3]"), &json!("DUPLICATE_ENTRY"))]
    );
    assert_eq!(editor.server.db.version(), version);

    let done = editor.entries("publish", &["c", "a", "b"]).await;
    assert_eq!(done["errors"], json!([]));
    let slugs: Vec<_> = done["entries"].as_array().unwrap().iter().map(|entry| &entry["slug"]).collect();
    assert_eq!(slugs, ["c", "a", "b"], "in the order in which they were named");
    assert_eq!(editor.server.db.version(), version + 3);
    let again = editor.entries("publish", &["a"]).await;
    assert_eq!(again["errors"], json!([]));
    assert_eq!(editor.server.db.version(), version + 3, "what is published already makes no version");
}

#[tokio::test]
async fn an_older_revision_comes_back_as_a_new_one() {
    let editor = Editor::new(TestServer::empty().await).await;
    editor.save(document("First"), None).await;
    editor.save(document("Second"), Some(1)).await;
    editor.entries("publish", &["a"]).await;
    let restore = "mutation($revision: Int!, $base: Int) { restore(kind: CAREER, slug: \"a\", revision: $revision, baseRevision: $base) \
                   { entry { draft { number message } } revision { number } isNew errors { path code } latest { number } } }";

    let late = editor.run(restore, json!({ "revision": 1, "base": 1 })).await["restore"].clone();
    assert_eq!(late["errors"], json!([{ "path": "baseRevision", "code": "CONFLICT" }]));
    let restored = editor.run(restore, json!({ "revision": 1, "base": 2 })).await["restore"].clone();
    assert_eq!(restored["entry"]["draft"], json!({ "number": 3, "message": "Restored revision 1" }), "{restored}");
    assert_eq!(editor.title("a").await, "Second", "the world sees what was published");
    editor.entries("publish", &["a"]).await;
    assert_eq!(editor.title("a").await, "First");
    let same = editor.run(restore, json!({ "revision": 1 })).await["restore"].clone();
    assert_eq!(same["isNew"], false, "{same}");
    let none = editor.run(restore, json!({ "revision": 9 })).await["restore"].clone();
    assert_eq!(none["errors"], json!([{ "path": "revision", "code": "NOT_FOUND" }]));
}

#[tokio::test]
async fn what_is_archived_is_gone_for_editors_too_and_comes_back_whole() {
    let editor = Editor::new(TestServer::empty().await).await;
    editor.save(document("First"), None).await;
    editor.entries("publish", &["a"]).await;
    let archived = editor.entries("archive", &["a"]).await;
    assert_ne!(archived["entries"][0]["archivedAt"], Value::Null);
    let drafts = editor.server.send_in("draft", &editor.token, "{ career(slug: \"a\") { title } }", json!({})).await;
    assert_eq!(drafts["data"]["career"], Value::Null);
    assert_eq!(editor.entries("archive", &["a"]).await["errors"][0]["code"], "ARCHIVED");
    assert_eq!(editor.entries("publish", &["a"]).await["errors"][0]["code"], "NO_DRAFT");
    assert_eq!(editor.save(document("Anew"), None).await["errors"][0]["code"], "ARCHIVED", "not by accident");

    let history = "{ entry(kind: CAREER, slug: \"a\") { archivedAt revisions { nodes { number } } } }";
    assert_eq!(editor.run(history, json!({})).await["entry"]["revisions"]["nodes"], json!([{ "number": 1 }]));
    let restore = "mutation { restore(kind: CAREER, slug: \"a\", revision: 1) { entry { archivedAt draft { number } } errors { code } } }";
    let restored = editor.run(restore, json!({})).await["restore"].clone();
    assert_eq!(restored["entry"], json!({ "archivedAt": null, "draft": { "number": 2 } }), "{restored}");
}

#[tokio::test]
async fn the_past_of_an_entry_is_a_list() {
    let editor = Editor::new(TestServer::empty().await).await;
    for number in 0..5 {
        let message = format!("Change {number}");
        let base = (number > 0).then_some(number);
        let variables = json!({ "document": document(&number.to_string()), "base": base, "message": message });
        editor.run(SAVE, variables).await;
    }
    let page = "query($after: String) { entry(kind: CAREER, slug: \"a\") { revisions(first: 2, after: $after) \
                { nodes { number message yaml } pageInfo { hasNextPage endCursor } } } }";
    let mut after = Value::Null;
    let mut seen = Vec::new();
    loop {
        let answer = editor.run(page, json!({ "after": after })).await["entry"]["revisions"].clone();
        for node in answer["nodes"].as_array().unwrap() {
            let number = node["number"].as_i64().unwrap();
            assert_eq!(node["message"], format!("Change {}", number - 1));
            assert!(node["yaml"].as_str().unwrap().contains(&format!("title: \"{}\"", number - 1)), "{node}");
            seen.push(number);
        }
        if answer["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = answer["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn every_deed_is_recorded_and_stays_recorded() {
    use sea_orm::ConnectionTrait;
    let editor = Editor::new(TestServer::empty().await).await;
    editor.save(document("First"), None).await;
    editor.entries("publish", &["a"]).await;
    editor.entries("unpublish", &["a"]).await;
    let log = "{ audit(first: 3) { nodes { action kind slug revision author tokenId } } }";
    let nodes = editor.run(log, json!({})).await["audit"]["nodes"].clone();
    let author = "read-drafts write publish administer";
    let row = |action: &str, revision: Value| json!({ "action": action, "kind": "CAREER", "slug": "a", "revision": revision, "author": author, "tokenId": "VG9rZW46MQ" });
    assert_eq!(nodes, json!([row("UNPUBLISHED", Value::Null), row("PUBLISHED", json!(1)), row("SAVED", json!(1))]));

    for statement in ["UPDATE audit SET author = 'nobody'", "DELETE FROM audit"] {
        let refused = editor.server.db.execute_unprepared(statement).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
}

#[tokio::test]
async fn saving_what_an_export_wrote_changes_nothing() {
    let editor = Editor::new(TestServer::seeded().await).await;
    let exported = Folder::new();
    let path = exported.path().to_str().unwrap().to_owned();
    let run = Binary::new(&["export", &path]).database(&editor.server.database.url).run().await;
    assert_eq!(run.status, 0, "{run:?}");
    let mut saved = 0;
    for (folder, object) in
        [("careers", "Career"), ("categories", "Category"), ("certifications", "Certification"), ("sources", "Source")]
    {
        let files = std::fs::read_dir(exported.path().join(folder)).unwrap();
        for file in files {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let mut document: Value = serde_saphyr::from_str(&text).unwrap();
            document.as_object_mut().unwrap().remove("kind");
            let query = format!(
                "mutation($document: {object}Document!) {{ it: save{object}(document: $document, baseRevision: 1) \
                 {{ isNew revision {{ number }} errors {{ path code message }} }} }}"
            );
            let outcome = editor.run(&query, json!({ "document": document })).await["it"].clone();
            assert_eq!(outcome, json!({ "isNew": false, "revision": { "number": 1 }, "errors": [] }), "{document}");
            saved += 1;
        }
    }
    assert!(saved >= 10, "{saved} documents");
}
