//! Changes: the publications and withdrawals after a moment, as they come.
use std::{collections::VecDeque, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::{Stream, stream};
use sea_orm::{
    ConnectionTrait, FromQueryResult,
    sea_query::{Alias, Expr, ExprTrait as _, JoinType, Order, Query, SelectStatement},
};
use tokio::time::sleep;

use crate::{
    Database, Error, Result, Versions,
    tables::{entry, publication},
};

/// Maximum number of changes that one statement reads, and that one follower holds.
const PAGE: u64 = 1_000;
/// Time to wait for a database that does not answer.
const RETRY: Duration = Duration::from_secs(1);

/// A publication or a withdrawal.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Published {
    /// The content version that it made.
    pub version: i64,
    /// The kind of the entry.
    pub kind: String,
    /// The slug of the entry.
    pub slug: String,
    /// Revision that was published; none where the entry was withdrawn.
    pub revision: Option<i64>,
    /// Revision that was visible before.
    pub before: Option<i64>,
    /// Time of the publication or the withdrawal.
    pub at: DateTime<Utc>,
}

/// Of which entries changes are told.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The kinds.
    pub kinds: Vec<&'static str>,
    /// The slugs; all where there is no list.
    pub slugs: Option<Vec<String>>,
}

/// All changes from now on, whichever process makes them. Nothing is kept for a reader that is slow: it reads on where it
/// stopped. Ends with the process, or with an error (`CONTENT_RESTORED`) where the log of publications was replaced by that of a
/// backup: what was undone and done by that, it does not say.
///
/// It begins at the version that this process knows, so that beginning takes no statement: what another process published in
/// the moment before may be told as well, and nothing after it is missed.
pub fn changes(db: Database, of: Followed) -> impl Stream<Item = Result<Published>> {
    let (versions, known) = (db.versions(), db.state());
    let follower = Follower { db, versions, of, seen: known.number, log: Some(known.log), page: VecDeque::new() };
    stream::unfold(follower, |mut follower| async move {
        let change = follower.next().await?;
        Some((change, follower))
    })
}

struct Follower {
    db: Database,
    versions: Versions,
    of: Followed,
    /// The last publication that was looked at.
    seen: i64,
    /// The log that is followed; none once it was replaced.
    log: Option<u32>,
    page: VecDeque<Published>,
}

impl Follower {
    async fn next(&mut self) -> Option<Result<Published>> {
        loop {
            let known = self.versions.seen();
            if self.log? != known.log {
                self.log = None;
                return Some(Err(restored()));
            }
            if let Some(change) = self.page.pop_front() {
                return Some(Ok(change));
            }
            let known = known.number;
            if known <= self.seen {
                self.versions.changed().await?;
                continue;
            }
            match self.read(known).await {
                Ok(page) => {
                    let is_last = (page.len() as u64) < PAGE;
                    self.seen = page.back().filter(|_| !is_last).map_or(known, |change| change.version);
                    self.page = page;
                }
                Err(error) => {
                    tracing::error!(cause = %error.cause(), "changes cannot be read; trying again");
                    sleep(RETRY).await;
                }
            }
        }
    }

    async fn read(&self, until: i64) -> Result<VecDeque<Published>> {
        let rows = self.db.query_all(&select(&self.of, self.seen, until)).await?;
        Ok(rows.iter().map(|row| Published::from_query_result(row, "")).collect::<Result<_, _>>()?)
    }
}

fn restored() -> Error {
    let message = "The content was replaced by that of a backup. Reload everything that you keep, and subscribe again.";
    Error::caller("CONTENT_RESTORED", message)
}

fn select(followed: &Followed, after: i64, until: i64) -> SelectStatement {
    use publication::{Column, Entity};
    let earlier = Alias::new("earlier");
    let before = Query::select()
        .column((earlier.clone(), Column::RevisionId))
        .from_as(Entity, earlier.clone())
        .and_where(Expr::col((earlier.clone(), Column::EntryId)).eq(Expr::col((Entity, Column::EntryId))))
        .and_where(Expr::col((earlier.clone(), Column::Id)).lt(Expr::col((Entity, Column::Id))))
        .order_by((earlier, Column::Id), Order::Desc)
        .limit(1)
        .take();
    let mut select = Query::select();
    select
        .expr_as(Expr::col((Entity, Column::Id)), Alias::new("version"))
        .column((entry::Entity, entry::Column::Kind))
        .column((entry::Entity, entry::Column::Slug))
        .expr_as(Expr::col((Entity, Column::RevisionId)), Alias::new("revision"))
        .expr_as(Expr::SubQuery(None, Box::new(before.into())), Alias::new("before"))
        .expr_as(Expr::col((Entity, Column::PublishedAt)), Alias::new("at"))
        .from(Entity)
        .join(
            JoinType::InnerJoin,
            entry::Entity,
            Expr::col((entry::Entity, entry::Column::Id)).eq(Expr::col((Entity, Column::EntryId))),
        )
        .and_where(Expr::col((Entity, Column::Id)).gt(after))
        .and_where(Expr::col((Entity, Column::Id)).lte(until))
        .and_where(Expr::col((entry::Entity, entry::Column::Kind)).is_in(followed.kinds.iter().copied()))
        .order_by((Entity, Column::Id), Order::Asc)
        .limit(PAGE);
    if let Some(slugs) = &followed.slugs {
        select.and_where(Expr::col((entry::Entity, entry::Column::Slug)).is_in(slugs));
    }
    select
}
