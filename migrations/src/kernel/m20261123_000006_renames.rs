//! Entries that were renamed: the entries that one was before and after belong to one lineage.
use sea_orm_migration::prelude::*;

use crate::table::{index, name};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["lineage_id", "renamed_to"] {
            let mut column = ColumnDef::new(name(column));
            column.big_integer();
            manager.alter_table(Table::alter().table(name("entry")).add_column(column).take()).await?;
        }
        let mut renamed = ColumnDef::new(name("renamed_at"));
        renamed.timestamp_with_time_zone();
        manager.alter_table(Table::alter().table(name("entry")).add_column(renamed).take()).await?;
        index(manager, "entry", &["lineage_id"]).await?;
        index(manager, "entry", &["renamed_to"]).await
    }
}
