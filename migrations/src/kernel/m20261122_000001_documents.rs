//! Documents, their revisions, and what is published when.
use sea_orm_migration::prelude::*;

use crate::table::{index, name, of_revision, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let entry = Table::create()
            .table(name("entry"))
            .col(ColumnDef::new(name("id")).big_integer().not_null().auto_increment().primary_key())
            .col(text(manager, "kind").not_null())
            .col(text(manager, "slug").not_null())
            .col(ColumnDef::new(name("published_revision_id")).big_integer())
            .col(ColumnDef::new(name("draft_revision_id")).big_integer())
            .index(Index::create().unique().name("entry_kind_slug").col(name("kind")).col(name("slug")))
            .take();
        manager.create_table(entry).await?;

        let revision = Table::create()
            .table(name("revision"))
            .col(ColumnDef::new(name("id")).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(name("entry_id")).big_integer().not_null())
            .col(ColumnDef::new(name("number")).integer().not_null())
            .col(ColumnDef::new(name("hash")).string_len(64).not_null())
            .col(ColumnDef::new(name("author")).text().not_null())
            .col(ColumnDef::new(name("message")).text().not_null())
            .col(ColumnDef::new(name("created_at")).timestamp_with_time_zone().not_null())
            .foreign_key(ForeignKey::create().from(name("revision"), name("entry_id")).to(name("entry"), name("id")))
            .index(Index::create().unique().name("revision_entry_number").col(name("entry_id")).col(name("number")))
            .take();
        manager.create_table(revision).await?;

        let section = of_revision("section")
            .col(text(manager, "name").not_null())
            .col(ColumnDef::new(name("body")).text().not_null())
            .primary_key(Index::create().col(name("revision_id")).col(name("name")))
            .take();
        manager.create_table(section).await?;

        let publication = Table::create()
            .table(name("publication"))
            .col(ColumnDef::new(name("id")).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(name("entry_id")).big_integer().not_null())
            .col(ColumnDef::new(name("revision_id")).big_integer().not_null())
            .col(ColumnDef::new(name("published_at")).timestamp_with_time_zone().not_null())
            .col(ColumnDef::new(name("retired_at")).timestamp_with_time_zone())
            .foreign_key(ForeignKey::create().from(name("publication"), name("entry_id")).to(name("entry"), name("id")))
            .foreign_key(
                ForeignKey::create().from(name("publication"), name("revision_id")).to(name("revision"), name("id")),
            )
            .take();
        manager.create_table(publication).await?;
        index(manager, "publication", &["entry_id", "published_at"]).await
    }
}
