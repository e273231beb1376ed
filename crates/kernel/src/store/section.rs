//! `section`: what one module owns of one revision, as canonical JSON.
use sea_orm::entity::prelude::*;

/// One section of one revision.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "section")]
pub struct Model {
    /// The revision.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision_id: i64,
    /// The name of the section.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Its canonical JSON.
    pub body: String,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
