//! Revisions whose pages are left out of sitemaps.
use sea_orm_migration::prelude::*;

use crate::table::{name, of_revision};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let unlisted = of_revision("unlisted").primary_key(Index::create().col(name("revision_id"))).take();
        manager.create_table(unlisted).await
    }
}
