//! Which careers, roles and moves there are.
use sea_orm_migration::prelude::*;

use migrations::table::{index, name, number, of_nodes, of_revision, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let career = of_nodes(manager, "career")
            .col(text(manager, "title").not_null())
            .col(text(manager, "category"))
            .col(text(manager, "published_on"))
            .col(number("median_pay"))
            .col(number("growth"))
            .take();
        manager.create_table(career).await?;
        index(manager, "career", &["title", "node_key"]).await?;
        index(manager, "career", &["median_pay", "node_key"]).await?;
        index(manager, "career", &["growth", "node_key"]).await?;
        index(manager, "career", &["node_key"]).await?;
        let career_code = of_revision("career_code")
            .col(ColumnDef::new(name("position")).integer().not_null())
            .col(text(manager, "scheme").not_null())
            .col(text(manager, "code").not_null())
            .primary_key(Index::create().col(name("revision_id")).col(name("position")))
            .take();
        manager.create_table(career_code).await?;
        index(manager, "career_code", &["code"]).await?;
        let career_tag = of_revision("career_tag")
            .col(ColumnDef::new(name("position")).integer().not_null())
            .col(text(manager, "tag").not_null())
            .primary_key(Index::create().col(name("revision_id")).col(name("position")))
            .take();
        manager.create_table(career_tag).await?;
        index(manager, "career_tag", &["tag"]).await?;
        let role = of_nodes(manager, "role").col(text(manager, "title").not_null()).col(text(manager, "level")).take();
        manager.create_table(role).await?;
        index(manager, "role", &["title", "node_key"]).await?;
        let advancement = of_nodes(manager, "advancement")
            .col(text(manager, "title").not_null())
            .col(text(manager, "from_role").not_null())
            .col(text(manager, "to_role"))
            .col(text(manager, "to_career"))
            .take();
        manager.create_table(advancement).await?;
        index(manager, "advancement", &["title", "node_key"]).await?;
        index(manager, "advancement", &["to_role"]).await?;
        index(manager, "advancement", &["to_career"]).await?;
        Ok(())
    }
}
