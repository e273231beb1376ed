//! Common parts of the tables of modules.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Columns by name; a table's names stand in its migration only.
pub fn name(name: &str) -> Alias {
    Alias::new(name)
}

/// Text that is compared byte by byte on every database, so that orders and cursors agree.
pub fn text(manager: &SchemaManager<'_>, column: &str) -> ColumnDef {
    let mut definition = ColumnDef::new(name(column));
    definition.text();
    if manager.get_database_backend() == DbBackend::Postgres {
        definition.extra("COLLATE \"C\"");
    }
    definition
}

/// A number that may be missing; double precision on every database.
pub fn number(column: &str) -> ColumnDef {
    ColumnDef::new(name(column)).double().take()
}

/// A table of a module: `revision_id`, deleted with its revision, and the module's columns.
pub fn of_revision(table: &str) -> TableCreateStatement {
    Table::create()
        .table(name(table))
        .col(ColumnDef::new(name("revision_id")).big_integer().not_null())
        .foreign_key(
            ForeignKey::create()
                .from(name(table), name("revision_id"))
                .to(name("revision"), name("id"))
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take()
}

/// A table of nodes that stand in lists: `revision_id`, `entry_id` and the natural key `node_key`, unique in a revision.
pub fn of_nodes(manager: &SchemaManager<'_>, table: &str) -> TableCreateStatement {
    of_revision(table)
        .col(ColumnDef::new(name("entry_id")).big_integer().not_null())
        .col(text(manager, "node_key").not_null())
        .primary_key(Index::create().col(name("revision_id")).col(name("node_key")))
        .take()
}

/// Creates a table whose rows lie in the order of its primary key, so that rows with a common beginning of it are read together, and the
/// key is stored once. Postgres has no such tables; there it is a table with an index.
pub async fn clustered(manager: &SchemaManager<'_>, table: TableCreateStatement) -> Result<(), DbErr> {
    let sql = manager.get_database_backend().build(&table).to_string();
    let clustered = if manager.get_database_backend() == DbBackend::Sqlite { " WITHOUT ROWID" } else { "" };
    manager.get_connection().execute_unprepared(&format!("{sql}{clustered}")).await?;
    Ok(())
}

/// Creates an index over columns of a table.
pub async fn index(manager: &SchemaManager<'_>, table: &str, columns: &[&str]) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(format!("{table}_{}", columns.join("_"))).table(name(table));
    for column in columns {
        index.col(name(column));
    }
    manager.create_index(index).await
}

/// Puts an index over these columns in the place of one over the first of them.
pub async fn longer_index(manager: &SchemaManager<'_>, table: &str, columns: &[&str]) -> Result<(), DbErr> {
    let mut drop = Index::drop();
    drop.name(format!("{table}_{}", columns[0])).table(name(table)).if_exists();
    manager.drop_index(drop).await?;
    index(manager, table, columns).await
}

/// Gives a table of nodes an index by which lists are sorted, filtered and counted without its rows: the column, the key that
/// breaks ties, and what says whether the row is visible. Takes the place of the index without the latter.
pub async fn order_index(manager: &SchemaManager<'_>, table: &str, column: &str) -> Result<(), DbErr> {
    let sorted = if column == "node_key" { vec![column] } else { vec![column, "node_key"] };
    let old = format!("{table}_{}", sorted.join("_"));
    let mut drop = Index::drop();
    drop.name(old).table(name(table)).if_exists();
    manager.drop_index(drop).await?;
    let mut index = Index::create();
    index.name(format!("{table}_by_{column}")).table(name(table));
    for column in sorted.into_iter().chain(["entry_id", "revision_id"]) {
        index.col(name(column));
    }
    manager.create_index(index).await
}
