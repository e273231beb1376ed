//! Impact of AI on careers and their tasks.
mod m20261122_000001_ai_impact;
mod m20261123_000002_orders;
mod m20261128_000050_text;
mod m20261202_000004_exposure;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261122_000001_ai_impact::Migration),
        Box::new(m20261123_000002_orders::Migration),
        Box::new(m20261128_000050_text::Migration),
        Box::new(m20261202_000004_exposure::Migration),
    ]
}
