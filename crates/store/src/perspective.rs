//! Which revision of each entry a request sees. Chosen once per request; every statement asks here.
use std::{fmt, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};
use document::Clock;
use sea_orm::{
    ColumnTrait as _, JoinType,
    sea_query::{DynIden, Expr, ExprTrait, Func, IntoIden as _, Query, SelectStatement, SimpleExpr},
};

use crate::{
    Result,
    tables::{entry, publication, release::item},
};

/// The choice of revisions for one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Perspective {
    /// Content that is published now.
    #[default]
    Published,
    /// The draft of each entry that has one, else what is published.
    Draft,
    /// Content that was published at this time.
    AsOf(DateTime<Utc>),
    /// Content that is published now, and in its place the revisions of the release with this id.
    Release(i64),
    /// Content that is published now; where one entry is asked for by its key, and it is the one with this id, its draft.
    Preview(i64),
}

/// A perspective as people name it: `published`, `draft`, `as-of:2026-05-10T12:00:00Z`, `release:NAME`
/// or `preview:TOKEN`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PerspectiveName {
    /// Content that is published now.
    #[default]
    Published,
    /// The draft of each entry that has one, else what is published.
    Draft,
    /// Content that was published at this time.
    AsOf(DateTime<Utc>),
    /// Content that will be published when the release of this name is; once it is, content that was published then.
    Release(String),
    /// Content that the holder of this preview link sees.
    Preview(String),
}

impl FromStr for PerspectiveName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, rest) = text.split_once(':').map_or((text, None), |(word, rest)| (word, Some(rest)));
        match (word.trim(), rest) {
            ("published", None) => Ok(Self::Published),
            ("draft", None) => Ok(Self::Draft),
            ("as-of", Some(time)) => match DateTime::parse_from_rfc3339(time.trim()) {
                Ok(time) => Ok(Self::AsOf(time.to_utc())),
                Err(_) => Err(format!("`{time}` is not a valid time; write one such as `as-of:2026-05-10T12:00:00Z`")),
            },
            ("preview", Some(token)) => Ok(Self::Preview(token.trim().to_owned())),
            ("release", Some(name)) => Ok(Self::Release(name.trim().to_owned())),
            _ => Err(format!(
                "`{text}` is not a perspective; write `published`, `draft`, `as-of:TIME` or `release:NAME`"
            )),
        }
    }
}

impl fmt::Display for PerspectiveName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Published => f.write_str("published"),
            Self::Draft => f.write_str("draft"),
            Self::Release(name) => write!(f, "release:{name}"),
            Self::Preview(token) => write!(f, "preview:{token}"),
            Self::AsOf(time) => write!(f, "as-of:{}", time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        }
    }
}

impl Perspective {
    /// The moment that it shows: now, where it is not the past.
    pub fn moment(self, clock: &Clock) -> DateTime<Utc> {
        if let Self::AsOf(time) = self { time } else { clock.now() }
    }

    /// Perspective of lists, filters, orders, totals and back links: a preview link is not for them.
    #[must_use]
    pub fn of_lists(self) -> Self {
        if matches!(self, Self::Preview(_)) { Self::Published } else { self }
    }

    /// The id of the visible revision of the row of `entry` under this alias; SQL null where nothing is visible.
    ///
    /// The only place that decides which revision a reader sees.
    pub fn revision_of(self, entry_alias: &DynIden) -> SimpleExpr {
        let column = |column: entry::Column| Expr::col((entry_alias.clone(), column));
        match self {
            Self::Published => column(entry::Column::PublishedRevisionId),
            Self::Draft => {
                Func::coalesce([column(entry::Column::DraftRevisionId), column(entry::Column::PublishedRevisionId)])
                    .into()
            }
            Self::Preview(entry) => {
                let draft = Expr::case(column(entry::Column::Id).eq(entry), column(entry::Column::DraftRevisionId));
                Func::coalesce([draft.into(), column(entry::Column::PublishedRevisionId)]).into()
            }
            Self::Release(release) => {
                let held = Query::select()
                    .column(item::Column::RevisionId)
                    .from(item::Entity)
                    .and_where(item::Column::ReleaseId.eq(release))
                    .and_where(Expr::col((item::Entity, item::Column::EntryId)).eq(column(entry::Column::Id)))
                    .take();
                let held = Expr::SubQuery(None, Box::new(held.into()));
                Func::coalesce([held, column(entry::Column::PublishedRevisionId)]).into()
            }
            Self::AsOf(_) => {
                let alias = publication::Entity.into_iden();
                let then = Query::select()
                    .column(publication::Column::RevisionId)
                    .from(publication::Entity)
                    .and_where(
                        Expr::col((publication::Entity, publication::Column::EntryId)).eq(column(entry::Column::Id)),
                    )
                    .and_where(self.holds(&alias))
                    .take();
                Expr::SubQuery(None, Box::new(then.into()))
            }
        }
    }

    /// Tells whether the publication under this alias holds: now or, in the past, then.
    pub(crate) fn holds(self, publication: &DynIden) -> SimpleExpr {
        use publication::Column::{PublishedAt, RetiredAt};
        let column = |column: publication::Column| Expr::col((publication.clone(), column));
        match self {
            Self::AsOf(time) => {
                let is_not_over = column(RetiredAt).is_null().or(column(RetiredAt).gt(time));
                column(PublishedAt).lte(time).and(is_not_over)
            }
            _ => column(RetiredAt).is_null(),
        }
    }

    /// Tells whether the row with this `entry_id` and `revision_id` belongs to the visible revision of the row of `entry` under this
    /// alias.
    fn is_visible(self, entry_alias: &DynIden, entry_id: SimpleExpr, revision_id: SimpleExpr) -> SimpleExpr {
        let id = Expr::col((entry_alias.clone(), entry::Column::Id));
        id.eq(entry_id).and(self.revision_of(entry_alias).eq(revision_id))
    }

    /// Joins the entry of rows with these columns, so that only rows of visible revisions remain.
    pub fn join_visible(
        self,
        select: &mut SelectStatement,
        entry_alias: &DynIden,
        entry_id: SimpleExpr,
        revision_id: SimpleExpr,
    ) {
        let is_visible = self.is_visible(entry_alias, entry_id, revision_id);
        select.join_as(JoinType::InnerJoin, entry::Entity, entry_alias.clone(), is_visible);
    }

    /// Joins the entries of a kind with this slug. What comes back makes the condition on rows of their visible revisions, from the
    /// columns `entry_id` and `revision_id` of those.
    pub fn join_linked(
        self,
        select: &mut SelectStatement,
        entry_alias: &DynIden,
        slug: SimpleExpr,
        kind: &str,
    ) -> impl FnOnce(SimpleExpr, SimpleExpr) -> SimpleExpr + use<> {
        let column = |column: entry::Column| Expr::col((entry_alias.clone(), column));
        let leads_to = column(entry::Column::Slug).eq(slug).and(column(entry::Column::Kind).eq(kind));
        select.join_as(JoinType::InnerJoin, entry::Entity, entry_alias.clone(), leads_to);
        let entry_alias = entry_alias.clone();
        move |entry_id, revision_id| self.is_visible(&entry_alias, entry_id, revision_id)
    }
}
