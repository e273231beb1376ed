//! Connections that stay open: WebSockets and event streams. How many there may be, how they are kept alive, and how they end
//! with the server.
use std::sync::Arc;

use async_graphql::{Response as GraphResponse, parser::types::OperationType};
use futures_util::{StreamExt as _, stream::BoxStream};
use poem::http::StatusCode;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{
    auth::Credentials,
    client::{Client, ClientOptions},
    operations::Operations,
    prepare::Prepared,
    request_error::RequestError,
    settings::SocketOptions,
    shares::{Share, Shares},
};
use crate::observe::RequestId;

/// The open connections of a server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Live {
    settings: Arc<SocketOptions>,
    places: Arc<Semaphore>,
    shares: Arc<Shares>,
    subscriptions: Arc<Shares>,
    closing: watch::Receiver<()>,
}

/// Keeps the connections of a server open: they are closed when it is dropped.
pub(crate) struct KeepOpen(#[expect(dead_code, reason = "it is there to be dropped")] watch::Sender<()>);

impl Live {
    /// No connections yet, and what keeps them open.
    pub(crate) fn new(settings: SocketOptions, clients: &ClientOptions) -> (Self, KeepOpen) {
        let (keep_open, closing) = watch::channel(());
        let places = usize::try_from(settings.max_sockets).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let (shares, places) = (Shares::new(clients.share(places)), Arc::new(Semaphore::new(places)));
        let subscriptions = Shares::new(clients.share(settings.max_open_subscriptions));
        (Self { settings: Arc::new(settings), places, shares, subscriptions, closing }, KeepOpen(keep_open))
    }

    /// The limits.
    pub(super) fn settings(&self) -> &SocketOptions {
        &self.settings
    }

    /// A place for one more connection of the client, to be held while it is open; none where all are taken, or its share is.
    pub(super) fn place(&self, client: Client, open: &Gauge) -> Result<OpenConnection, RequestError> {
        let share = self.shares.take(client).ok_or_else(|| {
            let most = self.shares.most();
            full(format!(
                "Your address has {most} open sockets and event streams, which is its share. Close some of them."
            ))
        })?;
        let place = self.places.clone().try_acquire_owned().map_err(|_| {
            let most = self.settings.max_sockets;
            full(format!("This server has {most} open sockets and event streams, which is the limit. Try again later."))
        })?;
        open.inc();
        Ok(OpenConnection { _share: share, _permit: place, open: open.clone() })
    }

    /// Counts one more subscription of the client, on whatever socket or event stream of it, until what comes back is dropped; refuses
    /// it where the client has its share.
    pub(super) fn subscription(&self, client: Client) -> Result<Share, RequestError> {
        self.subscriptions.take(client).ok_or_else(|| {
            let most = self.subscriptions.most();
            let message = format!(
                "Your address has {most} open subscriptions on all of its sockets and event streams, which is its share. \
                 Close some of them."
            );
            RequestError::graphql("TOO_MANY_SUBSCRIPTIONS", message)
        })
    }

    /// Tells whether the server is about to end.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.has_changed().is_err()
    }

    /// Waits until the server ends.
    pub(crate) async fn closing(&self) {
        let mut closing = self.closing.clone();
        // Nothing is ever sent: it comes back when the other end is dropped.
        while closing.changed().await.is_ok() {}
    }

    /// Waits until all connections are closed.
    pub(crate) async fn closed(&self) {
        let _all = self.places.acquire_many(self.settings.max_sockets).await;
    }
}

impl Operations {
    /// Starts an operation for a client; a subscription counts for its share until it is over.
    pub(super) async fn start_for(
        &self,
        client: Client,
        live: &Live,
        credentials: &Credentials,
        prepared: Prepared,
        id: &RequestId,
    ) -> Result<BoxStream<'static, GraphResponse>, RequestError> {
        let is_subscription = prepared.operation == OperationType::Subscription;
        let share = if is_subscription { Some(live.subscription(client)?) } else { None };
        let responses = self.start(client, credentials, prepared, id).await?;
        Ok(responses
            .map(move |response| {
                _ = &share;
                response
            })
            .boxed())
    }
}

fn full(message: String) -> RequestError {
    RequestError::new(StatusCode::SERVICE_UNAVAILABLE, "TOO_MANY_SOCKETS", message)
}

/// A place among the connections that stay open.
pub(super) struct OpenConnection {
    _share: Share,
    _permit: OwnedSemaphorePermit,
    open: Gauge,
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.open.dec();
    }
}
