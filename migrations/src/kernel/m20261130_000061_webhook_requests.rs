//! Requests of webhooks: a method, headers and a body of their own, the pause between two calls, and what of a message was taken.
use sea_orm_migration::prelude::*;

use crate::table::name;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = |column: &str| ColumnDef::new(name(column));
        let of_webhook = [
            column("method").text().not_null().default("POST").take(),
            column("headers").text().not_null().default("[]").take(),
            column("body").text().take(),
            column("every_seconds").integer().take(),
            column("max_tags").integer().take(),
            column("next_call_at").timestamp_with_time_zone().take(),
            column("calls").big_integer().not_null().default(0).take(),
        ];
        let of_delivery = [column("sent").text().take(), column("sent_until").text().take()];
        let columns = of_webhook.map(|column| ("webhook", column)).into_iter();
        for (table, column) in columns.chain(of_delivery.map(|column| ("delivery", column))) {
            // SQLite adds one column at a time.
            manager.alter_table(Table::alter().table(name(table)).add_column(column).take()).await?;
        }
        Ok(())
    }
}
