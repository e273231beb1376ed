//! Preview links have rows, so that they can be listed and ended; the key that they are signed with has a number that grows.
use sea_orm_migration::prelude::*;

use crate::table::{index, name};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut number = ColumnDef::new(name("number"));
        number.integer().not_null().default(1);
        manager.alter_table(Table::alter().table(name("signing_key")).add_column(number).take()).await?;

        let link = Table::create()
            .table(name("preview_link"))
            .col(ColumnDef::new(name("id")).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(name("entry_id")).big_integer().not_null())
            .col(ColumnDef::new(name("token_id")).big_integer())
            .col(ColumnDef::new(name("author")).text().not_null())
            .col(ColumnDef::new(name("created_at")).timestamp_with_time_zone().not_null())
            .col(ColumnDef::new(name("expires_at")).timestamp_with_time_zone().not_null())
            .col(ColumnDef::new(name("revoked_at")).timestamp_with_time_zone())
            .foreign_key(
                ForeignKey::create().from(name("preview_link"), name("entry_id")).to(name("entry"), name("id")),
            )
            .foreign_key(
                ForeignKey::create().from(name("preview_link"), name("token_id")).to(name("token"), name("id")),
            )
            .take();
        manager.create_table(link).await?;
        index(manager, "preview_link", &["entry_id"]).await?;
        index(manager, "preview_link", &["expires_at"]).await
    }
}
