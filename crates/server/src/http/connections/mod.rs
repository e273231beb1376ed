//! Connections: accepted first, and given up where there are too many, idle ones first; with a time for the head of each request and
//! for each write, and drained at the end. They speak HTTP/1.1 only: HTTP/2 has no time for heads, and a hundred requests at once in
//! each connection.
//!
//! The server of `poem` has no time for heads, so that a client that sends its head byte by byte would keep a connection for
//! ever; this one gives hyper a timer.
mod attend;
mod refuse;
mod stage;
mod table;
mod watched;

use std::{convert::Infallible, future::poll_fn, io, net::SocketAddr, pin::pin, sync::Arc, task::Poll, time::Duration};

use hyper::{
    body::{Body as _, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::{
    Endpoint, IntoEndpoint, IntoResponse, Request, Response,
    http::{StatusCode, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{Instant, sleep, timeout},
};

use self::{
    attend::{Run, attend},
    refuse::refuse,
    stage::{Open, Stage},
    table::{Slot, Table},
    watched::{Answered, Watched, coming},
};
use super::{
    client::{Client, ClientOptions},
    request_error::RequestError,
    response::error_response,
};
use crate::{limits::Limits, observe::Metrics};

/// Maximum time that open requests may take to end when the server stops. Containers kill after 10 seconds, and the database is
/// closed within the rest.
pub(crate) const DRAIN: Duration = Duration::from_secs(6);
/// Maximum time that what is given up at the end of it may take to let go of what it holds.
const OVER: Duration = Duration::from_millis(200);
/// Pause when no connection can be accepted, as when there are too many open files and none is idle.
const PAUSE: Duration = Duration::from_millis(50);
/// Maximum time to wait for a connection that is given up: it may have got a request at that very moment.
const LEAVING: Duration = Duration::from_millis(20);
/// Minimum time between two lines of the log about connections that cannot be accepted.
const TELLING: Duration = Duration::from_secs(10);
/// The numbers of the errors for too many open files, of this process and of the machine, on Unix.
const TOO_MANY_FILES: [i32; 2] = [24, 23];

/// Rules about who may connect.
pub(crate) struct Door {
    /// The times that clients have.
    pub(crate) limits: Limits,
    /// Maximum number of open connections.
    pub(crate) most: usize,
    /// The part that one client may have of them.
    pub(crate) clients: ClientOptions,
    /// Counts those that are refused.
    pub(crate) metrics: Metrics,
}

/// Answers on the listener until `stop` comes, and then until open requests are answered.
pub(crate) async fn serve<E>(listener: TcpListener, endpoint: E, door: Door, stop: impl Future<Output = ()>)
where
    E: IntoEndpoint<Endpoint: Endpoint<Output: IntoResponse> + 'static>,
{
    // Each connection holds a receiver while it is open.
    let (all, run) = watch::channel(Run::Serving);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(door.limits.header_seconds);
    let local = listener.local_addr().map_or_else(|_| LocalAddr::default(), |address| LocalAddr(address.into()));
    let table = Table::new(door.most, door.clients.share(door.most));
    let guests = Guests { http, endpoint: Arc::new(endpoint.into_endpoint()), local, door, table, run };
    tokio::select! {
        () = guests.accept(&listener) => {}
        () = stop => {}
    }
    drop((listener, guests));
    all.send_replace(Run::Stopping);
    if timeout(DRAIN, all.closed()).await.is_err() {
        tracing::warn!("requests that were still open are aborted");
        all.send_replace(Run::Over);
        let _given_up = timeout(OVER, all.closed()).await;
    }
}

/// State that all connections of a listener share.
struct Guests<E> {
    http: http1::Builder,
    endpoint: Arc<E>,
    local: LocalAddr,
    door: Door,
    table: Arc<Table>,
    run: watch::Receiver<Run>,
}

impl<E: Endpoint<Output: IntoResponse> + 'static> Guests<E> {
    /// Accepts connections for ever.
    async fn accept(&self, listener: &TcpListener) {
        let tellers = Arc::new(Semaphore::new(refuse::TOLD));
        let mut told: Option<Instant> = None;
        let mut may_tell = || {
            let may = told.is_none_or(|told| told.elapsed() >= TELLING);
            if may {
                told = Some(Instant::now());
            }
            may
        };
        loop {
            let (stream, remote) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(cause) if is_of_client(&cause) => continue,
                Err(cause) => {
                    if may_tell() {
                        tracing::warn!(%cause, "no connection can be accepted; if too many files are open, raise `ulimit -n`");
                    }
                    let is_full = cause.raw_os_error().is_some_and(|number| TOO_MANY_FILES.contains(&number));
                    let given_up = if is_full { self.table.give_up_one() } else { None };
                    match given_up {
                        Some(open) => left(&open).await,
                        None => sleep(PAUSE).await,
                    }
                    continue;
                }
            };
            let peer = remote.ip();
            let owner = (!self.door.clients.trusts(peer)).then(|| Client::at(peer));
            match self.table.enter(owner) {
                Ok((place, given_up)) => {
                    self.welcome(stream, remote, place);
                    // Its file is closed before another is opened.
                    if let Some(open) = given_up {
                        left(&open).await;
                    }
                }
                Err(full) => {
                    self.door.metrics.refused(refuse::CODE);
                    if may_tell() {
                        tracing::warn!(client = %Client::at(peer), ?full, "connections are refused");
                    }
                    refuse(stream, full, &tellers);
                }
            }
        }
    }

    /// Serves the connection in the background.
    fn welcome(&self, stream: TcpStream, remote: SocketAddr, place: Slot) {
        let open = place.open.clone();
        let (endpoint, local) = (self.endpoint.clone(), self.local.clone());
        let answering = open.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let has_body = !request.body().is_end_stream();
            answering.asked(has_body);
            let remote = RemoteAddr(remote.into());
            let request = (request, local.clone(), remote, Scheme::HTTP).into();
            let (endpoint, open) = (endpoint.clone(), answering.clone());
            async move { Ok::<_, Infallible>(answer(&*endpoint, request, has_body, open).await) }
        });
        let (http, mut run, write) = (self.http.clone(), self.run.clone(), self.door.limits.write_seconds);
        tokio::spawn(async move {
            // Let go of after the connection.
            let _place = place;
            let Ok(io) = Watched::new(stream, write, open.clone()) else { return };
            let connection = pin!(http.serve_connection(TokioIo::new(io), service).with_upgrades());
            attend(connection, &open, &mut run, http1::UpgradeableConnection::graceful_shutdown).await;
        });
    }
}

/// Answers a request; refuses it where its body is cut.
async fn answer<E: Endpoint<Output: IntoResponse>>(
    endpoint: &E,
    mut request: Request,
    has_body: bool,
    open: Arc<Open>,
) -> hyper::Response<impl hyper::body::Body<Data = bytes::Bytes, Error = io::Error> + Send + 'static + use<E>> {
    if has_body {
        let body = request.take_body();
        request.set_body(coming(body, open.clone()));
    }
    let mut answer = pin!(endpoint.get_response(request));
    let response = poll_fn(|cx| match answer.as_mut().poll(cx) {
        // Whoever cuts it has the connection looked at again, and with it this.
        Poll::Pending if open.stage() == Stage::Cut => Poll::Ready(cut()),
        polled => polled,
    });
    let response: hyper::Response<_> = response.await.into();
    open.answers();
    response.map(|body| Answered::new(body, open))
}

/// The answer to a request that did not come whole before the server stopped.
fn cut() -> Response {
    let message = "The server is stopping, and the body of the request had not arrived. Send it again.";
    let mut response = error_response(&RequestError::new(StatusCode::SERVICE_UNAVAILABLE, "SERVER_STOPPING", message));
    response.headers_mut().insert("connection", poem::http::HeaderValue::from_static("close"));
    response
}

/// Waits until a connection that was given up is closed.
async fn left(open: &Open) {
    let _left = timeout(LEAVING, open.gone()).await;
}

/// Tells whether the client went away before its connection was accepted.
fn is_of_client(cause: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(cause.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
