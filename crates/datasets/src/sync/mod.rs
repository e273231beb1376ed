//! Syncing: the files of a release become a revision of a data set and its rows, all of them or nothing.
//!
//! Files are read twice: once to check and compare them, and once to write what is new. Both hold one table in memory at most.
mod manifest;

use std::{
    collections::{BTreeSet, HashSet},
    path::PathBuf,
    sync::Arc,
};

use kernel::{
    Catalog, ContentModel, Error, Result,
    sea_orm::{
        ActiveValue::Set,
        sea_query::{Alias, DynIden, Expr, ExprTrait as _, IntoIden as _, Order, Query, SelectStatement},
    },
    store::{ChangeInfo, Database, ImportWithRows, Mode, Row as SqlRow, Rows},
};
use tokio::{sync::mpsc, task::spawn_blocking};

use crate::{
    Fault, Input, Release, Source,
    block::parse,
    files::InputFiles,
    plan::{Plan, TablePlan},
    reader::{self, Faults, Survey},
    registry::Registry,
    tables::{data_block, data_version, dataset_table},
    version::number,
};

/// The slug of the data set that has all occupations, and the name of its table of them.
const SPINE: (&str, &str) = ("onet", "occupations");
/// Share of its rows that a table may lose between two releases.
const MAX_LOST: f64 = 0.05;
/// Number of batches of rows that wait for the database while others are read.
const AHEAD: usize = 2;

/// Status that a sync gives the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A draft, which the endpoint does not show.
    Draft,
    /// What the world sees from now on.
    Published,
}

/// What is synced, and how.
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
    if let Some(rule) = options.accept.iter().find(|rule| !crate::fault::WAIVABLE.contains(&rule.as_str())) {
        let known = crate::fault::WAIVABLE.map(|rule| format!("`{rule}`")).join(", ");
        let message = format!("`{rule}` is not a rule that can be accepted; those are {known}.");
        return Err(Error::caller("UNKNOWN_RULE", message));
    }
    let content = catalog.content().clone();
    let mode = if options.target == Target::Published { Mode::Publish } else { Mode::Draft };
    let opened = options.clone();
    let read = spawn_blocking(move || opened_release(&source, &opened)).await.map_err(Error::internal)?;
    let (files, release) = match read {
        Ok(read) => read,
        Err(fault) => return Ok(Outcome::Refused(vec![fault])),
    };
    let before = manifest::current(db, &content, source.slug, mode).await?;
    let made: Vec<_> = registry.tables(source.slug).map(|table| (table.name(), table.format())).collect();
    let name = release.name.clone().unwrap_or_default();
    if let Some(before) = &before
        && *before.release == *name
        && manifest::is_of(before, &files, &made)
        && are_stored(db, before.tables.iter().filter_map(|table| number(&table.version)).collect()).await?
    {
        return Ok(Outcome::Unchanged { release: name });
    }
    let read = Arc::new((files, release));
    let spine = if source.slug == SPINE.0 { None } else { spine(db).await? };
    let mut faults = Faults::accepting(&options.accept);
    let mut plan = Plan {
        dataset: source.slug.to_owned(),
        before: before.as_ref().map(|before| before.release.to_string()),
        release: name,
        ..Plan::default()
    };
    let (mut surveys, mut occupations, mut known) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for (index, (table, _)) in made.iter().enumerate() {
        let version = before.as_ref().and_then(|before| before.tables.iter().find(|known| *known.name == **table));
        let stored = match version.and_then(|table| number(&table.version)) {
            Some(version) => {
                let reading = registry.tables(source.slug).nth(index).map(|table| table.before(db.clone(), version));
                match reading {
                    Some(reading) => reading.await?,
                    None => reader::Before::default(),
                }
            }
            None => reader::Before::default(),
        };
        known.extend(stored.occupations.iter().cloned());
        let (read, catalog, told) = (read.clone(), catalog.clone(), progress.clone());
        let surveyed = spawn_blocking(move || {
            let (files, release) = &*read;
            let registry: &Registry = catalog.of();
            let table = registry.tables(source.slug).nth(index);
            let survey = table.map(|table| {
                let tell = |more| told(table.name(), more);
                table.survey(&Input { files, release }, stored, &mut faults, &tell)
            });
            (survey.unwrap_or_else(|| Ok(Survey::default())), faults)
        });
        let (survey, noted) = surveyed.await.map_err(Error::internal)?;
        faults = noted;
        let survey = match survey {
            Ok(survey) => survey,
            // It made the rest unreadable, or there are many.
            Err(fault) => {
                faults.listed.push(fault);
                return Ok(Outcome::Refused(faults.listed));
            }
        };
        if let Some(fault) = lost(table, &survey)
            && let Err(fault) = faults.note(fault)
        {
            faults.listed.push(fault);
            return Ok(Outcome::Refused(faults.listed));
        }
        plan.tables.push(TablePlan {
            name: (*table).to_owned(),
            rows: survey.rows,
            added: survey.added,
            removed: survey.removed,
            changed: survey.changed,
            moves: survey.moves.clone(),
        });
        occupations.extend(survey.occupations.iter().cloned());
        surveys.push((*table, survey));
    }
    if !faults.listed.is_empty() {
        return Ok(Outcome::Refused(faults.listed));
    }
    plan.waived = faults.waived.into_iter().collect();
    plan.compare(&known, &occupations);
    plan.unjoined = spine.map(|spine| occupations.into_iter().filter(|code| !joins(&spine, code)).collect());
    if options.is_plan {
        return Ok(Outcome::Planned(plan));
    }
    let document = manifest::made(&content, (&source, &read.1, &read.0), &surveys, before, &options)?;
    plan.dropped =
        write(db, catalog, &content, (source.slug, read, &surveys), (document, mode, &options), progress).await?;
    Ok(Outcome::Synced(plan))
}

fn unknown(registry: &Registry, slug: &str) -> Error {
    let known = registry.sources().map(|source| format!("`{}`", source.slug)).collect::<Vec<_>>().join(", ");
    Error::caller("UNKNOWN_DATASET", format!("There is no data set `{slug}` to sync; the data sets are {known}."))
}

fn opened_release(source: &Source, options: &SyncOptions) -> Result<(InputFiles, Release), Fault> {
    let files = InputFiles::open(&options.paths)?;
    let mut release = (source.release)(&files)?;
    release.name = options.edition.clone().or(release.name);
    if release.name.as_deref().is_none_or(|name| name.trim().is_empty()) {
        let message = "no file tells which release this is; name it, such as `--edition 'May 2025'`";
        let first = files.all().next().map_or("", |file| file.name.as_str());
        return Err(Fault::of_file("unknown-release", first, message));
    }
    Ok((files, release))
}

/// Rule `lost-rows`: a table that has lost many rows is more often a broken file than what the publisher meant.
fn lost(table: &str, survey: &Survey) -> Option<Fault> {
    #[expect(clippy::cast_precision_loss, reason = "a share of rows")]
    let (had, has) = (survey.before as f64, survey.rows as f64);
    (has < had * (1.0 - MAX_LOST)).then(|| {
        let message = format!(
            "the table `{table}` had {had} rows and has {has}, more than 5 % less; if the publisher meant that, add `--accept lost-rows`"
        );
        let file = if survey.file.is_empty() { table } else { &survey.file };
        Fault::of_file("lost-rows", file, message)
    })
}

/// Tells whether the rows of all these versions are stored.
async fn are_stored(db: &Database, versions: Vec<i64>) -> Result<bool> {
    let asked: HashSet<_> = versions.iter().copied().collect();
    Ok(db.read(&stored(versions), |row| row.integer(0)).await?.len() == asked.len())
}

/// Those of these versions whose rows are stored.
fn stored(versions: Vec<i64>) -> SelectStatement {
    use data_version::Column::Version;
    Query::select().column(Version).from(data_version::Entity).and_where(Expr::col(Version).is_in(versions)).take()
}

/// The codes of all occupations, with their SOC codes; none where they were never synced.
async fn spine(db: &Database) -> Result<Option<HashSet<String>>> {
    use dataset_table::Column::{Dataset, Name, RevisionId, Version};
    let (dataset, table) = SPINE;
    let mut newest = Query::select();
    newest.column(Version).from(dataset_table::Entity).and_where(Expr::col(Dataset).eq(dataset));
    newest.and_where(Expr::col(Name).eq(table)).order_by(RevisionId, Order::Desc).limit(1);
    let Some(version) = db.read(&newest, |row| row.integer(0)).await?.pop() else { return Ok(None) };
    let mut blocks = Query::select();
    blocks.columns([data_block::Column::BlockKey, data_block::Column::Body]).from(data_block::Entity);
    blocks.and_where(Expr::col(data_block::Column::Version).eq(version));
    let text = |row: &SqlRow<'_>| Ok((row.required_text(0)?.to_owned(), row.required_text(1)?.to_owned()));
    let blocks = db.read(&blocks, text).await?;
    let mut codes = HashSet::new();
    for (key, body) in blocks {
        for row in parse::<serde_json::Value>(&body)? {
            let code = row.get("code").and_then(serde_json::Value::as_str).unwrap_or_default();
            codes.insert(code.to_owned());
        }
        codes.insert(key);
    }
    Ok(Some(codes))
}

/// Tells whether a code is that of an occupation, or of a group of occupations.
fn joins(spine: &HashSet<String>, code: &str) -> bool {
    spine.contains(code) || code.ends_with("-0000") || (code.ends_with('0') && code.len() == 7)
}

/// Writes what is new, and the manifest: one transaction. Number of versions that were dropped.
async fn write(
    db: &Database,
    catalog: &Arc<Catalog>,
    content: &ContentModel,
    (dataset, read, surveys): (&'static str, Arc<(InputFiles, Release)>, &[(&'static str, Survey)]),
    (document, mode, options): (kernel::document::CheckedDocument, Mode, &SyncOptions),
    progress: Arc<Progress>,
) -> Result<usize> {
    let mut import = ImportWithRows::begin(db, content, mode, &options.change).await?;
    let versions: Vec<_> = surveys.iter().map(|(_, survey)| survey.version).collect();
    let known: HashSet<i64> = import.read(&stored(versions.clone()), |row| row.integer(0)).await?.into_iter().collect();
    let (sender, mut batches) = mpsc::channel::<(Rows, &'static str, usize)>(AHEAD);
    let (catalog, new) = (catalog.clone(), known.clone());
    let asked: Vec<_> = surveys.iter().map(|(_, survey)| survey.version).collect();
    let writing = catalog.clone();
    let reader = spawn_blocking(move || {
        let (files, release) = &*read;
        let registry: &Registry = catalog.of();
        for (table, version) in registry.tables(dataset).zip(asked) {
            if new.contains(&version) {
                continue;
            }
            let mut sink = |rows, number| sender.blocking_send((rows, table.name(), number)).is_ok();
            table.write(&Input { files, release }, version, &mut sink)?;
        }
        Ok::<_, Fault>(())
    });
    for (name, survey) in surveys.iter().filter(|(_, survey)| !known.contains(&survey.version)) {
        import.insert(data_version::ActiveModel {
            version: Set(survey.version),
            dataset: Set(dataset.to_owned()),
            name: Set((*name).to_owned()),
            row_count: Set(i64::try_from(survey.rows).unwrap_or(i64::MAX)),
        });
    }
    while let Some((rows, table, number)) = batches.recv().await {
        import.append(rows);
        import.write_full().await?;
        progress(table, number);
    }
    let changed = |fault: Fault| {
        let message = format!("The files changed while they were read: {fault}. Run the command again.");
        Error::caller("FILE_CHANGED", message)
    };
    reader.await.map_err(Error::internal)?.map_err(changed)?;
    let dropped = drop_old(&mut import, &writing, dataset, &versions, options.keep).await?;
    import.commit(db, vec![document]).await?;
    Ok(dropped)
}

/// Deletes the rows of releases that are no longer kept. The manifests stay.
async fn drop_old(
    import: &mut ImportWithRows<'_>,
    catalog: &Arc<Catalog>,
    dataset: &'static str,
    new: &[i64],
    keep: usize,
) -> Result<usize> {
    use data_version::Column::{Dataset, Name, Version};
    let live = import.live_revisions("dataset", dataset, keep.saturating_sub(1)).await?;
    let mut of_live = Query::select();
    of_live.column(dataset_table::Column::Version).from(dataset_table::Entity);
    of_live.and_where(Expr::col(dataset_table::Column::RevisionId).is_in(live));
    let mut kept: HashSet<i64> = import.read(&of_live, |row| row.integer(0)).await?.into_iter().collect();
    kept.extend(new);
    let mut all = Query::select();
    all.columns([Version, Name]).from(data_version::Entity).and_where(Expr::col(Dataset).eq(dataset));
    let all = import.read(&all, |row| Ok((row.integer(0)?, row.required_text(1)?.to_owned()))).await?;
    let registry: &Registry = catalog.of();
    let mut dropped = 0;
    for (version, name) in all.into_iter().filter(|(version, _)| !kept.contains(version)) {
        let own = registry.tables(dataset).filter(|table| table.name() == name).flat_map(reader::AnyTable::tables);
        let [blocks, versions]: [DynIden; 2] = [data_block::Entity.into_iden(), data_version::Entity.into_iden()];
        for table in own.chain([blocks, versions]) {
            let mut delete = Query::delete();
            delete.from_table(table).and_where(Expr::col(Alias::new("version")).eq(version));
            import.delete(&delete).await?;
        }
        dropped += 1;
    }
    Ok(dropped)
}
