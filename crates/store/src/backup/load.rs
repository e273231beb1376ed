//! A file, written to a Postgres database in one transaction.
//!
//! Whoever reads waits from the moment the tables are locked, and sees what was restored afterwards. Foreign keys are made anew: so
//! the rows may come in any order, and servers notice that the tables have another past.
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait as _};

use super::{
    CopyProgress, Counts, Existing,
    catalog::{self, CopiedTable, is_history, quoted},
    restore::refuse_content,
    rows::{self, Source},
};
use crate::{
    Database, Error, Result,
    database::{
        transaction::{self, Writer},
        watch::CHANNEL,
    },
};

/// Puts the rows of a file in the place of those of a database; returns their number.
pub(super) async fn load(
    file: &DatabaseConnection,
    db: &Database,
    existing: Existing,
    progress: &CopyProgress,
) -> Result<Counts> {
    let source = file.begin().await?;
    let tables = catalog::copied(&source, &**db).await?;
    let expected = catalog::counts(&source, tables.iter().map(|table| &*table.name)).await?;
    let txn = transaction::begin(db).await?;
    lock(&txn, &tables).await?;
    if existing == Existing::Kept {
        let content = tables.iter().map(|table| &*table.name).filter(|name| !is_history(name));
        refuse_content(&*txn, content).await?;
    }
    let foreign_keys = take_out(&txn, &tables).await?;
    let (mut done, all) = (0, expected.values().sum());
    for table in &tables {
        let told = |more| {
            done += more;
            progress(done, all);
        };
        rows::copy(&mut Source::File(&source, i64::MIN), &*txn, table, told).await?;
        next_id(&source, &txn, table).await?;
    }
    put_back(&txn, &tables, foreign_keys).await?;
    let counts = catalog::counts(&*txn, tables.iter().map(|table| &*table.name)).await?;
    if counts != expected {
        return Err(Error::internal(format!("{expected:?} rows were read, and {counts:?} were written")));
    }
    txn.execute_unprepared(&format!("SELECT pg_notify('{CHANNEL}', '')")).await?;
    txn.commit().await?;
    source.rollback().await?;
    Ok(counts)
}

/// Locks all tables, even against those who read. Where one of them is in use, none is kept while it is waited for: so nobody who
/// reads several waits for a table that is locked while another waits for one that he holds.
async fn lock(txn: &Writer, tables: &[CopiedTable]) -> Result<()> {
    let names: Vec<_> = tables.iter().map(|table| quoted(&table.name)).collect();
    let sql = format!(
        "DO $$ BEGIN FOR attempt IN 1..120 LOOP BEGIN SET LOCAL lock_timeout = 250; \
         LOCK TABLE {} IN ACCESS EXCLUSIVE MODE; RETURN; \
         EXCEPTION WHEN lock_not_available THEN PERFORM pg_sleep(0.02); END; END LOOP; \
         RAISE EXCEPTION 'the tables are in use' USING ERRCODE = '55P03'; END $$",
        names.join(", ")
    );
    txn.execute_unprepared(&sql).await?;
    Ok(())
}

/// Empties the tables, without what would hold rows back; returns what makes the foreign keys again.
async fn take_out(txn: &Writer, tables: &[CopiedTable]) -> Result<Vec<String>> {
    let mut made_later = Vec::new();
    for table in tables {
        let name = quoted(&table.name);
        let sql = "SELECT CAST(conname AS text), pg_get_constraintdef(oid) FROM pg_constraint \
                   WHERE contype = 'f' AND conrelid = to_regclass($1) ORDER BY oid";
        let select = Statement::from_sql_and_values(DbBackend::Postgres, sql, [name.clone().into()]);
        for row in txn.query_all_raw(select).await? {
            let (key, definition): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let key = quoted(&key);
            txn.execute_unprepared(&format!("ALTER TABLE {name} DROP CONSTRAINT {key}")).await?;
            made_later.push(format!("ALTER TABLE {name} ADD CONSTRAINT {key} {definition}"));
        }
        txn.execute_unprepared(&format!("ALTER TABLE {name} DISABLE TRIGGER USER")).await?;
    }
    let names: Vec<_> = tables.iter().map(|table| quoted(&table.name)).collect();
    txn.execute_unprepared(&format!("TRUNCATE TABLE {}", names.join(", "))).await?;
    Ok(made_later)
}

/// Makes the foreign keys again, which looks at all rows, and lets the triggers work.
async fn put_back(txn: &Writer, tables: &[CopiedTable], foreign_keys: Vec<String>) -> Result<()> {
    for sql in foreign_keys {
        txn.execute_unprepared(&sql).await?;
    }
    for table in tables {
        txn.execute_unprepared(&format!("ALTER TABLE {} ENABLE TRIGGER USER", quoted(&table.name))).await?;
    }
    Ok(())
}

/// Lets the ids of the table go on where those of the file do. Unlike `setval`, this is undone with the transaction.
async fn next_id(file: &impl ConnectionTrait, txn: &Writer, table: &CopiedTable) -> Result<()> {
    let Some(sequence) = &table.sequence else { return Ok(()) };
    let select = Statement::from_sql_and_values(
        DbBackend::Sqlite,
        "SELECT seq FROM sqlite_sequence WHERE name = $1",
        [table.name.clone().into()],
    );
    let row = file.query_one_raw(select).await?;
    let last: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    let next = last.max(0).saturating_add(1);
    txn.execute_unprepared(&format!("ALTER SEQUENCE {sequence} RESTART WITH {next}")).await?;
    Ok(())
}
