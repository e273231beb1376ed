//! `peers`: cold pages beside other content APIs that answer the same from the same documents, and beside the floor, in turns.
use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use crate::{
    Result,
    generate::{slug, write},
    import,
    load::{Load, Requests, ask, keep, request},
    process,
    serve::{CAREER, CAREERS, COLD, QUERIES_KEPT, Server, THIN, median},
};

const CONNECTIONS: usize = 32;
/// Time for which a peer is asked for each page before it is measured: just-in-time compilers need it.
const WARM: &str = "20s";
/// Position of the first peer among all that are measured.
const PEERS: usize = 3;
/// Number of different requests that a server gets.
const DIFFERENT: usize = 1_000;

/// The peers, and how they are run.
pub(crate) struct Peers {
    /// The Node.js that runs them.
    pub(crate) node: String,
    /// The folder with their scripts.
    pub(crate) scripts: PathBuf,
    /// The database on a Postgres server that is replaced.
    pub(crate) postgres: String,
    /// A Seaography server that its generators made.
    pub(crate) seaography: Option<PathBuf>,
    pub(crate) careers: usize,
    /// Number of times each is measured.
    pub(crate) rounds: usize,
}

/// A server with its own queries.
struct Contender {
    name: &'static str,
    server: Server,
    asked: Asked,
    rates: [Vec<f64>; 3],
}

/// Requests to a server: the career page, the list page and one title.
type Asked = [Requests; 3];

/// Measures all of them and prints a table.
pub(crate) async fn measure(peers: &Peers, load: &Load) -> Result<()> {
    let lines = load.folder.join(format!("{}.jsonl", peers.careers));
    write(peers.careers, &lines)?;
    let url = import::file(&load.folder, "peers-careerql.sqlite")?;
    import::import(&lines, &url)?;
    let tables = load.folder.join("peers.sqlite");
    let (lines, tables) = (lines.to_string_lossy().into_owned(), tables.to_string_lossy().into_owned());
    process::output(&mut peers.script("load.mjs", &[&lines, &peers.postgres, &tables])?, "load.mjs")?;

    let own = Queries([CAREER, CAREERS, THIN].map(str::to_owned));
    let others = Queries::read(&peers.scripts, "postgraphile")?;
    let cold = Server::careerql(&url, &COLD, load).await?;
    let mut expected = Vec::new();
    for asked in own.requests(peers.careers, DIFFERENT) {
        expected.push(ask(cold.address(), asked.first()).await?);
    }
    let page_file = keep(&load.folder, "peers-page.json", &expected[0].1)?;
    let list_file = keep(&load.folder, "peers-list.json", &expected[1].1)?;
    let files = [page_file.to_string_lossy(), list_file.to_string_lossy()];
    let floor = Server::start("careerql-bench", &["floor", "graphql", &files[0], &files[1]], load).await?;
    let postgraphile = peers.serve("postgraphile.mjs", &peers.postgres, load).await?;
    let mercurius = peers.serve("mercurius.mjs", &tables, load).await?;
    let contender = |name, server, queries: &Queries, pages: usize| {
        let asked = queries.requests(peers.careers, pages);
        Contender { name, server, asked, rates: Default::default() }
    };
    let mut all = vec![
        contender("async-graphql, data in memory", floor, &own, 1),
        contender("CareerQL, nothing kept", cold, &own, DIFFERENT),
        contender(
            "CareerQL, queries kept, no content",
            Server::careerql(&url, &QUERIES_KEPT, load).await?,
            &own,
            DIFFERENT,
        ),
        contender("PostGraphile 5", postgraphile, &others, DIFFERENT),
        contender("Mercurius", mercurius, &own, DIFFERENT),
    ];
    if let Some(program) = &peers.seaography {
        let queries = Queries::read(&peers.scripts, "seaography")?;
        all.push(contender("Seaography", seaography(program, &tables, load).await?, &queries, DIFFERENT));
    }
    for Contender { name, server, asked, .. } in &all {
        for (asked, (expected, _)) in asked.iter().zip(&expected) {
            let (answer, _) = ask(server.address(), asked.first()).await?;
            if values(&answer) != values(expected) {
                return Err(format!("{name} answers something else").into());
            }
        }
    }
    let warming = Load { duration: WARM.to_owned(), ..load.clone() };
    for Contender { server, asked, .. } in &all[PEERS..] {
        for asked in asked {
            warming.run(server.address(), asked, CONNECTIONS)?;
        }
    }
    for _ in 0..peers.rounds {
        for Contender { server, asked, rates, .. } in &mut all {
            for (asked, rates) in asked.iter().zip(rates) {
                rates.push(load.run(server.address(), asked, CONNECTIONS)?.rate);
            }
        }
    }
    table(&all)
}

fn table(all: &[Contender]) -> Result<()> {
    crate::say(format_args!(
        "| | page, requests/s: median, best | of the floor | list: median, best | of the floor | one title: median, best | of the floor |\n|---|---|---|---|---|---|---|"
    ))?;
    let mut floors = [None, None, None];
    for Contender { name, rates, .. } in all {
        let cells = rates.iter().zip(&mut floors).map(|(rates, floor)| {
            let floor = floor.get_or_insert_with(|| rates.clone());
            let ratio = median(rates.iter().zip(&*floor).map(|(rate, floor)| rate / floor));
            let best = rates.iter().copied().fold(0.0, f64::max);
            format!("{:.0}, {best:.0} | {ratio:.2}", median(rates.iter().copied()))
        });
        let cells: Vec<_> = cells.collect();
        crate::say(format_args!("| {name} | {} |", cells.join(" | ")))?;
    }
    Ok(())
}

impl Peers {
    fn script(&self, name: &str, arguments: &[&str]) -> Result<Command> {
        let script = self.scripts.join(name);
        if !self.scripts.join("node_modules").is_dir() {
            return Err(format!("run `npm install` in {} first", self.scripts.display()).into());
        }
        let mut command = Command::new(&self.node);
        command.arg(script).args(arguments);
        Ok(command)
    }

    async fn serve(&self, name: &'static str, data: &str, load: &Load) -> Result<Server> {
        let script = self.scripts.join(name).to_string_lossy().into_owned();
        let settings = [("NODE_ENV", "production"), ("GRAPHILE_ENV", "production")];
        Server::run(Path::new(&self.node), name, load, |address| {
            let port = address.port().to_string();
            (vec![script, data.to_owned(), port], &settings[..])
        })
        .await
    }
}

/// The server that Seaography's generators made, which takes its settings from the environment.
async fn seaography(program: &Path, tables: &str, load: &Load) -> Result<Server> {
    Server::run(Path::new("env"), "Seaography", load, |address| {
        let settings =
            [format!("DATABASE_URL=sqlite://{tables}"), format!("URL={address}"), "ENDPOINT=/graphql".to_owned()];
        (settings.into_iter().chain([program.to_string_lossy().into_owned()]).collect(), &[])
    })
    .await
}

/// The texts of a server's queries, in the order of [`Asked`].
struct Queries([String; 3]);

impl Queries {
    fn read(scripts: &Path, peer: &str) -> Result<Self> {
        let read = |name: &str| std::fs::read_to_string(scripts.join(format!("{peer}-{name}.graphql")));
        Ok(Self([read("career")?, read("careers")?, read("title")?]))
    }

    /// Requests for so many different careers.
    fn requests(&self, careers: usize, different: usize) -> Asked {
        let Self([page, list, title]) = self;
        let each = |query: &str| {
            let of = |number: usize| request(query, json!({ "slug": slug(number * 7_919 % careers) }));
            Requests::Any((0..different).map(of).collect())
        };
        [each(page), Requests::Same(request(list, json!({ "first": 20, "after": null }))), each(title)]
    }
}

/// Content of an answer, whatever the names and the shape: all its values but those that each server makes in its own way.
fn values(answer: &Value) -> Vec<String> {
    fn collect(value: &Value, values: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                let told = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "id" | "endCursor"));
                told.for_each(|(_, value)| collect(value, values));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
            Value::Null => {}
            // A list, where the database has none.
            Value::String(text) if text.starts_with('[') => {
                if let Ok(items) = serde_json::from_str(text) {
                    collect(&items, values);
                }
            }
            value => values.push(value.to_string()),
        }
    }
    let mut all = Vec::new();
    collect(answer, &mut all);
    all.sort();
    all
}
