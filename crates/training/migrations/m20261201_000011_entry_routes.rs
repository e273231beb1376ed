//! Routes by which people enter careers.
use sea_orm_migration::prelude::*;

use migrations::table::{index, of_nodes, order_index, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let entry_route = of_nodes(manager, "entry_route")
            .col(text(manager, "route").not_null())
            .col(text(manager, "title").not_null())
            .take();
        manager.create_table(entry_route).await?;
        order_index(manager, "entry_route", "title").await?;
        index(manager, "entry_route", &["entry_id", "revision_id"]).await
    }
}
