//! Connections that stay open: WebSockets and event streams. How many there may be, how they are kept alive, and how they end
//! with the server.
use std::{sync::Arc, time::Duration};

use async_graphql::{Response as GraphResponse, parser::types::OperationType};
use futures_util::{StreamExt as _, stream::BoxStream};
use poem::http::StatusCode;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{
    client::{Client, ClientOptions},
    refusal::Refusal,
    request::Prepared,
    shares::{Share, Shares},
    streams::Operations,
    view::Asker,
};
use crate::{limits::seconds, observe::RequestId};

/// Limits of connections that stay open.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Subscriptions")]
pub struct SocketOptions {
    /// The WebSockets and event streams that may be open at once.
    #[arg(long, env = "CAREERQL_MAX_SOCKETS", default_value_t = 1_000, value_name = "N")]
    pub max_sockets: u32,
    /// The operations that one WebSocket may have open at once.
    #[arg(long, env = "CAREERQL_MAX_SUBSCRIPTIONS", default_value_t = 50, value_name = "N")]
    pub max_subscriptions: usize,
    /// The subscriptions that may be open at once, on all WebSockets and event streams together.
    #[arg(long, env = "CAREERQL_MAX_OPEN_SUBSCRIPTIONS", default_value_t = 5_000, value_name = "N")]
    pub max_open_subscriptions: usize,
    /// The size of a message to a WebSocket in bytes.
    #[arg(long, env = "CAREERQL_MAX_MESSAGE_BYTES", default_value_t = 64 * 1024, value_name = "BYTES")]
    pub max_message_bytes: usize,
    /// The seconds within which a client must say `connection_init`.
    #[arg(long, env = "CAREERQL_INIT_SECONDS", default_value = "3", value_name = "SECONDS", value_parser = seconds)]
    pub init_seconds: Duration,
    /// Interval at which a WebSocket is asked for a sign of life, in seconds.
    #[arg(long, env = "CAREERQL_PING_SECONDS", default_value = "20", value_name = "SECONDS", value_parser = seconds)]
    pub ping_seconds: Duration,
    /// The seconds that a WebSocket may be without a sign of life, or without taking a message.
    #[arg(long, env = "CAREERQL_IDLE_SECONDS", default_value = "60", value_name = "SECONDS", value_parser = seconds)]
    pub idle_seconds: Duration,
    /// Interval at which an event stream gets a comment that keeps it open, in seconds.
    #[arg(long, env = "CAREERQL_KEEP_ALIVE_SECONDS", default_value = "12", value_name = "SECONDS", value_parser = seconds)]
    pub keep_alive_seconds: Duration,
}

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
    pub(super) fn place(&self, client: Client, open: &Gauge) -> Result<Place, Refusal> {
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
        Ok(Place { _share: share, _permit: place, open: open.clone() })
    }

    /// Counts one more subscription of the client, on whatever socket or event stream of it, until what comes back is dropped; refuses
    /// it where the client has its share.
    pub(super) fn subscription(&self, client: Client) -> Result<Share, Refusal> {
        self.subscriptions.take(client).ok_or_else(|| {
            let most = self.subscriptions.most();
            let message = format!(
                "Your address has {most} open subscriptions on all of its sockets and event streams, which is its share. \
                 Close some of them."
            );
            Refusal::graphql("TOO_MANY_SUBSCRIPTIONS", message)
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
        asker: &Asker,
        prepared: Prepared,
        id: &RequestId,
    ) -> Result<BoxStream<'static, GraphResponse>, Refusal> {
        let is_subscription = prepared.operation == OperationType::Subscription;
        let share = if is_subscription { Some(live.subscription(client)?) } else { None };
        let responses = self.start(client, asker, prepared, id).await?;
        Ok(responses
            .map(move |response| {
                _ = &share;
                response
            })
            .boxed())
    }
}

fn full(message: String) -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "TOO_MANY_SOCKETS", message)
}

/// A place among the connections that stay open.
pub(super) struct Place {
    _share: Share,
    _permit: OwnedSemaphorePermit,
    open: Gauge,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.dec();
    }
}
