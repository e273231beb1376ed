//! `career_certification`: which careers recommend which certifications.
use sea_orm::entity::prelude::*;

/// One recommendation in one revision of a career.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "career_certification")]
pub struct Model {
    /// The revision that it was projected from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision_id: i64,
    /// The slug of the certification.
    #[sea_orm(primary_key, auto_increment = false)]
    pub certification: String,
    /// Its place in the document, from 0.
    pub position: i32,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
