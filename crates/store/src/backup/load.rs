//! A file, written to a Postgres database in one transaction.
//!
//! The rows come into temporary tables first, while others read. Then the tables are locked and filled from these, which takes the server
//! a moment: whoever reads waits for that, and sees what was restored afterwards. Foreign keys are made anew: so the tables may be
//! filled in any order, and servers notice that they have another past.
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait as _};

use super::{
    CopyProgress, Counts, Existing,
    catalog::{self, CopiedTable, is_history, quoted},
    restore::refuse_content,
    rows::{self, CopyError, RowSource},
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
    if existing == Existing::Kept {
        let content = tables.iter().map(|table| &*table.name).filter(|name| !is_history(name));
        refuse_content(&*txn, content).await?;
    }
    bring(&source, &txn, &tables, &expected, progress).await?;
    lock(&txn, &tables).await?;
    let foreign_keys = take_out(&txn, &tables).await?;
    for table in &tables {
        fill(&txn, table).await?;
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

/// Brings all rows to the server, into temporary tables.
async fn bring(
    file: &impl ConnectionTrait,
    txn: &Writer,
    tables: &[CopiedTable],
    expected: &Counts,
    progress: &CopyProgress,
) -> Result<()> {
    let (mut done, all) = (0, expected.values().sum());
    for table in tables {
        let (name, brought) = (quoted(&table.name), brought(table));
        let sql = format!("CREATE TEMPORARY TABLE {} (LIKE {name}) ON COMMIT DROP", quoted(&brought));
        txn.execute_unprepared(&sql).await?;
        let told = |more| {
            done += more;
            progress(done, all);
        };
        rows::copy(RowSource::File(file, Vec::new()), table, &**txn, &brought, told)
            .await
            .map_err(CopyError::either)?;
    }
    Ok(())
}

/// The name of the temporary table with the rows of a table.
fn brought(table: &CopiedTable) -> String {
    format!("restored {}", table.name)
}

/// Fills a table with the rows that were brought.
async fn fill(txn: &Writer, table: &CopiedTable) -> Result<()> {
    let columns: Vec<_> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let (columns, name, brought) = (columns.join(", "), quoted(&table.name), quoted(&brought(table)));
    txn.execute_unprepared(&format!("INSERT INTO {name} ({columns}) SELECT {columns} FROM {brought}")).await?;
    Ok(())
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
