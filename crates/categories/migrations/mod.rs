//! Which categories there are, and how they are nested.
mod m20261201_000001_categories;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261201_000001_categories::Migration)]
}
