//! Which certifications there are, and which careers recommend them.
mod m20261122_000001_certifications;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261122_000001_certifications::Migration)]
}
