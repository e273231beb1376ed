//! Options of the commands about backups.
use std::path::PathBuf;

use clap::Args;

use crate::database::DatabaseOptions;

/// Options of `backup`.
#[derive(Debug, Args)]
pub struct BackupOptions {
    /// The SQLite file to write. It appears when it is complete, or not at all. It has hashes of tokens and secrets of webhooks: only
    /// this user may read it.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    pub replace: bool,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
}

/// Options of `restore`.
#[derive(Debug, Args)]
pub struct RestoreOptions {
    /// The backup, which is not changed.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replace all that the database has. Without it, only a database without content is restored to.
    #[arg(long)]
    pub replace: bool,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
}
