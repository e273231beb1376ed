//! `backup` and `restore`, killed at random moments: what they write is complete, or it is as it was.
use std::{
    fs,
    path::{Path, PathBuf},
    process::Child,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use kernel::store::{self, ChangeInfo, Mode};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::harness::{Binary, Contents, Folder, Running, TestDatabase, TestServer, Witness, eventual};

/// Number of runs that are killed.
const ROUNDS: u32 = 16;
/// Number of careers with the one title, and with the other.
const ONE: u32 = 60;
const TWO: u32 = 40;
/// Number of clients that read meanwhile.
const READERS: usize = 40;

/// A database with a draft and with careers that all have one title, and then another title and fewer of them, and a backup of either.
async fn backed_up(folder: &Folder) -> (TestServer, PathBuf, PathBuf) {
    let server = TestServer::empty().await;
    let careers = |title: &str, count: u32| -> Vec<_> {
        (0..count).map(|number| folder.career(&format!("c{number}"), title, "tags: [t]\n")).collect()
    };
    server.publish(&careers("One", ONE)).await;
    server.import(&[folder.career("c0", "A draft", "")], Mode::Draft).await;
    let one = backup(folder, &server, "one.sqlite").await;
    server.publish(&careers("Two", TWO)).await;
    let change = ChangeInfo::now("test", "");
    let gone: Vec<_> = (TWO..ONE).map(|number| ("career", format!("c{number}"))).collect();
    assert!(store::withdraw(&server.db, server.graph.content(), &gone, &change).await.unwrap().problems.is_empty());
    let two = backup(folder, &server, "two.sqlite").await;
    (server, one, two)
}

async fn backup(folder: &Folder, server: &TestServer, name: &str) -> PathBuf {
    let file = folder.path().join(name);
    let run = Binary::new(&["backup", file.to_str().unwrap()]).database(&server.database.url).run().await;
    assert_eq!(run.status, 0, "{run:?}");
    file
}

async fn contents(url: &str) -> Contents {
    Witness::of(url).await.sees().await
}

async fn of_file(file: &Path) -> Contents {
    contents(&format!("sqlite://{}", file.display())).await
}

/// Kills a process after a share of the time that it takes; says whether it was killed before it was done.
async fn killed(mut child: Child, whole: Duration, share: f64) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < whole.mul_f64(share) && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(2)).await;
    }
    // It may have ended by itself.
    let _ended = child.kill();
    child.wait().unwrap().code().is_none()
}

/// Shares that are spread over a run, the later part of it above all, as the first is the start of the process.
fn shares() -> impl Iterator<Item = f64> {
    // Each step is the golden ratio: no two are close, and none repeats.
    (1..=ROUNDS).map(|round| 0.3 + 0.75 * (f64::from(round) * 0.618_033_988_75).fract())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_killed_leaves_a_whole_file_or_none() {
    let folder = Folder::new();
    let (server, _, last) = backed_up(&folder).await;
    let expected = of_file(&last).await;
    let file = folder.path().join("killed.sqlite");
    let start = || Binary::new(&["backup", file.to_str().unwrap()]).database(&server.database.url);
    let begun = Instant::now();
    assert_eq!(start().run().await.status, 0);
    let whole = begun.elapsed();
    let (mut absent, mut complete) = (0, 0);
    for share in shares() {
        let _gone = fs::remove_file(&file);
        killed(start().start(), whole, share).await;
        if file.exists() {
            assert_eq!(of_file(&file).await, expected, "the file is not whole");
            complete += 1;
        } else {
            absent += 1;
        }
    }
    assert!(absent > 0, "no run was killed before it was done, {complete} were done");
    let _gone = fs::remove_file(&file);
    assert_eq!(start().run().await.status, 0, "what they left behind is in nobody's way");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_is_killed_leaves_what_was_before_or_all_of_the_backup_and_readers_see_nothing_between() {
    let folder = Folder::new();
    let (_, one, two) = backed_up(&folder).await;
    let target = TestDatabase::fresh().await;
    let restore = |file: &Path| Binary::new(&["restore", file.to_str().unwrap(), "--replace"]).database(&target.url);
    assert_eq!(restore(&two).run().await.status, 0);
    let of_two = contents(&target.url).await;
    let begun = Instant::now();
    assert_eq!(restore(&one).run().await.status, 0);
    let (whole, of_one) = (begun.elapsed(), contents(&target.url).await);
    let server = Running::start(
        Binary::new(&["serve", "--listen", "127.0.0.1:0", "--log-level", "error"]).database(&target.url),
    );
    let readers = Readers::start(&server.url);

    let (mut before, mut complete) = (0, 0);
    for share in shares() {
        let was = contents(&target.url).await;
        let (next, then) = if was == of_one { (&two, &of_two) } else { (&one, &of_one) };
        killed(restore(next).start(), whole, share).await;
        let settled = eventual("the database has ended what the killed run began", async || {
            let now = contents(&target.url).await;
            (now == was || now == *then).then_some(now)
        });
        if settled.await == was { before += 1 } else { complete += 1 }
    }
    assert!(before > 0, "no run was killed before it was done, {complete} were done");
    readers.end().await;
    let later = folder.career("later", "Later", "");
    let import = Binary::new(&["import", later.to_str().unwrap(), "--publish"]).database(&target.url).run().await;
    assert_eq!(import.status, 0, "the database takes new rows: {import:?}");
    assert_eq!(restore(&one).run().await.status, 0);
    assert_eq!(contents(&target.url).await, of_one);
}

/// Clients that read again and again, and see all of one content or all of the other.
struct Readers {
    done: Arc<AtomicBool>,
    answers: Arc<AtomicUsize>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Readers {
    fn start(url: &str) -> Self {
        let (done, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let http = reqwest::Client::new();
        let tasks = (0..READERS).map(|reader| {
            let (http, url, done, answers) = (http.clone(), url.to_owned(), done.clone(), answers.clone());
            tokio::spawn(async move {
                for turn in 0.. {
                    if done.load(Ordering::SeqCst) {
                        break;
                    }
                    // No two are alike, so that none is answered from a cache.
                    let query = format!("{{ r{reader}t{turn}: careers(first: 100) {{ nodes {{ title }} }} }}");
                    let body = http.post(&url).json(&json!({ "query": query })).send().await.unwrap();
                    let body: Value = body.json().await.unwrap();
                    assert_eq!(body.get("errors"), None, "{body}");
                    let nodes = body["data"][format!("r{reader}t{turn}")]["nodes"].as_array().unwrap().clone();
                    let (title, count) = (nodes[0]["title"].as_str().unwrap(), nodes.len());
                    assert!(nodes.iter().all(|node| node["title"] == title), "half a restore: {body}");
                    assert_eq!(count, if title == "One" { ONE } else { TWO } as usize, "half a restore");
                    answers.fetch_add(1, Ordering::SeqCst);
                    sleep(Duration::from_millis(20)).await;
                }
            })
        });
        Self { tasks: tasks.collect(), done, answers }
    }

    async fn end(self) {
        self.done.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
        assert!(self.answers.load(Ordering::SeqCst) > READERS, "they read meanwhile");
    }
}
