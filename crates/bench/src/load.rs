//! Load on an endpoint, by `oha`: requests per second and times.
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Result, process};

/// The core that the load generator runs on; servers run on the other.
const CORE: usize = 1;

/// The load generator.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) oha: PathBuf,
    pub(crate) folder: PathBuf,
    /// Duration of each measurement, as `5s`.
    pub(crate) duration: String,
    /// True where programs are kept to one core each.
    pub(crate) is_pinned: bool,
}

/// Requests that are sent.
#[derive(Clone)]
pub(crate) enum Requests {
    /// The same, again and again.
    Same(Value),
    /// One of these, by chance.
    Any(Vec<Value>),
    /// A query that the server knows, by its hash, with other variables each time: one of them is of no use.
    Known(Value),
    /// A query text that is new each time: the name of its operation is.
    New(Value),
}

impl Requests {
    /// The first of them.
    pub(crate) fn first(&self) -> &Value {
        match self {
            Self::Any(requests) => &requests[0],
            Self::Same(request) | Self::Known(request) | Self::New(request) => request,
        }
    }
}

/// Result of a measurement.
pub(crate) struct Measured {
    /// Requests per second.
    pub(crate) rate: f64,
    /// The median time, in milliseconds.
    pub(crate) p50: f64,
    /// 99 of 100 requests took at most this time, in milliseconds.
    pub(crate) p99: f64,
    /// Number of requests that were answered.
    pub(crate) requests: u64,
}

impl Load {
    /// Sends requests over so many connections.
    pub(crate) fn run(&self, address: SocketAddr, requests: &Requests, connections: usize) -> Result<Measured> {
        let url = format!("http://{address}/graphql");
        let bodies = self.folder.join("bodies.jsonl");
        let mut command = process::on_core(&self.oha, self.is_pinned.then_some(CORE));
        command.args(["--no-tui", "--output-format", "json", "-H", "accept: application/json"]);
        // The generator would ask for compressed answers, which the floors do not make.
        command.args(["-H", "accept-encoding: identity"]);
        command.args(["-z", &self.duration, "-c", &connections.to_string()]);
        match requests {
            Requests::Known(request) => command.args(["--rand-regex-url", &known_by_hash(&url, request)]),
            Requests::New(request) => command.args(["--rand-regex-url", &new_each_time(&url, request)]),
            Requests::Same(request) => post(&mut command, "-d", &request.to_string()).arg(&url),
            Requests::Any(requests) => {
                let lines: Vec<_> = requests.iter().map(Value::to_string).collect();
                fs::write(&bodies, lines.join("\n"))?;
                post(&mut command, "-Z", &bodies.to_string_lossy()).arg(&url)
            }
        };
        let report: Value = serde_json::from_str(&process::output(&mut command, "oha")?)?;
        let number = |value: &Value| value.as_f64().ok_or_else(|| format!("oha reports no number: {report}"));
        let answered = report["statusCodeDistribution"].as_object().cloned().unwrap_or_default();
        if answered.keys().any(|status| status != "200") || answered.is_empty() {
            return Err(format!("not every request was answered: {answered:?} {}", report["errorDistribution"]).into());
        }
        Ok(Measured {
            rate: number(&report["summary"]["requestsPerSec"])?,
            p50: number(&report["latencyPercentiles"]["p50"])? * 1_000.0,
            p99: number(&report["latencyPercentiles"]["p99"])? * 1_000.0,
            requests: answered["200"].as_u64().unwrap_or_default(),
        })
    }
}

fn post<'a>(command: &'a mut std::process::Command, flag: &str, body: &str) -> &'a mut std::process::Command {
    command.args(["-m", "POST", "-T", "application/json", flag, body])
}

/// A regular expression of URLs whose queries have other names each time.
fn new_each_time(url: &str, request: &Value) -> String {
    let query = request["query"].as_str().unwrap_or_default();
    let (before, after) = query.split_once('(').unwrap_or((query, ""));
    let (before, after) = (encoded(before), encoded(&format!("({after}")));
    let variables = encoded(&request["variables"].to_string());
    format!("{url}\\?query={before}[a-z]{{10}}{after}&variables={variables}")
}

/// A regular expression of URLs whose query is named by its hash.
fn known_by_hash(url: &str, request: &Value) -> String {
    let extensions = encoded(&persisted(request).to_string());
    let variables = request["variables"].to_string();
    let (open, rest) = variables.split_at(1);
    let (open, rest) = (encoded(&format!("{open}\"at\":\"")), encoded(&format!("\",{rest}")));
    format!("{url}\\?extensions={extensions}&variables={open}[a-z]{{10}}{rest}")
}

/// Extensions that name the query of a request by its hash.
fn persisted(request: &Value) -> Value {
    let hash = Sha256::digest(request["query"].as_str().unwrap_or_default());
    let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let hash: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

/// Makes the query of a request known by its hash.
pub(crate) async fn persist(address: SocketAddr, request: &Value) -> Result<()> {
    let mut request = request.clone();
    request["extensions"] = persisted(&request);
    ask(address, &request).await.map(|_| ())
}

/// Percent-encoded: what is left are letters, digits and signs that mean nothing in a regular expression.
fn encoded(text: &str) -> String {
    let safe = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text.bytes().map(|byte| if safe(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// A query of the folder `queries`, without the blanks that make it readable.
pub(crate) fn request(query: &str, variables: Value) -> Value {
    json!({ "query": query.split_whitespace().collect::<Vec<_>>().join(" "), "variables": variables })
}

/// The answer to one request.
pub(crate) async fn ask(address: SocketAddr, request: &Value) -> Result<(Value, Vec<u8>)> {
    let url = format!("http://{address}/graphql");
    let answer = reqwest::Client::new().post(url).header("accept", "application/json").json(request).send().await?;
    let bytes = answer.bytes().await?.to_vec();
    let body: Value = serde_json::from_slice(&bytes)?;
    if body.get("errors").is_some() {
        return Err(format!("{request} has errors: {}", body["errors"]).into());
    }
    Ok((body, bytes))
}

/// Writes an answer to a file.
pub(crate) fn keep(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf> {
    let path = folder.join(name);
    fs::write(&path, bytes)?;
    Ok(path)
}
