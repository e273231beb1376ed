//! Wages of occupations by place, and projections.
mod m20261202_000001_wages;
mod m20261202_000002_projections;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261202_000001_wages::Migration), Box::new(m20261202_000002_projections::Migration)]
}
