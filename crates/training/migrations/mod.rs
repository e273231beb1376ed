//! Which ways into careers there are.
mod m20261122_000001_training;
mod m20261123_000002_orders;
mod m20261128_000050_text;
mod m20261128_000051_costs;
mod m20261201_000011_entry_routes;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261122_000001_training::Migration),
        Box::new(m20261123_000002_orders::Migration),
        Box::new(m20261128_000050_text::Migration),
        Box::new(m20261128_000051_costs::Migration),
        Box::new(m20261201_000011_entry_routes::Migration),
    ]
}
