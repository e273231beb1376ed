//! Careers, roles and moves in lists, filters and totals: by indexes alone.
use sea_orm_migration::prelude::*;

use migrations::table::{index, longer_index, order_index};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        order_index(manager, "career", "title").await?;
        order_index(manager, "career", "median_pay").await?;
        order_index(manager, "career", "growth").await?;
        order_index(manager, "career", "node_key").await?;
        order_index(manager, "role", "title").await?;
        order_index(manager, "advancement", "title").await?;
        longer_index(manager, "career_code", &["code", "revision_id"]).await?;
        longer_index(manager, "career_tag", &["tag", "revision_id"]).await?;
        index(manager, "career", &["entry_id", "revision_id"]).await?;
        index(manager, "role", &["entry_id", "revision_id"]).await?;
        index(manager, "advancement", &["entry_id", "revision_id"]).await
    }
}
