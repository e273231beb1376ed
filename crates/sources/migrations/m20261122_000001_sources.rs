//! Which sources there are.
use sea_orm_migration::prelude::*;

use migrations::table::{index, of_nodes, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let source = of_nodes(manager, "source")
            .col(text(manager, "title").not_null())
            .col(text(manager, "publisher").not_null())
            .take();
        manager.create_table(source).await?;
        index(manager, "source", &["title", "node_key"]).await
    }
}
