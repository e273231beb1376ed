//! A server on a port of its own, and a client that counts the SQL statements of each request.
use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use careerql_server::{Endpoint, Serving, Sockets};
use kernel::{
    App, Graph, Perspective,
    store::{self, Change, Database, Mode, check_files},
};
use serde_json::{Value, json};

use super::{TestDatabase, seed};

/// A running server.
pub struct TestServer {
    pub db: Database,
    pub graph: Graph,
    pub url: String,
    pub address: SocketAddr,
    pub database: TestDatabase,
    client: reqwest::Client,
    statements: Arc<AtomicUsize>,
    serving: Serving,
}

/// The answer to a GraphQL request.
#[derive(Debug)]
pub struct Answer {
    pub data: Value,
    pub errors: Vec<Value>,
    /// How many SQL statements it took.
    pub statements: usize,
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
        Self::start(app, perspective, Sockets::default()).await
    }

    /// Serves the app of the binary on an empty database, with other limits for sockets.
    pub async fn with_sockets(sockets: Sockets) -> Self {
        Self::start(careerql_server::app(), Perspective::Published, sockets).await
    }

    async fn start(app: App, perspective: Perspective, sockets: Sockets) -> Self {
        let database = TestDatabase::fresh().await;
        let (graph, migrations) = app.build().unwrap();
        let mut connection = careerql_server::connect(&database.url).await.unwrap();
        let statements = Arc::new(AtomicUsize::new(0));
        let counter = statements.clone();
        connection.set_metric_callback(move |info| {
            // The server looks for what other processes publish, whatever is asked.
            if !info.statement.sql.contains(r#"AS "version" FROM "publication""#) {
                counter.fetch_add(1, Ordering::SeqCst);
            }
        });
        let db = migrations.up(connection).await.unwrap();
        let endpoint = Endpoint { graph: graph.clone(), db: db.clone(), perspective };
        let serving = Serving::start(endpoint, sockets, ([127, 0, 0, 1], 0).into()).await.unwrap();
        let url = format!("http://{}/graphql", serving.address);
        let (address, client) = (serving.address, reqwest::Client::new());
        Self { db, graph, url, address, database, client, statements, serving }
    }

    /// Stops the server as Ctrl-C does.
    pub async fn stop(self) {
        self.serving.stop().await.unwrap();
    }

    /// Publishes documents, which must be without errors.
    pub async fn publish(&self, paths: &[PathBuf]) {
        self.import(paths, Mode::Publish).await;
    }

    /// Imports documents, which must be without errors.
    pub async fn import(&self, paths: &[PathBuf], mode: Mode) {
        let change = Change { author: "test".into(), message: String::new(), at: chrono::Utc::now() };
        self.import_at(paths, mode, change).await;
    }

    pub async fn import_at(&self, paths: &[PathBuf], mode: Mode, change: Change) {
        let checked = check_files(self.graph.content(), paths);
        let (guides, reports) = checked.reports_beside(&self.db, mode.perspective()).await.unwrap();
        let errors: Vec<_> =
            reports.iter().filter(|report| report.finding.is_error()).map(ToString::to_string).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        store::import(&self.db, self.graph.content(), &guides, mode, &change).await.unwrap();
    }

    /// Sends a query; expects no errors.
    pub async fn query(&self, query: &str) -> Value {
        let answer = self.ask(query, json!({})).await;
        assert!(answer.errors.is_empty(), "{:#?}", answer.errors);
        answer.data
    }

    /// Sends a query with variables.
    pub async fn ask(&self, query: &str, variables: Value) -> Answer {
        let before = self.statements.load(Ordering::SeqCst);
        let mut body = self.post(json!({ "query": query, "variables": variables })).await;
        let statements = self.statements.load(Ordering::SeqCst) - before;
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        Answer { data: body["data"].take(), errors, statements }
    }

    async fn post(&self, body: Value) -> Value {
        self.client.post(&self.url).json(&body).send().await.unwrap().json().await.unwrap()
    }

    /// An HTTP request to the endpoint.
    pub fn http(&self, method: reqwest::Method) -> reqwest::RequestBuilder {
        self.client.request(method, &self.url)
    }
}
