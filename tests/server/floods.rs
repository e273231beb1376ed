//! Floods of dear requests: a neighbour is answered beside each of them, and their memory comes back.
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    harness::{Binary, Folder, PATIENCE, Running, TestDatabase, eventually, optimised, seed},
    server::hostile::many,
};

/// Requests that come all at once, and how many of them.
struct Flood {
    name: &'static str,
    number: usize,
    body: Box<dyn Fn(usize) -> Vec<u8>>,
}

fn flood(name: &'static str, number: usize, body: impl Fn(usize) -> Value + 'static) -> Flood {
    Flood { name, number, body: Box::new(move |number| body(number).to_string().into_bytes()) }
}

/// The same query, with something in it that no cache knows.
fn asking(name: &'static str, number: usize, query: impl Into<String>) -> Flood {
    let query = query.into();
    flood(name, number, move |number| json!({ "query": format!("{query} # {number}") }))
}

fn floods() -> Vec<Flood> {
    let check = "query($d: CareerDocument!) { checkCareer(document: $d) { rule } }";
    let document = move |number: usize, field: &str, value: Value| {
        json!({ "query": check, "variables": { "d": {
        "slug": format!("s{number}"), "title": "T", "summary": "S", field: value } } })
    };
    let duties: Vec<_> =
        (0..40).map(|n| json!({ "title": format!("Duty {n}"), "description": "word ".repeat(20) })).collect();
    let roles: Vec<_> =
        (0..150).map(|n| json!({ "key": format!("r{n}"), "title": format!("Role {n}"), "duties": duties })).collect();
    let unused: serde_json::Map<_, _> = (0..60_000).map(|n| (n.to_string(), json!(n))).collect();
    let spread = many(64, |n| format!("fragment F{n} on Career {{ {} }}", "...F64 ".repeat(60)));
    let spread = format!(
        "{{ careers(first: 1) {{ nodes {{ {} }} }} }} {spread} fragment F64 on Career {{ title slug tags }}",
        many(64, |n| format!("...F{n}"))
    );
    let (open, close) = ("{ relatedGuides { career ".repeat(4), " } }".repeat(4));
    let related = format!("{{ careers(first: 5) {{ nodes {open} {{ title summary {{ plain }} }} {close} }} }}");
    let prose = "{ careers(first: 100) { nodes { summary { html plain } faq { answer { html plain } } } } }";
    let dear = "{ careers(first: 30) { nodes { title roles { title duties { title description { html } } } } } }";
    vec![
        flood("checks of large documents", 100, move |number| document(number, "roles", json!(roles))),
        flood("checks of prose in many levels", 40, move |number| {
            document(number, "summary", json!("- ".repeat(100_000)))
        }),
        asking("introspections", 400, include_str!("../introspection.graphql")),
        flood(
            "variables that nobody uses",
            250,
            move |number| json!({ "query": format!("{{ __typename }} # {number}"), "variables": unused }),
        ),
        asking("findings of a hundred documents", 40, "{ careers(first: 100) { nodes { findings { message } } } }"),
        asking("guides of guides", 40, related),
        asking("prose of a hundred documents", 40, prose),
        asking("fragments in fragments", 40, spread),
        asking(
            "the same field again and again",
            40,
            format!("{{ careers(first: 1) {{ nodes {{ {} }} }} }}", "title ".repeat(1_900)),
        ),
        flood("dear batches", 40, move |number| json!(vec![json!({ "query": format!("{dear} # {number}") }); 3])),
    ]
}

/// A hundred careers, each with all that the one of the seed has.
fn hundred(folder: &Folder) -> std::path::PathBuf {
    let seed = seed();
    let guide = std::fs::read_to_string(seed.join("careers/health-information-technology.yaml")).unwrap();
    for kind in ["sources", "certifications"] {
        let to = folder.path().join(kind);
        std::fs::create_dir_all(&to).unwrap();
        for file in std::fs::read_dir(seed.join(kind)).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    std::fs::create_dir_all(folder.path().join("careers")).unwrap();
    for number in 0..100 {
        let guide = guide.replace("slug: health-information-technology\n", &format!("slug: guide-{number}\n"));
        std::fs::write(folder.path().join(format!("careers/guide-{number}.yaml")), guide).unwrap();
    }
    folder.path().to_owned()
}

/// Asks a thin query again and again, on a thread of its own, until it is told to stop; counts the answers. Returns the longest time
/// that one took.
fn neighbour(url: String, answers: Arc<AtomicUsize>, stop: Arc<AtomicBool>) -> std::thread::JoinHandle<Duration> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, mut worst) = (Client::new(), Duration::ZERO);
            for number in 0.. {
                let body = json!({ "query": format!("{{ careers {{ totalCount }} }} # {number}") });
                let begun = Instant::now();
                let answer =
                    timeout(PATIENCE, client.post(&url).json(&body).send()).await.expect("it is answered meanwhile");
                let answer: Value = answer.unwrap().json().await.unwrap();
                answers.fetch_add(1, Ordering::Relaxed);
                worst = worst.max(begun.elapsed());
                assert_eq!(answer["data"]["careers"]["totalCount"], 100, "{answer}");
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            worst
        })
    })
}

#[expect(clippy::print_stderr, reason = "how far a bound was reached is worth knowing, beside whether it holds")]
#[tokio::test]
async fn a_neighbour_is_answered_beside_every_flood_and_memory_comes_back() {
    let (database, folder) = (TestDatabase::fresh().await, Folder::new());
    let path = hundred(&folder);
    let import = Binary::new(&["import", path.to_str().unwrap(), "--publish"]).database(&database.url).run().await;
    assert_eq!(import.status, 0, "{import:?}");
    let server = Running::start(
        Binary::new(&["--listen", "127.0.0.1:0"]).env("CAREERQL_LOG_LEVEL", "error").database(&database.url),
    );
    // Times say something of an optimised build on a machine that has nothing else to do.
    let is_measured = optimised().is_some();
    let (alone, crowded) = (Duration::from_millis(100), Duration::from_millis(250));
    // Making the bodies takes longer than a connection may be idle.
    let client = Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let send = async |body: Vec<u8>| {
        let request = client.post(&server.url).header("content-type", "application/json").body(body);
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let mut failed = Vec::new();
    for Flood { name, number, body } in floods() {
        let before = server.memory();
        let number = if is_measured { number } else { number.min(40) };
        for (number, bound) in [(1, alone), (number, crowded)] {
            let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
            let beside = neighbour(server.url.clone(), answered.clone(), stop.clone());
            eventually("the neighbour has begun", async || answered.load(Ordering::Relaxed) > 0).await;
            let begun = Instant::now();
            let requests = (0..number).map(|request| send(body(1_000 * number + request)));
            let answers = futures_util::future::join_all(requests).await;
            let took = begun.elapsed();
            stop.store(true, Ordering::Relaxed);
            let worst = beside.join().unwrap();
            let busy = answers.iter().filter(|(status, _)| *status == StatusCode::SERVICE_UNAVAILABLE).count();
            let memory = server.memory();
            eprintln!("{name}: {number} took {took:?}, {busy} refused, the neighbour {worst:?}, {memory:?} MiB");
            for (status, text) in answers {
                let is_known =
                    status == StatusCode::SERVICE_UNAVAILABLE || status.is_success() || status.is_client_error();
                assert!(is_known && !text.contains("\"INTERNAL\""), "{name}: {status} {text:.300}");
            }
            if is_measured && worst > bound {
                failed.push(format!("{name}: the neighbour of {number} waited {worst:?}"));
            }
        }
        if let Some(before) = before.filter(|_| is_measured) {
            // What is kept on purpose has its bound: caches of 256 MiB.
            let most = before.max(300) * 12 / 10;
            let what = format!("{name}: the memory is {most} MiB at most, as before ({before} MiB)");
            eventually(&what, async || server.memory().unwrap() <= most).await;
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
