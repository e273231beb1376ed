//! `careerql rename`: an entry gets another slug, and what links to it follows. It has all the time that it needs.
use std::process::ExitCode;

use kernel::{
    Result,
    store::{self, ChangeInfo},
};

use super::{check::counted, known_kind, open};
use crate::cli::RenameOptions;
use crate::output::print_line;

pub(super) async fn rename(options: &RenameOptions) -> Result<ExitCode> {
    let (graph, db) = open(&options.database).await?;
    let RenameOptions { from, to, author, .. } = options;
    let Some(kind) = known_kind(graph.content(), &options.kind) else { return Ok(ExitCode::FAILURE) };
    let change = ChangeInfo::now(author, "");
    let renamed = store::rename_entry(&db, graph.content(), kind, from, to, &change).await;
    db.close().await?;
    let followed = counted(renamed?, "document");
    print_line(format_args!("renamed {kind} {from} to {to}; {followed} linked to it"))?;
    Ok(ExitCode::SUCCESS)
}
