//! Soundness of a file, as SQLite itself tells it.
use sea_orm::{ConnectionTrait, DbErr, Statement};

/// Damage of a database; none where it is sound.
pub(super) async fn damage(db: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    for row in texts(db, "PRAGMA integrity_check(1)").await? {
        if row != "ok" {
            return Ok(Some(row));
        }
    }
    let orphans = texts(db, "PRAGMA foreign_key_check").await?;
    Ok(orphans.first().map(|table| format!("rows of the table `{table}` refer to rows that are missing")))
}

/// The first column of all rows.
async fn texts(db: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>, DbErr> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
