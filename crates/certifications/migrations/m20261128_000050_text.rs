//! Names and issuers are compared by full case folding.
use sea_orm_migration::prelude::*;

use migrations::text::refold;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        refold(manager, "certification", &["title", "abbreviation", "issuer"]).await
    }
}
