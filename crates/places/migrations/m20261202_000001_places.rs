//! Places, and the wider places in which they lie.
use sea_orm_migration::prelude::*;

use migrations::table::{clustered, name, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let version = || ColumnDef::new(name("version")).big_integer().not_null().take();
        let places = Table::create()
            .table(name("place"))
            .col(version())
            .col(text(manager, "code").not_null())
            .col(text(manager, "node_key").not_null())
            .col(text(manager, "name").not_null())
            .col(text(manager, "kind").not_null())
            .primary_key(Index::create().col(name("version")).col(name("code")))
            .take();
        clustered(manager, places).await?;
        let within = Table::create()
            .table(name("place_within"))
            .col(version())
            .col(text(manager, "place").not_null())
            .col(ColumnDef::new(name("step")).big_integer().not_null())
            .col(text(manager, "wider").not_null())
            .primary_key(Index::create().col(name("version")).col(name("place")).col(name("step")))
            .take();
        clustered(manager, within).await?;
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE VIEW place_of_release AS SELECT d.revision_id, d.entry_id, p.node_key, p.code, p.name, p.kind \
                 FROM dataset_table d JOIN place p ON p.version = d.version \
                 WHERE d.dataset = 'bls-oews' AND d.name = 'places'",
            )
            .await?;
        Ok(())
    }
}
