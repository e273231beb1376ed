//! Which certifications there are, and which careers recommend them.
use sea_orm_migration::prelude::*;

use migrations::table::{index, name, of_nodes, of_revision, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let certification = of_nodes(manager, "certification")
            .col(text(manager, "title").not_null())
            .col(text(manager, "abbreviation"))
            .col(text(manager, "issuer").not_null())
            .col(text(manager, "level").not_null())
            .take();
        manager.create_table(certification).await?;
        index(manager, "certification", &["title", "node_key"]).await?;
        let career_certification = of_revision("career_certification")
            .col(text(manager, "certification").not_null())
            .col(ColumnDef::new(name("position")).integer().not_null())
            .primary_key(Index::create().col(name("revision_id")).col(name("certification")))
            .take();
        manager.create_table(career_certification).await?;
        index(manager, "career_certification", &["certification"]).await?;
        Ok(())
    }
}
