//! The kernel's tables: entries, revisions, sections, publications.
mod m20261122_000001_documents;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261122_000001_documents::Migration)]
}
