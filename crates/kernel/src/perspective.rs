//! Which revision of each entry a request sees. Chosen once per request; every statement asks here.
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _,
    sea_query::{DynIden, Expr, ExprTrait, Func, Query, SimpleExpr},
};

use crate::store::{entry, publication};

/// The choice of revisions for one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Perspective {
    /// What is published now.
    #[default]
    Published,
    /// The draft of each entry that has one, else what is published.
    Draft,
    /// What was published at this time.
    AsOf(DateTime<Utc>),
}

impl Perspective {
    /// The id of the visible revision of the row of `entry` under this alias; SQL null where nothing is visible.
    ///
    /// The only place in the code base that reads the pointers.
    pub fn revision_of(self, entry_alias: &DynIden) -> SimpleExpr {
        let column = |column: entry::Column| Expr::col((entry_alias.clone(), column));
        match self {
            Self::Published => column(entry::Column::PublishedRevisionId),
            Self::Draft => {
                Func::coalesce([column(entry::Column::DraftRevisionId), column(entry::Column::PublishedRevisionId)])
                    .into()
            }
            Self::AsOf(time) => {
                let then = Query::select()
                    .column(publication::Column::RevisionId)
                    .from(publication::Entity)
                    .and_where(
                        Expr::col((publication::Entity, publication::Column::EntryId)).eq(column(entry::Column::Id)),
                    )
                    .and_where(publication::Column::PublishedAt.into_expr().lte(time))
                    .cond_where(
                        publication::Column::RetiredAt
                            .into_expr()
                            .is_null()
                            .or(publication::Column::RetiredAt.into_expr().gt(time)),
                    )
                    .take();
                Expr::SubQuery(None, Box::new(then.into()))
            }
        }
    }
}
