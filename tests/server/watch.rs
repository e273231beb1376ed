//! Local editing: a saved file is live, a broken one changes nothing.
use std::{
    fs,
    io::{BufRead, BufReader},
    process::Child,
    time::Duration,
};

use serde_json::Value;
use tokio::{sync::mpsc, time::timeout};

use crate::harness::{Binary, Folder, PATIENCE, TestServer, eventually};

struct Watch {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Watch {
    fn start(server: &TestServer, folder: &Folder) -> Self {
        let arguments = ["watch", folder.path().to_str().unwrap()];
        let mut child = Binary::new(&arguments).database(&server.database.url).start();
        let (sender, lines) = mpsc::unbounded_channel();
        let out = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _nobody_listens = sender.send(line);
            }
        });
        Self { child, lines }
    }

    /// The next line. The server of the test goes on meanwhile.
    async fn line(&mut self) -> String {
        timeout(PATIENCE, self.lines.recv()).await.ok().flatten().expect("it says something")
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

async fn becomes(server: &TestServer, title: &str) {
    eventually(&format!("{title} is live"), async || {
        server.query_once("{ career(slug: \"a\") { title } }").await["career"]["title"] == title
    })
    .await;
}

#[tokio::test]
async fn a_saved_file_is_live_and_a_broken_one_changes_nothing() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let path = folder.career("a", "First", "");
    let mut watch = Watch::start(&server, &folder);
    assert_eq!(watch.line().await, "created career a");
    assert_eq!(watch.line().await, "Watching 1 files. Press Ctrl-C to stop.");
    becomes(&server, "First").await;

    folder.career("a", "Second", "");
    assert_eq!(watch.line().await, "updated career a");
    becomes(&server, "Second").await;

    // A broken file does not keep another that is saved with it from being published.
    folder.career("a", "Third", "nonsense: 1\n");
    folder.career("b", "B", "");
    let told = [watch.line().await, watch.line().await];
    assert!(told.iter().any(|line| line.contains("a.yaml:5:1: error[unknown-field] nonsense:")), "{told:?}");
    assert!(told.contains(&"created career b".to_owned()), "{told:?}");
    becomes(&server, "Second").await;

    folder.career("a", "Mended", "");
    assert_eq!(watch.line().await, "updated career a");
    becomes(&server, "Mended").await;

    // What another entry was called before holds up no other file.
    let token = server.token(&["write", "publish"]).await;
    let rename = "mutation { rename(kind: CAREER, slug: \"b\", to: \"bee\") { errors { code } } }";
    assert_eq!(
        server.send(&token, rename, serde_json::json!({})).await["data"]["rename"]["errors"],
        serde_json::json!([])
    );
    folder.career("a", "Beside it", "");
    folder.career("b", "B again", "");
    let told = [watch.line().await, watch.line().await];
    assert!(told.contains(&"updated career a".to_owned()), "{told:?}");
    assert!(told.iter().any(|line| line.contains("b.yaml: ") && line.contains("`bee`")), "{told:?}");
    becomes(&server, "Beside it").await;
    folder.career("a", "Mended", "");
    assert_eq!(watch.line().await, "updated career a");

    // Editors write a file beside it and put it in its place.
    let partial = path.with_extension("yaml~");
    fs::write(&partial, fs::read_to_string(&path).unwrap().replace("Mended", "Replaced")).unwrap();
    fs::rename(&partial, &path).unwrap();
    assert_eq!(watch.line().await, "updated career a");
    becomes(&server, "Replaced").await;

    // Two that need each other.
    folder.source("survey");
    folder.career("a", "With pay", &Folder::median(50_000));
    let told = [watch.line().await, watch.line().await];
    assert!(
        told.contains(&"created source survey".to_owned()) && told.contains(&"updated career a".to_owned()),
        "{told:?}"
    );
    becomes(&server, "With pay").await;

    fs::remove_file(&path).unwrap();
    assert!(watch.line().await.contains("a.yaml; its entry stays as it is"));
    assert_ne!(server.query("{ career(slug: \"a\") { title } }").await["career"], Value::Null);
    #[cfg(unix)]
    {
        let id = watch.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        assert_eq!(watch.child.wait().unwrap().code(), Some(0));
    }
}

#[tokio::test]
async fn an_edit_of_the_same_size_and_time_is_seen() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let path = folder.career("a", "One", "");
    #[expect(clippy::disallowed_methods, reason = "the times of files are the system's")]
    let long_ago = std::time::SystemTime::now() - Duration::from_hours(24);
    let turn_back = || fs::File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    turn_back();
    let mut watch = Watch::start(&server, &folder);
    assert_eq!(watch.line().await, "created career a");
    assert_eq!(watch.line().await, "Watching 1 files. Press Ctrl-C to stop.");

    for title in ["Two", "Six"] {
        folder.career("a", title, "");
        turn_back();
        assert_eq!(watch.line().await, "updated career a", "{title}");
        becomes(&server, title).await;
    }
    // Another file with the same size and time takes its place.
    let other = path.with_extension("new");
    fs::write(&other, fs::read_to_string(&path).unwrap().replace("Six", "Ten")).unwrap();
    fs::File::options().write(true).open(&other).unwrap().set_modified(long_ago).unwrap();
    fs::rename(&other, &path).unwrap();
    assert_eq!(watch.line().await, "updated career a");
    becomes(&server, "Ten").await;
}
