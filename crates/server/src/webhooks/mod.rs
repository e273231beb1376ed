//! Webhooks: messages about publications, sent until their receivers have taken them. Each is signed as Standard Webhooks say
//! (<https://www.standardwebhooks.com>), and sent at least once; those about one entry are sent one after the other.
mod address;
mod answer;
mod call;
mod message;
mod request;
mod signature;

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use kernel::{
    Error, Graph, Result,
    store::{Database, line_up_all, remove_taken, take_deliveries},
};
use reqwest::{Client, redirect::Policy};
use tokio::{
    sync::Mutex,
    task::{Id, JoinSet},
    time::{MissedTickBehavior, interval},
};

use self::{address::PublicOnly, answer::Answers, call::calls};
use crate::tls::prepare_tls;
use crate::{limits::seconds, pipeline::Pipeline};

/// Interval at which it looks for something to send.
const PAUSE: Duration = Duration::from_millis(500);
/// Number of messages that are sent to one webhook at once.
const SHARE: usize = 8;
/// Time for which a message is somebody's, beside the time that its making and its sending may take.
const SPARE: Duration = Duration::from_secs(15);
/// Maximum number of deliveries that are removed at once, so that nobody waits for that.
const STEP: u64 = 250;
/// The pause before the next of many steps, in which others write.
const BREATH: Duration = Duration::from_millis(250);
/// Pause between two looks for deliveries to remove, where there were few.
const SWEEP: Duration = Duration::from_mins(1);
/// The longest pause between two attempts.
const LONGEST: TimeDelta = TimeDelta::hours(6);

/// Options of webhooks.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Webhooks")]
pub struct WebhookOptions {
    /// Lets webhooks call addresses that only this machine or its network can reach, such as `http://127.0.0.1` or `10.0.0.7`.
    #[arg(long, env = "CAREERQL_WEBHOOK_PRIVATE_ADDRESSES")]
    pub webhook_private_addresses: bool,
    /// The seconds that a receiver has to answer.
    #[arg(long, env = "CAREERQL_WEBHOOK_TIMEOUT_SECONDS", default_value = "15", value_name = "SECONDS", value_parser = seconds)]
    pub webhook_timeout_seconds: Duration,
    /// The seconds after which a failed message is sent again; four times as long after each further attempt, up to
    /// six hours.
    #[arg(long, env = "CAREERQL_WEBHOOK_RETRY_SECONDS", default_value = "5", value_name = "SECONDS", value_parser = seconds)]
    pub webhook_retry_seconds: Duration,
    /// Number of times a message is sent before its delivery is dead.
    #[arg(long, env = "CAREERQL_WEBHOOK_MAX_ATTEMPTS", default_value_t = 9, value_name = "N")]
    pub webhook_max_attempts: u16,
    /// The days after which a delivery that its receiver has accepted is forgotten. Until then it is listed and can be sent again.
    /// Open and dead deliveries are never forgotten.
    #[arg(long, env = "CAREERQL_WEBHOOK_DELIVERY_DAYS", default_value_t = 30, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..))]
    pub webhook_delivery_days: u16,
}

/// Sends messages.
pub(crate) struct Sender {
    db: Database,
    answers: Answers,
    options: WebhookOptions,
    client: Client,
    /// Deliveries are settled one at a time: in the database, each that waits would keep a connection from the readers.
    settling: Mutex<()>,
}

impl Sender {
    /// A sender for this graph. The queries of subscribers go through the pipeline of all requests; the answers of one message have this
    /// time.
    pub(crate) fn new(
        graph: Graph,
        db: Database,
        options: WebhookOptions,
        time: Duration,
        pipeline: Arc<Pipeline>,
    ) -> Result<Self> {
        prepare_tls();
        let mut client = Client::builder()
            .user_agent(concat!("CareerQL/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .timeout(options.webhook_timeout_seconds);
        if !options.webhook_private_addresses {
            client = client.dns_resolver(Arc::new(PublicOnly));
        }
        let client = client.build().map_err(Error::internal)?;
        let settling = Mutex::default();
        Ok(Self { answers: Answers { graph, db: db.clone(), pipeline, time }, db, options, client, settling })
    }

    /// Sends what is due and removes what was taken long ago, until it is dropped. Any number of processes may.
    pub(crate) async fn run(self: Arc<Self>) {
        tokio::join!(self.clone().send_due(), self.sweep());
    }

    /// Removes deliveries that were taken long ago, some at a time.
    async fn sweep(&self) {
        let keep = TimeDelta::days(self.options.webhook_delivery_days.into());
        let mut failing = None;
        loop {
            let removed = remove_taken(&self.db, self.db.clock().now() - keep, STEP).await;
            let failure = removed.as_ref().err();
            if let Some(error) = failure.filter(|error| failing != Some(error.code())) {
                failed(error);
            }
            failing = failure.map(Error::code);
            let is_full = removed.is_ok_and(|removed| removed == STEP);
            tokio::time::sleep(if is_full { BREATH } else { SWEEP }).await;
        }
    }

    /// Sends what is due: each message is taken by one process at a time. Each webhook has a share of its own, so that a receiver
    /// that hangs keeps no other waiting.
    async fn send_due(self: Arc<Self>) {
        let _repaired = line_up_all(&self.db).await.inspect_err(failed);
        let mut versions = self.db.versions();
        let mut ticks = interval(PAUSE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Tasks of their own: each may wait for its turn to write while this one does.
        let mut sending = JoinSet::new();
        let mut busy: HashMap<Id, i64> = HashMap::new();
        let mut failing = None;
        loop {
            let in_flight = |busy: &HashMap<Id, i64>, webhook| busy.values().filter(|of| **of == webhook).count();
            tokio::select! {
                _ = ticks.tick() => {}
                _ = versions.changed() => {}
                Some(ended) = sending.join_next_with_id() => {
                    let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                    // Several are taken at once.
                    if busy.remove(&id).is_some_and(|webhook| in_flight(&busy, webhook) > SHARE / 2) {
                        continue;
                    }
                }
            }
            let room = |webhook| SHARE.saturating_sub(in_flight(&busy, webhook)) as u64;
            let taken = take_deliveries(&self.db, room, self.lease()).await;
            let failure = taken.as_ref().err();
            // It looks twice a second; what fails in the same way is told once.
            if let Some(error) = failure.filter(|error| failing != Some(error.code())) {
                failed(error);
            }
            failing = failure.map(Error::code);
            for call in calls(taken.unwrap_or_default()) {
                let (sender, webhook) = (self.clone(), call[0].webhook.id);
                let task = sending.spawn(async move { sender.settle(call).await });
                busy.insert(task.id(), webhook);
            }
        }
    }
}

fn failed(error: &Error) {
    if error.code() == "DATABASE_READ_ONLY" {
        tracing::info!("the database is read-only here: webhook messages are left to a server that can write to it");
        return;
    }
    tracing::error!(?error, "webhook deliveries could not be claimed, updated or removed; trying again");
}
