//! Which careers, roles and moves there are.
mod m20261122_000001_careers;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261122_000001_careers::Migration)]
}
