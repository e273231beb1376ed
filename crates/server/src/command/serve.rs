//! `careerql serve`: the endpoint, until Ctrl-C.
use std::{net::SocketAddr, path::PathBuf, time::Duration};

use kernel::{Error, Result, store};
use poem::{
    Server,
    listener::{Acceptor, Listener, TcpAcceptor, TcpListener},
};
use tokio::time::timeout;

use super::{check, import, open, say};
use crate::{
    cli::ServeOptions,
    database,
    http::{Endpoint, KeepOpen, Live, Sockets, routes},
};

/// How long open requests may take to end after Ctrl-C.
const DRAIN: Duration = Duration::from_secs(20);
/// The folder that an empty database is filled from, where the working folder has it.
const SEED: &str = "seed";

pub(super) async fn serve(options: &ServeOptions) -> Result<()> {
    let (graph, db) = open(&options.database).await?;
    let endpoint = Endpoint { graph, db: db.clone(), perspective: options.perspective.into() };
    seed(&endpoint, options.seed.as_deref().map(PathBuf::from)).await?;
    let serving = Serving::start(endpoint, options.sockets.settings(), options.listen).await?;
    let address = serving.address;
    let interrupted = interrupted()?;
    say(format_args!("Database  {}", database::without_password(&options.database.database_url)))?;
    say(format_args!("GraphQL   http://{address}/graphql"))?;
    say(format_args!("GraphiQL  http://{address}/graphql (in a browser)"))?;
    say(format_args!("Press Ctrl-C to stop."))?;
    interrupted.await;
    tracing::info!("stopping: open requests are answered first");
    serving.stop().await?;
    db.close().await
}

/// Publishes the seed where the database is empty.
async fn seed(endpoint: &Endpoint, named: Option<PathBuf>) -> Result<()> {
    if !store::is_empty(&endpoint.db).await? {
        return Ok(());
    }
    let folder = named.or_else(|| Some(PathBuf::from(SEED)).filter(|folder| folder.is_dir()));
    let Some(folder) = folder else {
        tracing::warn!("the database is empty, and there is no folder `{SEED}` to fill it from; see --seed");
        return Ok(());
    };
    let change = store::Change { author: "seed".into(), message: "First start".into(), at: chrono::Utc::now() };
    let paths = [folder.clone()];
    let content = endpoint.graph.content();
    let (summary, reports) = import::import_files(&endpoint.db, content, &paths, store::Mode::Publish, &change).await?;
    let Some(summary) = summary else {
        check::print(&reports)?;
        let message = format!("The seed {} has errors; mend them, or name another with --seed.", folder.display());
        return Err(Error::caller("SEED_INVALID", message));
    };
    let warnings = check::counted(reports.len(), "warning");
    say(format_args!("Imported {}: {} ({warnings}).", folder.display(), import::totals(&summary)))
}

/// Comes with Ctrl-C, or with the signal that asks a process to end. Both are caught from this call on.
#[cfg(unix)]
fn interrupted() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::internal)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::internal)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Comes with Ctrl-C.
#[cfg(not(unix))]
fn interrupted() -> Result<impl Future<Output = ()>> {
    Ok(async {
        let _ended = tokio::signal::ctrl_c().await;
    })
}

/// A running server.
pub struct Serving {
    /// The address it listens on, with the port that the system chose where 0 was asked for.
    pub address: SocketAddr,
    live: Live,
    keep_open: KeepOpen,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Serving {
    /// Listens on the address, and answers in the background; notices there what other processes publish.
    pub async fn start(endpoint: Endpoint, sockets: Sockets, listen: SocketAddr) -> Result<Self> {
        let acceptor = bind(listen).await?;
        let bound = acceptor.local_addr().into_iter().find_map(|address| address.as_socket_addr().copied());
        let (live, keep_open) = Live::new(sockets);
        let (db, until) = (endpoint.db.clone(), live.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = until.closing() => {}
                () = db.watch() => {}
            }
        });
        let until = live.clone();
        let server = Server::new_with_acceptor(acceptor).run_with_graceful_shutdown(
            routes(endpoint, live.clone()),
            async move { until.closing().await },
            Some(DRAIN),
        );
        Ok(Self { address: bound.unwrap_or(listen), live, keep_open, task: tokio::spawn(server) })
    }

    /// Takes no more requests, answers those that are open, closes sockets and event streams, and ends.
    pub async fn stop(self) -> Result<()> {
        drop(self.keep_open);
        let (ended, _closed) = tokio::join!(self.task, timeout(DRAIN, self.live.closed()));
        match ended {
            Ok(ended) => ended.map_err(Error::internal),
            Err(panicked) => Err(Error::internal(panicked)),
        }
    }
}

async fn bind(listen: SocketAddr) -> Result<TcpAcceptor> {
    TcpListener::bind(listen).into_acceptor().await.map_err(|cause| {
        let message = format!("The address {listen} cannot be listened on: {cause}. Choose another with --listen.");
        Error::caller("ADDRESS_UNAVAILABLE", message)
    })
}
