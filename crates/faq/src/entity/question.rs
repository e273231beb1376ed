//! `question`: which questions are answered.
use sea_orm::entity::prelude::*;

/// One question in one revision.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "question")]
pub struct Model {
    /// The revision that it was projected from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision_id: i64,
    /// The entry of the revision.
    pub entry_id: i64,
    /// Its natural key: `career/question`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub node_key: String,
    /// The question, folded.
    pub question: String,
    /// The plain text of the answer, folded.
    pub answer: String,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
