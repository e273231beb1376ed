//! `ai_task`: which tasks AI takes over, and which not.
use sea_orm::entity::prelude::*;

/// One task in one revision.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ai_task")]
pub struct Model {
    /// The revision that it was projected from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision_id: i64,
    /// The entry of the revision.
    pub entry_id: i64,
    /// Its natural key: `career/task`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub node_key: String,
    /// Its title, folded.
    pub title: String,
    /// Holder of the task, by its GraphQL name.
    pub handled_by: String,
    /// The lower end of the effect, in percent.
    pub min_effect: Option<f64>,
    /// The upper end of the effect, in percent.
    pub max_effect: Option<f64>,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
