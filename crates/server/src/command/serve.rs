//! `careerql serve`: the endpoint, until Ctrl-C.
use std::{net::SocketAddr, path::PathBuf};

use kernel::{
    Error, Graph, Result,
    store::{self, Database},
};
use tokio::{net::TcpListener, sync::oneshot};

use super::{check, import, open_app, say};
use crate::{
    cli::ServeOptions,
    database,
    http::{Endpoint, connections, routes},
    observe::Metrics,
};

/// The folder that an empty database is filled from, where the working folder has it.
const SEED: &str = "seed";

pub(super) async fn serve(options: &ServeOptions) -> Result<()> {
    let app = crate::app().hiding_schema(options.endpoint.queries.hide_schema);
    let metrics = Metrics::default();
    let mut connection = database::connect(&options.database.database_url).await?;
    metrics.observe(&mut connection, options.endpoint.observe.slow_statement_seconds);
    let (graph, db) = open_app(app, connection).await?;
    seed(&graph, &db, options.seed.as_deref().map(PathBuf::from)).await?;
    let endpoint = Endpoint::new(graph, db.clone(), options.perspective.into(), options.endpoint.clone(), metrics)?;
    let serving = Serving::start(endpoint, options.listen).await?;
    let address = serving.address;
    say(format_args!("Database  {}", database::without_password(&options.database.database_url)))?;
    say(format_args!("GraphQL   http://{address}/graphql"))?;
    say(format_args!("GraphiQL  http://{address}/graphql (in a browser)"))?;
    say(format_args!("Press Ctrl-C to stop."))?;
    interrupted().await;
    tracing::info!("stopping: open requests are answered first");
    serving.stop().await?;
    db.close().await
}

/// Publishes the seed where the database is empty.
async fn seed(graph: &Graph, db: &Database, named: Option<PathBuf>) -> Result<()> {
    if !store::is_empty(db).await? {
        return Ok(());
    }
    let folder = named.or_else(|| Some(PathBuf::from(SEED)).filter(|folder| folder.is_dir()));
    let Some(folder) = folder else {
        tracing::warn!("the database is empty, and there is no folder `{SEED}` to fill it from; see --seed");
        return Ok(());
    };
    let change = store::Change { author: "seed".into(), message: "First start".into(), at: chrono::Utc::now() };
    let paths = [folder.clone()];
    let content = graph.content();
    let (summary, reports) = import::import_files(db, content, &paths, store::Mode::Publish, &change).await?;
    let Some(summary) = summary else {
        check::print(&reports)?;
        let message = format!("The seed {} has errors; mend them, or name another with --seed.", folder.display());
        return Err(Error::caller("SEED_INVALID", message));
    };
    let warnings = check::counted(reports.len(), "warning");
    say(format_args!("Imported {}: {} ({warnings}).", folder.display(), import::totals(&summary)))
}

/// Waits for Ctrl-C, or for the signal that asks a process to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ended = tokio::signal::ctrl_c().await;
}

/// A running server.
pub struct Serving {
    /// The address it listens on, with the port that the system chose where 0 was asked for.
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Serving {
    /// Listens on the address and answers in the background.
    pub async fn start(endpoint: Endpoint, listen: SocketAddr) -> Result<Self> {
        let listener = bind(listen).await?;
        let address = listener.local_addr().unwrap_or(listen);
        let (stop, stopped) = oneshot::channel();
        let limits = endpoint.limits().clone();
        let task = tokio::spawn(connections::serve(listener, routes(endpoint), limits, stopped));
        Ok(Self { address, stop, task })
    }

    /// Takes no more requests, answers those that are open, and ends.
    pub async fn stop(self) -> Result<()> {
        let _ended_before = self.stop.send(());
        self.task.await.map_err(Error::internal)
    }
}

async fn bind(listen: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(listen).await.map_err(|cause| {
        let message = format!("The address {listen} cannot be listened on: {cause}. Choose another with --listen.");
        Error::caller("ADDRESS_UNAVAILABLE", message)
    })
}
