//! A database that an earlier version wrote: it opens, answers as it did, goes on, and can be backed up before and restored after.
use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::harness::{Binary, Folder, Running, TestDatabase, Witness};

/// The database of the earlier version, in a file of its own.
fn earlier(folder: &Folder) -> (PathBuf, String) {
    let file = folder.path().join("earlier.sqlite");
    fs::copy(fixture("database.sqlite"), &file).unwrap();
    let url = format!("sqlite://{}", file.display());
    (file, url)
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/store/earlier").join(name)
}

/// A client of a server, with the token that the earlier version made.
struct Client {
    server: Running,
    token: String,
    answers: Vec<Value>,
}

impl Client {
    fn on(url: &str) -> Self {
        let server =
            Running::start(Binary::new(&["serve", "--listen", "127.0.0.1:0", "--log-level", "error"]).database(url));
        let recorded: Value = serde_json::from_str(&fs::read_to_string(fixture("answers.json")).unwrap()).unwrap();
        let answers = recorded["answers"].as_array().unwrap().clone();
        Self { server, token: recorded["token"].as_str().unwrap().to_owned(), answers }
    }

    async fn ask(&self, perspective: &str, query: &str) -> Value {
        let request = reqwest::Client::new().post(&self.server.url).bearer_auth(&self.token);
        let request = request.header("careerql-perspective", perspective).json(&json!({ "query": query }));
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(body.get("errors"), None, "{query}: {body}");
        body["data"].clone()
    }

    /// Asks what the earlier version was asked; it answered the same.
    async fn answers_as_before(&self) {
        for recorded in &self.answers {
            let (perspective, query) = (recorded["perspective"].as_str().unwrap(), recorded["query"].as_str().unwrap());
            // Documents are shown in the shape of today, which had no name then.
            let answer = self.ask(perspective, query).await.to_string().replace("shape: \\\"2026-12-01\\\"\\n", "");
            // The category that the first start made of a text is told to the webhook.
            let answer = answer.replace("{\"id\":\"RGVsaXZlcnk6Mg\"},", "");
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(answer, recorded["data"], "{perspective}: {query}");
        }
    }
}

#[tokio::test]
async fn a_database_of_an_earlier_version_answers_as_it_did_and_is_edited_and_published() {
    let folder = Folder::new();
    let (_, url) = earlier(&folder);
    let client = Client::on(&url);

    client.answers_as_before().await;

    let edit = "mutation { saveCareer(document: {slug: \"nursing\", title: \"Nursing today\", summary: \"S\"}, baseRevision: 3) \
                { revision { number } errors { code } } publish(entries: [{kind: CAREER, slug: \"nursing\"}]) { errors { code } } }";
    let edited = client.ask("published", edit).await;
    assert_eq!(edited["saveCareer"], json!({ "revision": { "number": 4 }, "errors": [] }));
    assert_eq!(edited["publish"]["errors"], json!([]));
    let seen = "{ career(slug: \"nursing\") { title firstPublishedAt publishedAt } }";
    let seen = client.ask("published", seen).await["career"].clone();
    assert_eq!(seen["title"], "Nursing today");
    assert_eq!(seen["firstPublishedAt"], seen["publishedAt"], "as the log has it");
    let history = "{ entry(kind: CAREER, slug: \"nursing\") { revisions { nodes { number message } } } }";
    let history = client.ask("published", history).await;
    let numbers: Vec<_> =
        history["entry"]["revisions"]["nodes"].as_array().unwrap().iter().map(|node| node["number"].clone()).collect();
    assert_eq!(numbers, [4, 3, 2, 1].map(Value::from));
}

#[tokio::test]
async fn a_database_of_an_earlier_version_is_backed_up_as_it_is_and_restored_up_to_date() {
    let folder = Folder::new();
    let (file, url) = earlier(&folder);
    let backup = folder.path().join("backup.sqlite");
    let backup = backup.to_str().unwrap();
    let before = Witness::of(&url).await.sees().await;

    let run = Binary::new(&["backup", backup]).database(&url).run().await;
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(Witness::of(&url).await.sees().await, before, "a backup brings nothing up to date");
    assert_eq!(Witness::of(&format!("sqlite://{backup}")).await.sees().await, before);

    for (target, from) in [(TestDatabase::fresh().await, backup), (TestDatabase::sqlite(), file.to_str().unwrap())] {
        // Its pages have another size than those of the file.
        assert_eq!(Binary::new(&["migrate"]).database(&target.url).run().await.status, 0);
        let run = Binary::new(&["restore", from]).database(&target.url).run().await;
        assert_eq!(run.status, 0, "{run:?}");
        Client::on(&target.url).answers_as_before().await;
    }
}
