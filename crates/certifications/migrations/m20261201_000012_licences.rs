//! Licences and registrations by place.
use sea_orm_migration::prelude::*;

use migrations::table::{index, of_nodes, order_index, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let licence = of_nodes(manager, "licence")
            .col(text(manager, "title").not_null())
            .col(text(manager, "place").not_null())
            .col(text(manager, "need").not_null())
            .take();
        manager.create_table(licence).await?;
        order_index(manager, "licence", "title").await?;
        index(manager, "licence", &["place", "revision_id"]).await?;
        index(manager, "licence", &["entry_id", "revision_id"]).await
    }
}
