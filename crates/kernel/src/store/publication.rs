//! `publication`: when which revision was published, and when an entry was withdrawn. Its largest id is the content version.
use sea_orm::entity::prelude::*;

/// One span of time in which a revision was what the world saw, or in which the entry was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "publication")]
pub struct Model {
    /// Its row; grows with each publication and withdrawal.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The entry.
    pub entry_id: i64,
    /// The revision that was visible; null where the entry was withdrawn.
    pub revision_id: Option<i64>,
    /// From this moment.
    pub published_at: DateTimeUtc,
    /// Until this moment; null while it lasts.
    pub retired_at: Option<DateTimeUtc>,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
