//! `serve`: what the server answers per second, in three tiers, beside two floors, on SQLite and on Postgres.
use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    Result, data,
    generate::{slug, write},
    growth, import,
    load::{Load, Measured, Requests, ask, keep, persist, request},
    plain,
    process::{self, Process},
};

/// The core that servers run on.
const CORE: usize = 0;
/// Number of connections that are open at once.
const CONNECTIONS: usize = 32;
/// Number of careers that the tier of known content asks for.
const KNOWN: usize = 500;
/// Number of times each row is measured; the tables have medians.
const ROUNDS: usize = 3;
/// Number of different requests in the cold tier.
const DIFFERENT: usize = 5_000;
/// The flags of a server that keeps nothing between requests.
pub(crate) const COLD: [&str; 2] = ["--cache-mib", "0"];
/// The flags of a server that keeps queries, as its peers do, and no content.
pub(crate) const QUERIES_KEPT: [&str; 4] = ["--cache-mib", "0", "--query-cache-mib", "16"];

const GUIDE: &str = include_str!("../queries/guide.graphql");
const OCCUPATIONS: &str = include_str!("../queries/occupations.graphql");
pub(crate) const CAREER: &str = include_str!("../queries/career.graphql");
pub(crate) const CAREERS: &str = include_str!("../queries/careers.graphql");
pub(crate) const THIN: &str = "query Title($slug: String!) { career(slug: $slug) { title } }";

/// A running server.
pub(crate) struct Server {
    process: Process,
    address: SocketAddr,
}

impl Server {
    /// A program that stands beside this one.
    pub(crate) async fn start(program: &str, arguments: &[&str], load: &Load) -> Result<Self> {
        Self::run(&process::beside(program)?, program, load, |address| {
            let arguments = arguments.iter().map(|argument| (*argument).to_owned());
            (arguments.chain(["--listen".to_owned(), address.to_string()]).collect(), &[])
        })
        .await
    }

    /// A program with these arguments and environment variables, which listens on the address that they name.
    pub(crate) async fn run<'a>(
        program: &Path,
        name: &str,
        load: &Load,
        arguments: impl FnOnce(SocketAddr) -> (Vec<String>, &'a [(&'a str, &'a str)]),
    ) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let (arguments, variables) = arguments(address);
        let mut command = process::on_core(program, load.is_pinned.then_some(CORE));
        command.args(arguments).envs(variables.iter().copied());
        let process = Process::spawn(name, command)?;
        let started = Instant::now();
        while tokio::net::TcpStream::connect(address).await.is_err() {
            if started.elapsed() > Duration::from_secs(30) {
                return Err(format!("{name} does not listen on {address}").into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { process, address })
    }

    /// The server under test, on its core.
    pub(crate) async fn careerql(url: &str, flags: &[&str], load: &Load) -> Result<Self> {
        Self::build(&process::beside("careerql")?, url, flags, load).await
    }

    /// A server of this build of the product, on its core.
    async fn build(program: &Path, url: &str, flags: &[&str], load: &Load) -> Result<Self> {
        let arguments = [&["serve", "--log-level", "warn", "--database-url", url], flags].concat();
        Self::run(program, "careerql", load, |address| {
            let arguments = arguments.iter().map(|argument| (*argument).to_owned());
            (arguments.chain(["--listen".to_owned(), address.to_string()]).collect(), &[])
        })
        .await
    }

    /// Address it listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Number of SQL statements that its requests have taken.
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
    /// True where async-graphql alone answers it from memory.
    has_floor: bool,
}

fn queries(careers: usize) -> [Query; 5] {
    let of = |query: &'static str, number: usize| request(query, json!({ "slug": slug(number % careers) }));
    let others = |query| (0..DIFFERENT).map(|number| of(query, number * 7_919)).collect();
    let list = request(CAREERS, json!({ "first": 20, "after": null }));
    // Few careers have an occupation: those that data sets know.
    let guides = (0..KNOWN).map(|number| of(GUIDE, number * 7 % careers.min(1_000))).collect();
    let by_pay = |least: usize| request(OCCUPATIONS, json!({ "least": 40_000 + least * 100 }));
    [
        Query { name: "career page", same: of(CAREER, 0), others: others(CAREER), has_floor: true },
        Query { name: "list page", same: list.clone(), others: vec![list], has_floor: true },
        Query { name: "thin query", same: of(THIN, 0), others: others(THIN), has_floor: true },
        Query { name: "guide with data", same: of(GUIDE, 0), others: guides, has_floor: false },
        Query {
            name: "occupations by pay",
            same: by_pay(0),
            others: (0..KNOWN).map(by_pay).collect(),
            has_floor: false,
        },
    ]
}

/// Servers that are measured beside the server under test, in the same rounds.
pub(crate) struct Beside {
    /// The binary of another build.
    pub(crate) against: Option<PathBuf>,
    /// A Postgres server with the same content.
    pub(crate) postgres: Option<String>,
}

/// Measures collections of these sizes and prints tables.
pub(crate) async fn measure(sizes: &[usize], beside: &Beside, load: &Load) -> Result<()> {
    let program = process::beside("careerql")?;
    let mut collections = Vec::new();
    for &careers in sizes {
        let lines = load.folder.join(format!("{careers}.jsonl"));
        write(careers, &lines)?;
        let url = import::file(&load.folder, &format!("serve-{careers}.sqlite"))?;
        let (elapsed, memory) = import::import(&lines, &url)?;
        data::sync(&program, &load.folder, &url)?;
        let seconds = elapsed.as_secs_f64();
        crate::say(format_args!("\n## {careers} careers (imported in {seconds:.1} s, peak {memory} MiB)\n"))?;
        let mut others = Vec::new();
        if let Some(server) = &beside.postgres {
            let url = plain::database(server, "bench_serve").await?;
            import::import(&lines, &url)?;
            data::sync(&program, &load.folder, &url)?;
            others.push((Other::Postgres, Build::start(&program, &url, load).await?));
        }
        if let Some(program) = &beside.against {
            let url = import::file(&load.folder, &format!("serve-{careers}-other.sqlite"))?;
            import::import_with(program, &lines, &url)?;
            data::sync(program, &load.folder, &url)?;
            others.push((Other::Build, Build::start(program, &url, load).await?));
        }
        tiers(careers, &Build::start(&program, &url, load).await?, &others, load).await?;
        collections.push((careers, url));
    }
    growth::measure(&collections, load).await
}

/// Difference between the server under test and one that is measured beside it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Other {
    Build,
    Postgres,
}

/// The servers of one build of the product on one database, which differ in what they keep between requests.
struct Build {
    kept: Server,
    queries_kept: Server,
    cold: Server,
}

impl Build {
    async fn start(program: &Path, url: &str, load: &Load) -> Result<Self> {
        Ok(Self {
            kept: Server::build(program, url, &[], load).await?,
            queries_kept: Server::build(program, url, &QUERIES_KEPT, load).await?,
            cold: Server::build(program, url, &COLD, load).await?,
        })
    }

    /// Asks the queries once, so that what is kept is there.
    async fn warm(&self, queries: &[Query]) -> Result<()> {
        for query in queries {
            ask(self.kept.address, &query.same).await?;
            for known in query.others.iter().take(KNOWN) {
                ask(self.kept.address, known).await?;
            }
            for server in [&self.kept, &self.queries_kept] {
                persist(server.address, &query.same).await?;
            }
        }
        Ok(())
    }

    /// The tiers of a query: the name, the server, the requests and the number of connections.
    fn tiers(&self, query: &Query) -> [(&'static str, &Server, Requests, usize); 6] {
        let any = || Requests::Any(query.others.clone());
        [
            ("repeat", &self.kept, Requests::Same(query.same.clone()), CONNECTIONS),
            ("known query", &self.kept, Requests::Known(query.same.clone()), CONNECTIONS),
            ("new query text", &self.kept, Requests::New(query.same.clone()), CONNECTIONS),
            ("queries kept, no content", &self.queries_kept, any(), CONNECTIONS),
            ("cold", &self.cold, any(), CONNECTIONS),
            ("cold, 1 connection", &self.cold, any(), 1),
        ]
    }
}

/// A row of the table: what is asked of which server.
struct Row<'a> {
    query: &'static str,
    tier: &'static str,
    server: &'a Server,
    requests: Requests,
    connections: usize,
    /// The row of the floor that it is compared with.
    floor: usize,
    /// The row of the same tier of the server under test, for one of another server.
    other: Option<(Other, usize)>,
    measured: Vec<Measured>,
    /// Number of statements that its requests have taken.
    statements: f64,
    memory: u64,
}

/// Measures the tiers and their floors, all of them in each round, so that whatever slows the machine slows all of them.
async fn tiers(careers: usize, build: &Build, others: &[(Other, Build)], load: &Load) -> Result<()> {
    let queries = queries(careers);
    build.warm(&queries).await?;
    for (_, other) in others {
        other.warm(&queries).await?;
    }
    let mut answers = Vec::new();
    for query in &queries {
        let (_, bytes) = ask(build.kept.address, &query.same).await?;
        answers.push((keep(&load.folder, &format!("{}.json", query.name.replace(' ', "-")), &bytes)?, bytes));
    }
    let paths: Vec<_> = answers.iter().map(|(path, _)| path.to_string_lossy()).collect();
    let floor = async |kind, page| Server::start("careerql-bench", &["floor", kind, page, &paths[1]], load).await;
    let graphql = floor("graphql", &paths[0]).await?;
    let mut replies = Vec::new();
    for path in &paths {
        replies.push(floor("static", path).await?);
    }
    let mut rows = Vec::new();
    for ((query, reply), (_, expected)) in queries.iter().zip(&replies).zip(&answers) {
        if query.has_floor {
            let (_, bytes) = ask(graphql.address, &query.same).await?;
            if bytes != *expected {
                crate::say(format_args!("(the floor answers {} bytes, the server {})", bytes.len(), expected.len()))?;
            }
        }
        let first = rows.len();
        let row = |(tier, server, requests, connections), floor| Row {
            query: query.name,
            tier,
            server,
            requests,
            connections,
            floor,
            other: None,
            measured: Vec::new(),
            statements: 0.0,
            memory: 0,
        };
        let same = || Requests::Same(query.same.clone());
        rows.push(row(("floor: static reply", reply, same(), CONNECTIONS), first));
        if query.has_floor {
            rows.push(row(("floor: async-graphql", &graphql, same(), CONNECTIONS), first + 1));
        }
        let others: Vec<_> = others.iter().map(|(other, build)| (*other, build.tiers(query))).collect();
        for (number, tier) in build.tiers(query).into_iter().enumerate() {
            // The first is an answer that is kept, as the static reply is.
            let floor = first + usize::from(number > 0 && query.has_floor);
            let this = rows.len();
            rows.push(row(tier, floor));
            for (other, tiers) in &others {
                rows.push(Row { other: Some((*other, this)), ..row(tiers[number].clone(), floor) });
            }
        }
    }
    for _ in 0..ROUNDS {
        for row in &mut rows {
            let before = row.server.statements().await.unwrap_or_default();
            row.measured.push(load.run(row.server.address, &row.requests, row.connections)?);
            row.statements += row.server.statements().await.unwrap_or_default() - before;
            row.memory = row.server.process.memory();
        }
    }
    table(&rows)
}

fn table(rows: &[Row<'_>]) -> Result<()> {
    let has = |which| rows.iter().any(|row| row.other.is_some_and(|(other, _)| other == which));
    let (head, line) = if has(Other::Postgres) {
        (" Postgres: requests/s | of the floor | SQL/request |", "---|---|---|")
    } else {
        ("", "")
    };
    crate::say(format_args!(
        "| query | tier | requests/s | of the floor | p50 ms | p99 ms | SQL/request | MiB |{head}\n|---|---|---|---|---|---|---|---|{line}"
    ))?;
    let beside = |which, this| rows.iter().find(|row| row.other == Some((which, this)));
    for (number, row) in rows.iter().enumerate().filter(|(_, row)| row.other.is_none()) {
        let Row { query, tier, memory, .. } = row;
        let (rate, p50, p99) = (row.median(|one| one.rate), row.median(|one| one.p50), row.median(|one| one.p99));
        let (ratio, each) = (ratio(row, &rows[row.floor]), row.statements_each());
        let postgres = beside(Other::Postgres, number).map(|on| {
            let (rate, each) = (on.median(|one| one.rate), on.statements_each());
            format!(" {rate:.0} | {:.2} | {each:.2} |", self::ratio(on, &rows[on.floor]))
        });
        let postgres = postgres.unwrap_or_default();
        crate::say(format_args!(
            "| {query} | {tier} | {rate:.0} | {ratio:.2} | {p50:.2} | {p99:.2} | {each:.2} | {memory} |{postgres}"
        ))?;
    }
    beside_the_career_page(rows)?;
    if has(Other::Build) {
        crate::say(format_args!("\n| query | tier | of the other build |\n|---|---|---|"))?;
        for (number, row) in rows.iter().enumerate() {
            if let Some(other) = beside(Other::Build, number) {
                crate::say(format_args!("| {} | {} | {:.2} |", row.query, row.tier, ratio(row, other)))?;
            }
        }
    }
    Ok(())
}

/// Prints the rate of the pages with data as a share of that of the career page in the same tier.
fn beside_the_career_page(rows: &[Row<'_>]) -> Result<()> {
    crate::say(format_args!("\n| query | tier | of the career page |\n|---|---|---|"))?;
    for row in
        rows.iter().filter(|row| row.other.is_none() && ["guide with data", "occupations by pay"].contains(&row.query))
    {
        let of = |page: &&Row<'_>| page.query == "career page" && page.tier == row.tier && page.other.is_none();
        if let Some(page) = rows.iter().find(of) {
            crate::say(format_args!("| {} | {} | {:.2} |", row.query, row.tier, ratio(row, page)))?;
        }
    }
    Ok(())
}

impl Row<'_> {
    /// The median of a figure over the rounds.
    fn median(&self, value: fn(&Measured) -> f64) -> f64 {
        median(self.measured.iter().map(value))
    }

    /// Number of statements that a request has taken.
    fn statements_each(&self) -> f64 {
        self.statements / self.measured.iter().map(|measured| measured.requests).sum::<u64>() as f64
    }
}

/// The median, over the rounds, of one row's rate beside another's.
fn ratio(row: &Row<'_>, other: &Row<'_>) -> f64 {
    median(row.measured.iter().zip(&other.measured).map(|(this, other)| this.rate / other.rate))
}

/// The value in the middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
