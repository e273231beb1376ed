//! Training pathways in lists, filters and totals: by indexes alone.
use sea_orm_migration::prelude::*;

use migrations::table::{index, order_index};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        order_index(manager, "training_pathway", "title").await?;
        index(manager, "training_pathway", &["entry_id", "revision_id"]).await
    }
}
