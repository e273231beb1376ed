//! Which occupations there are, and which guides name them.
mod m20261202_000001_occupations;
mod m20261202_000002_crosswalks;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261202_000001_occupations::Migration), Box::new(m20261202_000002_crosswalks::Migration)]
}
