//! Which ways into careers there are.
mod m20261122_000001_training;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261122_000001_training::Migration)]
}
