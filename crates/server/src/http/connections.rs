//! Connections: accepted up to a number, with a time for the head of each request and for each write, and drained at the end.
//! They speak HTTP/1.1 only: HTTP/2 has no time for heads, and a hundred requests at once in each connection.
//!
//! The server of `poem` has no time for heads, so that a client that sends its head byte by byte would keep a connection for
//! ever; this one gives hyper a timer.
use std::{
    convert::Infallible,
    io,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::{
    Endpoint, IntoEndpoint, IntoResponse,
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::timeout,
};
use tokio_io_timeout::TimeoutStream;

use crate::limits::Limits;

/// Maximum time that open requests may take to end when the server stops: containers kill after 10 seconds.
pub(crate) const DRAIN: Duration = Duration::from_secs(8);
/// How long to wait when no connection can be accepted, as when there are too many open files.
const PAUSE: Duration = Duration::from_millis(50);

/// Answers on the listener until `stop` comes, and then until open requests are answered.
pub(crate) async fn serve<E>(listener: TcpListener, endpoint: E, limits: Limits, stop: impl Future<Output = ()>)
where
    E: IntoEndpoint<Endpoint: Endpoint<Output: IntoResponse> + 'static>,
{
    let endpoint = Arc::new(endpoint.into_endpoint());
    let places = Arc::new(Semaphore::new(limits.max_connections));
    // Each connection holds a receiver while it is open.
    let (all, open) = watch::channel(());
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.header_seconds);
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
            let (http, endpoint, local) = (http.clone(), endpoint.clone(), local.clone());
            let service = service_fn(move |request| {
                let (endpoint, remote) = (endpoint.clone(), RemoteAddr(remote.into()));
                let request = (request, local.clone(), remote, Scheme::HTTP).into();
                async move { Ok::<hyper::Response<_>, Infallible>(endpoint.get_response(request).await.into()) }
            });
            let (mut stopping, write) = (open.clone(), limits.write_seconds);
            tokio::spawn(async move {
                let Ok(io) = prepared(stream, write) else { return };
                let mut connection = pin!(http.serve_connection(TokioIo::new(io), service).with_upgrades());
                // A connection that breaks off is its client's affair.
                tokio::select! {
                    _ended = &mut connection => {}
                    _ = stopping.changed() => {
                        connection.as_mut().graceful_shutdown();
                        let _ended = connection.await;
                    }
                }
                drop(place);
            });
        }
    };
    tokio::select! {
        () = accept => {}
        () = stop => {}
    }
    drop((listener, open));
    // None may be open.
    let _told = all.send(());
    if timeout(DRAIN, all.closed()).await.is_err() {
        tracing::warn!("requests that were still open are given up");
    }
}

/// Small answers go out at once, and a client that does not read is cut off.
fn prepared(stream: TcpStream, write: Duration) -> io::Result<Pin<Box<TimeoutStream<TcpStream>>>> {
    stream.set_nodelay(true)?;
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(write));
    Ok(Box::pin(stream))
}
