//! `serve`: what the server answers per second, in three tiers, beside two floors; and what a hundredfold collection costs.
use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    Result,
    generate::{slug, write},
    import,
    load::{Load, Measured, Requests, ask, keep, persist, request},
    process::Process,
};

/// The core that servers run on.
const CORE: usize = 0;
/// How many connections are open at once.
const CONNECTIONS: usize = 32;
/// How many careers the tier of known content asks for.
const KNOWN: usize = 500;
/// How many different requests the cold tier has.
const DIFFERENT: usize = 5_000;
/// The flags of a server that keeps nothing between requests.
pub(crate) const COLD: [&str; 2] = ["--cache-mib", "0"];

pub(crate) const CAREER: &str = include_str!("../queries/career.graphql");
const CAREERS: &str = include_str!("../queries/careers.graphql");
const THIN: &str = "query Title($slug: String!) { career(slug: $slug) { title } }";

/// A running server.
pub(crate) struct Server {
    process: Process,
    address: SocketAddr,
}

impl Server {
    async fn start(program: &str, arguments: &[&str], load: &Load) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let listen = address.to_string();
        let arguments = [arguments, &["--listen", &listen]].concat();
        let process = Process::start(program, &arguments, load.is_pinned.then_some(CORE))?;
        let started = Instant::now();
        while tokio::net::TcpStream::connect(address).await.is_err() {
            if started.elapsed() > Duration::from_secs(30) {
                return Err(format!("{program} does not listen on {address}").into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { process, address })
    }

    /// The server under test, on its core.
    pub(crate) async fn careerql(url: &str, flags: &[&str], load: &Load) -> Result<Self> {
        let arguments = [&["serve", "--log-level", "warn", "--database-url", url], flags].concat();
        Self::start("careerql", &arguments, load).await
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many SQL statements its requests have taken.
    async fn statements(&self) -> Result<f64> {
        let metrics = reqwest::get(format!("http://{}/metrics", self.address)).await?.text().await?;
        let count = metrics.lines().rev().find_map(|line| line.split_once("sql_statements_total "));
        Ok(count.map_or(Ok(0.0), |(_, count)| count.trim().parse())?)
    }
}

/// One of the measured queries.
struct Query {
    name: &'static str,
    same: Value,
    /// The same over other content.
    others: Vec<Value>,
}

fn queries(careers: usize) -> [Query; 3] {
    let of = |query: &'static str, number: usize| request(query, json!({ "slug": slug(number % careers) }));
    let others = |query| (0..DIFFERENT).map(|number| of(query, number * 7_919)).collect();
    let list = request(CAREERS, json!({ "first": 20, "after": null }));
    [
        Query { name: "career page", same: of(CAREER, 0), others: others(CAREER) },
        Query { name: "list page", same: list.clone(), others: vec![list] },
        Query { name: "thin query", same: of(THIN, 0), others: others(THIN) },
    ]
}

/// Measures collections of these sizes and prints tables.
pub(crate) async fn measure(sizes: &[usize], load: &Load) -> Result<()> {
    let mut growth = Vec::new();
    for &careers in sizes {
        let lines = load.folder.join(format!("{careers}.jsonl"));
        write(careers, &lines)?;
        let url = import::file(&load.folder, &format!("serve-{careers}.sqlite"))?;
        let (elapsed, memory) = import::import(&lines, &url)?;
        let seconds = elapsed.as_secs_f64();
        crate::say(format_args!("\n## {careers} careers (imported in {seconds:.1} s, peak {memory} MiB)\n"))?;
        tiers(careers, &url, load).await?;
        growth.push(collection(careers, &url, load).await?);
    }
    compare(sizes, &growth)
}

async fn tiers(careers: usize, url: &str, load: &Load) -> Result<()> {
    crate::say(format_args!(
        "| query | tier | requests/s | p50 ms | p99 ms | SQL/request | MiB |\n|---|---|---|---|---|---|---|"
    ))?;
    let queries = queries(careers);
    let server = Server::careerql(url, &[], load).await?;
    let mut kept = Vec::new();
    for query in &queries {
        let (_, bytes) = ask(server.address, &query.same).await?;
        kept.push(keep(&load.folder, &format!("{}.json", query.name.replace(' ', "-")), &bytes)?);
        row(&server, query.name, "repeat", &Requests::Same(query.same.clone()), CONNECTIONS, load).await?;
    }
    for query in &queries {
        for known in query.others.iter().take(KNOWN) {
            ask(server.address, known).await?;
        }
        persist(server.address, &query.same).await?;
        row(&server, query.name, "known query", &Requests::Known(query.same.clone()), CONNECTIONS, load).await?;
        row(&server, query.name, "new query text", &Requests::New(query.same.clone()), CONNECTIONS, load).await?;
    }
    drop(server);
    let server = Server::careerql(url, &COLD, load).await?;
    for query in &queries {
        row(&server, query.name, "cold", &Requests::Any(query.others.clone()), CONNECTIONS, load).await?;
    }
    row(&server, "career page", "cold, 1 connection", &Requests::Any(queries[0].others.clone()), 1, load).await?;
    drop(server);
    for (query, answer) in queries.iter().zip(&kept) {
        for (kind, name) in [("static", "floor: static reply"), ("graphql", "floor: async-graphql")] {
            let (page, list) = (kept[0].to_string_lossy(), kept[1].to_string_lossy());
            let page = if kind == "static" { answer.to_string_lossy() } else { page };
            let server = Server::start("careerql-bench", &["floor", kind, &page, &list], load).await?;
            let (_, bytes) = ask(server.address, &query.same).await?;
            let expected = std::fs::read(answer)?;
            if bytes != expected {
                crate::say(format_args!("(the floor answers {} bytes, the server {})", bytes.len(), expected.len()))?;
            }
            row(&server, query.name, name, &Requests::Same(query.same.clone()), CONNECTIONS, load).await?;
        }
    }
    Ok(())
}

async fn row(
    server: &Server,
    query: &str,
    tier: &str,
    requests: &Requests,
    connections: usize,
    load: &Load,
) -> Result<()> {
    let before = server.statements().await.unwrap_or_default();
    let Measured { rate, p50, p99, requests } = load.run(server.address, requests, connections)?;
    let statements = server.statements().await.unwrap_or_default() - before;
    let (each, memory) = (statements / requests as f64, server.process.memory());
    crate::say(format_args!("| {query} | {tier} | {rate:.0} | {p50:.2} | {p99:.2} | {each:.2} | {memory} |"))
}

/// Queries whose cost must not grow with the collection: median times in milliseconds, nothing kept, one connection.
async fn collection(careers: usize, url: &str, load: &Load) -> Result<Vec<(&'static str, f64)>> {
    let server = Server::careerql(url, &COLD, load).await?;
    let list = |arguments: &str| json!({ "query": format!("{{ careers({arguments}) {{ nodes {{ title }} pageInfo {{ endCursor }} }} }}") });
    let ordered =
        r#"filter: { medianPay: { gte: 60000 }, title: { contains: "planner" } }, orderBy: [{ medianPay: DESC }]"#;
    let deep = deep(&server, careers).await?;
    let queries = [
        ("by slug", request(THIN, json!({ "slug": slug(careers / 2) }))),
        ("first page", list("first: 20")),
        ("filtered and ordered page", list(&format!("first: 20, {ordered}"))),
        (
            "ordered page, 9 of 10 rows in",
            list(&format!("first: 20, orderBy: [{{ medianPay: DESC }}], after: \"{deep}\"")),
        ),
        ("filtered total", json!({ "query": "{ careers(filter: { medianPay: { gte: 100000 } }) { totalCount } }" })),
        ("total", json!({ "query": "{ careers { totalCount } }" })),
        ("by tag", list(r#"first: 20, filter: { tag: { eq: "planner" } }"#)),
        ("by certification", list(r#"first: 20, filter: { certifications: { some: { issuer: { eq: "Board 3" } } } }"#)),
    ];
    let mut times = Vec::new();
    for (name, query) in queries {
        ask(server.address, &query).await?;
        times.push((name, load.run(server.address, &Requests::Same(query), 1)?.p50));
    }
    Ok(times)
}

/// A cursor about nine tenths into the careers by median pay.
async fn deep(server: &Server, careers: usize) -> Result<String> {
    let order = "orderBy: [{ medianPay: DESC }]";
    let low = json!({ "query": format!("{{ careers(first: 1, filter: {{ medianPay: {{ lte: 35000 }} }}, {order}) {{ nodes {{ slug }} edges {{ cursor }} }} }}") });
    let (answer, _) = ask(server.address, &low).await?;
    let cursor = answer["data"]["careers"]["edges"][0]["cursor"].as_str();
    Ok(cursor.ok_or_else(|| format!("none of {careers} careers pays little"))?.to_owned())
}

fn compare(sizes: &[usize], growth: &[Vec<(&str, f64)>]) -> Result<()> {
    let (Some(small), Some(large)) = (growth.first(), growth.last()) else { return Ok(()) };
    if growth.len() < 2 {
        return Ok(());
    }
    let (from, to) = (sizes[0], sizes[sizes.len() - 1]);
    crate::say(format_args!(
        "\n## Growth (nothing kept, one connection, p50)\n\n| query | {from} careers, ms | {to} careers, ms | ratio |\n|---|---|---|---|"
    ))?;
    for ((name, small), (_, large)) in small.iter().zip(large) {
        crate::say(format_args!("| {name} | {small:.2} | {large:.2} | {:.2} |", large / small))?;
    }
    Ok(())
}
