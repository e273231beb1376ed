//! Filtering of sources.
use async_graphql::InputObject;
use kernel::{
    Result,
    list::{FilterFields, KeyFilter, RowsOf, TextFilter, all_given},
};
use sea_orm::sea_query::SimpleExpr;

use crate::{Source, entity::source};

#[derive(InputObject)]
pub(crate) struct SourceConditions {
    /// Conditions on the slug.
    slug: Option<KeyFilter>,
    /// Conditions on the title.
    title: Option<TextFilter>,
    /// Conditions on the publisher.
    publisher: Option<TextFilter>,
}

impl FilterFields for SourceConditions {
    type Of = Source;

    fn condition(&self, rows: &RowsOf<'_>) -> Result<SimpleExpr> {
        Ok(all_given([
            self.slug.as_ref().map(|slug| slug.on(&rows.column(source::Column::NodeKey))),
            self.title.as_ref().map(|title| title.on(&rows.column(source::Column::Title))),
            self.publisher.as_ref().map(|publisher| publisher.on(&rows.column(source::Column::Publisher))),
        ]))
    }
}
