//! Tables by which occupations are found by their skills and their software.
mod m20261202_000001_skills;

use sea_orm_migration::MigrationTrait;

/// The migrations, in the order of time.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261202_000001_skills::Migration)]
}
