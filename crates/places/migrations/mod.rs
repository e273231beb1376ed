//! Which places there are.
mod m20261202_000001_places;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261202_000001_places::Migration)]
}
