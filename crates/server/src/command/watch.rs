//! `careerql watch`: each file is published when it is saved. Files are looked at several times a second, which works on every
//! file system and costs little for some thousands of them; one that is still being written is left until it stays the same.
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime},
};

use kernel::{
    Content, Result,
    store::{self, Change, Database, Imported, Mode, Reports, document_files},
};
use tokio::time::sleep;

use super::{check::print, import::name, open, say, serve::interrupted};
use crate::cli::WatchOptions;

/// How often files are looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// What tells that a file was changed.
type Stamp = (SystemTime, u64);

pub(super) async fn watch(options: &WatchOptions) -> Result<ExitCode> {
    let (graph, db) = open(&options.database).await?;
    let mode = if options.draft { Mode::Draft } else { Mode::Publish };
    let mut watched =
        Watched { db: db.clone(), content: graph.content().clone(), mode, options, done: BTreeMap::new() };
    let interrupted = interrupted()?;
    tokio::select! {
        () = interrupted => {}
        stopped = watched.run() => stopped?,
    }
    db.close().await?;
    Ok(ExitCode::SUCCESS)
}

struct Watched<'a> {
    db: Database,
    content: Arc<Content>,
    mode: Mode,
    options: &'a WatchOptions,
    /// The files that were imported or reported, as they were then.
    done: BTreeMap<PathBuf, Stamp>,
}

impl Watched<'_> {
    async fn run(&mut self) -> Result<()> {
        let mut before = BTreeMap::new();
        let mut is_first = true;
        loop {
            let now = self.look();
            // What stays the same for one look is written to its end.
            let saved: Vec<_> = now
                .iter()
                .filter(|(path, stamp)| before.get(*path) == Some(*stamp) && self.done.get(*path) != Some(*stamp))
                .map(|(path, stamp)| (path.clone(), *stamp))
                .collect();
            self.tell_deleted(&now)?;
            let paths: Vec<_> = saved.iter().map(|(path, _)| path.clone()).collect();
            if !paths.is_empty() && self.import(paths).await? {
                self.done.extend(saved);
            }
            if is_first && before == now {
                let files = self.done.len();
                say(format_args!("Watching {files} files. Press Ctrl-C to stop."))?;
                is_first = false;
            }
            before = now;
            sleep(PAUSE).await;
        }
    }

    fn look(&self) -> BTreeMap<PathBuf, Stamp> {
        let files = self.options.paths.iter().filter_map(|path| document_files(path).ok()).flatten();
        files.filter_map(|file| stamp(&file).map(|stamp| (file, stamp))).collect()
    }

    fn tell_deleted(&mut self, now: &BTreeMap<PathBuf, Stamp>) -> Result<()> {
        let gone: Vec<_> = self.done.keys().filter(|path| !now.contains_key(*path)).cloned().collect();
        for path in gone {
            self.done.remove(&path);
            say(format_args!(
                "deleted {}; what it held stays as it is: `careerql unpublish` withdraws it",
                path.display()
            ))?;
        }
        Ok(())
    }

    /// Imports what has no errors; files may lead to each other. False where the database could not take them now.
    async fn import(&self, mut paths: Vec<PathBuf>) -> Result<bool> {
        let change = Change::now(&self.options.author, "");
        while !paths.is_empty() {
            let progress = Arc::new(|_, _| {});
            let imported = store::import_files(&self.db, &self.content, &paths, self.mode, &change, progress).await;
            let (summary, reports) = match imported {
                Ok(imported) => imported,
                Err(error) if error.code() == "DATABASE_BUSY" => return Ok(false),
                // The file will be looked at again when it is saved.
                Err(error) if paths.len() == 1 => {
                    say(format_args!("{}: {error}", paths[0].display()))?;
                    return Ok(true);
                }
                // One of them cannot be imported; it holds up none of the others.
                Err(_) => {
                    let mut are_done = true;
                    for path in paths {
                        are_done &= Box::pin(self.import(vec![path])).await?;
                    }
                    return Ok(are_done);
                }
            };
            if let Some(summary) = summary {
                print(&reports)?;
                for (kind, slug, outcome) in summary.documents().unwrap_or_default() {
                    if *outcome != Imported::Unchanged {
                        say(format_args!("{} {kind} {slug}", name(*outcome)))?;
                    }
                }
                return Ok(true);
            }
            let broken = broken(&reports);
            let told = reports.listed.iter().filter(|report| broken.contains(report.file.as_path()));
            for report in told {
                say(format_args!("{report}"))?;
            }
            paths.retain(|path| !broken.contains(path.as_path()));
            if broken.is_empty() {
                return Ok(true);
            }
        }
        Ok(true)
    }
}

fn broken(reports: &Reports) -> BTreeSet<&Path> {
    reports.listed.iter().filter(|report| report.finding.is_error()).map(|report| report.file.as_path()).collect()
}

fn stamp(file: &Path) -> Option<Stamp> {
    let about = fs::metadata(file).ok()?;
    Some((about.modified().ok()?, about.len()))
}
