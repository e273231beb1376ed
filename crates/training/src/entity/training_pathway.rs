//! `training_pathway`: which ways into careers there are.
use sea_orm::entity::prelude::*;

/// One pathway in one revision.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "training_pathway")]
pub struct Model {
    /// The revision that it was projected from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision_id: i64,
    /// The entry of the revision.
    pub entry_id: i64,
    /// Its natural key: `career/pathway`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub node_key: String,
    /// Its title, folded.
    pub title: String,
    /// Credential that it ends with, by its GraphQL name.
    pub credential: String,
    /// The shorter end of its duration.
    pub min_months: Option<f64>,
    /// The longer end of its duration.
    pub max_months: Option<f64>,
    /// The lower end of its cost, as `sources::MoneyRange::paid_once` writes it.
    pub least_cost: Option<String>,
    /// The upper end of its cost, likewise.
    pub most_cost: Option<String>,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
