//! Rows of wages: all that a request asks for at once is loaded by one statement.
use std::{collections::BTreeSet, sync::Arc};

use datasets::{DataTable as _, Dataset, beside, ensure_kept, version_in, visible};
use futures_util::future::BoxFuture;
use kernel::{BatchKey, BatchValues, Entry, Kind as _, Request, Result, Tags, list::enum_names, store::Row};
use occupations::{BlsCodes, occupation_bls};
use places::{PlaceKind, Places, place_row, place_within};
use sea_orm::sea_query::{
    Alias, DynIden, Expr, ExprTrait as _, IntoIden, JoinType, SelectStatement, SimpleExpr, UnionType,
};

use crate::{
    Wage, Wages,
    oews::{
        DATASET,
        wages::{COLUMNS, row_at, wage},
    },
};

/// The wages of an occupation in a place, or in the narrowest wider place that has some.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct WageIn {
    pub(crate) soc: Arc<str>,
    pub(crate) place: Arc<str>,
}

/// The wages of an occupation in these places; in all where none are named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct WagesOf {
    pub(crate) soc: Arc<str>,
    pub(crate) places: Option<Vec<Arc<str>>>,
}

/// Number of columns before the row: the SOC code and the place that were asked for, the number of steps to a wider place, kind and name
/// of the place, the data set's entry and revision.
const BEFORE: usize = 7;

/// A row of wages, and what it answers.
struct Found {
    soc: Arc<str>,
    place: Arc<str>,
    step: i64,
    /// Kind and name of the place, by which wages are sorted.
    kind: usize,
    name: String,
    wage: Wage,
}

impl Found {
    /// Tells whether the row is of the occupation itself, and not of the group that it is published with.
    fn is_of_group(&self) -> bool {
        *self.soc != *self.wage.row.code
    }
}

impl BatchKey for WageIn {
    type Answer = Wage;

    fn weight(&self, _wage: Option<&Wage>) -> usize {
        600
    }

    fn tags(&self, _wage: Option<&Wage>, tags: &mut Tags) {
        depends(tags);
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let socs: BTreeSet<_> = keys.iter().map(|key| &*key.soc).collect();
            let places: BTreeSet<_> = keys.iter().map(|key| &*key.place).collect();
            let is_in = |within: &DynIden| column(within, place_within::Column::Place).is_in(places.iter().copied());
            let mut found = rows(&request, &socs, is_in).await?;
            // Wages of the narrowest place that has some; of the group only where the occupation has no row. Where occupations of O*NET under
            // one SOC code are published with several groups, the first by code.
            found.sort_by(|one, other| {
                let key = |found: &Found| (found.is_of_group(), !found.wage.row.has_wage(), found.step);
                key(one).cmp(&key(other)).then_with(|| one.wage.row.code.cmp(&other.wage.row.code))
            });
            let mut answers = BatchValues::default();
            for Found { soc, place, wage, .. } in found {
                answers.entry(Self { soc, place }).or_insert(wage);
            }
            Ok(answers)
        })
    }
}

impl BatchKey for WagesOf {
    type Answer = Arc<[Wage]>;

    fn weight(&self, wages: Option<&Arc<[Wage]>>) -> usize {
        200 + 500 * wages.map_or(0, |wages| wages.len())
    }

    fn tags(&self, _wages: Option<&Arc<[Wage]>>, tags: &mut Tags) {
        depends(tags);
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let socs: BTreeSet<_> = keys.iter().map(|key| &*key.soc).collect();
            // One that asks for all places asks for those of the others, too.
            let named: Option<Vec<_>> = keys.iter().map(|key| key.places.as_ref()).collect();
            let named: Option<BTreeSet<_>> =
                named.map(|named| named.into_iter().flatten().map(|place| &**place).collect());
            let admits = |within: &DynIden| {
                let is_itself = column(within, place_within::Column::Step).eq(0);
                let is_named = named
                    .as_ref()
                    .map(|named| column(within, place_within::Column::Place).is_in(named.iter().copied()));
                is_named.map_or(is_itself.clone(), |is_named| is_itself.and(is_named))
            };
            let mut found = rows(&request, &socs, admits).await?;
            found.sort_by(|one, other| {
                let key = |found: &Found| (found.kind, found.is_of_group());
                (one.kind, &one.name, &one.place)
                    .cmp(&(other.kind, &other.name, &other.place))
                    .then(key(one).cmp(&key(other)))
                    .then_with(|| one.wage.row.code.cmp(&other.wage.row.code))
            });
            let mut answers = BatchValues::default();
            for key in keys {
                let is_asked = |found: &&Found| {
                    found.soc == key.soc && key.places.as_ref().is_none_or(|places| places.contains(&found.place))
                };
                let mut of: Vec<_> = found.iter().filter(is_asked).collect();
                of.dedup_by(|next, first| next.place == first.place);
                answers.insert(key.clone(), of.into_iter().map(|found| found.wage.clone()).collect());
            }
            Ok(answers)
        })
    }
}

fn depends(tags: &mut Tags) {
    tags.entry(Dataset::NAME, DATASET);
    tags.entry(Dataset::NAME, BlsCodes::DATASET);
}

fn column(alias: &DynIden, column: impl IntoIden) -> SimpleExpr {
    Expr::col((alias.clone(), column.into_iden()))
}

/// The rows of these SOC codes, and of the groups that they are published with, in the places that a condition admits and the wider ones.
async fn rows(request: &Request, socs: &BTreeSet<&str>, admits: impl Fn(&DynIden) -> SimpleExpr) -> Result<Vec<Found>> {
    let mut select = arm(request, &admits, |_, wages| {
        let code = column(wages, wage::Column::Code);
        (code.clone(), code.is_in(socs.iter().copied()))
    });
    select.union(
        UnionType::All,
        arm(request, &admits, |select, wages| {
            use occupation_bls::Column::{Bls, Soc, Version};
            let codes: DynIden = Alias::new("c").into_iden();
            let is_published = column(&codes, Bls).eq(column(wages, wage::Column::Code));
            let is_current = column(&codes, Version).eq(version_in::<BlsCodes>(request));
            select.distinct();
            select.join_as(JoinType::InnerJoin, occupation_bls::Entity, codes.clone(), is_published.and(is_current));
            let is_group = column(&codes, Bls).ne(column(&codes, Soc));
            (column(&codes, Soc), column(&codes, Soc).is_in(socs.iter().copied()).and(is_group))
        }),
    );
    let found = request.read(&select, read).await?;
    if found.is_empty() {
        ensure_kept::<Wages>(request).await?;
    }
    Ok(found)
}

/// Rows of wages whose code a condition admits, and what they answer.
fn arm(
    request: &Request,
    admits: &impl Fn(&DynIden) -> SimpleExpr,
    of: impl FnOnce(&mut SelectStatement, &DynIden) -> (SimpleExpr, SimpleExpr),
) -> SelectStatement {
    let (mut select, pointer) = visible::<Places>(request);
    let version = beside::<Wages>(&mut select, &pointer);
    let [within, places, wages]: [DynIden; 3] = ["x", "p", "w"].map(|alias| Alias::new(alias).into_iden());
    let at_pointer = |name: &str| column(&pointer, Alias::new(name));
    let is_within = column(&within, place_within::Column::Version).eq(at_pointer("version"));
    select.join_as(JoinType::InnerJoin, place_within::Entity, within.clone(), is_within.and(admits(&within)));
    let is_place = column(&places, place_row::Column::Version).eq(at_pointer("version"));
    let is_asked = column(&places, place_row::Column::Code).eq(column(&within, place_within::Column::Place));
    select.join_as(JoinType::InnerJoin, place_row::Entity, places.clone(), is_place.and(is_asked));
    let is_version = column(&wages, wage::Column::Version).eq(column(&version, Alias::new("version")));
    let is_there = column(&wages, wage::Column::Place).eq(column(&within, place_within::Column::Wider));
    select.join_as(JoinType::InnerJoin, wage::Entity, wages.clone(), is_version.and(is_there));
    let (soc, is_of) = of(&mut select, &wages);
    select.and_where(is_of);
    select.exprs([
        soc,
        column(&within, place_within::Column::Place),
        column(&within, place_within::Column::Step).cast_as("bigint"),
    ]);
    select.exprs([column(&places, place_row::Column::Kind), column(&places, place_row::Column::Name)]);
    select.exprs([at_pointer("entry_id"), at_pointer("revision_id")]);
    select.exprs([column(&wages, wage::Column::Code), column(&wages, wage::Column::Place)]);
    select.exprs(COLUMNS.map(|measure| column(&wages, Alias::new(measure))));
    select.expr(column(&wages, wage::Column::Notes));
    select
}

fn read(row: &Row<'_>) -> Result<Found> {
    let kinds = enum_names::<PlaceKind>();
    let kind = row.required_text(3)?;
    let (soc, place): (Arc<str>, Arc<str>) = (row.required_text(0)?.into(), row.required_text(1)?.into());
    let dataset = Entry::new(Dataset::NAME, row.integer(5)?, DATASET.to_owned(), row.integer(6)?);
    let wage = row_at(row, BEFORE)?;
    Ok(Found {
        step: row.integer(2)?,
        kind: kinds.iter().position(|known| *known == kind).unwrap_or(kinds.len()),
        name: row.required_text(4)?.to_owned(),
        wage: Wage { dataset, row: Arc::new(wage), asked: (soc.clone(), place.clone()), is_of_part: false },
        soc,
        place,
    })
}
