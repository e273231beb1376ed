//! The index by which deliveries are found that were taken long ago, to be removed.
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The builder knows no conditions of indexes. What is open is in none of its pages.
        let taken = "CREATE INDEX delivery_taken ON delivery (done_at) WHERE done_at IS NOT NULL";
        manager.get_connection().execute_unprepared(taken).await.map(|_| ())
    }
}
