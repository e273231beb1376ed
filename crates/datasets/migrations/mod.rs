//! Which data sets there are, and their rows.
mod m20261202_000001_datasets;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261202_000001_datasets::Migration)]
}
