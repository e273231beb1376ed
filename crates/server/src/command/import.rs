//! `careerql import`: files become drafts or publications, all or none. `serve` imports its seed in the same way.
use std::{path::PathBuf, process::ExitCode, sync::Arc};

use kernel::{
    ContentModel, Result,
    store::{self, ChangeInfo, Database, Imported, Mode, Others, Reports, Summary},
};

use super::{
    check::{counted, print},
    open,
    progress::Line,
};
use crate::cli::ImportOptions;
use crate::output::{print_line, warn_line};

pub(super) async fn import(options: &ImportOptions) -> Result<ExitCode> {
    let (graph, db) = open(&options.database).await?;
    let mode = if options.publish { Mode::Publish } else { Mode::Draft };
    let change = ChangeInfo::now(&options.author, &options.message);
    let (content, paths) = (graph.content(), &options.paths);
    let others = if options.withdraw_missing { Others::Withdrawn } else { Others::Stay };
    let line = Line::default();
    let progress = Arc::new(move |step, more| line.tell(step, more));
    let how = (mode, others, options.sides.winner());
    let imported = store::import_files_with(&db, content, paths, how, &change, progress).await;
    db.close().await?;
    let (summary, reports) = imported?;
    print(&reports)?;
    let Some(summary) = summary else {
        warn_line(format_args!("careerql: nothing was imported because of {}.", counted(reports.errors, "error")));
        return Ok(ExitCode::FAILURE);
    };
    for (kind, slug, outcome) in summary.documents().unwrap_or_default() {
        if *outcome != Imported::Kept {
            print_line(format_args!("{} {kind} {slug}", name(*outcome)))?;
        }
    }
    for kept in summary.kept() {
        print_line(format_args!("{kept}"))?;
    }
    let state = if options.publish { "published" } else { "drafts" };
    print_line(format_args!("{} ({state}).", totals(&summary)))?;
    Ok(ExitCode::SUCCESS)
}

/// Checks files and imports them; no summary where an error in them forbids it.
pub(super) async fn import_files(
    db: &Database,
    content: &Arc<ContentModel>,
    paths: &[PathBuf],
    mode: Mode,
    change: &ChangeInfo,
) -> Result<(Option<Summary>, Reports)> {
    let line = Line::default();
    store::import_files(db, content, paths, mode, change, Arc::new(move |step, more| line.tell(step, more))).await
}

/// `1 created, 0 updated, 8 unchanged`.
pub(super) fn totals(summary: &Summary) -> String {
    let count = |outcome| format!("{} {}", summary.count(outcome), name(outcome));
    let mut told = vec![Imported::Created, Imported::Updated, Imported::Unchanged];
    told.extend([Imported::Withdrawn, Imported::Kept].into_iter().filter(|outcome| summary.count(*outcome) > 0));
    told.into_iter().map(count).collect::<Vec<_>>().join(", ")
}

pub(super) fn name(outcome: Imported) -> &'static str {
    match outcome {
        Imported::Created => "created",
        Imported::Updated => "updated",
        Imported::Unchanged => "unchanged",
        Imported::Withdrawn => "withdrawn",
        Imported::Kept => "kept",
    }
}
