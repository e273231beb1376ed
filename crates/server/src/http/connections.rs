//! Connections: accepted up to a number, with a time for the head of each request and for each write, and drained at the end.
//!
//! The server of `poem` has no time for heads, so that a client that sends its head byte by byte would keep a connection for
//! ever; this one gives hyper a timer.
use std::{convert::Infallible, io, pin::Pin, sync::Arc, time::Duration};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use poem::{
    Endpoint, IntoEndpoint, IntoResponse,
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_io_timeout::TimeoutStream;

use crate::limits::Limits;

/// How long open requests may take to end when the server stops.
pub(crate) const DRAIN: Duration = Duration::from_secs(20);
/// How long to wait when no connection can be accepted, as when there are too many open files.
const PAUSE: Duration = Duration::from_millis(50);
/// How many requests one HTTP/2 connection may have open.
const STREAMS: u32 = 100;
/// How often an HTTP/2 connection is asked whether it is alive, and how long it may take to answer.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Answers on the listener until `stop` comes, and then until open requests are answered.
pub(crate) async fn serve<E>(listener: TcpListener, endpoint: E, limits: Limits, stop: impl Future<Output = ()>)
where
    E: IntoEndpoint<Endpoint: Endpoint<Output: IntoResponse> + 'static>,
{
    let endpoint = Arc::new(endpoint.into_endpoint());
    let places = Arc::new(Semaphore::new(limits.max_connections));
    let open = GracefulShutdown::new();
    let (http1, http2) = (builder(&limits).http1_only(), builder(&limits).http2_only());
    let local = listener.local_addr().map_or_else(|_| LocalAddr::default(), |address| LocalAddr(address.into()));
    let accept = async {
        loop {
            // Never closed.
            let Ok(place) = places.clone().acquire_owned().await else { return };
            let (stream, remote) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(cause) => {
                    tracing::warn!(%cause, "no connection can be accepted");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let (http1, http2) = (http1.clone(), http2.clone());
            let (endpoint, local) = (endpoint.clone(), local.clone());
            let service = service_fn(move |request| {
                let (endpoint, remote) = (endpoint.clone(), RemoteAddr(remote.into()));
                let request = (request, local.clone(), remote, Scheme::HTTP).into();
                async move { Ok::<hyper::Response<_>, Infallible>(endpoint.get_response(request).await.into()) }
            });
            let (watcher, header, write) = (open.watcher(), limits.header_seconds, limits.write_seconds);
            tokio::spawn(async move {
                let Ok(Ok(speaks_http2)) = timeout(header, speaks_http2(&stream)).await else { return };
                let Ok(io) = prepared(stream, write) else { return };
                let builder = if speaks_http2 { http2 } else { http1 };
                let connection = builder.serve_connection_with_upgrades(TokioIo::new(io), service);
                // A connection that breaks off is its client's affair.
                let _ended = watcher.watch(connection.into_owned()).await;
                drop(place);
            });
        }
    };
    tokio::select! {
        () = accept => {}
        () = stop => {}
    }
    drop(listener);
    if timeout(DRAIN, open.shutdown()).await.is_err() {
        tracing::warn!("requests that were still open are given up");
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.header_seconds);
    let http2 = &mut builder.http2();
    http2.timer(TokioTimer::new()).max_concurrent_streams(STREAMS);
    http2.keep_alive_interval(KEEP_ALIVE).keep_alive_timeout(KEEP_ALIVE);
    builder
}

/// Whether the client begins with the preface of HTTP/2. Waits for the bytes that tell.
async fn speaks_http2(stream: &TcpStream) -> io::Result<bool> {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    loop {
        let mut first = [0; PREFACE.len()];
        let first = match stream.peek(&mut first).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => &first[..length],
        };
        if !PREFACE.starts_with(first) {
            return Ok(false);
        }
        if first.len() == PREFACE.len() {
            return Ok(true);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Small answers go out at once, and a client that does not read is cut off.
fn prepared(stream: TcpStream, write: Duration) -> io::Result<Pin<Box<TimeoutStream<TcpStream>>>> {
    stream.set_nodelay(true)?;
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(write));
    Ok(Box::pin(stream))
}
