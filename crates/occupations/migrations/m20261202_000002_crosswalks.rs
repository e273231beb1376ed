//! The groups of the Standard Occupational Classification.
use sea_orm_migration::prelude::*;

use migrations::table::{clustered, name, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let groups = Table::create()
            .table(name("soc_group"))
            .col(ColumnDef::new(name("version")).big_integer().not_null())
            .col(text(manager, "code").not_null())
            .col(text(manager, "soc").not_null())
            .primary_key(Index::create().col(name("version")).col(name("code")).col(name("soc")))
            .take();
        clustered(manager, groups).await
    }
}
