//! Careers, roles and moves in lists: by indexes alone.
use sea_orm_migration::prelude::*;

use crate::table::order_index;

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
        order_index(manager, "advancement", "title").await
    }
}
