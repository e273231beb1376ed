//! Tables as the sync knows them, whatever their rows are.
use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    marker::PhantomData,
    sync::Arc,
};

use futures_util::future::BoxFuture;
use kernel::{
    Result,
    sea_orm::{
        ActiveValue::Set,
        sea_query::{DynIden, Expr, ExprTrait as _, Order, Query, SelectStatement},
    },
    store::{Database, Row as SqlRow, Rows},
};
use sha2::{Digest as _, Sha256};

use crate::{
    DataTable, Fault, Input, Layout, Place, Reading, Row,
    block::{body, parse},
    fault::Faults,
    plan::{Move, Moves},
    tables::data_block,
};

/// Number of rows that are handed to the database at once.
const BATCH: usize = 2_000;
/// Number of blocks that are read back at once.
const BLOCKS: u64 = 200;
/// Maximum number of rows of a table that is kept between the two readings.
const SMALL: usize = 5_000;
/// Maximum size of the key of a row, in bytes. Postgres indexes less than 2,700 bytes, and folding can make a text longer.
const MAX_KEY: usize = 1_000;

/// Rows of a version that is stored: a digest of each, by a digest of its key, and the figure by which changes are measured.
#[derive(Default)]
pub(crate) struct Before {
    rows: HashMap<u64, (u64, f32)>,
    parts: HashMap<String, usize>,
    pub(crate) occupations: BTreeSet<String>,
}

/// Outcome of the reading of a table.
#[derive(Default)]
pub(crate) struct Survey {
    /// Version of the rows, by a digest of all of them in whatever order.
    pub(crate) version: i64,
    pub(crate) rows: usize,
    pub(crate) added: usize,
    pub(crate) removed: usize,
    pub(crate) changed: usize,
    /// The parts of the table, by name.
    pub(crate) parts: BTreeMap<String, Part>,
    /// The name of its figure.
    pub(crate) figure: &'static str,
    pub(crate) moves: Vec<Move>,
    pub(crate) occupations: BTreeSet<String>,
    pub(crate) format: i32,
    /// The rows of a small table, which are not read again.
    rows_read: Option<Box<dyn Any + Send + Sync>>,
}

/// Part of a table.
#[derive(Default)]
pub(crate) struct Part {
    /// Number of its rows that are stored.
    pub(crate) before: usize,
    pub(crate) rows: usize,
    /// The file of its first row; empty where it has no rows.
    pub(crate) file: Arc<str>,
}

/// Takes rows on their way to the database; false where nobody waits for them any more.
pub(crate) type Sink<'a> = dyn FnMut(Rows, usize) -> bool + 'a;

/// A table of a data set.
pub(crate) trait AnyTable: Send + Sync {
    fn dataset(&self) -> &'static str;
    fn name(&self) -> &'static str;
    fn format(&self) -> i32;
    fn layouts(&self) -> &'static [Layout];
    /// True where rows of old releases stay.
    fn lasts(&self) -> bool;
    /// The module's own tables.
    fn tables(&self) -> Vec<DynIden>;
    /// Reads the rows back that are stored of a version.
    fn before(&self, db: Database, version: i64) -> BoxFuture<'static, Result<Before>>;
    /// Reads and checks the rows of files, and compares them with those before.
    fn survey(
        &self,
        input: &Input<'_>,
        before: Before,
        faults: &mut Faults,
        progress: &dyn Fn(usize),
    ) -> Result<Survey, Fault>;
    /// Makes the rows for the database: those of a small table as they were read, others read again.
    fn write(&self, input: &Input<'_>, survey: &Survey, sink: &mut Sink<'_>) -> Result<(), Fault>;
}

/// A registered table.
pub(crate) struct Registered<T>(PhantomData<fn() -> T>);

impl<T> Default for Registered<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// The first 64 bits of the digest of a text.
fn short(text: &[u8]) -> u64 {
    let digest = Sha256::digest(text);
    u64::from_be_bytes(std::array::from_fn(|index| digest[index]))
}

fn json(row: &impl Row) -> Vec<u8> {
    serde_json::to_vec(row).unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, reason = "changes are told with three digits")]
fn figure(row: &impl Row) -> f32 {
    row.figure().map_or(f32::NAN, |figure| figure as f32)
}

impl<T: DataTable> AnyTable for Registered<T> {
    fn dataset(&self) -> &'static str {
        T::DATASET
    }

    fn name(&self) -> &'static str {
        T::NAME
    }

    fn format(&self) -> i32 {
        T::FORMAT
    }

    fn layouts(&self) -> &'static [Layout] {
        T::LAYOUTS
    }

    fn lasts(&self) -> bool {
        T::LASTS
    }

    fn tables(&self) -> Vec<DynIden> {
        T::tables()
    }

    fn before(&self, db: Database, version: i64) -> BoxFuture<'static, Result<Before>> {
        Box::pin(async move {
            let mut before = Before::default();
            let mut after: Option<String> = None;
            loop {
                let (rows, last) = match T::stored(version, after.as_deref()) {
                    Some(select) => {
                        let rows = db.read(&select, T::stored_row).await?;
                        let last = rows.last().map(|row| row.key().into_owned());
                        (rows, last)
                    }
                    None => blocks::<T::Row>(&db, version, after.as_deref()).await?,
                };
                for row in rows {
                    before.rows.insert(short(row.key().as_bytes()), (short(&json(&row)), figure(&row)));
                    match before.parts.get_mut(&*row.part()) {
                        Some(number) => *number += 1,
                        None => _ = before.parts.insert(row.part().into_owned(), 1),
                    }
                    note(&mut before.occupations, &row);
                }
                if last.is_none() {
                    return Ok(before);
                }
                after = last;
            }
        })
    }

    fn survey(
        &self,
        input: &Input<'_>,
        mut before: Before,
        faults: &mut Faults,
        progress: &dyn Fn(usize),
    ) -> Result<Survey, Fault> {
        let stored = |(name, before)| (name, Part { before, ..Part::default() });
        let parts = std::mem::take(&mut before.parts).into_iter().map(stored).collect();
        let mut survey = Survey { parts, format: T::FORMAT, figure: T::Row::FIGURE, ..Survey::default() };
        let (mut seen, mut sums, mut moves) = (Seen::default(), [0_u64; 2], Moves::default());
        let mut small = Some(Vec::new());
        let faults = std::cell::RefCell::new(faults);
        let mut take = |row: T::Row, place: Place| {
            let key = row.key();
            let hash = short(key.as_bytes());
            if key.len() > MAX_KEY {
                let message = format!(
                    "what tells the row apart has {} bytes, more than the {MAX_KEY} that a database can look up",
                    key.len()
                );
                return faults.borrow_mut().note(Fault::new("malformed-value", place, message));
            }
            if let Some(first) = seen.note(hash, &place) {
                let message = format!(
                    "the row `{key}` stands in line {} of {} already; a release has each row once",
                    first.1, first.0
                );
                return faults.borrow_mut().note(Fault::new("duplicate-row", place, message));
            }
            let json = json(&row);
            let digest = Sha256::digest(&json);
            for (sum, part) in sums.iter_mut().zip(digest.chunks(8)) {
                *sum = sum.wrapping_add(u64::from_be_bytes(std::array::from_fn(|index| part[index])));
            }
            match before.rows.remove(&hash) {
                None => survey.added += 1,
                Some((known, _)) if known == short(&json) => {}
                Some((_, was)) => {
                    survey.changed += 1;
                    moves.note(&key, was, figure(&row));
                }
            }
            note(&mut survey.occupations, &row);
            match survey.parts.get_mut(&*row.part()) {
                Some(part) if part.rows > 0 => part.rows += 1,
                _ => {
                    let part = survey.parts.entry(row.part().into_owned()).or_default();
                    (part.rows, part.file) = (1, place.file);
                }
            }
            survey.rows += 1;
            small = small.take().filter(|rows| rows.len() < SMALL);
            if let Some(rows) = &mut small {
                rows.push(row);
            }
            if survey.rows.is_multiple_of(BATCH) {
                progress(BATCH);
            }
            Ok(())
        };
        let mut fault = |fault| faults.borrow_mut().note(fault);
        T::read(input, &mut Reading::new(&mut take, &mut fault))?;
        survey.removed = before.rows.len();
        survey.moves = moves.largest();
        survey.rows_read = small.map(|rows| Box::new(rows) as _);
        let mut all = Sha256::new();
        let name = format!("{} {} {} {}", T::DATASET, T::NAME, T::FORMAT, survey.rows);
        all.update(name.as_bytes());
        for sum in sums {
            all.update(sum.to_be_bytes());
        }
        let digest = all.finalize();
        // 63 bits, which an integer of a database holds.
        survey.version = i64::from_be_bytes(std::array::from_fn(|index| digest[index])) & i64::MAX;
        Ok(survey)
    }

    fn write(&self, input: &Input<'_>, survey: &Survey, sink: &mut Sink<'_>) -> Result<(), Fault> {
        let (version, mut rows, mut number) = (survey.version, Rows::default(), 0);
        let mut blocks: BTreeMap<String, Vec<T::Row>> = BTreeMap::new();
        let stopped = || Fault::new("stopped", Place::default(), "the database takes no more rows");
        let mut take = |row: T::Row| {
            T::project(&row, version, &mut rows);
            if T::IN_BLOCKS {
                blocks.entry(row.block().into_owned()).or_default().push(row);
            }
            number += 1;
            if number == BATCH {
                number = 0;
                return if sink(std::mem::take(&mut rows), BATCH) { Ok(()) } else { Err(stopped()) };
            }
            Ok(())
        };
        match survey.rows_read.as_ref().and_then(|rows| rows.downcast_ref::<Vec<T::Row>>()) {
            Some(rows) => rows.iter().cloned().try_for_each(take)?,
            None => T::read(input, &mut Reading::new(&mut |row, _| take(row), &mut |_| Ok(())))?,
        }
        let mut size = 0;
        for (key, block) in blocks {
            let body = body(&block);
            size += body.len();
            rows.insert(data_block::ActiveModel { version: Set(version), block_key: Set(key), body: Set(body) });
            if size > 1 << 20 {
                size = 0;
                if !sink(std::mem::take(&mut rows), 0) {
                    return Err(stopped());
                }
            }
        }
        if sink(rows, number) { Ok(()) } else { Err(stopped()) }
    }
}

fn note(occupations: &mut BTreeSet<String>, row: &impl Row) {
    if let Some(code) = row.occupation().filter(|code| !occupations.contains(*code)) {
        occupations.insert(code.to_owned());
    }
}

/// The rows of some blocks of a version, after this key; and the key after which others follow.
async fn blocks<R: Row>(db: &Database, version: i64, after: Option<&str>) -> Result<(Vec<R>, Option<String>)> {
    let block =
        |row: &SqlRow<'_>| Ok((row.required_text(0)?.to_owned(), parse::<R>(row.bytes(1)?.unwrap_or_default())?));
    let found = db.read(&some_blocks(version, after), block).await?;
    let last = found.last().map(|(key, _)| key.clone());
    Ok((found.into_iter().flat_map(|(_, rows)| rows).collect(), last))
}

fn some_blocks(version: i64, after: Option<&str>) -> SelectStatement {
    use data_block::Column::{BlockKey, Body, Version};
    let mut select = Query::select();
    select.columns([BlockKey, Body]).from(data_block::Entity).and_where(Expr::col(Version).eq(version));
    if let Some(after) = after {
        select.and_where(Expr::col(BlockKey).gt(after));
    }
    select.order_by(BlockKey, Order::Asc).limit(BLOCKS);
    select
}

/// Places where the rows of a table stand, by digests of their keys.
#[derive(Default)]
struct Seen {
    files: Vec<Arc<str>>,
    /// The file, by its index, and the line.
    rows: HashMap<u64, (usize, u64)>,
}

impl Seen {
    /// Notes a row; the file and the line of the same row, where there is one already.
    fn note(&mut self, key: u64, place: &Place) -> Option<(&str, u64)> {
        if self.files.last() != Some(&place.file) {
            self.files.push(place.file.clone());
        }
        match self.rows.entry(key) {
            Entry::Occupied(first) => {
                let (file, line) = *first.get();
                Some((&self.files[file], line))
            }
            Entry::Vacant(row) => {
                row.insert((self.files.len() - 1, place.line));
                None
            }
        }
    }
}
