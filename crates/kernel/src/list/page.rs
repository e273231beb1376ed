//! Pages: from the arguments of a list to its statement, its rows and a Relay connection.
use std::sync::Arc;

use async_graphql::{
    Context, Object, ServerResult, Value,
    connection::{Connection as RelayConnection, Edge},
};
use futures_util::future::try_join_all;
use sea_orm::{
    EntityTrait,
    sea_query::{Alias, Expr, Func, NullOrdering, Query, SelectStatement},
};
use store::{Perspective, Row};

use super::{
    cursor::{Cursor, Sorting},
    filter::{FilterValues, TableContext, condition},
    order::{OrderTerm, term_of},
    size::{check_filter, check_order},
    spec::{ListSpec, RawObject},
    statement::{Required, Statement},
};
use crate::{
    Entry, Error, Node, Result,
    request::{Request, request},
};

/// Number of nodes of a page when the query does not say.
pub(super) const DEFAULT_PAGE: usize = 20;

/// Number of columns before those that are sorted by.
const BEFORE_ORDER: usize = 3;

/// A node that stands in lists. Its table has the columns `revision_id`, `entry_id` and `node_key` (the natural key).
pub trait Listed: Node + Sized {
    /// The table that says which nodes there are.
    type Table: EntityTrait;

    /// The root field that lists all visible nodes: `careers`.
    const LIST: &'static str;
    /// The description of that field.
    const ABOUT: &'static str;

    /// Says which rows the lists are made of that may not be stored, by [`TableContext::requires`].
    fn require(_rows: &TableContext<'_>) {}

    /// The order of a list whose query gives none.
    fn default_order() -> Vec<OrderTerm> {
        Vec::new()
    }
}

/// A Relay connection whose nodes are of type `T`.
pub(super) type Connection<T> = RelayConnection<Cursor, Arc<T>, Total>;

/// The arguments of a list.
pub(super) struct PageArguments {
    pub(super) nodes: ListSpec,
    filter: Option<FilterValues>,
    order_by: Option<Vec<FilterValues>>,
    after: Option<String>,
    before: Option<String>,
    size: usize,
    backwards: bool,
}

impl PageArguments {
    /// Reads the arguments of the field in `ctx`.
    pub(super) fn read(ctx: &Context<'_>, nodes: ListSpec) -> ServerResult<Self> {
        let (first, last): (Option<i32>, Option<i32>) =
            (ctx.param_value("first", None)?.1, ctx.param_value("last", None)?.1);
        let filter: Option<RawObject> = ctx.param_value("filter", None)?.1;
        let order_by: Option<Vec<RawObject>> = ctx.param_value("orderBy", None)?.1;
        let arguments = Self {
            nodes,
            filter: filter.map(|filter| filter.0),
            order_by: order_by.map(|terms| terms.into_iter().map(|term| term.0).collect()),
            after: ctx.param_value("after", None)?.1,
            before: ctx.param_value("before", None)?.1,
            size: 0,
            backwards: false,
        };
        arguments
            .sized(first, last, request(ctx).max_page())
            .and_then(|arguments| arguments.check(request(ctx)).map(|()| arguments))
            .map_err(|error| async_graphql::Error::from(error).into_server_error(ctx.item.pos))
            .map_err(|error| ctx.set_error_path(error))
    }

    /// The arguments with the size of the page, where all of them are within their limits.
    fn sized(mut self, first: Option<i32>, last: Option<i32>, max: usize) -> Result<Self> {
        (self.size, self.backwards) = size(first, last, max)?;
        self.filter.as_ref().map_or(Ok(()), |filter| check_filter(&Value::Object(filter.clone())))?;
        check_order(self.order_by.as_ref().map_or(0, Vec::len))?;
        Ok(self)
    }

    /// Fails where no statement can be made of the arguments: by itself, before it is asked together with others.
    fn check(&self, request: &Request) -> Result<()> {
        if self.filter.is_none() && self.order_by.is_none() && self.after.is_none() && self.before.is_none() {
            return Ok(());
        }
        let rows = Rows::new(request, self);
        let (mut select, table) = rows.matching()?;
        rows.columns(&mut select, &table).map(drop)
    }

    /// Tells apart what asks for different rows.
    pub(super) fn fingerprint(&self) -> String {
        let Self { filter, order_by, after, before, size, backwards, .. } = self;
        format!("{filter:?} {order_by:?} {after:?} {before:?} {size} {backwards}")
    }

    /// Tells whether the page is taken from the end.
    pub(super) fn backwards(&self) -> bool {
        self.backwards
    }

    /// Number of rows that tell the page and whether more follow.
    pub(super) fn size_and_one(&self) -> u64 {
        u64::try_from(self.size).unwrap_or_default() + 1
    }

    fn sorting(&self, request: &Request) -> Result<Sorting> {
        let mut terms = match &self.order_by {
            Some(terms) if !terms.is_empty() => {
                terms.iter().map(|term| term_of(term, &self.nodes, request.catalog())).collect::<Result<_>>()?
            }
            _ => (self.nodes.default_order)(),
        };
        // What is published has its dates.
        for term in terms.iter_mut().filter(|term| term.publication.is_some()) {
            term.nullable = request.perspective().shows_unpublished();
        }
        Ok(Sorting::new(terms))
    }
}

/// The size of the page, and whether it is taken from the end.
pub(crate) fn size(first: Option<i32>, last: Option<i32>, max: usize) -> Result<(usize, bool)> {
    let (name, given, backwards) = match (first, last) {
        (Some(_), Some(_)) => {
            let message = "Give `first` or `last`, not both: a page is taken from one end of the list.";
            return Err(Error::caller("BAD_PAGE", message));
        }
        (None, Some(last)) => ("last", Some(last), true),
        (first, None) => ("first", first, false),
    };
    let size = match given {
        None => DEFAULT_PAGE.min(max),
        Some(given) => usize::try_from(given)
            .map_err(|_| Error::caller("BAD_PAGE", format!("`{name}` is {given}; it must be between 0 and {max}.")))?,
    };
    if size > max {
        let message =
            format!("`{name}` is {size}; a page has at most {max} objects. Ask for further pages with `after`.");
        return Err(Error::caller("PAGE_TOO_LARGE", message));
    }
    Ok((size, backwards))
}

/// The visible nodes of a type, of all entries or of those that a join to a parent admits.
pub(super) struct Rows<'a> {
    request: &'a Request,
    pub(super) arguments: &'a PageArguments,
    statement: Statement,
}

/// A found row: the entry, the part's key, its cursor, and the parent's key where the list hangs on one.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) entry: Entry,
    pub(super) part: String,
    pub(super) cursor: Cursor,
}

impl<'a> Rows<'a> {
    pub(super) fn new(request: &'a Request, arguments: &'a PageArguments) -> Self {
        Self { request, arguments, statement: Statement::default() }
    }

    /// The statement over all nodes that the filter admits, without columns.
    pub(super) fn matching(&self) -> Result<(SelectStatement, TableContext<'_>)> {
        let nodes = &self.arguments.nodes;
        let rows = TableContext::new(nodes, self.request.catalog(), self.request.perspective(), &self.statement);
        let mut select = Query::select();
        select.from_as((nodes.table)(), rows.alias().clone());
        rows.join_visible(&mut select);
        (nodes.require)(&rows);
        if let Some(filter) = &self.arguments.filter {
            select.and_where(condition(nodes.node, filter, &rows)?);
        }
        Ok((select, rows))
    }

    /// Gives the statement its columns, which are the first, and bounds it by the cursors.
    pub(super) fn columns(&self, select: &mut SelectStatement, rows: &TableContext<'_>) -> Result<Sorting> {
        let sorting = self.arguments.sorting(self.request)?;
        for column in ["revision_id", "entry_id", "node_key"] {
            select.expr_as(rows.expr(column), Alias::new(column));
        }
        sorting.select(rows, select);
        if let Some(after) = &self.arguments.after {
            select.and_where(sorting.after(rows, &sorting.parse("after", after)?));
        }
        if let Some(before) = &self.arguments.before {
            select.and_where(sorting.before(rows, &sorting.parse("before", before)?));
        }
        Ok(sorting)
    }

    /// The page itself: one statement, or two where it reaches from rows with a value into those without.
    pub(super) async fn page(&self) -> Result<Page> {
        let limit = self.arguments.size_and_one();
        let mut page = Vec::new();
        for piece in 0.. {
            let (select, sorting, pieces) = self.piece(piece, limit - page.len() as u64)?;
            page.extend(self.request.database().read(&select, |row| self.found(row, &sorting)).await?);
            if page.len() as u64 == limit || piece + 1 >= pieces {
                break;
            }
        }
        self.ensure_stored(page.is_empty()).await?;
        Ok(Page::cut(page, self.arguments, self.kinds()))
    }

    /// Reads a row that [`columns`](Self::columns) selected.
    pub(super) fn found(&self, row: &Row<'_>, sorting: &Sorting) -> Result<Found> {
        let (revision, id, key) = (row.integer(0)?, row.integer(1)?, row.required_text(2)?);
        let (slug, part) = key.split_once('/').unwrap_or((key, ""));
        let entry = Entry::new(self.arguments.nodes.kind, id, slug.to_owned(), revision);
        Ok(Found { entry, part: part.to_owned(), cursor: sorting.read(row, BEFORE_ORDER)? })
    }

    /// Fails where rows that the list is made of are not stored.
    pub(super) async fn ensure_stored(&self, is_empty: bool) -> Result<()> {
        if is_empty || self.request.perspective().of_lists() != Perspective::Published {
            for Required { absent, error } in self.statement.required() {
                let missing = self.request.database().read(&absent, |row| row.integer(0)).await?;
                if !missing.is_empty() {
                    return Err(error());
                }
            }
        }
        Ok(())
    }

    /// The statement for one piece of the page, and how many pieces there are.
    fn piece(&self, piece: usize, limit: u64) -> Result<(SelectStatement, Sorting, usize)> {
        let (mut select, rows) = self.matching()?;
        let sorting = self.columns(&mut select, &rows)?;
        let backwards = self.arguments.backwards;
        let cursor = if backwards { ("before", &self.arguments.before) } else { ("after", &self.arguments.after) };
        let pieces = match cursor {
            (name, Some(cursor)) => sorting.pieces(&rows, &sorting.parse(name, cursor)?, backwards),
            _ => Vec::new(),
        };
        let number = pieces.len();
        if let Some(condition) = pieces.into_iter().nth(piece) {
            select.and_where(condition);
        }
        for (column, order, nullable) in sorting.order_by(&rows, backwards) {
            if nullable {
                select.order_by_expr_with_nulls(column, order, nulls(backwards));
            } else {
                select.order_by_expr(column, order);
            }
        }
        select.limit(limit);
        Ok((select, sorting, number))
    }

    /// The kinds of documents that the statement read.
    pub(super) fn kinds(&self) -> Arc<[&'static str]> {
        self.statement.kinds().into()
    }

    /// Number of nodes that the filter admits.
    pub(super) async fn total(&self) -> Result<Counted> {
        let select = {
            let (mut select, _) = self.matching()?;
            select.expr_as(Func::count(Expr::cust("*")), Alias::new("total"));
            select
        };
        let totals = self.request.database().read(&select, |row| row.integer(0)).await?;
        let total = totals.first().copied().unwrap_or_default();
        self.ensure_stored(total == 0).await?;
        Ok(Counted { total, kinds: self.kinds() })
    }
}

/// Number of nodes, and the kinds of documents that it depends on.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    pub(super) total: i64,
    pub(super) kinds: Arc<[&'static str]>,
}

/// Position of missing values, so that they are last in the list as it is shown.
pub(super) fn nulls(backwards: bool) -> NullOrdering {
    if backwards { NullOrdering::First } else { NullOrdering::Last }
}

/// Number of columns that [`Rows::columns`] selects.
pub(super) fn width(sorting: &Sorting) -> usize {
    BEFORE_ORDER + sorting.width()
}

/// The rows of one page and what lies beyond it.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    rows: Arc<[Found]>,
    has_previous: bool,
    has_next: bool,
    /// The kinds of documents that it depends on.
    pub(super) kinds: Arc<[&'static str]>,
}

impl Page {
    /// Takes the one row more than the page's size off again, and puts a page from the end in order.
    pub(super) fn cut(mut rows: Vec<Found>, arguments: &PageArguments, kinds: Arc<[&'static str]>) -> Self {
        let more = rows.len() > arguments.size;
        rows.truncate(arguments.size);
        if arguments.backwards {
            rows.reverse();
            return Self { rows: rows.into(), has_previous: more, has_next: arguments.before.is_some(), kinds };
        }
        Self { rows: rows.into(), has_previous: arguments.after.is_some(), has_next: more, kinds }
    }

    /// Estimated size in memory, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.rows.iter().map(|found| 200 + found.part.len() + found.cursor.weight()).sum()
    }

    /// The connection; all its nodes are loaded together.
    pub(super) async fn connection<T: Listed>(self, ctx: &Context<'_>, total: Total) -> Result<Connection<T>> {
        let nodes = try_join_all(self.rows.iter().map(|found| async move {
            let node = T::find(ctx, found.entry.clone(), found.part.clone()).await?;
            let lost = || Error::internal(format!("{}/{} has a row but no part", found.entry.slug(), found.part));
            Ok::<_, Error>(Edge::new(found.cursor.clone(), node.ok_or_else(lost)?))
        }));
        let mut connection = RelayConnection::with_additional_fields(self.has_previous, self.has_next, total);
        connection.edges = nodes.await?;
        Ok(connection)
    }
}

type Count = dyn Fn() -> futures_util::future::BoxFuture<'static, Result<i64>> + Send + Sync;

/// The total of a connection, counted only when a query asks for it.
pub struct Total(Box<Count>);

impl Total {
    pub(super) fn new(
        count: impl Fn() -> futures_util::future::BoxFuture<'static, Result<i64>> + Send + Sync + 'static,
    ) -> Self {
        Self(Box::new(count))
    }
}

/// Fields of a connection beside its page.
#[Object(name = "ConnectionTotal")]
impl Total {
    /// Number of objects on all pages together. Counted only when selected.
    async fn total_count(&self) -> Result<i32> {
        Ok(i32::try_from((self.0)().await?).unwrap_or(i32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_size_from_one_end() {
        assert!(matches!(size(None, None, 100), Ok((DEFAULT_PAGE, false))));
        assert!(matches!(size(Some(0), None, 100), Ok((0, false))));
        assert!(matches!(size(None, Some(MAX_100), 100), Ok((100, true))));
        for (first, last, code) in
            [(Some(1), Some(1), "BAD_PAGE"), (Some(-1), None, "BAD_PAGE"), (None, Some(101), "PAGE_TOO_LARGE")]
        {
            assert_eq!(size(first, last, 100).map_err(|error| error.code()), Err(code), "{first:?} {last:?}");
        }
    }

    const MAX_100: i32 = 100;
}
