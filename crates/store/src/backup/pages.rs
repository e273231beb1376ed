//! Pages of SQLite databases, copied as they are: those of one moment, and all at once for whoever reads the other.
use std::{
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::{
    CopyProgress, Counts,
    catalog::{TABLES, count},
};
use crate::{Failure, Result, database::read::DatabaseFile, error::failure::told};

/// Number of pages that are copied between two looks at the progress.
const STEP: i32 = 1_000;
/// Time to wait before a lock of others is tried again.
const PAUSE: Duration = Duration::from_millis(20);
/// Time to wait for others at most.
const PATIENCE: Duration = Duration::from_mins(1);

/// Writes a database to an empty file, as it is at one moment; returns the number of rows that it has then. Others write meanwhile.
pub(super) fn save(
    source: &DatabaseFile,
    file: &Path,
    version: u32,
    progress: &CopyProgress,
) -> Result<Counts, PageError> {
    let source = source.connect().map_err(PageError::Source)?;
    let counts = begin(&source).map_err(PageError::Source)?;
    let mut target = Connection::open(file).map_err(PageError::Target)?;
    // A file that is not complete is removed; what is complete is synced as a whole.
    target.pragma_update(None, "synchronous", false).map_err(PageError::Target)?;
    copy(&source, &mut target, progress)?;
    // It needs no other file beside it, and can be read where nothing can be written.
    let alone = target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()));
    alone.and_then(|()| target.pragma_update(None, "user_version", version)).map_err(PageError::Target)?;
    Ok(counts)
}

/// Puts the pages of a file in the place of those of a database, in one transaction.
pub(super) fn restore(
    source: &DatabaseFile,
    database: &DatabaseFile,
    progress: &CopyProgress,
) -> Result<(), PageError> {
    let source = source.connect().map_err(PageError::Source)?;
    begin(&source).map_err(PageError::Source)?;
    let mut target = database.connect().map_err(PageError::Target)?;
    let done = copy(&source, &mut target, progress);
    // Where the disk is full, what was written in vain must not stay on it. Readers may hold some of it; then it is done later.
    let _rest = target.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    done
}

/// Begins to read the database as it is now; the number of rows of each of its tables.
fn begin(source: &Connection) -> rusqlite::Result<Counts> {
    source.busy_timeout(PATIENCE)?;
    source.execute_batch("BEGIN")?;
    let mut tables = source.prepare(TABLES)?;
    let tables = tables.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let rows = |name: &String| source.query_row(&count(name), [], |row| row.get::<_, i64>(0));
    tables.into_iter().map(|name| Ok((name.clone(), rows(&name)?.unsigned_abs()))).collect()
}

fn copy(source: &Connection, target: &mut Connection, progress: &CopyProgress) -> Result<(), PageError> {
    let begun = Instant::now();
    let backup = Backup::new(source, target).map_err(PageError::Target)?;
    loop {
        match backup.step(STEP).map_err(PageError::Target)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {
                let at = backup.progress();
                progress(
                    u64::from((at.pagecount - at.remaining).unsigned_abs()),
                    u64::from(at.pagecount.unsigned_abs()),
                );
            }
            _ if begun.elapsed() > PATIENCE => return Err(PageError::Busy),
            _ => sleep(PAUSE),
        }
    }
}

/// The failure of a copy of pages.
pub(super) enum PageError {
    /// The database that they come from cannot be read.
    Source(rusqlite::Error),
    /// The one that they go to cannot be written.
    Target(rusqlite::Error),
    /// Others write to it for too long.
    Busy,
}

impl PageError {
    /// The error, where this tells of a failure to write the target.
    pub(super) fn error(self, target: impl FnOnce(Option<Failure>, rusqlite::Error) -> crate::Error) -> crate::Error {
        match self {
            Self::Source(cause) => told(Failure::of_embedded(&cause), cause),
            Self::Target(cause) => target(Failure::of_embedded(&cause), cause),
            Self::Busy => Failure::Busy.error(),
        }
    }
}
