//! Impact of AI on careers and their tasks.
use sea_orm_migration::prelude::*;

use migrations::table::{index, name, number, of_nodes, of_revision, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let ai_impact = of_revision("ai_impact")
            .col(text(manager, "verdict").not_null())
            .primary_key(Index::create().col(name("revision_id")))
            .take();
        manager.create_table(ai_impact).await?;
        index(manager, "ai_impact", &["verdict"]).await?;
        let ai_task = of_nodes(manager, "ai_task")
            .col(text(manager, "title").not_null())
            .col(text(manager, "handled_by").not_null())
            .col(number("min_effect"))
            .col(number("max_effect"))
            .take();
        manager.create_table(ai_task).await?;
        index(manager, "ai_task", &["title", "node_key"]).await?;
        Ok(())
    }
}
