//! Projections, by which occupations are filtered and sorted.
use sea_orm_migration::prelude::*;

use migrations::table::{clustered, name, number, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let projections = Table::create()
            .table(name("projection"))
            .col(ColumnDef::new(name("version")).big_integer().not_null())
            .col(text(manager, "code").not_null())
            .col(number("growth"))
            .col(number("openings"))
            .col(text(manager, "entry_education"))
            .col(number("education_rank"))
            .primary_key(Index::create().col(name("version")).col(name("code")))
            .take();
        clustered(manager, projections).await
    }
}
