//! `careerql watch`: each file is published when it is saved. Files are looked at several times a second, which works on every
//! file system and costs little for some thousands of them; one that is still being written is left until it stays the same.
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, Metadata},
    hash::{DefaultHasher, Hasher as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime},
};

use kernel::{
    ContentModel, Result,
    store::{self, ChangeInfo, Database, Imported, Mode, Others, Reports, document_files},
};
use tokio::time::sleep;

use super::{
    check::{print, print_reports},
    import::name,
    open,
    serve::interrupted,
};
use crate::cli::WatchOptions;
use crate::output::print_line;

/// Interval at which files are looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// For how long after a change of a file its content is read at each look: clocks of file systems are that coarse, so that a second
/// change might leave the same time.
const YOUNG: Duration = Duration::from_secs(3);

/// Fingerprint that tells that a file was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    about: About,
    /// A hash of its content.
    content: u64,
}

/// Metadata of a file in the file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct About {
    modified: SystemTime,
    length: u64,
    /// Time of the last change to anything about it, and the file's identity: nobody can set these, where the system has them.
    changed: (i64, i64),
    file: (u64, u64),
}

pub(super) async fn watch(options: &WatchOptions) -> Result<ExitCode> {
    let (graph, db) = open(&options.database).await?;
    let mode = if options.draft { Mode::Draft } else { Mode::Publish };
    let mut watched =
        WatchedFiles { db: db.clone(), content: graph.content().clone(), mode, options, done: BTreeMap::new() };
    let interrupted = interrupted()?;
    tokio::select! {
        () = interrupted => {}
        stopped = watched.run() => stopped?,
    }
    db.close().await?;
    Ok(ExitCode::SUCCESS)
}

struct WatchedFiles<'a> {
    db: Database,
    content: Arc<ContentModel>,
    mode: Mode,
    options: &'a WatchOptions,
    /// The files that were imported or reported, as they were then.
    done: BTreeMap<PathBuf, Stamp>,
}

impl WatchedFiles<'_> {
    async fn run(&mut self) -> Result<()> {
        let mut before = BTreeMap::new();
        let mut is_first = true;
        loop {
            let now = self.look(&before);
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
                print_line(format_args!("Watching {files} files. Press Ctrl-C to stop."))?;
                is_first = false;
            }
            before = now;
            sleep(PAUSE).await;
        }
    }

    fn look(&self, before: &BTreeMap<PathBuf, Stamp>) -> BTreeMap<PathBuf, Stamp> {
        let files = self.options.paths.iter().filter_map(|path| document_files(path).ok()).flatten();
        files.filter_map(|file| stamp(&file, before.get(&file)).map(|stamp| (file, stamp))).collect()
    }

    fn tell_deleted(&mut self, now: &BTreeMap<PathBuf, Stamp>) -> Result<()> {
        let gone: Vec<_> = self.done.keys().filter(|path| !now.contains_key(*path)).cloned().collect();
        for path in gone {
            self.done.remove(&path);
            print_line(format_args!(
                "deleted {}; its entry stays as it is: `careerql unpublish` withdraws it",
                path.display()
            ))?;
        }
        Ok(())
    }

    /// Imports what has no errors; files may lead to each other. False where the database could not take them now.
    async fn import(&self, mut paths: Vec<PathBuf>) -> Result<bool> {
        let change = ChangeInfo::now(&self.options.author, "");
        while !paths.is_empty() {
            let progress = Arc::new(|_, _| {});
            let how = (self.mode, Others::Stay, self.options.sides.winner());
            let imported = store::import_files_with(&self.db, &self.content, &paths, how, &change, progress).await;
            let (summary, reports) = match imported {
                Ok(imported) => imported,
                Err(error) if error.code() == "DATABASE_BUSY" => return Ok(false),
                // The file will be looked at again when it is saved.
                Err(error) if paths.len() == 1 => {
                    print_line(format_args!("{}: {error}", paths[0].display()))?;
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
                    if !matches!(outcome, Imported::Unchanged | Imported::Kept) {
                        print_line(format_args!("{} {kind} {slug}", name(*outcome)))?;
                    }
                }
                for kept in summary.kept() {
                    print_line(format_args!("{kept}"))?;
                }
                return Ok(true);
            }
            let broken = broken(&reports);
            let told = reports.listed.iter().filter(|report| broken.contains(report.file.as_path()));
            print_reports(told)?;
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

/// The stamp of a file. Its content is read where it may have changed since the look before.
fn stamp(file: &Path, before: Option<&Stamp>) -> Option<Stamp> {
    let about = About::of(&fs::metadata(file).ok()?)?;
    let known = before.filter(|before| before.about == about && !about.is_young());
    let content = match known {
        Some(before) => before.content,
        None => hash(&fs::read(file).ok()?),
    };
    Some(Stamp { about, content })
}

fn hash(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    hasher.finish()
}

impl About {
    fn of(file: &Metadata) -> Option<Self> {
        #[cfg(unix)]
        let (changed, id) = {
            use std::os::unix::fs::MetadataExt as _;
            ((file.ctime(), file.ctime_nsec()), (file.dev(), file.ino()))
        };
        #[cfg(not(unix))]
        let (changed, id) = ((0, 0), (0, 0));
        Some(Self { modified: file.modified().ok()?, length: file.len(), changed, file: id })
    }

    /// Tells whether it was changed a moment ago, or in the future of this clock.
    fn is_young(&self) -> bool {
        let changed = u64::try_from(self.changed.0).unwrap_or_default();
        let latest = self.modified.max(SystemTime::UNIX_EPOCH + Duration::from_secs(changed));
        // What lies in the future has no age.
        latest.elapsed().map_or(true, |age| age < YOUNG)
    }
}
