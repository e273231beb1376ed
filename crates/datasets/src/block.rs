//! Blocks: the rows of a table that are read together. All blocks that a request asks for at once, of whatever tables, are loaded by one
//! statement.
use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    fmt, hash,
    io::{Read as _, Write as _},
    sync::Arc,
};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use futures_util::future::BoxFuture;
use kernel::{
    BatchKey, BatchValues, Entry, Error, Kind as _, Loaders, Perspective, Request, Result, Tags,
    sea_orm::sea_query::{
        Alias, Cond, DynIden, Expr, ExprTrait as _, IntoIden as _, JoinType, Query, SelectStatement, UnionType,
    },
    store::Row as SqlRow,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    DataTable, Dataset,
    tables::{data_block, data_version, dataset_table},
};

/// The rows that a perspective shows of a table for one key.
#[derive(Clone, Debug)]
pub struct Block<R> {
    /// The data set, at the release that is shown.
    pub dataset: Dataset,
    /// The rows; none where the release has nothing for the key.
    pub rows: Arc<Vec<R>>,
}

/// The block of a table with this key. None where the perspective shows no release of the data set, or the release has no such table.
pub async fn block<T: DataTable>(loaders: &Loaders, key: &str) -> Result<Option<Block<T::Row>>> {
    let key = BlockKey {
        dataset: T::DATASET,
        table: T::NAME,
        perspective: perspective::<T>,
        key: key.into(),
        parse: |body| parse::<T::Row>(body).map(|rows| Arc::new(rows) as AnyRows),
    };
    let Some(known) = known(loaders, key).await? else { return Ok(None) };
    let rows = match known.rows {
        None => Arc::default(),
        Some(rows) => {
            rows.downcast::<Vec<T::Row>>().map_err(|_| Error::internal("two types share a table of a data set"))?
        }
    };
    Ok(Some(Block { dataset: Dataset::new(known.dataset), rows }))
}

/// The table as the perspective shows it: boxed here, so that no other crate compiles how blocks are loaded.
fn known(loaders: &Loaders, key: BlockKey) -> BoxFuture<'_, Result<Option<Known>>> {
    Box::pin(async move {
        let (dataset, table) = (key.dataset, key.table);
        let known = loaders.load(key).await?;
        let is_dropped = known.as_ref().is_some_and(|known| !known.is_kept);
        if is_dropped { Err(dropped(dataset, table)) } else { Ok(known) }
    })
}

/// Perspective in which a release of a table is looked for. Lists are made of published rows where a draft is previewed, and so are tables
/// that lists are made by: what they name has to be there.
fn perspective<T: DataTable>(request: &Request) -> Perspective {
    if T::LASTS { request.perspective().of_lists() } else { request.perspective() }
}

/// Size from which on the text of a block is compressed, in bytes.
const COMPRESSED: usize = 400;

/// The body of a block of these rows: a JSON array, compressed where it is long. The two are told apart by their first byte.
pub(crate) fn body<R: Serialize>(rows: &[R]) -> Vec<u8> {
    let text = serde_json::to_vec(rows).unwrap_or_default();
    if text.len() < COMPRESSED {
        return text;
    }
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(text.len() / 3), Compression::fast());
    // Writing to memory does not fail.
    let written = encoder.write_all(&text).and_then(|()| encoder.finish());
    written.unwrap_or(text)
}

/// The rows of the body of a block.
pub(crate) fn parse<R: DeserializeOwned>(body: &[u8]) -> Result<Vec<R>> {
    if body.first() == Some(&b'[') {
        return serde_json::from_slice(body).map_err(Error::internal);
    }
    let mut text = Vec::with_capacity(4 * body.len());
    ZlibDecoder::new(body).read_to_end(&mut text).map_err(Error::internal)?;
    serde_json::from_slice(&text).map_err(Error::internal)
}

/// The error of a request for rows that are no longer, or not yet, stored.
pub(crate) fn dropped(dataset: &str, table: &str) -> Error {
    let message = format!(
        "The rows of the table `{table}` in this release of the data set `{dataset}` are not stored: they were dropped, or never synced to this \
         database. Ask for a newer release, or sync the files of this one again."
    );
    Error::caller("DATA_NOT_KEPT", message)
}

/// A table as a perspective shows it, and the rows of one key in it.
#[derive(Clone)]
pub(crate) struct Known {
    /// The data set.
    dataset: Entry,
    /// True where the rows of the release are stored.
    is_kept: bool,
    bytes: usize,
    rows: Option<AnyRows>,
}

/// Rows of a block, of whatever type.
pub(crate) type AnyRows = Arc<dyn Any + Send + Sync>;

/// Key of a block: a table, and the key in it.
#[derive(Clone)]
struct BlockKey {
    dataset: &'static str,
    table: &'static str,
    /// Perspective in which the release is looked for: no part of the question.
    perspective: fn(&Request) -> Perspective,
    key: Arc<str>,
    /// Makes rows of the text: no part of the question.
    parse: fn(&[u8]) -> Result<AnyRows>,
}

impl BlockKey {
    fn question(&self) -> (&'static str, &'static str, &str) {
        (self.dataset, self.table, &self.key)
    }
}

impl PartialEq for BlockKey {
    fn eq(&self, other: &Self) -> bool {
        self.question() == other.question()
    }
}

impl Eq for BlockKey {}

impl hash::Hash for BlockKey {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.question().hash(state);
    }
}

impl fmt::Debug for BlockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.question().fmt(f)
    }
}

impl BatchKey for BlockKey {
    type Answer = Known;

    fn weight(&self, known: Option<&Known>) -> usize {
        // Rows take about twelve times the space of their compressed text.
        200 + self.key.len() + known.map_or(0, |known| 12 * known.bytes)
    }

    fn tags(&self, _known: Option<&Known>, tags: &mut Tags) {
        tags.entry(Dataset::NAME, self.dataset);
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let mut asked: BTreeMap<(&'static str, &'static str), Vec<&Self>> = BTreeMap::new();
            for key in &keys {
                asked.entry((key.dataset, key.table)).or_default().push(key);
            }
            let Some(select) = statement(&request, &asked) else { return Ok(BatchValues::default()) };
            let by_question: HashMap<_, _> = keys.iter().map(|key| (key.question(), key)).collect();
            let found = request.read(&select, |row| read(row, &by_question)).await?;
            let mut known: HashMap<(String, String), Known> = HashMap::new();
            let mut blocks = BatchValues::<Self>::default();
            for Found { dataset, table, entry, is_kept, block } in found {
                let empty = Known { dataset: entry.clone(), is_kept, bytes: 0, rows: None };
                known.entry((dataset, table)).or_insert(empty);
                if let Some((key, bytes, rows)) = block {
                    blocks.insert(key, Known { dataset: entry, is_kept, bytes, rows: Some(rows) });
                }
            }
            // A table without the key says so.
            for key in &keys {
                if let Some(empty) = known.get(&(key.dataset.to_owned(), key.table.to_owned())) {
                    blocks.entry(key.clone()).or_insert_with(|| empty.clone());
                }
            }
            Ok(blocks)
        })
    }
}

/// A row of the statement.
struct Found {
    dataset: String,
    table: String,
    entry: Entry,
    is_kept: bool,
    block: Option<(BlockKey, usize, AnyRows)>,
}

fn read(row: &SqlRow<'_>, keys: &HashMap<(&str, &str, &str), &BlockKey>) -> Result<Found> {
    let (dataset, table) = (row.required_text(0)?.to_owned(), row.required_text(1)?.to_owned());
    let entry = Entry::new(Dataset::NAME, row.integer(2)?, dataset.clone(), row.integer(3)?);
    let is_kept = row.integer(4)? != 0;
    let block = match (row.text(5)?, row.bytes(6)?) {
        (Some(key), Some(body)) => {
            let asked = keys.get(&(&*dataset, &*table, key)).copied();
            asked.map(|asked| Ok::<_, Error>((asked.clone(), body.len(), (asked.parse)(body)?))).transpose()?
        }
        _ => None,
    };
    Ok(Found { dataset, table, entry, is_kept, block })
}

/// One statement for the blocks of all tables: an arm for each table, so that each finds its rows by their primary key.
fn statement(
    request: &Request,
    asked: &BTreeMap<(&'static str, &'static str), Vec<&BlockKey>>,
) -> Option<SelectStatement> {
    let mut arms = asked.iter().map(|((dataset, table), keys)| {
        let perspective = keys.first().map_or(request.perspective(), |key| (key.perspective)(request));
        let keys: Vec<_> = keys.iter().map(|key| &*key.key).collect();
        arm(perspective, dataset, table, &keys)
    });
    let mut select = arms.next()?;
    for arm in arms {
        select.union(UnionType::All, arm);
    }
    Some(select)
}

fn arm(perspective: Perspective, dataset: &str, table: &str, keys: &[&str]) -> SelectStatement {
    use data_block::Column::{BlockKey as Key, Body, Version as OfVersion};
    use dataset_table::Column::{Dataset as OfDataset, EntryId, Name, RevisionId, Version};
    let [pointers, entries, versions, blocks]: [DynIden; 4] =
        ["d", "e", "v", "b"].map(|alias| Alias::new(alias).into_iden());
    let pointer = |column: dataset_table::Column| Expr::col((pointers.clone(), column));
    let block = |column: data_block::Column| Expr::col((blocks.clone(), column));
    let kept = Expr::col((versions.clone(), data_version::Column::Version));
    let mut select = Query::select();
    select.exprs([pointer(OfDataset), pointer(Name), pointer(EntryId), pointer(RevisionId)]);
    select.expr(Expr::case(kept.clone().is_null(), 0).finally(1).cast_as("bigint"));
    select.exprs([block(Key), block(Body)]);
    select.from_as(dataset_table::Entity, pointers.clone());
    perspective.join_visible(&mut select, &entries, pointer(EntryId), pointer(RevisionId));
    select.join_as(
        JoinType::LeftJoin,
        data_version::Entity,
        versions.clone(),
        Cond::all().add(kept.eq(pointer(Version))),
    );
    select.join_as(
        JoinType::LeftJoin,
        data_block::Entity,
        blocks.clone(),
        Cond::all().add(block(OfVersion).eq(pointer(Version))).add(block(Key).is_in(keys.iter().copied())),
    );
    select.and_where(pointer(OfDataset).eq(dataset)).and_where(pointer(Name).eq(table));
    select
}
