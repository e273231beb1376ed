//! The table of skills.
use migrations::table::{index, of_nodes, order_index, text};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let skill = of_nodes(manager, "skill")
            .col(text(manager, "name").not_null())
            .col(text(manager, "level").not_null())
            .take();
        manager.create_table(skill).await?;
        order_index(manager, "skill", "name").await?;
        index(manager, "skill", &["entry_id", "revision_id"]).await
    }
}
