//! Data sets of the seed: the files below its folder `data`, which the first start syncs after the documents.
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use datasets::{Outcome, SyncOptions, Target, sync};
use kernel::{
    Graph, Result,
    store::{ChangeInfo, Database},
};

use crate::output::print_line;

/// The folder of the seed whose folders are data sets, each named like its source.
const DATA: &str = "data";
/// The data set that the others are joined to, which comes first.
const SPINE: &str = "onet";
/// Number of releases whose rows are kept.
const KEPT: usize = 4;

/// Syncs and publishes the data sets of the seed. A guide is of use without its figures, so a release that is refused is told, and the
/// server starts.
pub(super) async fn sync_data(graph: &Graph, db: &Database, seed: &Path, change: &ChangeInfo) -> Result<()> {
    let folder = seed.join(DATA);
    let sources = match sources(&folder) {
        Ok(sources) => sources,
        Err(cause) => {
            tracing::warn!(%cause, "the data sets of the seed cannot be read, and are left out");
            return Ok(());
        }
    };
    for source in sources {
        let path = folder.join(&source);
        let options = SyncOptions {
            dataset: source.clone(),
            paths: vec![path.clone()],
            is_plan: false,
            target: Target::Published,
            accept: Vec::new(),
            edition: None,
            published_on: None,
            next_release_on: None,
            keep: KEPT,
            change: change.clone(),
        };
        let shown = path.display();
        match sync(db, graph.catalog(), options, Arc::new(|_, _| {})).await {
            Ok(Outcome::Synced(plan) | Outcome::Planned(plan)) => {
                print_line(format_args!("Synced {shown}: {} {}.", plan.dataset, plan.release))?;
            }
            Ok(Outcome::Unchanged { release }) => print_line(format_args!("Synced {shown}: {source} {release}."))?,
            Ok(Outcome::Refused(faults)) => {
                for fault in faults {
                    tracing::warn!("{shown} is left out: {fault}");
                }
            }
            Err(cause) => tracing::warn!(%cause, "{shown} is left out"),
        }
    }
    Ok(())
}

/// The names of the folders, that of the occupations first.
fn sources(folder: &Path) -> io::Result<Vec<String>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    let folders = entries.into_iter().filter(|path| path.is_dir());
    let names = folders.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let mut names: Vec<_> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort_by_key(|name| (name != SPINE, name.clone()));
    Ok(names)
}
