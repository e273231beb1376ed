//! Table on which a server tries whether the database can be written again: nobody reads it, and nothing stays in it.
use sea_orm_migration::prelude::*;

use crate::table::name;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let probe = Table::create()
            .table(name("write_probe"))
            .col(ColumnDef::new(name("id")).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(name("bytes")).text().not_null())
            .take();
        manager.create_table(probe).await
    }
}
