//! Calls of receivers: what each tells, and what became of it.
use std::panic::AssertUnwindSafe;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt as _;
use kernel::{
    Result,
    store::{Attempt, Delivery, Event, settle_delivery, settle_joined, wait},
};
use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use sha2::{Digest, Sha256};

use super::{
    LONGEST, SPARE, Sender, address, failed,
    message::{Coverage, message},
    request::{NoRequest, outgoing},
};

/// Outcome of a call.
enum CallOutcome {
    /// The receiver took it.
    Taken(u16),
    /// There was nothing to tell.
    Needless,
    /// It is to be tried again, where it was not tried too often.
    Refused { status: Option<u16>, failure: String },
    /// It never will be taken.
    Dead { status: Option<u16>, failure: String },
}

/// A call that was made, or could not be.
struct Made {
    outcome: CallOutcome,
    /// Part of each event that it told.
    coverage: Vec<Coverage>,
    /// The beginning of its request.
    shown: Option<String>,
    /// Time for which the receiver wants no further call.
    retry_after: Option<TimeDelta>,
}

impl Made {
    /// A call without a request.
    fn without_request(events: &[Event], outcome: CallOutcome) -> Self {
        Self { outcome, coverage: vec![Coverage::Whole; events.len()], shown: None, retry_after: None }
    }
}

/// The events of each call: one, or all that were taken for a webhook which is told of several at once.
pub(super) fn calls(events: Vec<Event>) -> Vec<Vec<Event>> {
    let mut calls: Vec<Vec<Event>> = Vec::new();
    for event in events {
        let is_along = |call: &&mut Vec<Event>| event.webhook.is_joined() && call[0].webhook.id == event.webhook.id;
        match calls.last_mut().filter(|call| is_along(call)) {
            Some(call) => call.push(event),
            None => calls.push(vec![event]),
        }
    }
    calls
}

/// The id of the message, the same for each attempt that tells the same: of the delivery, or of all of them and of what was taken before.
fn id_of(events: &[Event]) -> String {
    let Some(first) = events.first() else { return String::new() };
    if events.len() == 1 && first.delivery.sent_until.is_none() {
        return first.id();
    }
    let parts = events.iter().map(|event| {
        let Delivery { id, sent_until, .. } = &event.delivery;
        format!("{id} {}", sent_until.as_deref().unwrap_or_default())
    });
    let hash = Sha256::digest(parts.collect::<Vec<_>>().join("\n"));
    format!("{}_{}", first.id(), URL_SAFE_NO_PAD.encode(&hash[..9]))
}

impl Sender {
    /// Time for which a message is this process's to send.
    pub(super) fn lease(&self) -> TimeDelta {
        let longest = self.options.webhook_timeout_seconds + self.answers.time + SPARE;
        TimeDelta::from_std(longest).unwrap_or(LONGEST)
    }

    /// Makes a call, and notes what became of it.
    pub(super) async fn settle(&self, events: Vec<Event>) {
        let began = self.db.clock().now();
        let made = AssertUnwindSafe(self.call(&events)).catch_unwind().await;
        let made = made.unwrap_or_else(|_| {
            tracing::error!(message = id_of(&events), "a webhook message could not be built: a panic");
            let failure = "the message could not be built; see the log".to_owned();
            Made::without_request(&events, CallOutcome::Refused { status: None, failure })
        });
        let _turn = self.settling.lock().await;
        if let Err(error) = self.note(events, made, began).await {
            failed(&error);
        }
    }

    async fn note(&self, events: Vec<Event>, made: Made, began: DateTime<Utc>) -> Result<()> {
        let Some(webhook) = events.first().map(|event| event.webhook.clone()) else { return Ok(()) };
        let mut attempts: Vec<(Delivery, Attempt)> = Vec::new();
        for (event, coverage) in events.iter().zip(&made.coverage) {
            let attempt = self.attempt(event, coverage, &made);
            let is_rider = webhook.is_joined() && event.delivery.due_at > began;
            // What waits for its own next attempt was told along, and loses nothing where that was in vain.
            if is_rider && !matches!(attempt, Attempt::Done { .. } | Attempt::Part { .. }) {
                continue;
            }
            let delivery = Delivery { sent: made.shown.clone(), ..event.delivery.clone() };
            attempts.push((delivery, attempt));
        }
        if let Some(seconds) = webhook.every_seconds {
            let pause = TimeDelta::seconds(seconds.into()).max(made.retry_after.unwrap_or_default());
            return settle_joined(&self.db, &webhook, attempts, pause).await;
        }
        for (delivery, attempt) in attempts {
            settle_delivery(&self.db, &delivery, attempt).await?;
        }
        match made.retry_after {
            Some(pause) => wait(&self.db, webhook.id, pause).await,
            None => Ok(()),
        }
    }

    async fn call(&self, events: &[Event]) -> Made {
        let Some(webhook) = events.first().map(|event| &event.webhook) else {
            return Made::without_request(events, CallOutcome::Needless);
        };
        let mut told = events;
        let mut message = message(told, &self.answers).await;
        let timestamp = self.db.clock().now().timestamp().to_string();
        let mut made = Made { outcome: CallOutcome::Needless, coverage: Vec::new(), shown: None, retry_after: None };
        let request = loop {
            let request = outgoing(&self.client, webhook, &message, &id_of(told), &timestamp);
            // Half of them, as long as they are too many for one request, or one of them hinders the others.
            if !matches!(request, Err(NoRequest::Impossible(_))) || told.len() < 2 {
                break request;
            }
            told = &told[..told.len() / 2];
            message = self::message(told, &self.answers).await;
        };
        message.coverage.resize(events.len(), Coverage::Nothing);
        let request = match request {
            Ok(outgoing) => {
                made.shown = outgoing.shown;
                Ok(outgoing.request)
            }
            Err(NoRequest::Needless) => Err(CallOutcome::Needless),
            Err(NoRequest::Impossible(failure)) => Err(CallOutcome::Dead { status: None, failure }),
        };
        made.coverage = message.coverage;
        made.outcome = match request {
            Err(outcome) => outcome,
            Ok(_) if !self.options.webhook_private_addresses && address::is_private_url(&webhook.url) => {
                let failure = "the address is private; see --webhook-private-addresses".to_owned();
                CallOutcome::Refused { status: None, failure }
            }
            Ok(request) => match request.send().await {
                Ok(response) => {
                    made.retry_after = retry_after(&response, self.db.clock().now());
                    answered(response.status())
                }
                Err(error) => CallOutcome::Refused { status: None, failure: reason(&error) },
            },
        };
        made
    }

    /// Outcome of a call for one of its events.
    fn attempt(&self, event: &Event, coverage: &Coverage, made: &Made) -> Attempt {
        if *coverage == Coverage::Nothing {
            return Attempt::Unsent;
        }
        match (&made.outcome, coverage) {
            (CallOutcome::Taken(status), Coverage::Until(tag)) => Attempt::Part { status: *status, until: tag.clone() },
            (CallOutcome::Taken(status), _) => Attempt::Done { status: *status },
            (CallOutcome::Needless, _) => Attempt::Needless,
            (CallOutcome::Refused { status, failure }, _) => {
                self.again(event, *status, failure.clone(), made.retry_after)
            }
            (CallOutcome::Dead { status, failure }, _) => dead(event, *status, failure.clone()),
        }
    }

    /// Outcome of a message that was not taken.
    fn again(&self, event: &Event, status: Option<u16>, failure: String, retry_after: Option<TimeDelta>) -> Attempt {
        let attempts = u16::try_from(event.delivery.attempts).unwrap_or(u16::MAX);
        if attempts >= self.options.webhook_max_attempts {
            return dead(event, status, failure);
        }
        let first = TimeDelta::from_std(self.options.webhook_retry_seconds).unwrap_or(LONGEST);
        // Those that are told together are tried again together.
        let spread = if event.webhook.is_joined() { event.webhook.id } else { event.delivery.id };
        let pause = pause(first, attempts, spread).max(retry_after.unwrap_or_default());
        Attempt::Again { status, failure, pause }
    }
}

fn dead(event: &Event, status: Option<u16>, failure: String) -> Attempt {
    tracing::warn!(url = event.webhook.shown_url(), message = event.id(), failure, "a webhook delivery is dead");
    Attempt::Dead { status, failure }
}

fn answered(status: StatusCode) -> CallOutcome {
    match status {
        status if status.is_success() => CallOutcome::Taken(status.as_u16()),
        StatusCode::GONE => CallOutcome::Dead { status: Some(410), failure: "the receiver is gone (410)".to_owned() },
        status => {
            let failure = format!("the receiver answered {status}");
            CallOutcome::Refused { status: Some(status.as_u16()), failure }
        }
    }
}

/// Time for which a receiver that has too much to do wants no further call: at most the longest pause.
fn retry_after(response: &Response, now: DateTime<Utc>) -> Option<TimeDelta> {
    if ![StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&response.status()) {
        return None;
    }
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    asked_pause(text, now)
}

/// The pause that `Retry-After` asks for, in seconds or as a date.
fn asked_pause(text: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let pause = if is_number {
        TimeDelta::seconds(text.parse::<u32>().unwrap_or(u32::MAX).into())
    } else {
        DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now
    };
    (pause > TimeDelta::zero()).then(|| pause.min(LONGEST))
}

/// The pause after this many attempts. Messages spread over a fifth of it, so that a receiver that comes back is not asked by all
/// of them at once.
fn pause(first: TimeDelta, attempts: u16, delivery: i64) -> TimeDelta {
    let factor = 4_i32.saturating_pow(attempts.saturating_sub(1).min(10).into());
    let pause = first.checked_mul(factor).unwrap_or(LONGEST).min(LONGEST);
    pause + pause * i32::try_from(delivery % 20).unwrap_or_default() / 100
}

/// Why no answer came, without what only this machine should know.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    if error.is_timeout() { "no answer in time".to_owned() } else { format!("no answer: {cause}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_asks_for_a_pause_in_seconds_or_until_a_date() {
        let now = "1994-11-06T08:49:00Z".parse().expect("a time");
        assert_eq!(asked_pause("120", now), Some(TimeDelta::minutes(2)));
        assert_eq!(asked_pause("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(TimeDelta::seconds(37)));
        assert_eq!(asked_pause("4000000000", now), Some(LONGEST));
        assert_eq!(asked_pause("99999999999999999999", now), Some(LONGEST));
        for none in ["0", "-1", "soon", "Sun, 06 Nov 1994 08:48:37 GMT"] {
            assert_eq!(asked_pause(none, now), None, "{none}");
        }
    }

    #[test]
    fn pauses_grow_to_six_hours() {
        let pause = |attempts| pause(TimeDelta::seconds(5), attempts, 0);
        assert_eq!(pause(1), TimeDelta::seconds(5));
        assert_eq!(pause(2), TimeDelta::seconds(20));
        assert_eq!(pause(4), TimeDelta::seconds(320));
        assert_eq!(pause(8), LONGEST);
        assert_eq!(pause(u16::MAX), LONGEST);
        assert!(super::pause(TimeDelta::seconds(100), 1, 19) <= TimeDelta::seconds(120));
    }
}
