//! `careerql backup` and `careerql restore`: the whole database in one file, and back.
use std::{path::PathBuf, sync::Arc};

use kernel::{
    Result,
    store::backup::{self, Copied, Existing},
};

use super::{check::counted, graph, progress::ShareLine};
use crate::{
    cli::{BackupOptions, RestoreOptions},
    database,
    output::{print_line, warn_line},
};

pub(super) async fn backup(options: &BackupOptions) -> Result<()> {
    let (_, migrations) = graph()?;
    let connection = database::open_to_read(&options.database).await?;
    let share = ShareLine::of("backed up");
    let progress = Arc::new(move |done, all| share.tell(done, all));
    let saved = backup::save(&migrations, &connection, &options.file, existing(options.replace), progress).await;
    let _closed = connection.close().await;
    let saved = saved?;
    tell(&saved);
    print_line(format_args!("Wrote {} to {}.", totals(&saved), options.file.display()))
}

pub(super) async fn restore(options: &RestoreOptions) -> Result<()> {
    let (_, migrations) = graph()?;
    let connection = database::open_to_keep(&options.database).await?;
    let share = ShareLine::of("restored");
    let progress = Arc::new(move |done, all| share.tell(done, all));
    let restored = backup::restore(&migrations, connection, &options.file, existing(options.replace), progress).await?;
    tell(&restored);
    print_line(format_args!("Restored {} from {}.", totals(&restored), options.file.display()))
}

fn existing(is_replaced: bool) -> Existing {
    if is_replaced { Existing::Replaced } else { Existing::Kept }
}

fn totals(copied: &Copied) -> String {
    format!("{} rows of {}", copied.rows, counted(copied.tables, "table"))
}

/// Tells what an operator should know besides.
fn tell(copied: &Copied) {
    let Copied { left_out, leftover, .. } = copied;
    if !left_out.is_empty() {
        let modules = left_out.join(", ");
        warn_line(format_args!(
            "careerql: not in the backup are the tables of modules that this program does not have: {modules}."
        ));
    }
    if !leftover.removed.is_empty() {
        warn_line(format_args!("careerql: removed what stopped runs left behind: {}.", names(&leftover.removed)));
    }
    if !leftover.young.is_empty() {
        warn_line(format_args!(
            "careerql: left behind by stopped runs, or still written by others: {}. Delete them if nothing writes them.",
            names(&leftover.young)
        ));
    }
}

fn names(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
