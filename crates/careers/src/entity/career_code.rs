//! `career_code`: how careers are classified.
use sea_orm::entity::prelude::*;

/// One code of a career in one revision.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "career_code")]
pub struct Model {
    /// The revision that it was projected from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision_id: i64,
    /// Its place in the document, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// The classification.
    pub scheme: String,
    /// The code.
    pub code: String,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
