//! Which categories there are, and how they are nested.
use sea_orm_migration::prelude::*;

use migrations::table::{index, name, number, of_nodes, of_revision, order_index, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let category =
            of_nodes(manager, "category").col(text(manager, "title").not_null()).col(number("position")).take();
        manager.create_table(category).await?;
        order_index(manager, "category", "title").await?;
        order_index(manager, "category", "position").await?;
        order_index(manager, "category", "node_key").await?;
        index(manager, "category", &["entry_id", "revision_id"]).await?;
        let parents = of_revision("category_parent")
            .col(text(manager, "parent").not_null())
            .col(ColumnDef::new(name("position")).integer().not_null())
            .primary_key(Index::create().col(name("revision_id")).col(name("parent")))
            .take();
        manager.create_table(parents).await?;
        index(manager, "category_parent", &["parent", "revision_id"]).await
    }
}
