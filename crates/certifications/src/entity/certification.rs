//! `certification`: which certifications there are.
use sea_orm::entity::prelude::*;

/// One certification in one revision.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "certification")]
pub struct Model {
    /// The revision that it was projected from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision_id: i64,
    /// The entry of the revision.
    pub entry_id: i64,
    /// Its slug.
    #[sea_orm(primary_key, auto_increment = false)]
    pub node_key: String,
    /// Its title, folded.
    pub title: String,
    /// Its abbreviation, folded.
    pub abbreviation: Option<String>,
    /// Its issuer, folded.
    pub issuer: String,
    /// Its level, by its GraphQL name.
    pub level: String,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
