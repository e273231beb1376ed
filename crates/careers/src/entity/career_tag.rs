//! `career_tag`: the key words of careers.
use sea_orm::entity::prelude::*;

/// One tag of a career in one revision.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "career_tag")]
pub struct Model {
    /// The revision that it was projected from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision_id: i64,
    /// Its place in the document, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// The tag.
    pub tag: String,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
