//! A server on a port of its own, and a client that counts the SQL statements of each request.
use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use careerql_server::{CacheOptions, Endpoint, Metrics, Serving, Settings, SocketOptions};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{
    App, Graph, Perspective,
    store::{self, ChangeInfo, Database, Mode},
};
use serde_json::{Value, json};

use super::{TestDatabase, seed};

/// A running server.
pub struct TestServer {
    pub db: Database,
    pub graph: Graph,
    /// The endpoint.
    pub url: String,
    /// The address of the endpoint.
    pub address: SocketAddr,
    /// The database of its content.
    pub database: TestDatabase,
    /// The same without any cache and without projection.
    cold_url: String,
    client: reqwest::Client,
    metrics: Metrics,
    serving: [Serving; 2],
}

/// The answer to a GraphQL request.
#[derive(Debug)]
pub struct Answer {
    pub data: Value,
    pub errors: Vec<Value>,
    /// Number of SQL statements that it took.
    pub statements: u64,
}

impl Answer {
    /// The codes of the errors.
    pub fn codes(&self) -> Vec<&str> {
        self.errors.iter().filter_map(|error| error["extensions"]["code"].as_str()).collect()
    }
}

impl TestServer {
    /// Serves the app of the binary on an empty database.
    pub async fn empty() -> Self {
        Self::with(careerql_server::app(), Perspective::Published).await
    }

    /// Serves the seed.
    pub async fn seeded() -> Self {
        let server = Self::empty().await;
        server.publish(&[seed()]).await;
        server
    }

    /// Serves an app in a perspective.
    pub async fn with(app: App, perspective: Perspective) -> Self {
        Self::set_up(app, perspective, Settings::default()).await
    }

    /// Serves the app of the binary with these settings on an empty database.
    pub async fn with_settings(settings: Settings) -> Self {
        Self::set_up(careerql_server::app(), Perspective::Published, settings).await
    }

    /// Serves an app in a perspective with these settings on an empty database.
    pub async fn set_up(app: App, perspective: Perspective, settings: Settings) -> Self {
        let database = TestDatabase::migrated().await;
        let (graph, migrations) = app.hiding_schema(settings.queries.hide_schema).build().unwrap();
        let connection = careerql_server::connect(&database.url).await.unwrap();
        let mut db = migrations.up(connection).await.unwrap();
        let metrics = Metrics::default();
        metrics.observe(&mut db, settings.observe.slow_statement_seconds);
        let cold = CacheOptions { cache_mib: 0, ..CacheOptions::default() };
        let cold = Settings { caching: cold, ..settings.clone() };
        let cold = serve(&graph.clone().without_projection(), &db, perspective, cold, &metrics).await;
        let warm = serve(&graph, &db, perspective, settings, &metrics).await;
        let url = |serving: &Serving| format!("http://{}/graphql", serving.address);
        let (cold_url, url) = (url(&cold), url(&warm));
        let address = warm.address;
        let serving = [cold, warm];
        let client = reqwest::Client::new();
        Self { db, graph, url, address, database, cold_url, client, metrics, serving }
    }

    /// Serves the app of the binary on an empty database, with other limits for sockets.
    pub async fn with_sockets(sockets: SocketOptions) -> Self {
        Self::with_settings(Settings { sockets, ..Settings::default() }).await
    }

    /// The time that the server reads.
    pub fn now(&self) -> DateTime<Utc> {
        self.db.clock().now()
    }

    /// Puts the clock of the server forward. Timers go on as before: what is due is seen when the server looks the next time.
    pub fn advance(&self, by: TimeDelta) {
        self.db.clock().advance(by);
    }

    /// Stops the server as Ctrl-C does.
    pub async fn stop(self) {
        for serving in self.serving {
            serving.stop().await.unwrap();
        }
    }

    /// Publishes documents, which must be without errors.
    pub async fn publish(&self, paths: &[PathBuf]) {
        self.import(paths, Mode::Publish).await;
    }

    /// Imports documents, which must be without errors.
    pub async fn import(&self, paths: &[PathBuf], mode: Mode) {
        let change = ChangeInfo::now("test", "");
        self.import_at(paths, mode, change).await;
    }

    pub async fn import_at(&self, paths: &[PathBuf], mode: Mode, change: ChangeInfo) {
        let progress = Arc::new(|_, _| {});
        let imported = store::import_files(&self.db, self.graph.content(), paths, mode, &change, progress);
        let (summary, reports) = imported.await.unwrap();
        assert!(summary.is_some(), "{:#?}", reports.listed);
    }

    /// Sends a query; expects no errors.
    pub async fn query(&self, query: &str) -> Value {
        let answer = self.ask(query, json!({})).await;
        assert!(answer.errors.is_empty(), "{:#?}", answer.errors);
        answer.data
    }

    /// Sends a query with variables; counts the statements that it takes when nothing is cached. What the caches answer, the
    /// first time and the second, must be the same to the byte: so every query of every test shows that no cache is stale, and
    /// that what is projected is what the sections answer.
    pub async fn ask(&self, query: &str, variables: Value) -> Answer {
        let request = json!({ "query": query, "variables": variables });
        let before = self.statements();
        let body = self.post(&self.cold_url, &request).await;
        let statements = self.statements() - before;
        for time in ["first", "second", "third"] {
            assert_eq!(self.post(&self.url, &request).await, body, "from the caches, the {time} time: {query}");
        }
        let mut body: Value = serde_json::from_str(&body).unwrap();
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        Answer { data: body["data"].take(), errors, statements }
    }

    async fn post(&self, url: &str, body: &Value) -> String {
        self.client.post(url).json(body).send().await.unwrap().text().await.unwrap()
    }

    /// A token with these scopes.
    pub async fn token(&self, scopes: &[&str]) -> String {
        let scopes: Vec<_> = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
        let change = ChangeInfo::now("test", "");
        store::create_token(&self.db, &scopes_name(&scopes), &scopes, None, &change).await.unwrap().1
    }

    /// Sends a request as whoever has this token.
    pub async fn send(&self, token: &str, query: &str, variables: Value) -> Value {
        self.send_in("published", token, query, variables).await
    }

    /// The same in a perspective. What the caches answer to a query is the same as without them, as for [`TestServer::ask`].
    pub async fn send_in(&self, perspective: &str, token: &str, query: &str, variables: Value) -> Value {
        let request = json!({ "query": query, "variables": variables });
        let answer = self.send_to(&self.url, perspective, token, &request).await;
        if !query.trim_start().starts_with("mutation") {
            let cold = self.send_to(&self.cold_url, perspective, token, &request).await;
            for answer in [&answer, &self.send_to(&self.url, perspective, token, &request).await] {
                assert_eq!(*answer, cold, "from the caches, with a token: {query}");
            }
        }
        serde_json::from_str(&answer).unwrap()
    }

    /// Sends a query once, where others write at the same time or the answer depends on the clock.
    pub async fn send_once(&self, token: &str, query: &str) -> Value {
        let answer = self.send_to(&self.url, "published", token, &json!({ "query": query })).await;
        serde_json::from_str(&answer).unwrap()
    }

    async fn send_to(&self, url: &str, perspective: &str, token: &str, request: &Value) -> String {
        let request =
            self.client.post(url).header("careerql-perspective", perspective).bearer_auth(token).json(request);
        request.send().await.unwrap().text().await.unwrap()
    }

    /// The same without a token; expects no errors.
    pub async fn query_once(&self, query: &str) -> Value {
        let answer: Value = serde_json::from_str(&self.post(&self.url, &json!({ "query": query })).await).unwrap();
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"].clone()
    }

    /// Number of SQL statements that were executed so far.
    pub fn statements(&self) -> u64 {
        self.metrics.statements()
    }

    /// An HTTP request to the endpoint.
    pub fn http(&self, method: reqwest::Method) -> reqwest::RequestBuilder {
        self.client.request(method, &self.url)
    }
}

/// A number that the server at this address tells of itself.
pub async fn metric(server: SocketAddr, name: &str) -> u64 {
    let metrics = reqwest::get(format!("http://{server}/metrics")).await.unwrap().text().await.unwrap();
    let value = metrics.lines().find_map(|line| line.strip_prefix("careerql_")?.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("`{name}` is not in {metrics}")).parse().unwrap()
}

fn scopes_name(scopes: &[kernel::Scope]) -> String {
    scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

async fn serve(
    graph: &Graph,
    db: &Database,
    perspective: Perspective,
    settings: Settings,
    metrics: &Metrics,
) -> Serving {
    let endpoint = Endpoint::new(graph.clone(), db.clone(), perspective, settings, metrics.clone()).unwrap();
    Serving::start(endpoint, ([127, 0, 0, 1], 0).into()).await.unwrap()
}
