//! `role`: which roles there are.
use sea_orm::entity::prelude::*;

/// One role in one revision.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "role")]
pub struct Model {
    /// The revision that it was projected from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision_id: i64,
    /// The entry of the revision.
    pub entry_id: i64,
    /// Its natural key: `career/role`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub node_key: String,
    /// Its title, folded.
    pub title: String,
    /// Its level, by its GraphQL name.
    pub level: Option<String>,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
