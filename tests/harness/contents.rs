//! All that a database holds, to be compared.
use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

/// The rows of each table, as text, in their order.
pub type Contents = BTreeMap<String, Vec<String>>;

/// Somebody else on a database, who sees what is committed.
pub struct Witness {
    db: DatabaseConnection,
    /// All rows of all tables but that of probes, in one statement.
    all: String,
}

impl Witness {
    pub async fn of(url: &str) -> Self {
        let db = Database::connect(url).await.unwrap();
        let tables = match db.get_database_backend() {
            DbBackend::Sqlite => {
                "SELECT name, (SELECT group_concat('quote(\"' || c.name || '\")', ' || \",\" || ') FROM pragma_table_info(t.name) c) \
                 FROM sqlite_master t WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            }
            _ => "SELECT table_name::text, 't::text' FROM information_schema.tables WHERE table_schema = 'public'",
        };
        let tables = rows(&db, tables).await.into_iter().filter(|(table, _)| table != "write_probe");
        let selects: Vec<_> =
            tables.map(|(table, row)| format!("SELECT '{table}', {row} FROM \"{table}\" t")).collect();
        Self { db, all: format!("{} ORDER BY 1, 2", selects.join(" UNION ALL ")) }
    }

    /// All that is committed.
    pub async fn sees(&self) -> Contents {
        let mut found = Contents::new();
        for (table, row) in rows(&self.db, &self.all).await {
            found.entry(table).or_default().push(row);
        }
        found
    }
}

async fn rows(db: &DatabaseConnection, sql: &str) -> Vec<(String, String)> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect()
}

/// Number of rows of each table there that are more, or fewer.
pub fn growth(before: &Contents, after: &Contents) -> BTreeMap<String, isize> {
    let count = |contents: &Contents, table: &str| contents.get(table).map_or(0, Vec::len).cast_signed();
    let tables = after.keys().chain(before.keys());
    let more = tables.map(|table| (table.clone(), count(after, table) - count(before, table)));
    more.filter(|(_, more)| *more != 0).collect()
}
