//! The kernel's tables: entries, revisions, sections, publications.
mod m20261122_000001_documents;
mod m20261123_000001_withdrawals;
mod m20261123_000002_visible;
mod m20261123_000003_authoring;
mod m20261123_000004_releases;
mod m20261123_000005_webhooks;
mod m20261123_000006_renames;
mod m20261128_000010_write_probe;
mod m20261128_000011_constraints;
mod m20261128_000030_bases;
mod m20261128_000031_imports;
mod m20261128_000040_delivery_queue;
mod m20261128_000041_preview_links;
mod m20261128_000050_taken_deliveries;
mod m20261130_000060_dates;
mod m20261130_000061_webhook_requests;
mod m20261201_000070_unlisted;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261122_000001_documents::Migration),
        Box::new(m20261123_000001_withdrawals::Migration),
        Box::new(m20261123_000002_visible::Migration),
        Box::new(m20261123_000003_authoring::Migration),
        Box::new(m20261123_000004_releases::Migration),
        Box::new(m20261123_000005_webhooks::Migration),
        Box::new(m20261123_000006_renames::Migration),
        Box::new(m20261128_000010_write_probe::Migration),
        Box::new(m20261128_000011_constraints::Migration),
        Box::new(m20261128_000030_bases::Migration),
        Box::new(m20261128_000031_imports::Migration),
        Box::new(m20261128_000040_delivery_queue::Migration),
        Box::new(m20261128_000041_preview_links::Migration),
        Box::new(m20261128_000050_taken_deliveries::Migration),
        Box::new(m20261130_000060_dates::Migration),
        Box::new(m20261130_000061_webhook_requests::Migration),
        Box::new(m20261201_000070_unlisted::Migration),
    ]
}
