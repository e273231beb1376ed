//! The first reading of the files: what is wrong with them, and what differs from what is stored.
use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use kernel::{
    Error, Result,
    sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query},
    store::{Database, Row as SqlRow},
};
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::Run;
use crate::{
    DatasetProfile, Fault, Input, Layout,
    block::parse,
    fault::Faults,
    plan::{Plan, TablePlan},
    reader::{Before, Part, Survey},
    tables::{data_block, dataset_table},
    version::number,
};

/// The slug of the data set that has all occupations, and the name of its table of them.
const SPINE: (&str, &str) = ("onet", "occupations");
/// The same of the codes under which occupations are published together.
const GROUPS: (&str, &str) = ("soc-crosswalks", "bls");
/// Share of its rows that a table may lose between two releases.
const MAX_LOST: f64 = 0.05;

/// Outcome of the first reading.
pub(super) struct Surveyed {
    pub(super) plan: Plan,
    /// The tables, by name, in the order of their registration.
    pub(super) surveys: Vec<(&'static str, Survey)>,
}

/// Reads all tables of a release, and compares them with those of a manifest; the faults, where there are some.
pub(super) async fn survey(run: &Arc<Run>, before: Option<&DatasetProfile>) -> Result<Result<Surveyed, Vec<Fault>>> {
    let mut faults = Faults::accepting(&run.options.accept);
    let mut plan = Plan {
        dataset: run.source.slug.to_owned(),
        before: before.map(|before| before.release.to_string()),
        release: run.name().to_owned(),
        ..Plan::default()
    };
    let (mut surveys, mut known, mut occupations) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let tables: Vec<_> = run.registry().tables(run.source.slug).map(|table| (table.name(), table.layouts())).collect();
    if let Some(fault) = Layout::mixed(&tables.iter().map(|(_, layouts)| *layouts).collect::<Vec<_>>(), &run.files) {
        return Ok(Err(faults.with(fault)));
    }
    for (index, (name, layouts)) in tables.into_iter().enumerate() {
        let stored = stored(run, index, version_of(before, name)).await?;
        known.extend(stored.occupations.iter().cloned());
        let (survey, noted) = read(run.clone(), index, stored, faults).await?;
        faults = noted;
        let files = Given { run, before, layouts };
        let survey = survey.and_then(|survey| {
            files.lost(name, &survey).into_iter().try_for_each(|fault| faults.note(fault))?;
            // Where other faults keep rows away, the table is not as it will be.
            let empty = if faults.listed.is_empty() { files.empty(name, &survey) } else { None };
            empty.map_or(Ok(()), |fault| faults.note(fault))?;
            Ok(survey)
        });
        // It makes the rest unreadable, or there are many.
        let survey = match survey {
            Ok(survey) => survey,
            Err(fault) => return Ok(Err(faults.with(fault))),
        };
        plan.tables.push(of_table(name, &survey));
        files.tell(name, &survey, &mut plan);
        occupations.extend(survey.occupations.iter().cloned());
        surveys.push((name, survey));
    }
    if !faults.listed.is_empty() {
        return Ok(Err(faults.listed));
    }
    plan.unended = run.files.all().filter(|file| file.is_unended()).map(|file| file.shown.to_string()).collect();
    plan.waived = faults.waived.into_iter().collect();
    plan.compare(&known, &occupations);
    let spine = if run.source.slug == SPINE.0 { None } else { spine(&run.db).await? };
    plan.unjoined = spine.map(|spine| occupations.into_iter().filter(|code| !joins(&spine, code)).collect());
    Ok(Ok(Surveyed { plan, surveys }))
}

/// The version that a table has in a manifest.
fn version_of(before: Option<&DatasetProfile>, name: &str) -> Option<i64> {
    let table = before?.tables.iter().find(|table| *table.name == *name)?;
    number(&table.version)
}

/// The stored rows of a version of a table.
async fn stored(run: &Run, index: usize, version: Option<i64>) -> Result<Before> {
    let table = run.registry().tables(run.source.slug).nth(index);
    match table.zip(version) {
        Some((table, version)) => table.before(run.db.clone(), version).await,
        None => Ok(Before::default()),
    }
}

/// Reads a table on another thread.
async fn read(
    run: Arc<Run>,
    index: usize,
    stored: Before,
    mut faults: Faults,
) -> Result<(Result<Survey, Fault>, Faults)> {
    let reading = spawn_blocking(move || {
        let Some(table) = run.registry().tables(run.source.slug).nth(index) else {
            return (Ok(Survey::default()), faults);
        };
        let tell = |more| (run.progress)(table.name(), more);
        let input = Input { files: &run.files, release: &run.release };
        (table.survey(&input, stored, &mut faults, &tell), faults)
    });
    reading.await.map_err(Error::internal)
}

fn of_table(name: &str, survey: &Survey) -> TablePlan {
    TablePlan {
        name: name.to_owned(),
        rows: survey.rows,
        added: survey.added,
        removed: survey.removed,
        changed: survey.changed,
        figure: survey.figure,
        moves: survey.moves.clone(),
    }
}

/// The files of a table that are given, held against those that its layout has.
struct Given<'r> {
    run: &'r Run,
    before: Option<&'r DatasetProfile>,
    layouts: &'static [Layout],
}

impl Given<'_> {
    /// Rule `lost-rows`: a table that has lost many rows is more often a broken file than what the publisher meant.
    fn lost(&self, table: &str, survey: &Survey) -> Vec<Fault> {
        if self.may_shrink(survey) {
            return Vec::new();
        }
        let lost = survey.parts.iter().filter(|(_, part)| has_lost(part));
        lost.map(|(name, part)| self.lost_part(table, (name, part), survey)).collect()
    }

    /// Rule `empty-table`: the fault of a table whose files are there, and that has no row.
    fn empty(&self, table: &str, survey: &Survey) -> Option<Fault> {
        let is_empty = survey.rows == 0 && self.absent().is_empty() && !self.is_dropped();
        is_empty.then(|| {
            let first = Layout::given(self.layouts, &self.run.files).first().copied();
            let file = first.or_else(|| self.run.files.all().next()).map_or(table, |file| &file.name);
            Fault::of_file("empty-table", file, format!("the table `{table}` has no rows; the file may be cut off"))
        })
    }

    fn lost_part(&self, table: &str, (name, part): (&str, &Part), survey: &Survey) -> Fault {
        let missed = if part.rows == 0 { self.missed() } else { Vec::new() };
        let known = [part].into_iter().chain(survey.parts.values()).map(|part| &*part.file);
        let file = missed.first().map(String::as_str).or_else(|| known.into_iter().find(|file| !file.is_empty()));
        let reason = match &missed[..] {
            [] => String::new(),
            [file] => format!(", as `{file}` is not given"),
            files => format!(", as one of the files `{}` is not given", files.join("`, `")),
        };
        let of = if survey.parts.len() > 1 { format!(" of `{name}`") } else { String::new() };
        let message = format!(
            "the table `{table}` had {} rows{of} and has {}, more than 5 % less{reason}; if the publisher meant that, add `--accept lost-rows`",
            part.before, part.rows
        );
        Fault::of_file("lost-rows", file.unwrap_or(table), message)
    }

    /// Tells what a layout explains.
    fn tell(&self, table: &str, survey: &Survey, plan: &mut Plan) {
        if self.is_dropped() && survey.rows == 0 && survey.removed > 0 {
            plan.ended.push((table.to_owned(), survey.removed));
        }
        let absent = self.absent().into_iter().filter(|file| !plan.absent.contains(file)).collect::<Vec<_>>();
        plan.absent.extend(absent);
    }

    /// Tells whether the publisher has fewer rows in this release than in the one before: fewer, or none where the table was dropped.
    fn may_shrink(&self, survey: &Survey) -> bool {
        let is_known =
            self.before.is_some_and(|before| Layout::lets_shrink(self.layouts, &before.release, self.run.name()));
        is_known && (survey.rows > 0 || self.is_dropped())
    }

    fn is_dropped(&self) -> bool {
        Layout::is_dropped(self.layouts, self.run.name(), &self.run.files)
    }

    fn missed(&self) -> Vec<String> {
        let files = self.before.map(|before| &before.files[..]).unwrap_or_default();
        let before: Vec<_> = files.iter().map(|file| &*file.name).collect();
        Layout::missed(self.layouts, self.run.name(), &self.run.files, &before)
    }

    fn absent(&self) -> Vec<String> {
        Layout::absent(self.layouts, self.run.name(), &self.run.files)
    }
}

fn has_lost(part: &Part) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "a share of rows")]
    let (before, rows) = (part.before as f64, part.rows as f64);
    rows < before * (1.0 - MAX_LOST)
}

/// The codes of all occupations, with their SOC codes and those under which they are published; none where they were never synced.
async fn spine(db: &Database) -> Result<Option<HashSet<String>>> {
    let mut codes = newest_codes(db, SPINE, "code").await?;
    if let Some(codes) = &mut codes {
        codes.extend(newest_codes(db, GROUPS, "bls").await?.unwrap_or_default());
    }
    Ok(codes)
}

/// The codes in a field of the rows of the newest release of a table, and the keys of its blocks.
async fn newest_codes(db: &Database, (dataset, table): (&str, &str), field: &str) -> Result<Option<HashSet<String>>> {
    use dataset_table::Column::{Dataset, Name, RevisionId, Version};
    let mut newest = Query::select();
    newest.column(Version).from(dataset_table::Entity).and_where(Expr::col(Dataset).eq(dataset));
    newest.and_where(Expr::col(Name).eq(table)).order_by(RevisionId, Order::Desc).limit(1);
    let Some(version) = db.read(&newest, |row| row.integer(0)).await?.pop() else { return Ok(None) };
    let mut blocks = Query::select();
    blocks.columns([data_block::Column::BlockKey, data_block::Column::Body]).from(data_block::Entity);
    blocks.and_where(Expr::col(data_block::Column::Version).eq(version));
    let block =
        |row: &SqlRow<'_>| Ok((row.required_text(0)?.to_owned(), parse::<Value>(row.bytes(1)?.unwrap_or_default())?));
    let mut codes = HashSet::new();
    for (key, rows) in db.read(&blocks, block).await? {
        codes.extend(rows.iter().filter_map(|row| row.get(field)?.as_str()).map(str::to_owned));
        codes.insert(key);
    }
    Ok(Some(codes))
}

/// Tells whether a code is that of an occupation, or of a group of occupations.
fn joins(spine: &HashSet<String>, code: &str) -> bool {
    spine.contains(code) || (code.ends_with('0') && code.len() == 7)
}
