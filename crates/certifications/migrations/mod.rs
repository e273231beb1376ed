//! Which certifications there are, and which careers recommend them.
mod m20261122_000001_certifications;
mod m20261123_000002_orders;
mod m20261128_000050_text;
mod m20261201_000012_licences;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261122_000001_certifications::Migration),
        Box::new(m20261123_000002_orders::Migration),
        Box::new(m20261128_000050_text::Migration),
        Box::new(m20261201_000012_licences::Migration),
    ]
}
