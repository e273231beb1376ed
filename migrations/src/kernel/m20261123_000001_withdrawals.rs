//! A publication without a revision: from then on the entry is withdrawn.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::table::{index, name};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const COLUMNS: [&str; 5] = ["id", "entry_id", "revision_id", "published_at", "retired_at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_database_backend() {
            DbBackend::Sqlite => copy(manager).await?,
            _ => alter(manager).await?,
        }
        // What was published of an entry before: one step back.
        index(manager, "publication", &["entry_id", "id"]).await
    }
}

async fn alter(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut revision = ColumnDef::new(name("revision_id"));
    manager.alter_table(Table::alter().table(name("publication")).modify_column(revision.null()).take()).await
}

/// SQLite cannot change a column: the rows move to a new table. Copied with their ids, which never go back, because the
/// largest of them is the content version.
async fn copy(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let (old, new) = ("publication", "publication_with_withdrawals");
    let table = Table::create()
        .table(name(new))
        .col(ColumnDef::new(name("id")).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(name("entry_id")).big_integer().not_null())
        .col(ColumnDef::new(name("revision_id")).big_integer())
        .col(ColumnDef::new(name("published_at")).timestamp_with_time_zone().not_null())
        .col(ColumnDef::new(name("retired_at")).timestamp_with_time_zone())
        .foreign_key(ForeignKey::create().from(name(new), name("entry_id")).to(name("entry"), name("id")))
        .foreign_key(ForeignKey::create().from(name(new), name("revision_id")).to(name("revision"), name("id")))
        .take();
    manager.create_table(table).await?;
    let rows = Query::select().columns(COLUMNS.map(name)).from(name(old)).order_by(name("id"), Order::Asc).take();
    let mut copy = Query::insert();
    copy.into_table(name(new)).columns(COLUMNS.map(name));
    copy.select_from(rows).map_err(|cause| DbErr::Custom(cause.to_string()))?;
    manager.execute(copy).await?;
    manager.drop_table(Table::drop().table(name(old)).take()).await?;
    manager.rename_table(Table::rename().table(name(new), name(old)).take()).await?;
    index(manager, old, &["entry_id", "published_at"]).await
}
