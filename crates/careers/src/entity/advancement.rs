//! `advancement`: which moves lead from role to role.
use sea_orm::entity::prelude::*;

/// One move in one revision.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "advancement")]
pub struct Model {
    /// The revision that it was projected from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision_id: i64,
    /// The entry of the revision.
    pub entry_id: i64,
    /// Its natural key: `career/move`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub node_key: String,
    /// The name of the goal, folded.
    pub title: String,
    /// The natural key of the role it starts from.
    pub from_role: String,
    /// The natural key of the role it leads to.
    pub to_role: Option<String>,
    /// The slug of the other career it leads into.
    pub to_career: Option<String>,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
