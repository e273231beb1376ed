//! Backups: the whole database in a file, whichever kind it is of, while others write; and back.
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
};

use careerql_server::{Settings, WebhookOptions};
use chrono::TimeDelta;
use kernel::store::{self, ChangeInfo, Mode};
use serde_json::json;

use super::preview::preview_link;
use crate::data::sample::{NATION, options, release as data_release, synced, wage};
use crate::harness::{
    Binary, Contents, Folder, Output, Receiver, Running, Socket, TestDatabase, TestServer, Witness, create_webhook,
    eventual, eventually,
};

/// Questions about everything that a database holds, each with its perspective.
const QUESTIONS: [(&str, &str); 7] = [
    (
        "published",
        "{ careers(orderBy: [{title: ASC}]) { nodes { slug title publishedAt version certifications { certification { title } } } } }",
    ),
    ("draft", "{ careers(orderBy: [{title: ASC}]) { nodes { slug title tags } } }"),
    (
        "release:autumn",
        "{ careers(orderBy: [{title: ASC}]) { nodes { slug title } } releases { name scheduledAt entries { entry { slug } } } }",
    ),
    (
        "published",
        "{ old: career(slug: \"old\") { slug } entry(kind: CAREER, slug: \"a\") { revisions { nodes { number author createdAt yaml } } } }",
    ),
    (
        "published",
        "{ audit(first: 100) { nodes { at author action kind slug revision details tokenId } } tokens { name scopes createdAt revokedAt } }",
    ),
    (
        "published",
        "{ webhooks { url createdAt deliveries(first: 9) { nodes { id } } } previewLinks { number kind slug createdAt expiresAt } }",
    ),
    (
        "published",
        "{ dataset(slug: \"bls-oews\") { release } wages(code: \"29-2072\") { nodes { annual { median { value } } } } }",
    ),
];

/// A database with something in each corner, as its server sees it.
struct Full {
    server: TestServer,
    token: String,
    preview: String,
    folder: Folder,
}

impl Full {
    async fn new() -> Self {
        let webhooks = WebhookOptions { webhook_private_addresses: true, ..WebhookOptions::default() };
        let server = TestServer::with_settings(Settings { webhooks, ..Settings::default() }).await;
        let (folder, receiver) = (Folder::new(), Receiver::default());
        let token = server.token(&["read-drafts", "write", "publish", "administer"]).await;
        let link = "certifications: [{certification: c, why: It helps., when: Early.}]\n";
        server
            .publish(&[folder.certification("c", "X"), folder.career("a", "A", link), folder.career("old", "Old", "")])
            .await;
        create_webhook(&server, &token, &format!("url: \"{}\"", receiver.start().await)).await;
        server.publish(&[folder.career("a", "A again ß é", link), folder.career("gone", "Gone", "")]).await;
        receiver.has(2).await;
        receiver.refuses.store(1_000, Ordering::SeqCst);
        let change = ChangeInfo::now("test", "");
        store::rename(&server.db, server.graph.content(), &("career", "old".to_owned()), "new", &change).await.unwrap();
        store::unpublish(&server.db, server.graph.content(), "career", "gone", &change).await.unwrap();
        server
            .import(&[folder.career("a", "A drafted", "tags: [t]\n"), folder.career("b", "B", "")], Mode::Draft)
            .await;
        let release = "mutation { createRelease(release: \"autumn\") { errors { code } } addToRelease(release: \"autumn\", \
                       entries: [{kind: CAREER, slug: \"b\"}]) { errors { code } } \
                       scheduleRelease(release: \"autumn\", at: \"2099-09-01T00:00:00Z\") { errors { code } } }";
        assert_eq!(server.send(&token, release, json!({})).await.get("errors"), None);
        let wages: Vec<_> = (1_000..1_400).map(|number| wage(NATION, &format!("51-{number}"), 40_000)).collect();
        synced(&server, options(data_release(&folder, 2025, &[wages, vec![wage(NATION, "29-2072", 51_140)]].concat())))
            .await;
        let (_, preview) = preview_link(&server, "b", server.now() + TimeDelta::hours(24)).await;
        Self { server, token, preview, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Answers to all questions, as bytes, from a server on this database.
    async fn answers(&self, url: &str) -> Vec<String> {
        let server =
            Running::start(Binary::new(&["serve", "--listen", "127.0.0.1:0", "--log-level", "error"]).database(url));
        let http = reqwest::Client::new();
        let mut answers = Vec::new();
        for (perspective, query) in QUESTIONS {
            let request = http.post(&server.url).bearer_auth(&self.token).header("careerql-perspective", perspective);
            let body = request.json(&json!({ "query": query })).send().await.unwrap().text().await.unwrap();
            assert!(!body.contains("\"errors\""), "{query}: {body}");
            answers.push(body);
        }
        let preview = [("query", "{ career(slug: \"b\") { title } }"), ("preview", &self.preview)];
        answers.push(http.get(&server.url).query(&preview).send().await.unwrap().text().await.unwrap());
        answers.push(exported(url).await);
        answers
    }
}

/// All files of an export of drafts, one after the other.
async fn exported(url: &str) -> String {
    let folder = Folder::new();
    let path = folder.path().to_str().unwrap();
    succeeds(Binary::new(&["export", path, "--perspective", "draft"]).database(url).run().await);
    let kinds = fs::read_dir(folder.path()).unwrap().map(|kind| kind.unwrap().path());
    let mut files: Vec<_> =
        kinds.flat_map(|kind| fs::read_dir(kind).unwrap().map(|file| file.unwrap().path())).collect();
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

fn succeeds(run: Output) -> Output {
    assert_eq!(run.status, 0, "{run:?}");
    run
}

async fn run(command: &str, file: &Path, more: &[&str], url: &str) -> Output {
    Binary::new(&[&[command, file.to_str().unwrap()], more].concat()).database(url).run().await
}

fn sqlite(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

async fn contents(url: &str) -> Contents {
    Witness::of(url).await.sees().await
}

#[tokio::test]
async fn a_backup_answers_as_the_database_does_and_so_does_what_is_restored_from_it_on_either_kind() {
    let full = Full::new().await;
    let of = &full.server.database.url;
    let (first, second) = (full.file("first.sqlite"), full.file("second.sqlite"));
    // Messages that are sent meanwhile change the database.
    let source = eventual("a backup is made while nothing changes", async || {
        let before = contents(of).await;
        let told = succeeds(run("backup", &first, &["--replace"], of).await);
        assert!(told.out.starts_with("Wrote ") && told.out.contains("first.sqlite"), "{told:?}");
        (contents(of).await == before).then_some(before)
    })
    .await;
    let (same_kind, embedded) = (TestDatabase::fresh().await, TestDatabase::sqlite());
    succeeds(run("restore", &first, &[], &same_kind.url).await);
    succeeds(run("restore", &first, &[], &embedded.url).await);
    succeeds(run("backup", &second, &[], &embedded.url).await);
    let back = TestDatabase::fresh().await;
    succeeds(run("restore", &second, &[], &back.url).await);

    let backed_up = contents(&same_kind.url).await;
    assert!(
        ["token", "audit", "release", "delivery", "preview_link", "signing_key", "webhook", "wage", "data_block"]
            .iter()
            .all(|table| !backed_up[*table].is_empty())
    );
    assert_eq!(backed_up, source);
    assert_eq!(contents(&back.url).await, source, "there and back");
    assert_eq!(contents(&sqlite(&first)).await, contents(&embedded.url).await);
    assert_eq!(contents(&sqlite(&second)).await, contents(&embedded.url).await);
    let answers = full.answers(&sqlite(&first)).await;
    for url in [&same_kind.url, &embedded.url, &back.url] {
        assert_eq!(full.answers(url).await, answers, "{url}");
    }
    let preview = &answers[QUESTIONS.len()];
    assert!(preview.contains("\"B\""), "the preview link is valid: {preview}");
}

#[tokio::test]
async fn ids_that_were_given_are_not_given_again() {
    let full = Full::new().await;
    let last = full.server.db.version();
    let (file, restored) = (full.file("b.sqlite"), TestDatabase::fresh().await);
    succeeds(run("backup", &file, &[], &full.server.database.url).await);
    succeeds(run("restore", &file, &[], &restored.url).await);

    let career = full.folder.career("later", "Later", "");
    succeeds(Binary::new(&["import", career.to_str().unwrap(), "--publish"]).database(&restored.url).run().await);

    let (_, migrations) = careerql_server::app().build().unwrap();
    let db = migrations.up(careerql_server::connect(&restored.url).await.unwrap()).await.unwrap();
    assert_eq!(db.version(), last + 1);
    // The constraints of the database hold again.
    let broken =
        sea_orm::ConnectionTrait::execute_unprepared(&*db, "UPDATE entry SET published_revision_id = 9999").await;
    assert!(broken.is_err());
    let audited = sea_orm::ConnectionTrait::execute_unprepared(&*db, "DELETE FROM audit").await;
    assert!(audited.unwrap_err().to_string().contains("append-only"));
}

#[tokio::test]
async fn a_running_server_shows_what_is_restored_and_tells_its_subscribers() {
    let full = Full::new().await;
    let (server, file) = (&full.server, full.file("b.sqlite"));
    succeeds(run("backup", &file, &[], &server.database.url).await);
    server.publish(&[full.folder.career("a", "After", ""), full.folder.career("z", "Only after", "")]).await;
    let ask = "{ a: career(slug: \"a\") { title } z: career(slug: \"z\") { title } }";
    assert_eq!(server.query_once(ask).await["a"]["title"], "After");
    let mut socket = Socket::ready(server).await;
    socket.subscribed("1", "subscription { contentChanged { slug } }").await;

    succeeds(run("restore", &file, &["--replace"], &server.database.url).await);

    let told = socket.hear().await;
    assert_eq!(told["payload"][0]["extensions"]["code"], "CONTENT_RESTORED", "{told}");
    eventually("what was restored is shown", async || {
        server.query_once(ask).await == json!({ "a": { "title": "A again ß é" }, "z": null })
    })
    .await;
    server.publish(&[full.folder.career("a", "Third", "")]).await;
    assert_eq!(server.query_once(ask).await["a"]["title"], "Third");
}

#[tokio::test]
async fn a_backup_that_is_made_while_others_publish_is_of_one_moment() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let pair = |round: u32| {
        [folder.career("a", &format!("Round {round}"), ""), folder.career("b", &format!("Round {round}"), "")]
    };
    server.publish(&pair(0)).await;
    let publisher = async {
        for round in 1.. {
            server.publish(&pair(round)).await;
            tokio::task::yield_now().await;
        }
    };
    let backups = async {
        let file = folder.path().join("b.sqlite");
        let mut seen = Vec::new();
        for _ in 0..6 {
            succeeds(run("backup", &file, &["--replace"], &server.database.url).await);
            let backup = contents(&sqlite(&file)).await;
            let text = exported(&sqlite(&file)).await;
            let titles: Vec<_> = text.lines().filter(|line| line.starts_with("title: ")).collect();
            assert_eq!(titles.len(), 2, "{text}");
            assert_eq!(titles[0], titles[1], "half a publication");
            assert_eq!(backup["publication"].len() % 2, 0, "half a publication");
            seen.push(titles[0].to_owned());
        }
        seen
    };
    tokio::select! {
        seen = backups => assert!(seen.first() != seen.last(), "nothing was published meanwhile: {seen:?}"),
        () = publisher => unreachable!(),
    }
}

#[tokio::test]
async fn what_cannot_be_backed_up_or_restored_says_why_and_what_to_do_and_leaves_all_as_it_was() {
    let full = Full::new().await;
    let of = &full.server.database.url;
    let (good, other, text) = (full.file("good.sqlite"), full.file("other.sqlite"), full.file("text.sqlite"));
    succeeds(run("backup", &good, &[], of).await);
    let fresh = TestDatabase::fresh().await;
    let empty = TestDatabase::sqlite();
    succeeds(Binary::new(&["migrate"]).database(&fresh.url).run().await);
    fs::write(&text, "title: no database").unwrap();
    let bytes = fs::read(&good).unwrap();
    let (cut, torn) = (full.file("cut.sqlite"), full.file("torn.sqlite"));
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    fs::write(&torn, [&bytes[..middle], &vec![0xa5; 16_384][..], &bytes[middle + 16_384..]].concat()).unwrap();
    foreign(&other, "CREATE TABLE thing (id INTEGER)").await;
    let newer = full.file("newer.sqlite");
    fs::copy(&good, &newer).unwrap();
    foreign(&newer, "INSERT INTO migration_kernel (version, applied_at) VALUES ('m29990101_000001_x', 0); PRAGMA user_version = 9008007").await;
    let before = contents(&fresh.url).await;

    let missing = full.file("missing/b.sqlite");
    let (log, journal) = (full.file("good.sqlite-wal"), full.file("good.sqlite-journal"));
    let folder = full.folder.path().to_owned();
    for (command, file, more, url, code, words) in [
        ("backup", &good, &[][..], of, "BACKUP_EXISTS", "--replace"),
        ("backup", &folder, &["--replace"], of, "BACKUP_FAILED", "is a folder"),
        ("backup", &log, &["--replace"], of, "BACKUP_EXISTS", "calls the log of"),
        ("backup", &journal, &[], of, "BACKUP_EXISTS", "calls the log of"),
        ("backup", &PathBuf::from("/dev/null"), &["--replace"], of, "BACKUP_EXISTS", "not a regular file"),
        ("backup", &missing, &[], of, "BACKUP_FAILED", "Create it first"),
        ("backup", &full.file("new.sqlite"), &[], &empty.url, "DATABASE_MISSING", "does not exist"),
        ("backup", &full.file("new.sqlite"), &[], &sqlite(&other), "DATABASE_MISSING", "nothing to back up"),
        ("backup", &full.file("new.sqlite"), &[], &sqlite(&newer), "DATABASE_NEWER", "m29990101_000001_x"),
        ("restore", &good, &[], of, "DATABASE_NOT_EMPTY", "--replace"),
        ("restore", &good, &[], &sqlite(&other), "DATABASE_FOREIGN", "another program"),
        ("restore", &full.file("no.sqlite"), &[], &fresh.url, "BACKUP_MISSING", "Check its path"),
        ("restore", &text, &["--replace"], of, "BACKUP_DAMAGED", "not an SQLite database"),
        ("restore", &cut, &["--replace"], of, "BACKUP_DAMAGED", "another backup"),
        ("restore", &torn, &["--replace"], of, "BACKUP_DAMAGED", "another backup"),
        ("restore", &other, &["--replace"], of, "BACKUP_FOREIGN", "no tables of CareerQL"),
        ("restore", &newer, &["--replace"], of, "BACKUP_NEWER", "newer version of CareerQL, 9.8.7:"),
    ] {
        let told = run(command, file, more, url).await;
        assert_eq!(told.status, 1, "{command} {}: {told:?}", file.display());
        assert!(
            told.err.contains(&format!("[{code}]")) && told.err.contains(words),
            "{command} {}: {told:?}",
            file.display()
        );
    }
    assert!(!full.file("new.sqlite").exists() && !fs::exists(empty.url.trim_start_matches("sqlite://")).unwrap());
    assert_eq!(fs::read(&good).unwrap(), bytes);
    assert_eq!(contents(&fresh.url).await, before);
    full.server.query("{ career(slug: \"new\") { title } }").await;
    assert_eq!(partials(&full.folder), Vec::<String>::new());
}

/// Runs statements on an SQLite file.
async fn foreign(file: &Path, sql: &str) {
    let db = sea_orm::Database::connect(format!("{}?mode=rwc", sqlite(file))).await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&db, sql).await.unwrap();
    db.close().await.unwrap();
}

/// The files of the folder that are no whole backup.
fn partials(folder: &Folder) -> Vec<String> {
    let names = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("partial")).collect()
}

#[cfg(unix)]
#[tokio::test]
async fn a_disk_that_takes_no_more_leaves_no_backup_and_a_backup_is_for_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let full = Full::new().await;
    let (file, of) = (full.file("b.sqlite"), &full.server.database.url);
    let backup = || Binary::new(&["backup", file.to_str().unwrap()]).database(of);

    // In blocks of 512 bytes.
    let told = backup().ulimit("-f 100 && trap '' XFSZ").run().await;
    assert_eq!(told.status, 1, "{told:?}");
    assert!(told.err.contains("[BACKUP_FAILED]") || told.err.contains("[BACKUP_FULL]"), "{told:?}");
    assert!(!file.exists() && partials(&full.folder).is_empty(), "{:?}", partials(&full.folder));
    if cfg!(target_os = "linux") {
        // Nobody may make a file there.
        let told = run("backup", Path::new("/sys/b.sqlite"), &[], of).await;
        assert!(told.status == 1 && told.err.contains("/sys/b.sqlite cannot be written"), "{told:?}");
        assert!(told.err.contains("permission") || told.err.contains("read-only"), "{told:?}");
    }

    succeeds(backup().run().await);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn what_stopped_runs_left_behind_is_removed_when_it_is_old_and_named_when_it_is_not() {
    let full = Full::new().await;
    let (file, of) = (full.file("b.sqlite"), &full.server.database.url);
    let (young, old) = (full.file("b.sqlite.partial-00000001"), full.file("b.sqlite.partial-00000002"));
    fs::write(&young, "").unwrap();
    fs::write(&old, "").unwrap();
    let two_days_ago = full.server.now() - TimeDelta::days(2);
    fs::File::options().write(true).open(&old).unwrap().set_modified(two_days_ago.into()).unwrap();

    let told = succeeds(run("backup", &file, &[], of).await);

    assert!(told.err.contains("partial-00000001") && told.err.contains("partial-00000002"), "{told:?}");
    assert_eq!(partials(&full.folder), ["b.sqlite.partial-00000001"]);
}
