//! Lists of what links to an object: the pages of all objects that ask alike are read by one statement.
use std::{any::TypeId, collections::HashMap, hash::Hash, marker::PhantomData, sync::Arc};

use async_graphql::{
    Context, ObjectType, ServerResult, Value,
    registry::{MetaField, Registry},
};
use futures_util::future::BoxFuture;
use sea_orm::{
    EntityName as _, EntityTrait, JoinType,
    sea_query::{
        Alias, DynIden, Expr, ExprTrait, Func, IntoIden, Query, SelectStatement, SimpleExpr, TableRef, WindowStatement,
    },
};
use store::Row;

use super::{
    field::{ListRequest, answer, depends, placed, total},
    filter::TableContext,
    page::{Counted, Found, Listed, Page, PageArguments, Rows, Total, nulls, width},
    shape::connection_field,
    spec::ListSpec,
};
use crate::{
    Result, Tags,
    open::Field,
    request::{BatchKey, BatchValues, Request, request},
};

/// A list on the object `On`: the nodes `To` whose rows, or the rows of their documents, link to it.
pub trait BackLinks: Send + Sync + 'static {
    /// The object that is linked to.
    type On: ObjectType + 'static;
    /// The nodes that link.
    type To: Listed;
    /// The table of the links: the nodes' own, or one with a `revision_id` and one row per document and object at most.
    type Table: EntityTrait;

    /// The name of the field.
    const NAME: &'static str;
    /// The description of the field.
    const ABOUT: &'static str;

    /// The column that holds the natural key of the object.
    fn column() -> <Self::Table as EntityTrait>::Column;

    /// The natural key of the object.
    fn key(on: &Self::On) -> String;
}

/// The field that a [`BackLinks`] describes.
pub(crate) struct BackLinksField<L>(PhantomData<fn() -> L>);

impl<L: BackLinks> Field for BackLinksField<L> {
    type On = L::On;

    fn shape(registry: &mut Registry) -> MetaField {
        connection_field::<L::To>(registry, L::NAME, L::ABOUT)
    }
}

/// Resolves [`BackLinksField`]: the pages of all objects that ask alike are read by one statement.
pub(crate) fn back_links<'a, L: BackLinks>(
    on: &'a L::On,
    ctx: &'a Context<'a>,
) -> BoxFuture<'a, ServerResult<Option<Value>>> {
    Box::pin(async move {
        let (page, total) = linking_nodes(ctx, LinkSpec::of::<L>(), L::key(on)).await?;
        answer::<L::To>(ctx, page, total).await
    })
}

/// The page of nodes that link to the object with this key.
fn linking_nodes<'a>(ctx: &'a Context<'a>, links: LinkSpec, key: String) -> BoxFuture<'a, ServerResult<(Page, Total)>> {
    Box::pin(async move {
        let asked = ListRequest::new(PageArguments::read(ctx, links.nodes)?);
        let loaders = request(ctx).clone();
        let page = PageOf { links, key: key.clone(), asked: asked.clone() };
        let page = loaders.load(page).await.map_err(|error| placed(ctx, error))?.unwrap_or_default();
        Ok((page, total(loaders, TotalOf { links, key, asked })))
    })
}

/// A [`BackLinks`] without its types.
#[derive(Clone, Copy)]
struct LinkSpec {
    /// The type of the links.
    links: TypeId,
    name: &'static str,
    nodes: ListSpec,
    /// The table of the links; none where it is the nodes' own.
    table: Option<fn() -> TableRef>,
    column: fn() -> DynIden,
}

impl LinkSpec {
    fn of<L: BackLinks>() -> Self {
        let is_own = TypeId::of::<L::Table>() == TypeId::of::<<L::To as Listed>::Table>();
        let table: fn() -> TableRef = || L::Table::default().table_ref();
        Self {
            links: TypeId::of::<L>(),
            name: L::NAME,
            nodes: ListSpec::of::<L::To>(),
            table: (!is_own).then_some(table),
            column: || L::column().into_iden(),
        }
    }
}

/// Request for the nodes that link to the object with this key: their page, or their number.
#[derive(Clone)]
struct BackLinkKey<const TOTAL: bool> {
    links: LinkSpec,
    key: String,
    asked: Arc<ListRequest>,
}

type PageOf = BackLinkKey<false>;
type TotalOf = BackLinkKey<true>;

impl PageOf {
    /// Answers the keys that ask alike.
    async fn pages(request: &Request, keys: &[Self]) -> Result<(HashMap<String, Vec<Found>>, Arc<[&'static str]>)> {
        let Some(first) = keys.first() else { return Ok((HashMap::new(), Arc::default())) };
        let arguments = &first.asked.arguments;
        let rows = Rows::new(request, arguments);
        let (mut select, nodes, key) = first.linking(&rows, keys)?;
        let sorting = rows.columns(&mut select, &nodes)?;
        let mut window = WindowStatement::new();
        sea_orm::sea_query::OverStatement::add_partition_by(&mut window, key.clone());
        for (column, order, nullable) in sorting.order_by(&nodes, arguments.backwards()) {
            if nullable {
                window.order_by_expr_with_nulls(column, order, nulls(arguments.backwards()));
            } else {
                window.order_by_expr(column, order);
            }
        }
        select.expr_as(key, Alias::new("linked_key"));
        select.expr_window_as(Func::cust("ROW_NUMBER"), window, Alias::new("place"));
        let numbered = Query::select()
            .expr(Expr::cust("*"))
            .from_subquery(select, Alias::new("numbered"))
            .and_where(Expr::col("place").lte(arguments.size_and_one()))
            .order_by("linked_key", sea_orm::Order::Asc)
            .order_by("place", sea_orm::Order::Asc)
            .take();
        let mut pages: HashMap<String, Vec<Found>> = HashMap::new();
        let row = |row: &Row<'_>| Ok((row.required_text(width(&sorting))?.to_owned(), rows.found(row, &sorting)?));
        for (key, found) in request.database().read(&numbered, row).await? {
            pages.entry(key).or_default().push(found);
        }
        rows.ensure_stored(pages.is_empty()).await?;
        Ok((pages, rows.kinds()))
    }
}

impl TotalOf {
    async fn totals(request: &Request, keys: &[Self]) -> Result<(HashMap<String, i64>, Arc<[&'static str]>)> {
        let Some(first) = keys.first() else { return Ok((HashMap::new(), Arc::default())) };
        let rows = Rows::new(request, &first.asked.arguments);
        let (mut select, _, key) = first.linking(&rows, keys)?;
        select.expr_as(key.clone(), Alias::new("linked_key"));
        select.expr_as(Func::count(Expr::cust("*")), Alias::new("total"));
        select.add_group_by([key]);
        let total = |row: &Row<'_>| Ok((row.required_text(0)?.to_owned(), row.integer(1)?));
        let totals: HashMap<_, _> = request.database().read(&select, total).await?.into_iter().collect();
        rows.ensure_stored(totals.is_empty()).await?;
        Ok((totals, rows.kinds()))
    }
}

impl<const TOTAL: bool> BackLinkKey<TOTAL> {
    /// The statement over the nodes that link to one of the keys; the expression is the key they link to.
    fn linking<'a>(
        &self,
        rows: &'a Rows<'a>,
        keys: &[Self],
    ) -> Result<(SelectStatement, TableContext<'a>, SimpleExpr)> {
        let (mut select, nodes) = rows.matching()?;
        let column = (self.links.column)();
        let key = match self.links.table {
            None => nodes.expr(column),
            Some(table) => {
                let links = nodes.fresh("l");
                let same = Expr::col((links.clone(), Alias::new("revision_id"))).eq(nodes.expr("revision_id"));
                select.join_as(JoinType::InnerJoin, table(), links.clone(), same);
                Expr::col((links, column))
            }
        };
        select.and_where(key.clone().is_in(keys.iter().map(|asked| asked.key.as_str())));
        Ok((select, nodes, key))
    }

    /// Sorts the keys by what they ask; one statement answers each group.
    fn alike(keys: Vec<Self>) -> Vec<Vec<Self>> {
        let mut groups: HashMap<Box<str>, Vec<Self>> = HashMap::new();
        for key in keys {
            groups.entry(key.asked.fingerprint.clone()).or_default().push(key);
        }
        groups.into_values().collect()
    }
}

impl BatchKey for PageOf {
    type Answer = Page;

    fn group(&self) -> Option<TypeId> {
        Some(self.links.links)
    }

    fn weight(&self, page: Option<&Page>) -> usize {
        2 * (self.key.len() + self.asked.fingerprint.len()) + page.map_or(0, Page::weight)
    }

    fn tags(&self, page: Option<&Page>, tags: &mut Tags) {
        depends(page.map(|page| &page.kinds), tags);
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let mut answers = BatchValues::default();
            for keys in Self::alike(keys) {
                let (mut pages, kinds) = Self::pages(&request, &keys).await?;
                for key in keys {
                    let found = pages.remove(&key.key).unwrap_or_default();
                    let page = Page::cut(found, &key.asked.arguments, kinds.clone());
                    answers.insert(key, page);
                }
            }
            Ok(answers)
        })
    }
}

impl BatchKey for TotalOf {
    type Answer = Counted;

    fn group(&self) -> Option<TypeId> {
        Some(self.links.links)
    }

    fn weight(&self, _counted: Option<&Counted>) -> usize {
        100 + 2 * (self.key.len() + self.asked.fingerprint.len())
    }

    fn tags(&self, counted: Option<&Counted>, tags: &mut Tags) {
        depends(counted.map(|counted| &counted.kinds), tags);
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let mut answers = BatchValues::default();
            for keys in Self::alike(keys) {
                let (mut totals, kinds) = Self::totals(&request, &keys).await?;
                for key in keys {
                    let total = totals.remove(&key.key).unwrap_or_default();
                    answers.insert(key, Counted { total, kinds: kinds.clone() });
                }
            }
            Ok(answers)
        })
    }
}

impl<const TOTAL: bool> PartialEq for BackLinkKey<TOTAL> {
    fn eq(&self, other: &Self) -> bool {
        let is_alike = self.links.links == other.links.links && self.key == other.key;
        is_alike && self.asked.fingerprint == other.asked.fingerprint
    }
}

impl<const TOTAL: bool> Eq for BackLinkKey<TOTAL> {}

impl<const TOTAL: bool> Hash for BackLinkKey<TOTAL> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.links.links, &self.key, &self.asked.fingerprint).hash(state);
    }
}

impl<const TOTAL: bool> std::fmt::Debug for BackLinkKey<TOTAL> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.links.name, self.key)
    }
}
