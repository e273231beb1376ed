//! `careerql serve`: the endpoint, until Ctrl-C.
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use futures_util::future::{BoxFuture, join_all};
use kernel::{
    ContentModel, Error, Graph, Result,
    store::{self, Database, Mechanism},
};
use tokio::{
    net::{TcpListener, TcpSocket},
    task::JoinHandle,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{check, descriptors, import, open_app, seed_data::sync_data};
use crate::output::print_line;
use crate::{
    cli::{ServeOptions, WithoutOption},
    database,
    http::{DRAIN, Endpoint, KeepOpen, Live, connections, metrics_routes, routes},
    observe::Metrics,
};

/// The folder that an empty database is filled from, where the working folder has it.
const SEED: &str = "seed";
/// Maximum number of connections that wait to be accepted, as far as the system allows it. In a flood, one for which there is no room tries
/// again after a second.
const WAITING: u32 = 4_096;
/// Maximum time from the signal to the end: containers kill after 10 seconds.
const END: Duration = Duration::from_secs(8);
/// Pause before what ended by a panic is begun again.
const AGAIN: Duration = Duration::from_millis(500);

pub(super) async fn serve(options: &ServeOptions) -> Result<()> {
    let mut settings = options.endpoint.clone();
    descriptors::fit(&mut settings);
    let app = crate::app().hiding_schema(options.endpoint.queries.hide_schema);
    let metrics = Metrics::default();
    turn_off(&options.without);
    let connection = database::open(&options.database).await?;
    database::warn_of_readers(&connection);
    let (graph, mut db) = open_app(app, connection).await?;
    let projects = !options.without.contains(&WithoutOption::Projection);
    let graph = if projects { graph } else { graph.without_projection() };
    metrics.observe(&mut db, options.endpoint.observe.slow_statement_seconds);
    seed(&graph, &db, options.seed.as_deref().map(PathBuf::from)).await?;
    let endpoint = Endpoint::new(graph, db.clone(), options.perspective.into(), settings, metrics)?;
    let interrupted = interrupted()?;
    let serving = Serving::start(endpoint, options.listen).await?;
    let address = serving.address;
    print_line(format_args!("Database  {}", options.database.database_url))?;
    print_line(format_args!("GraphQL   http://{address}/graphql"))?;
    print_line(format_args!("GraphiQL  http://{address}/graphql (in a browser)"))?;
    if let Some(address) = serving.metrics_address {
        print_line(format_args!("Metrics   http://{address}/metrics"))?;
    }
    print_line(format_args!("Press Ctrl-C to stop."))?;
    interrupted.await;
    tracing::info!("stopping: open requests are answered first");
    let until = Instant::now() + END;
    serving.stop().await?;
    timeout_at(until, db.close()).await.unwrap_or_else(|_| {
        tracing::warn!("the database did not close in time; it is abandoned");
        Ok(())
    })
}

/// Turns off what is measured by its absence.
fn turn_off(without: &[WithoutOption]) {
    for mechanism in without {
        match mechanism {
            WithoutOption::Projection => {}
            WithoutOption::EmbeddedReads => Mechanism::EmbeddedReads.turn_off(),
            WithoutOption::StatementTexts => Mechanism::StatementTexts.turn_off(),
            WithoutOption::SavePauses => Mechanism::SavePauses.turn_off(),
        }
    }
}

/// Publishes the seed where the database is empty: its documents, and the data sets beside them.
async fn seed(graph: &Graph, db: &Database, named: Option<PathBuf>) -> Result<()> {
    let folder = named.or_else(|| Some(PathBuf::from(SEED)).filter(|folder| folder.is_dir()));
    if !store::is_empty(db).await? {
        // Nobody waits for it.
        tokio::spawn(tell_of_changed_seed(db.clone(), graph.content().clone(), folder));
        return Ok(());
    }
    let Some(folder) = folder else {
        tracing::warn!("the database is empty, and there is no folder `{SEED}` to fill it from; see --seed");
        return Ok(());
    };
    let change = store::ChangeInfo::now("seed", "First start");
    let paths = [folder.clone()];
    let content = graph.content();
    let imported = import::import_files(db, content, &paths, store::Mode::Publish, &change).await;
    if let Err(error) = &imported
        && error.code() == "DATABASE_READ_ONLY"
    {
        tracing::warn!("the database is empty and read-only, so it is not filled from the seed");
        return Ok(());
    }
    let (summary, reports) = imported?;
    let Some(summary) = summary else {
        check::print(&reports)?;
        let message = format!("The seed {} has errors; fix them, or name another with --seed.", folder.display());
        return Err(Error::caller("SEED_INVALID", message));
    };
    let warnings = check::counted(reports.warnings, "warning");
    print_line(format_args!("Imported {}: {} ({warnings}).", folder.display(), import::totals(&summary)))?;
    sync_data(graph, db, &folder, &change).await
}

/// Says in the log that documents of the seed are new or were changed since they were imported: a server fills an empty database
/// only.
async fn tell_of_changed_seed(db: Database, content: Arc<ContentModel>, folder: Option<PathBuf>) {
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else { return };
    let changed = match store::changed_files(&db, &content, std::slice::from_ref(&folder)).await {
        Ok(changed) => changed,
        Err(cause) => {
            tracing::debug!(%cause, "the seed could not be compared with the database");
            return;
        }
    };
    if changed > 0 {
        let seed = folder.display();
        tracing::warn!(
            documents = changed,
            "the seed `{seed}` was changed and is not imported, as the database is not empty: run `careerql import {seed} --publish`"
        );
    }
}

/// Ctrl-C, and the signal that asks a process to end: listened for from the call on, not only when awaited.
#[cfg(unix)]
pub(super) fn interrupted() -> Result<impl Future<Output = ()>> {
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

/// Ctrl-C.
#[cfg(not(unix))]
pub(super) fn interrupted() -> Result<impl Future<Output = ()>> {
    Ok(async {
        let _ended = tokio::signal::ctrl_c().await;
    })
}

/// A running server.
pub struct Serving {
    /// The address it listens on, with the port that the system chose where 0 was asked for.
    pub address: SocketAddr,
    /// The address that is for metrics alone, where there is one.
    pub metrics_address: Option<SocketAddr>,
    live: Live,
    keep_open: KeepOpen,
    /// Answers requests.
    answering: Vec<JoinHandle<()>>,
    /// Does what is done beside.
    beside: Vec<JoinHandle<()>>,
}

impl Serving {
    /// Listens on the address, and answers in the background; notices there what other processes publish.
    pub fn start(endpoint: Endpoint, listen: SocketAddr) -> BoxFuture<'static, Result<Self>> {
        Box::pin(Self::begin(endpoint, listen))
    }

    async fn begin(endpoint: Endpoint, listen: SocketAddr) -> Result<Self> {
        let listener = bind(listen)?;
        let address = listener.local_addr().unwrap_or(listen);
        let for_metrics = match endpoint.metrics_listen() {
            Some(listen) => Some(bind(listen)?),
            None => None,
        };
        let metrics_address = for_metrics.as_ref().and_then(|listener| listener.local_addr().ok());
        let (live, keep_open) = endpoint.live();
        let sender = Arc::new(endpoint.sender()?);
        let (db, content) = (endpoint.db().clone(), endpoint.content().clone());
        let (watching, working, writing) = (db.clone(), db.clone(), db);
        let mut beside = Vec::new();
        background(&mut beside, "watching for publications", &live, move || {
            let db = watching.clone();
            async move { db.watch().await }
        });
        background(&mut beside, "checking whether the database can be written again", &live, move || {
            let db = writing.clone();
            async move { match db.keep_writable().await {} }
        });
        background(&mut beside, "publishing releases that are due", &live, move || {
            let (db, content) = (working.clone(), content.clone());
            async move { db.work(&content).await }
        });
        background(&mut beside, "sending webhook messages", &live, move || sender.clone().run());
        let mut answering = Vec::new();
        if let Some(listener) = for_metrics {
            let (routes, door, until) = (metrics_routes(endpoint.clone()), endpoint.metrics_door(), live.clone());
            answering.push(tokio::spawn(connections::serve(
                listener,
                routes,
                door,
                async move { until.closing().await },
            )));
        }
        let (door, until) = (endpoint.door(), live.clone());
        let routes = routes(endpoint, live.clone());
        answering.push(tokio::spawn(connections::serve(listener, routes, door, async move { until.closing().await })));
        Ok(Self { address, metrics_address, live, keep_open, answering, beside })
    }

    /// Takes no more requests, answers those that are open, closes sockets and event streams, and ends. What is done beside has ended
    /// as well, so that the database can be closed.
    pub fn stop(self) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.end())
    }

    async fn end(self) -> Result<()> {
        drop(self.keep_open);
        let (answered, _beside, _closed) = tokio::join!(
            join_all(self.answering),
            timeout(DRAIN, join_all(self.beside)),
            timeout(DRAIN, self.live.closed())
        );
        answered.into_iter().try_for_each(|ended| ended.map_err(Error::internal))
    }
}

/// Does something of its own beside answering, until the server ends. A panic ends nothing else, and it is begun again.
fn background<W: Future<Output = ()> + Send + 'static>(
    all: &mut Vec<JoinHandle<()>>,
    what: &'static str,
    live: &Live,
    work: impl Fn() -> W + Send + 'static,
) {
    let until = live.clone();
    all.push(tokio::spawn(async move {
        loop {
            let mut task = tokio::spawn(work());
            tokio::select! {
                () = until.closing() => {
                    task.abort();
                    // What it holds of the database is given back first.
                    let _aborted = task.await;
                    return;
                }
                ended = &mut task => {
                    let cause = ended.err().map(|error| error.to_string());
                    tracing::error!(cause, "{what} ended unexpectedly; restarting it");
                }
            }
            sleep(AGAIN).await;
        }
    }));
}

/// Listens on the address.
fn bind(listen: SocketAddr) -> Result<TcpListener> {
    let bound = || {
        let socket = if listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // What the last server left open does not hinder the next; elsewhere the option means that two may listen.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(listen)?;
        socket.listen(WAITING)
    };
    bound().map_err(|cause| {
        let message = format!("Cannot listen on the address {listen}: {cause}. Choose another with --listen.");
        Error::caller("ADDRESS_UNAVAILABLE", message)
    })
}
