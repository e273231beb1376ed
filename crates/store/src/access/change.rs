//! Author, reason and time of a change.
use std::time::Duration as Wait;

use chrono::{DateTime, Duration, DurationRound as _, Utc};
use document::{Clock, characters::Layout};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};

use crate::{Principal, Result, database::transaction::Transaction, require_text, tables::publication};

const MILLISECOND: Duration = Duration::milliseconds(1);

/// Author and reason of a change.
#[derive(Clone, Debug)]
pub struct ChangeInfo {
    /// The author of the revisions.
    pub author: String,
    /// The message of the revisions.
    pub message: String,
    /// The row of the token it is done with.
    pub token: Option<i64>,
    at: Option<DateTime<Utc>>,
}

impl ChangeInfo {
    /// A change of the moment in which it gets its turn among the writers.
    pub fn now(author: impl Into<String>, message: impl Into<String>) -> Self {
        Self { author: author.into(), message: message.into(), token: None, at: None }
    }

    /// A change that is recorded as one of this moment.
    pub fn at(author: impl Into<String>, message: impl Into<String>, at: DateTime<Utc>) -> Self {
        Self { at: Some(at), ..Self::now(author, message) }
    }

    /// A change by a caller, who may call themselves otherwise than their token.
    pub fn by(caller: &Principal, author: Option<String>, message: Option<String>) -> Self {
        let author = author.filter(|author| !author.trim().is_empty());
        let author = author.unwrap_or_else(|| caller.name().to_owned());
        Self { token: caller.token(), ..Self::now(author, message.unwrap_or_default()) }
    }

    /// The change, whose writer has its turn. What is published later is published at a later time, also where the clock was
    /// set back in between. Times are whole milliseconds, as they are printed: whoever takes a time from an answer, and looks back at
    /// it, sees what that answer told of.
    ///
    /// An author or a message that holds what no text may hold is refused (`BAD_USER_INPUT`).
    pub(crate) async fn begun(&self, txn: &Transaction) -> Result<CommitStamp> {
        require_text("author", &self.author, Layout::Line)?;
        require_text("message", &self.message, Layout::Prose)?;
        let at = if let Some(at) = self.at {
            at
        } else {
            let last = publication::Entity::find().order_by_desc(publication::Column::Id).limit(1).one(txn).await?;
            let after = last.map(|last| last.published_at + MILLISECOND);
            let now = txn.clock().now();
            after.map_or(now, |after| after.max(now))
        };
        let at = whole(at);
        let Self { author, message, token, .. } = self.clone();
        Ok(CommitStamp { author, message, token, at, is_given: self.at.is_some(), clock: txn.clock().clone() })
    }
}

/// A change that is being written.
#[derive(Clone, Debug)]
pub(crate) struct CommitStamp {
    pub(crate) author: String,
    pub(crate) message: String,
    pub(crate) token: Option<i64>,
    /// The time of its revisions and publications.
    pub(crate) at: DateTime<Utc>,
    /// True where somebody chose the time.
    is_given: bool,
    clock: Clock,
}

impl CommitStamp {
    /// The moment, where that is later, for what took a while to write.
    pub(crate) fn moment(&self) -> Option<DateTime<Utc>> {
        Some(whole(self.clock.now())).filter(|now| *now > self.at && !self.is_given)
    }

    /// Waits until its time, which was rounded up: nobody may see it before.
    pub(crate) async fn has_come(&self) {
        if let Ok(left) = (self.at - self.clock.now()).to_std() {
            // Where the clock was set back, it is not waited for.
            tokio::time::sleep(left.min(Wait::from_millis(1))).await;
        }
    }
}

/// The time, in whole milliseconds, rounded up.
fn whole(at: DateTime<Utc>) -> DateTime<Utc> {
    let below = at.duration_trunc(MILLISECOND).unwrap_or(at);
    if below == at { at } else { below + MILLISECOND }
}
