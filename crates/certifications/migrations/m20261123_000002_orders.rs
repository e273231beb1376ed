//! Certifications in lists, filters and totals: by indexes alone.
use sea_orm_migration::prelude::*;

use migrations::table::{index, longer_index, order_index};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        order_index(manager, "certification", "title").await?;
        longer_index(manager, "career_certification", &["certification", "revision_id"]).await?;
        index(manager, "certification", &["entry_id", "revision_id"]).await
    }
}
