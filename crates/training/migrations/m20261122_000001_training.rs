//! Which ways into careers there are.
use sea_orm_migration::prelude::*;

use migrations::table::{index, number, of_nodes, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let training_pathway = of_nodes(manager, "training_pathway")
            .col(text(manager, "title").not_null())
            .col(text(manager, "credential").not_null())
            .col(number("min_months"))
            .col(number("max_months"))
            .col(number("min_cost"))
            .col(number("max_cost"))
            .take();
        manager.create_table(training_pathway).await?;
        index(manager, "training_pathway", &["title", "node_key"]).await?;
        index(manager, "training_pathway", &["max_cost"]).await?;
        index(manager, "training_pathway", &["max_months"]).await?;
        Ok(())
    }
}
