//! Dates of entries: when each was published first, since when it is published, and when it last changed.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, FromQueryResult, JoinType,
    sea_query::{Alias, DynIden, Expr, ExprTrait as _, Func, IntoIden as _, Query, SelectStatement, SimpleExpr},
};

use crate::{
    Perspective, Result,
    tables::{
        entry,
        publication::{
            Column::{EntryId, FirstId, Id, PublishedAt, RevisionId, SinceId},
            Entity,
        },
    },
};

/// Publication of an entry that has a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicationPoint {
    /// The first, under whichever slug; also where the entry is withdrawn.
    First,
    /// The one since which it is published without a break.
    Since,
    /// The last: that of what is published.
    Last,
}

/// Dates of an entry. Those of what is published are none where nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct PublicationDates {
    /// Time of its first publication.
    pub first_published_at: Option<DateTime<Utc>>,
    /// Time since which it is published without a break.
    pub published_at: Option<DateTime<Utc>>,
    /// Time at which what is published last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// Content version that this change made.
    pub version: Option<i64>,
}

impl PublicationPoint {
    /// The number of this publication, told by the publication under this alias that holds.
    pub fn number(self, publication: &DynIden) -> SimpleExpr {
        let column = |column| Expr::col((publication.clone(), column));
        match self {
            Self::First => Func::coalesce([column(FirstId), column(Id)]).into(),
            Self::Since => Func::coalesce([column(SinceId), column(Id)]).into(),
            Self::Last => column(Id),
        }
    }

    /// Tells whether it is asked for what is published, and not of what ever was.
    fn is_of_published(self) -> bool {
        self != Self::First
    }
}

impl Perspective {
    /// The rows of the entries whose publication meets a condition on its time and its number. Not asked for each entry: an index of the
    /// publications leads to the few that changed since a moment, which is what is asked as a rule.
    pub fn dated(
        self,
        point: PublicationPoint,
        condition: impl FnOnce(SimpleExpr, SimpleExpr) -> SimpleExpr,
    ) -> SelectStatement {
        let held = Alias::new("held").into_iden();
        let mut select = Query::select();
        select.expr(Expr::col((held.clone(), EntryId))).from_as(Entity, held.clone()).and_where(self.holds(&held));
        if point.is_of_published() {
            select.and_where(Expr::col((held.clone(), RevisionId)).is_not_null());
        }
        let number = point.number(&held);
        let dated = if point == PublicationPoint::Last {
            held
        } else {
            let dated = Alias::new("dated").into_iden();
            let is_it = Expr::col((dated.clone(), Id)).eq(number.clone());
            select.join_as(JoinType::InnerJoin, Entity, dated.clone(), is_it);
            dated
        };
        select.and_where(condition(Expr::col((dated, PublishedAt)), number)).take()
    }

    /// Tells whether it shows entries that are not published.
    pub fn shows_unpublished(self) -> bool {
        matches!(self, Self::Draft | Self::Release(_))
    }

    /// Joins the publication of an entry that holds, under this alias. Where the perspective shows what is not published, there may be
    /// none; else there is one for each visible entry, and an index of the publications can lead to the entries.
    pub fn join_publication(
        self,
        select: &mut SelectStatement,
        held: &DynIden,
        entry: SimpleExpr,
        point: PublicationPoint,
    ) {
        let column = |column| Expr::col((held.clone(), column));
        let is_it = column(EntryId).eq(entry).and(self.holds(held));
        if self.shows_unpublished() {
            let is_it = if point.is_of_published() { is_it.and(column(RevisionId).is_not_null()) } else { is_it };
            select.join_as(JoinType::LeftJoin, Entity, held.clone(), is_it);
        } else {
            select.join_as(JoinType::InnerJoin, Entity, held.clone(), is_it);
        }
    }
}

/// The dates of these entries, of those that were published. One statement; another where drafts are shown that have none.
pub async fn publication_dates(
    db: &DatabaseConnection,
    perspective: Perspective,
    asked: Vec<i64>,
) -> Result<HashMap<i64, PublicationDates>> {
    let [held, first, since] = ["held", "first", "since"].map(|alias| Alias::new(alias).into_iden());
    let column = |of: &DynIden, column| Expr::col((of.clone(), column));
    let is_published = || column(&held, RevisionId).is_not_null();
    let is = |of: &DynIden, point: PublicationPoint| column(of, Id).eq(point.number(&held));
    let of_published = |value: Expr| SimpleExpr::Case(Box::new(Expr::case(is_published(), value)));
    let select = Query::select()
        .expr(column(&held, EntryId))
        .expr_as(column(&first, PublishedAt), Alias::new("first_published_at"))
        .expr_as(column(&since, PublishedAt), Alias::new("published_at"))
        .expr_as(of_published(column(&held, PublishedAt)), Alias::new("updated_at"))
        .expr_as(of_published(column(&held, Id)), Alias::new("version"))
        .from_as(Entity, held.clone())
        .join_as(JoinType::LeftJoin, Entity, first.clone(), is(&first, PublicationPoint::First))
        .join_as(JoinType::LeftJoin, Entity, since.clone(), is(&since, PublicationPoint::Since).and(is_published()))
        .and_where(column(&held, EntryId).is_in(asked.iter().copied()))
        .and_where(perspective.holds(&held))
        .take();
    let rows = db.query_all(&select).await?;
    let dated =
        rows.iter().map(|row| Ok((row.try_get("", "entry_id")?, PublicationDates::from_query_result(row, "")?)));
    let mut dated: HashMap<_, _> = dated.collect::<Result<_>>()?;
    let others: Vec<_> = asked.into_iter().filter(|entry| !dated.contains_key(entry)).collect();
    // A draft that was withdrawn under a former slug.
    if perspective.shows_unpublished() && !others.is_empty() {
        dated.extend(first_of_lineage(db, others).await?);
    }
    Ok(dated)
}

/// Time of the first publication of each of these entries under a former slug.
async fn first_of_lineage(db: &DatabaseConnection, entries: Vec<i64>) -> Result<Vec<(i64, PublicationDates)>> {
    let former = Alias::new("former");
    let of_former = |column: entry::Column| Expr::col((former.clone(), column));
    let of = |column: entry::Column| Expr::col((entry::Entity, column));
    let is_former = of_former(entry::Column::LineageId).eq(of(entry::Column::LineageId));
    let select = Query::select()
        .expr_as(of(entry::Column::Id), Alias::new("of"))
        .expr_as(Func::min(Expr::col((Entity, PublishedAt))), Alias::new("first"))
        .from(entry::Entity)
        .join_as(JoinType::InnerJoin, entry::Entity, former.clone(), is_former)
        .join(JoinType::InnerJoin, Entity, Expr::col((Entity, EntryId)).eq(of_former(entry::Column::Id)))
        .and_where(of(entry::Column::Id).is_in(entries))
        .add_group_by([of(entry::Column::Id)])
        .take();
    let dates = |first| PublicationDates { first_published_at: Some(first), ..PublicationDates::default() };
    let rows = db.query_all(&select).await?;
    rows.iter().map(|row| Ok((row.try_get("", "of")?, dates(row.try_get("", "first")?)))).collect()
}
