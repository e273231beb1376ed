//! Versions of tables: what a revision of a data set points at, and what conditions of lists read.
use kernel::{
    Entry, Request, Result,
    document::CheckedDocument,
    list::TableContext,
    sea_orm::{
        ActiveValue::Set,
        sea_query::{
            Alias, DynIden, Expr, ExprTrait as _, IntoIden as _, JoinType, Query, SelectStatement, SimpleExpr,
        },
    },
    store::Rows,
};

use crate::{
    DataTable, Dataset, DatasetProfile,
    block::dropped,
    tables::{data_version, dataset_table},
};

/// Number of a version, as tables hold it, by the digest that a manifest names.
pub(crate) fn number(digest: &str) -> Option<i64> {
    i64::from_str_radix(digest, 16).ok().filter(|number| *number >= 0)
}

/// Digest of a version, as a manifest names it.
pub(crate) fn digest(number: i64) -> String {
    format!("{number:016x}")
}

/// Rows by which the tables of a revision are found.
pub(crate) fn project(guide: &CheckedDocument, entry: &Entry, rows: &mut Rows) {
    let Some(profile) = guide.section::<DatasetProfile>() else { return };
    for table in &profile.tables {
        let Some(version) = number(&table.version) else { continue };
        rows.insert(dataset_table::ActiveModel {
            revision_id: Set(entry.revision()),
            name: Set(table.name.to_string()),
            dataset: Set(entry.slug().to_owned()),
            entry_id: Set(entry.id()),
            version: Set(version),
        });
    }
}

/// A statement over the pointer to the version of a table that a request sees, which selects nothing yet, and the alias of the pointer. Its
/// columns are `version`, `entry_id` and `revision_id`.
pub fn visible<T: DataTable>(request: &Request) -> (SelectStatement, DynIden) {
    use dataset_table::Column::{Dataset as OfDataset, EntryId, Name, RevisionId};
    let [alias, entries]: [DynIden; 2] = ["d", "e"].map(|alias| Alias::new(alias).into_iden());
    let column = |column: dataset_table::Column| Expr::col((alias.clone(), column));
    let mut select = Query::select();
    select.from_as(dataset_table::Entity, alias.clone());
    request.perspective().join_visible(&mut select, &entries, column(EntryId), column(RevisionId));
    select.and_where(column(OfDataset).eq(T::DATASET)).and_where(column(Name).eq(T::NAME));
    (select, alias)
}

/// Joins the pointer to the version of another table of the same data set, at the same release: its alias.
pub fn beside<T: DataTable>(select: &mut SelectStatement, pointer: &DynIden) -> DynIden {
    use dataset_table::Column::{Name, RevisionId};
    let alias = Alias::new(format!("d_{}", T::NAME)).into_iden();
    let same = Expr::col((alias.clone(), RevisionId)).eq(Expr::col((pointer.clone(), RevisionId)));
    let named = Expr::col((alias.clone(), Name)).eq(T::NAME);
    select.join_as(JoinType::InnerJoin, dataset_table::Entity, alias.clone(), same.and(named));
    alias
}

/// The version of a table that a request sees, as an expression; SQL null where it sees none.
pub fn version_in<T: DataTable>(request: &Request) -> SimpleExpr {
    let (mut select, alias) = visible::<T>(request);
    select.column((alias, dataset_table::Column::Version));
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}

/// Fails (`DATA_NOT_KEPT`) where a request sees a release whose rows of a table are not stored. For what found nothing.
pub async fn ensure_kept<T: DataTable>(request: &Request) -> Result<()> {
    let missing = request.read(&absent(visible::<T>(request)), |row| row.integer(0)).await?;
    if missing.is_empty() { Ok(()) } else { Err(dropped(T::DATASET, T::NAME)) }
}

/// Ends the list that these rows belong to (`DATA_NOT_KEPT`) where it shows a release whose rows of a table are not stored.
pub fn require<T: DataTable>(rows: &TableContext<'_>) {
    rows.requires((T::DATASET, T::NAME), absent(pointer::<T>(rows)), || dropped(T::DATASET, T::NAME));
}

/// The statement that finds something where this pointer leads to rows that are not stored.
fn absent((mut select, pointer): (SelectStatement, DynIden)) -> SelectStatement {
    let version = Expr::col((pointer, dataset_table::Column::Version));
    let stored = Query::select().column(data_version::Column::Version).from(data_version::Entity).take();
    select.expr(Expr::val(1_i64)).and_where(version.not_in_subquery(stored)).take()
}

/// A statement over the pointer to the version of a table that the perspective of these rows shows, which selects nothing yet, and the alias
/// of the pointer. Its column `version` is what rows of the table have.
fn pointer<T: DataTable>(rows: &TableContext<'_>) -> (SelectStatement, DynIden) {
    use dataset_table::Column::{Dataset as OfDataset, Name};
    let (mut select, alias) = rows.visible_of::<Dataset>(dataset_table::Entity);
    let column = |column: dataset_table::Column| Expr::col((alias.clone(), column.into_iden()));
    select.and_where(column(OfDataset).eq(T::DATASET)).and_where(column(Name).eq(T::NAME));
    (select, alias)
}

/// The version of a table that the perspective of these rows shows, as an expression; SQL null where it shows none. Lists that are made by it
/// [require] the rows.
pub fn version<T: DataTable>(rows: &TableContext<'_>) -> SimpleExpr {
    require::<T>(rows);
    let (mut select, alias) = pointer::<T>(rows);
    select.column((alias, dataset_table::Column::Version));
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}
