//! The queue of deliveries: those that are next in line have a time, which an index leads to however many wait behind them.
use sea_orm_migration::prelude::*;

use crate::table::{index, name};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut next = ColumnDef::new(name("next_at"));
        next.timestamp_with_time_zone();
        manager.alter_table(Table::alter().table(name("delivery")).add_column(next).take()).await?;
        for old in ["delivery_done_at_due_at", "delivery_webhook_id_entry_id_done_at"] {
            let mut drop = Index::drop();
            drop.name(old).table(name("delivery")).if_exists();
            manager.drop_index(drop).await?;
        }
        index(manager, "delivery", &["webhook_id", "next_at", "id"]).await?;
        // The builder knows no conditions of indexes. What was sent long ago must not make it longer.
        for (name, column, more) in [
            ("delivery_open_entry", "entry_id", ""),
            ("delivery_open_release", "release_id", " AND release_id IS NOT NULL"),
        ] {
            let open = format!(
                "CREATE INDEX {name} ON delivery (webhook_id, {column}, id) \
                 WHERE done_at IS NULL AND dead_at IS NULL{more}"
            );
            manager.get_connection().execute_unprepared(&open).await?;
        }
        index(manager, "release_entry", &["entry_id"]).await
    }
}
