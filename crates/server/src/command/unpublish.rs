//! `careerql unpublish`: what is published of entries is withdrawn.
use std::process::ExitCode;

use kernel::{
    ContentModel, Result,
    store::{self, ChangeInfo},
};

use super::{check::counted, known_kind, open};
use crate::cli::UnpublishOptions;
use crate::output::{print_line, warn_line};

pub(super) async fn unpublish(options: &UnpublishOptions) -> Result<ExitCode> {
    let (graph, db) = open(&options.database).await?;
    let withdrawn = withdraw(options, graph.content(), &db).await;
    db.close().await?;
    withdrawn
}

async fn withdraw(options: &UnpublishOptions, content: &ContentModel, db: &store::Database) -> Result<ExitCode> {
    let Some(kind) = known_kind(content, &options.kind) else { return Ok(ExitCode::FAILURE) };
    let mut missing = 0;
    for slug in &options.slugs {
        let change = ChangeInfo::now("command", "");
        if store::unpublish(db, content, kind, slug, &change).await? {
            print_line(format_args!("withdrawn {kind} {slug}"))?;
        } else {
            warn_line(format_args!("careerql: no {kind} `{slug}` is published."));
            missing += 1;
        }
    }
    print_line(format_args!("{} withdrawn.", counted(options.slugs.len() - missing, "document")))?;
    Ok(if missing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
