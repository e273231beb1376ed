//! Data sets, the versions of their tables, and blocks of rows.
use sea_orm_migration::prelude::*;

use migrations::table::{index, name, of_nodes, of_revision, order_index, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dataset = of_nodes(manager, "dataset")
            .col(text(manager, "title").not_null())
            .col(text(manager, "publisher").not_null())
            .take();
        manager.create_table(dataset).await?;
        order_index(manager, "dataset", "title").await?;
        order_index(manager, "dataset", "publisher").await?;
        order_index(manager, "dataset", "node_key").await?;
        index(manager, "dataset", &["entry_id", "revision_id"]).await?;
        let tables = of_revision("dataset_table")
            .col(text(manager, "name").not_null())
            .col(text(manager, "dataset").not_null())
            .col(ColumnDef::new(name("entry_id")).big_integer().not_null())
            .col(ColumnDef::new(name("version")).big_integer().not_null())
            .primary_key(Index::create().col(name("revision_id")).col(name("name")))
            .take();
        manager.create_table(tables).await?;
        index(manager, "dataset_table", &["dataset", "name"]).await?;
        let versions = Table::create()
            .table(name("data_version"))
            .col(ColumnDef::new(name("version")).big_integer().not_null().primary_key())
            .col(text(manager, "dataset").not_null())
            .col(text(manager, "name").not_null())
            .col(ColumnDef::new(name("row_count")).big_integer().not_null())
            .take();
        manager.create_table(versions).await?;
        let blocks = Table::create()
            .table(name("data_block"))
            .col(ColumnDef::new(name("version")).big_integer().not_null())
            .col(text(manager, "block_key").not_null())
            .col(ColumnDef::new(name("body")).blob().not_null())
            .primary_key(Index::create().col(name("version")).col(name("block_key")))
            .take();
        // Not clustered: SQLite keeps little of a long row in the pages of a clustered table, and gives the rest pages that nothing shares.
        manager.create_table(blocks).await
    }
}
