//! Releases: named sets of revisions that are published at once, now or at a set time.
use sea_orm_migration::prelude::*;

use crate::table::{index, name, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let release = Table::create()
            .table(name("release"))
            .col(ColumnDef::new(name("id")).big_integer().not_null().auto_increment().primary_key())
            .col(text(manager, "name").not_null().unique_key())
            .col(ColumnDef::new(name("author")).text().not_null())
            .col(ColumnDef::new(name("created_at")).timestamp_with_time_zone().not_null())
            .col(ColumnDef::new(name("scheduled_at")).timestamp_with_time_zone())
            .col(ColumnDef::new(name("published_at")).timestamp_with_time_zone())
            .col(ColumnDef::new(name("failure")).text())
            .take();
        manager.create_table(release).await?;

        let entry = Table::create()
            .table(name("release_entry"))
            .col(ColumnDef::new(name("release_id")).big_integer().not_null())
            .col(ColumnDef::new(name("entry_id")).big_integer().not_null())
            .col(ColumnDef::new(name("revision_id")).big_integer().not_null())
            .primary_key(Index::create().col(name("release_id")).col(name("entry_id")))
            .foreign_key(
                ForeignKey::create()
                    .from(name("release_entry"), name("release_id"))
                    .to(name("release"), name("id"))
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create().from(name("release_entry"), name("entry_id")).to(name("entry"), name("id")),
            )
            .foreign_key(
                ForeignKey::create().from(name("release_entry"), name("revision_id")).to(name("revision"), name("id")),
            )
            .take();
        manager.create_table(entry).await?;
        index(manager, "release", &["scheduled_at"]).await
    }
}
