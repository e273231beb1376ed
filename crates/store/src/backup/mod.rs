//! Backups: the whole database at one moment, in one SQLite file that a server can open, and back into either kind of database.
//!
//! | from | to | as |
//! |---|---|---|
//! | SQLite | file | pages, as one reader sees them (`pages.rs`) |
//! | Postgres | file | rows, as one transaction sees them (`dump.rs`) |
//! | file | SQLite | pages, in one transaction (`pages.rs`) |
//! | file | Postgres | rows, in one transaction (`load.rs`) |
//!
//! Tables and columns are those that the migrations make: no list of them stands here.
mod catalog;
mod check;
mod dump;
mod load;
mod pages;
mod partial;
mod restore;
mod rows;
mod save;
mod source;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

pub use self::{restore::restore, save::save};

/// The fate of a file or content that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and the command is refused.
    Kept,
    /// It is replaced.
    Replaced,
}

/// Hears how much of a copy is done, and how much there is in all.
pub type CopyProgress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// The number of rows of each table.
pub(crate) type Counts = BTreeMap<String, u64>;

/// A copy that is complete.
#[derive(Debug)]
pub struct Copied {
    /// Number of its tables.
    pub tables: usize,
    /// Number of its rows.
    pub rows: u64,
    /// Modules whose tables are not in the copy, as this program does not have them.
    pub left_out: Vec<String>,
    /// Files of earlier runs that were stopped.
    pub leftover: Remains,
}

/// Files that runs left behind which were stopped before they were done.
#[derive(Debug, Default)]
pub struct Remains {
    /// Those that were removed.
    pub removed: Vec<PathBuf>,
    /// Those that are so young that their run may still be at work.
    pub young: Vec<PathBuf>,
}

impl Copied {
    fn of(counts: &Counts) -> Self {
        let rows = counts.values().sum();
        Self { tables: counts.len(), rows, left_out: Vec::new(), leftover: Remains::default() }
    }
}

/// The version of the program, as the number that SQLite keeps for those who use it: 1,002,003 is 1.2.3.
fn version() -> u32 {
    let parts = env!("CARGO_PKG_VERSION").split(['.', '-']).map(|part| part.parse().unwrap_or(0));
    parts.take(3).fold(0, |number, part: u32| number * 1_000 + part)
}
