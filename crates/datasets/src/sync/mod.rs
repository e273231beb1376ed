//! Syncing: the files of a release become a revision of a data set and its rows, all of them or nothing.
//!
//! Files are read twice: once to check and compare them ([`mod@survey`]), and once to write what is new ([`mod@write`]). Both hold the digests of
//! one table in memory at most, and the rows of small ones.
mod manifest;
mod survey;
mod write;

use std::{path::PathBuf, sync::Arc};

use kernel::{
    Catalog, Error, Result,
    store::{ChangeInfo, Database, Mode},
};
use tokio::task::spawn_blocking;

use self::survey::{Surveyed, survey};
use crate::{Fault, Release, Source, fault::WAIVABLE, files::InputFiles, plan::Plan, registry::Registry};

/// Maximum number of characters of the name of a release.
const MAX_NAME: usize = 100;

/// Status that a sync gives the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A draft, which the endpoint does not show.
    Draft,
    /// Content that the world sees from now on.
    Published,
}

/// Files of a sync, and the way they are taken.
#[derive(Clone, Debug)]
pub struct SyncOptions {
    /// The slug of the data set.
    pub dataset: String,
    /// The files, folders and archives of the release.
    pub paths: Vec<PathBuf>,
    /// True: nothing is written.
    pub is_plan: bool,
    /// Status that the release gets.
    pub target: Target,
    /// Rules that are waived.
    pub accept: Vec<String>,
    /// The name of the release, where the files do not tell it, or tell another.
    pub edition: Option<String>,
    /// The day it was published.
    pub published_on: Option<String>,
    /// The day its next release is due.
    pub next_release_on: Option<String>,
    /// Number of published releases whose rows are kept.
    pub keep: usize,
    /// Author and reason.
    pub change: ChangeInfo,
}

/// Outcome of a sync.
#[derive(Debug)]
pub enum Outcome {
    /// The database has these files already; nothing was written.
    Unchanged {
        /// The release.
        release: String,
    },
    /// Nothing was written, as asked.
    Planned(Plan),
    /// It was written.
    Synced(Plan),
    /// Nothing was written, because of faults: the first of them.
    Refused(Vec<Fault>),
}

/// Told of the table that is read or written, and of how many more rows were.
pub type Progress = dyn Fn(&str, usize) + Send + Sync;

/// A sync under way.
struct Run {
    db: Database,
    catalog: Arc<Catalog>,
    source: Source,
    options: SyncOptions,
    progress: Arc<Progress>,
    files: InputFiles,
    release: Release,
}

impl Run {
    /// The name of the release.
    fn name(&self) -> &str {
        self.release.name.as_deref().unwrap_or_default()
    }

    fn registry(&self) -> &Registry {
        self.catalog.of()
    }

    fn mode(&self) -> Mode {
        if self.options.target == Target::Published { Mode::Publish } else { Mode::Draft }
    }
}

/// Brings a release of a data set in. Whatever ends it in the middle, the database is as before, or has all of it.
pub async fn sync(
    db: &Database,
    catalog: &Arc<Catalog>,
    options: SyncOptions,
    progress: Arc<Progress>,
) -> Result<Outcome> {
    let registry: &Registry = catalog.of();
    let Some(source) = registry.source(&options.dataset).copied() else {
        return Err(unknown(registry, &options.dataset));
    };
    check_accepted(&options.accept)?;
    let (db, catalog) = (db.clone(), catalog.clone());
    let opened = spawn_blocking(move || {
        let (files, release) = open(&source, &options)?;
        Ok(Run { db, catalog, source, options, progress, files, release })
    });
    let run = match opened.await.map_err(Error::internal)? {
        Ok(run) => Arc::new(run),
        Err(fault) => return Ok(Outcome::Refused(vec![fault])),
    };
    let before = match manifest::current(&run).await? {
        Some(current) if current.is_there && manifest::is_current(&run, &current.profile).await? => {
            return Ok(Outcome::Unchanged { release: run.name().to_owned() });
        }
        before => before.map(|current| current.profile),
    };
    let Surveyed { plan, surveys } = match survey(&run, before.as_ref()).await? {
        Ok(surveyed) => surveyed,
        Err(faults) => return Ok(Outcome::Refused(faults)),
    };
    if run.options.is_plan {
        return Ok(Outcome::Planned(plan));
    }
    let document = manifest::made(&run, &surveys, before)?;
    Ok(match write::write(&run, Arc::new(surveys), document).await? {
        Some(dropped) => Outcome::Synced(Plan { dropped, ..plan }),
        None => Outcome::Unchanged { release: run.name().to_owned() },
    })
}

fn unknown(registry: &Registry, slug: &str) -> Error {
    let known = registry.sources().map(|source| format!("`{}`", source.slug)).collect::<Vec<_>>().join(", ");
    Error::caller("UNKNOWN_DATASET", format!("There is no data set `{slug}` to sync; the data sets are {known}."))
}

fn check_accepted(accept: &[String]) -> Result<()> {
    let Some(rule) = accept.iter().find(|rule| !WAIVABLE.contains(&rule.as_str())) else { return Ok(()) };
    let known = WAIVABLE.map(|rule| format!("`{rule}`")).join(", ");
    let message = format!("`{rule}` is not a rule that can be accepted; those are {known}.");
    Err(Error::caller("UNKNOWN_RULE", message))
}

fn open(source: &Source, options: &SyncOptions) -> Result<(InputFiles, Release), Fault> {
    let files = InputFiles::open(&options.paths)?;
    let mut release = (source.release)(&files)?;
    let name = options.edition.clone().or(release.name).unwrap_or_default();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let first = files.all().next().map_or("", |file| &*file.shown);
    if name.is_empty() {
        let message = "no file tells which release this is; name it, such as `--edition 'May 2025'`";
        return Err(Fault::of_file("unknown-release", first, message));
    }
    if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        let message = format!(
            "the files name a release that is no name on one line of at most {MAX_NAME} characters; name it, such as `--edition 'May 2025'`"
        );
        return Err(Fault::of_file("unknown-release", first, message));
    }
    release.name = Some(name);
    Ok((files, release))
}
