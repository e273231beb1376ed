//! `career`: which careers there are.
use sea_orm::entity::prelude::*;

/// One career in one revision.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "career")]
pub struct Model {
    /// The revision that it was projected from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision_id: i64,
    /// The entry of the revision.
    pub entry_id: i64,
    /// Its slug.
    #[sea_orm(primary_key, auto_increment = false)]
    pub node_key: String,
    /// Its title, folded.
    pub title: String,
    /// The category of its article, folded.
    pub category: Option<String>,
    /// The day its article was published, as `YYYY-MM-DD`.
    pub published_on: Option<String>,
    /// Its median pay per year, as `sources::Money::per_year` writes it.
    pub yearly_pay: Option<String>,
    /// The projected change of employment, in percent.
    pub growth: Option<f64>,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
