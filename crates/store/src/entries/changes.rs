//! Changes: the publications and withdrawals after a moment, as they come.
use std::{collections::VecDeque, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::{Stream, stream};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
    sea_query::{Alias, Expr, ExprTrait as _, JoinType, Order, Query, SelectStatement},
};
use tokio::time::sleep;

use crate::{
    Database, Error, Result, Versions,
    tables::{entry, publication, span::End},
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
    /// Slug that it was published under until then, where it was renamed.
    pub former_slug: Option<String>,
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
        Ok(stretch(&self.db, &select(&self.of, self.seen, until, PAGE, End::Oldest)).await?.into())
    }
}

/// Changes after a content version, up to another, the oldest first: so many from this end.
pub async fn changes_between(
    db: &Database,
    of: &Followed,
    (after, until): (i64, i64),
    limit: u64,
    from: End,
) -> Result<Vec<Published>> {
    let mut found = stretch(db, &select(of, after, until, limit, from)).await?;
    if from == End::Newest {
        found.reverse();
    }
    Ok(found)
}

/// Content version at a moment of the past.
pub async fn version_at(db: &Database, moment: DateTime<Utc>) -> Result<i64> {
    use publication::{Column, Entity};
    let last = Entity::find().filter(Column::PublishedAt.lte(moment)).order_by_desc(Column::Id).limit(1);
    Ok(last.one(&**db).await?.map_or(0, |last| last.id))
}

async fn stretch(db: &Database, select: &SelectStatement) -> Result<Vec<Published>> {
    let rows = db.query_all(select).await?;
    Ok(rows.iter().map(|row| Published::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

fn restored() -> Error {
    let message = "The content was replaced by that of a backup. Reload everything that you keep, and subscribe again.";
    Error::caller("CONTENT_RESTORED", message)
}

fn select(followed: &Followed, after: i64, until: i64, limit: u64, from: End) -> SelectStatement {
    use publication::{Column, Entity};
    let order = if from == End::Oldest { Order::Asc } else { Order::Desc };
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
        .expr_as(Expr::SubQuery(None, Box::new(former_slug().into())), Alias::new("former_slug"))
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
        .order_by((Entity, Column::Id), order)
        .limit(limit);
    if let Some(slugs) = &followed.slugs {
        select.and_where(Expr::col((entry::Entity, entry::Column::Slug)).is_in(slugs));
    }
    select
}

/// Slug of the entry of the same lineage that was published until a publication began, and is not since.
fn former_slug() -> SelectStatement {
    use publication::{Column, Entity};
    let (ended, former) = (Alias::new("ended"), Alias::new("former"));
    let of_ended = |column: Column| Expr::col((ended.clone(), column));
    let of_former = |column: entry::Column| Expr::col((former.clone(), column));
    let this = |column: Column| Expr::col((Entity, column));
    Query::select()
        .expr(of_former(entry::Column::Slug))
        .from_as(entry::Entity, former.clone())
        .join_as(JoinType::InnerJoin, Entity, ended.clone(), of_ended(Column::EntryId).eq(of_former(entry::Column::Id)))
        .and_where(of_former(entry::Column::LineageId).eq(Expr::col((entry::Entity, entry::Column::LineageId))))
        .and_where(of_former(entry::Column::Id).ne(this(Column::EntryId)))
        .and_where(of_ended(Column::RevisionId).is_not_null())
        .and_where(of_ended(Column::RetiredAt).eq(this(Column::PublishedAt)))
        .and_where(this(Column::RevisionId).is_not_null())
        .limit(1)
        .take()
}
