//! Permissions and actions: tokens and the audit log. And entries that their editors put away.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::table::{index, name, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut archived = ColumnDef::new(name("archived_at"));
        archived.timestamp_with_time_zone();
        manager.alter_table(Table::alter().table(name("entry")).add_column(archived).take()).await?;
        index(manager, "entry", &["draft_revision_id"]).await?;

        let token = Table::create()
            .table(name("token"))
            .col(ColumnDef::new(name("id")).big_integer().not_null().auto_increment().primary_key())
            .col(text(manager, "name").not_null())
            .col(text(manager, "hash").not_null().unique_key())
            .col(ColumnDef::new(name("scopes")).text().not_null())
            .col(ColumnDef::new(name("created_at")).timestamp_with_time_zone().not_null())
            .col(ColumnDef::new(name("expires_at")).timestamp_with_time_zone())
            .col(ColumnDef::new(name("revoked_at")).timestamp_with_time_zone())
            .take();
        manager.create_table(token).await?;

        let audit = Table::create()
            .table(name("audit"))
            .col(ColumnDef::new(name("id")).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(name("at")).timestamp_with_time_zone().not_null())
            .col(ColumnDef::new(name("token_id")).big_integer())
            .col(ColumnDef::new(name("author")).text().not_null())
            .col(ColumnDef::new(name("action")).text().not_null())
            .col(text(manager, "kind"))
            .col(text(manager, "slug"))
            .col(ColumnDef::new(name("revision")).integer())
            .col(ColumnDef::new(name("details")).text().not_null())
            .take();
        manager.create_table(audit).await?;
        index(manager, "audit", &["kind", "slug", "id"]).await?;
        never_change(manager).await
    }
}

/// Keeps what stands in the audit log as it is, whoever asks the database to change it.
async fn never_change(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Sqlite {
        for action in ["UPDATE", "DELETE"] {
            let trigger = format!(
                "CREATE TRIGGER audit_no_{} BEFORE {action} ON audit \
                 BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
                action.to_lowercase()
            );
            db.execute_unprepared(&trigger).await?;
        }
        return Ok(());
    }
    db.execute_unprepared(
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
    )
    .await?;
    let trigger = "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit \
                   FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()";
    db.execute_unprepared(trigger).await?;
    Ok(())
}
