//! `unlisted`: which revisions have a page that is left out of sitemaps.
use sea_orm::entity::prelude::*;

/// A revision whose page is left out.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unlisted")]
pub(crate) struct Model {
    /// The revision.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) revision_id: i64,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
