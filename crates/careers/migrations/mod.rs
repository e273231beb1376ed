//! Which careers, roles and moves there are.
mod m20261122_000001_careers;
mod m20261123_000002_orders;
mod m20261126_000003_titles;
mod m20261128_000050_text;
mod m20261128_000051_pay;
mod m20261201_000001_categories;
mod m20261201_000010_weekly_hours;
mod m20261202_000001_pay_periods;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261122_000001_careers::Migration),
        Box::new(m20261123_000002_orders::Migration),
        Box::new(m20261126_000003_titles::Migration),
        Box::new(m20261128_000050_text::Migration),
        Box::new(m20261128_000051_pay::Migration),
        Box::new(m20261201_000001_categories::Migration),
        Box::new(m20261201_000010_weekly_hours::Migration),
        Box::new(m20261202_000001_pay_periods::Migration),
    ]
}
