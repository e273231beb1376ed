//! Exposure of occupations to AI, by measure.
use sea_orm_migration::prelude::*;

use migrations::table::{clustered, name, number, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let exposures = Table::create()
            .table(name("occupation_exposure"))
            .col(ColumnDef::new(name("version")).big_integer().not_null())
            .col(text(manager, "measure").not_null())
            .col(text(manager, "code").not_null())
            .col(number("value").not_null())
            .col(number("percentile").not_null())
            .primary_key(Index::create().col(name("version")).col(name("measure")).col(name("code")))
            .take();
        clustered(manager, exposures).await
    }
}
