//! `revision`: one immutable version of a document. Never updated.
use sea_orm::entity::prelude::*;

/// One revision.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "revision")]
pub struct Model {
    /// Its row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The entry it is a version of.
    pub entry_id: i64,
    /// 1 for the first revision of the entry, and so on.
    pub number: i32,
    /// SHA-256 of the canonical document, in hexadecimal.
    pub hash: String,
    /// Who made it.
    pub author: String,
    /// Why.
    pub message: String,
    /// When.
    pub created_at: DateTimeUtc,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
