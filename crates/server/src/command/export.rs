//! `careerql export`: the visible documents as YAML files, and what an earlier export left beside them.
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use kernel::{
    Result,
    store::{self, Leftover},
};

use super::{check::counted, complain, open, say};
use crate::cli::ExportOptions;

/// Number of files that are named.
const NAMED: usize = 20;

pub(super) async fn export(options: &ExportOptions) -> Result<()> {
    let (graph, db) = open(&options.database).await?;
    let mut write = store::write_files(&options.path);
    let mut written = BTreeSet::new();
    let perspective = options.perspective.resolve(&db).await?;
    let exported = store::export(&db, graph.content(), perspective, |path: PathBuf, yaml: String| {
        written.insert(path.clone());
        write(path, yaml)
    });
    let exported = exported.await;
    db.close().await?;
    exported?;
    let leftover = store::leftover(graph.content(), &options.path, &written)?;
    let prunes = options.prune && !written.is_empty();
    if prunes {
        store::prune(&options.path, &leftover)?;
        leftover.exported.iter().try_for_each(|path| say(format_args!("removed {}", path.display())))?;
    }
    tell(&options.path, &leftover, prunes);
    say(format_args!("Wrote {} to {}.", counted(written.len(), "document"), options.path.display()))
}

/// Names what an import of the folder would read besides.
fn tell(folder: &Path, leftover: &Leftover, is_pruned: bool) {
    let folder = folder.display();
    let Leftover { exported, others } = leftover;
    if !exported.is_empty() && !is_pruned {
        complain(format_args!(
            "careerql: {} of an earlier export {} of no entry that is exported now: {}. An import of the folder would bring them back; \
             `careerql export {folder} --prune` removes them where something is exported.",
            counted(exported.len(), "file"),
            if exported.len() == 1 { "is" } else { "are" },
            named(exported),
        ));
    }
    if !others.is_empty() {
        complain(format_args!(
            "careerql: an import of {folder} would read {} that no export wrote: {}.",
            counted(others.len(), "file"),
            named(others),
        ));
    }
}

fn named(paths: &[PathBuf]) -> String {
    let mut names: Vec<_> = paths.iter().take(NAMED).map(|path| path.display().to_string()).collect();
    if paths.len() > NAMED {
        names.push(format!("and {} more", paths.len() - NAMED));
    }
    names.join(", ")
}
