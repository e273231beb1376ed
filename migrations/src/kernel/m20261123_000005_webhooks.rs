//! Keys that this database signs with, and webhooks with their deliveries.
use sea_orm_migration::prelude::*;

use crate::table::{index, name, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let key = Table::create()
            .table(name("signing_key"))
            .col(text(manager, "purpose").not_null().primary_key())
            .col(ColumnDef::new(name("secret")).text().not_null())
            .take();
        manager.create_table(key).await?;

        let webhook = Table::create()
            .table(name("webhook"))
            .col(ColumnDef::new(name("id")).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(name("url")).text().not_null())
            .col(ColumnDef::new(name("secret")).text().not_null())
            .col(ColumnDef::new(name("kinds")).text().not_null())
            .col(ColumnDef::new(name("query")).text())
            .col(ColumnDef::new(name("created_at")).timestamp_with_time_zone().not_null())
            .col(ColumnDef::new(name("deleted_at")).timestamp_with_time_zone())
            .col(ColumnDef::new(name("last_publication_id")).big_integer().not_null())
            .take();
        manager.create_table(webhook).await?;

        let delivery = Table::create()
            .table(name("delivery"))
            .col(ColumnDef::new(name("id")).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(name("webhook_id")).big_integer().not_null())
            .col(ColumnDef::new(name("publication_id")).big_integer())
            .col(ColumnDef::new(name("release_id")).big_integer())
            .col(ColumnDef::new(name("entry_id")).big_integer())
            .col(ColumnDef::new(name("attempts")).integer().not_null())
            .col(ColumnDef::new(name("due_at")).timestamp_with_time_zone().not_null())
            .col(ColumnDef::new(name("done_at")).timestamp_with_time_zone())
            .col(ColumnDef::new(name("dead_at")).timestamp_with_time_zone())
            .col(ColumnDef::new(name("status")).integer())
            .col(ColumnDef::new(name("failure")).text())
            .foreign_key(
                ForeignKey::create().from(name("delivery"), name("webhook_id")).to(name("webhook"), name("id")),
            )
            .take();
        manager.create_table(delivery).await?;
        index(manager, "delivery", &["done_at", "due_at"]).await?;
        index(manager, "delivery", &["webhook_id", "entry_id", "done_at"]).await?;

        let mut published = ColumnDef::new(name("publication_id"));
        published.big_integer();
        manager.alter_table(Table::alter().table(name("release")).add_column(published).take()).await
    }
}
