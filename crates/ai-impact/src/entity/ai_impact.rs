//! `ai_impact`: what AI means for careers.
use sea_orm::entity::prelude::*;

/// One verdict in one revision of a career.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ai_impact")]
pub struct Model {
    /// The revision that it was projected from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision_id: i64,
    /// The verdict, by its GraphQL name.
    pub verdict: String,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
