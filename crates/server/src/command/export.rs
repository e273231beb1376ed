//! `careerql export`: the visible documents as YAML files, and what an earlier export left beside them.
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use kernel::{
    Result,
    store::{self, Leftover},
};

use super::{check::counted, open};
use crate::cli::ExportOptions;
use crate::output::{print_line, warn_line};

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
        leftover.exported.iter().try_for_each(|path| print_line(format_args!("removed {}", path.display())))?;
    }
    tell(&options.path, &leftover, prunes);
    print_line(format_args!("Wrote {} to {}.", counted(written.len(), "document"), options.path.display()))
}

/// Names what an import of the folder would read besides.
fn tell(folder: &Path, leftover: &Leftover, is_pruned: bool) {
    let folder = folder.display();
    let Leftover { exported, others } = leftover;
    if !exported.is_empty() && !is_pruned {
        warn_line(format_args!(
            "careerql: {} of an earlier export {} to no entry that is exported now: {}. An import of the folder would bring them back; \
             `careerql export {folder} --prune` removes them if something is exported.",
            counted(exported.len(), "file"),
            if exported.len() == 1 { "belongs" } else { "belong" },
            named(exported),
        ));
    }
    if !others.is_empty() {
        warn_line(format_args!(
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
