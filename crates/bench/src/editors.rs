//! `editors`: how much readers are slowed while editors save on the same server.
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    Result,
    generate::{slug, write},
    import,
    load::{Load, Requests, request},
    process,
    serve::{CAREER, COLD, Server},
};

/// Number of careers.
const CAREERS: usize = 1_000;
/// Number of readers.
const READERS: usize = 32;
/// Number of editors that save, each a guide of their own.
const EDITORS: usize = 10;

/// Measures readers alone, with editors that save once a second, and with editors that save without a pause: where answers are
/// kept, and where each reader asks the database.
pub(crate) async fn measure(load: &Load) -> Result<()> {
    let lines = load.folder.join(format!("{CAREERS}.jsonl"));
    write(CAREERS, &lines)?;
    let url = import::file(&load.folder, "editors.sqlite")?;
    import::import(&lines, &url)?;
    let arguments = ["token", "create", "--name", "bench", "--scope", "all", "--database-url", &url];
    let token = process::run("careerql", &arguments)?.trim().to_owned();
    let others = (0..CAREERS).map(|number| request(CAREER, json!({ "slug": slug(number) }))).collect();
    let readers = Requests::Any(others);
    crate::say(format_args!(
        "| readers | {EDITORS} editors | saves/s | slowest save, ms | {READERS} readers: requests/s | p99 ms | of what it is alone |\n|---|---|---|---|---|---|---|"
    ))?;
    for (kept, flags) in [("answers are kept", [].as_slice()), ("nothing is kept", &COLD)] {
        let server = Server::careerql(&url, flags, load).await?;
        load.run(server.address(), &readers, READERS)?;
        for (name, pause) in [("each once a second", Duration::from_secs(1)), ("without a pause", Duration::ZERO)] {
            let before = load.run(server.address(), &readers, READERS)?;
            let editors = Editors::start(server.address(), &token, pause);
            let measured = load.run(server.address(), &readers, READERS)?;
            let (rate, slowest) = editors.stop().await?;
            let after = load.run(server.address(), &readers, READERS)?;
            let alone = f64::midpoint(before.rate, after.rate);
            crate::say(format_args!(
                "| {kept} | {name} | {rate:.0} | {slowest:.0} | {:.0} | {:.2} | {:.2} |",
                measured.rate,
                measured.p99,
                measured.rate / alone
            ))?;
        }
    }
    Ok(())
}

/// Editors at work.
struct Editors {
    done: Arc<AtomicBool>,
    saves: Arc<AtomicU64>,
    began: Instant,
    at_work: Vec<tokio::task::JoinHandle<Result<f64, String>>>,
}

impl Editors {
    fn start(address: SocketAddr, token: &str, pause: Duration) -> Self {
        let (done, saves) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let at_work = (0..EDITORS).map(|number| {
            let editor =
                Editor { url: format!("http://{address}/graphql"), token: token.to_owned(), slug: slug(number) };
            let (done, saves) = (done.clone(), saves.clone());
            tokio::spawn(async move {
                let client = reqwest::Client::new();
                let mut slowest = 0.0_f64;
                for round in 0.. {
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                    let begun = Instant::now();
                    editor.save(&client, round).await.map_err(|error| error.to_string())?;
                    slowest = slowest.max(begun.elapsed().as_secs_f64() * 1_000.0);
                    saves.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(pause).await;
                }
                Ok(slowest)
            })
        });
        let at_work = at_work.collect();
        Self { done, saves, began: Instant::now(), at_work }
    }

    /// Number of saves a second, and the time of the slowest in milliseconds.
    async fn stop(self) -> Result<(f64, f64)> {
        let rate = self.saves.load(Ordering::Relaxed) as f64 / self.began.elapsed().as_secs_f64();
        self.done.store(true, Ordering::Relaxed);
        let mut slowest = 0.0_f64;
        for editor in self.at_work {
            slowest = slowest.max(editor.await??);
        }
        Ok((rate, slowest))
    }
}

struct Editor {
    url: String,
    token: String,
    slug: String,
}

impl Editor {
    /// Loads the head and saves its questions anew. Whatever is wrong ends the measurement.
    async fn save(&self, client: &reqwest::Client, round: u64) -> Result<()> {
        let head = "query($slug: Slug!) { entry(kind: CAREER, slug: $slug) { published { number } draft { number } } }";
        let entry =
            self.ask(client, json!({ "query": head, "variables": { "slug": self.slug } })).await?["entry"].clone();
        let base = entry["draft"]["number"].as_i64().or(entry["published"]["number"].as_i64());
        let save = "mutation($slug: Slug!, $base: Int!, $faq: FaqSectionPatch!) { saveCareerSections(slug: $slug, \
                    sections: { faq: $faq }, baseRevision: $base) { isNew errors { code message } } }";
        let faq =
            json!({ "faq": [{ "key": "round", "question": "Which round?", "answer": format!("Round {round}.") }] });
        let variables = json!({ "slug": self.slug, "base": base, "faq": faq });
        let saved = self.ask(client, json!({ "query": save, "variables": variables })).await?;
        if saved["saveCareerSections"]["errors"] != json!([]) {
            return Err(format!("not saved: {saved}").into());
        }
        Ok(())
    }

    async fn ask(&self, client: &reqwest::Client, body: Value) -> Result<Value> {
        let answer = client.post(&self.url).bearer_auth(&self.token).json(&body).send().await?;
        let mut answer: Value = answer.json().await?;
        match answer.get("errors") {
            Some(errors) => Err(errors.to_string().into()),
            None => Ok(answer["data"].take()),
        }
    }
}
