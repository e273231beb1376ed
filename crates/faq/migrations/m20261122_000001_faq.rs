//! Which questions are answered.
use sea_orm_migration::prelude::*;

use migrations::table::{index, of_nodes, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let question = of_nodes(manager, "question")
            .col(text(manager, "question").not_null())
            .col(text(manager, "answer").not_null())
            .take();
        manager.create_table(question).await?;
        index(manager, "question", &["node_key"]).await?;
        Ok(())
    }
}
