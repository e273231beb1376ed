//! Cursors: the values by which a list is sorted at one place of it, and the order they belong to. Opaque to clients.
use std::sync::Arc;

use async_graphql::connection::CursorType;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::sea_query::{Alias, ExprTrait, Order as SqlOrder, SelectStatement, SimpleExpr};
use serde::{Deserialize, Serialize};
use store::Row;

use super::{
    filter::TableContext,
    operators::{all, any},
    order::{Direction, OrderTerm},
};
use crate::{Error, Result};

/// A value that a list is sorted by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum SortKey {
    Null,
    Number(f64),
    Text(String),
}

/// A place in a sorted list. Cheap to clone; its text is made when it is selected.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// Which order it belongs to: columns and directions.
    order: Arc<str>,
    keys: Arc<[SortKey]>,
}

impl Cursor {
    /// Estimated size in memory, in bytes.
    pub(super) fn weight(&self) -> usize {
        let space = |key: &SortKey| if let SortKey::Text(text) = key { 40 + text.len() } else { 40 };
        self.keys.iter().map(space).sum()
    }
}

impl CursorType for Cursor {
    type Error = &'static str;

    fn decode_cursor(text: &str) -> Result<Self, Self::Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| "it cannot be read")?;
        serde_json::from_slice(&bytes).map_err(|_| "it cannot be read")
    }

    fn encode_cursor(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

/// The columns that a list is sorted by, the key as the last.
pub(super) struct Sorting {
    terms: Vec<OrderTerm>,
    name: Arc<str>,
}

impl Sorting {
    /// Sorted by these terms; ties by the key, in the direction of the last term, so that an index serves both directions.
    pub(super) fn new(mut terms: Vec<OrderTerm>) -> Self {
        let direction = terms.last().map_or(Direction::Asc, |term| term.direction);
        terms.push(OrderTerm::text("node_key", direction));
        let names: Vec<_> = terms.iter().map(|term| format!("{} {:?}", term.column, term.direction)).collect();
        Self { name: names.join(", ").into(), terms }
    }

    /// Selects the sorted columns, and joins what they stand in, so that [`read`](Self::read) finds them.
    pub(super) fn select(&self, rows: &TableContext<'_>, select: &mut SelectStatement) {
        for (index, term) in self.terms.iter().enumerate() {
            select.expr_as(term.selected(rows), Alias::new(format!("o{index}")));
            // Two terms may read the same.
            if self.terms[..index].iter().all(|other| other.publication != term.publication) {
                term.join(rows, select);
            }
        }
    }

    /// Number of columns that are sorted by.
    pub(super) fn width(&self) -> usize {
        self.terms.len()
    }

    /// The cursor of a row whose sorted columns begin at this index.
    pub(super) fn read(&self, row: &Row<'_>, first: usize) -> Result<Cursor> {
        let keys = self.terms.iter().zip(first..).map(|(term, index)| {
            Ok(if term.is_text {
                row.text(index)?.map_or(SortKey::Null, |text| SortKey::Text(text.to_owned()))
            } else {
                row.number(index)?.map_or(SortKey::Null, SortKey::Number)
            })
        });
        Ok(Cursor { order: self.name.clone(), keys: keys.collect::<Result<_>>()? })
    }

    /// Reads a cursor that a client gave back for this order.
    pub(super) fn parse(&self, argument: &str, cursor: &str) -> Result<Cursor> {
        let bad = |why: &str| {
            let message = format!(
                "`{argument}` is not a cursor of this list: {why}. Use the `endCursor` or `startCursor` of a page."
            );
            Error::caller("BAD_CURSOR", message)
        };
        let cursor = Cursor::decode_cursor(cursor).map_err(bad)?;
        let fits = |(key, term): (&SortKey, &OrderTerm)| match key {
            SortKey::Null => term.nullable,
            SortKey::Number(_) => !term.is_text,
            // Postgres has no text with this character.
            SortKey::Text(text) => term.is_text && !text.contains('\0'),
        };
        let same = cursor.order == self.name && cursor.keys.len() == self.terms.len();
        if !same || !cursor.keys.iter().zip(&self.terms).all(fits) {
            return Err(bad("it was made with another `orderBy`, or in another perspective"));
        }
        Ok(cursor)
    }

    /// The `ORDER BY` of the list, or of the list backwards.
    pub(super) fn order_by(&self, rows: &TableContext<'_>, backwards: bool) -> Vec<(SimpleExpr, SqlOrder, bool)> {
        self.terms
            .iter()
            .map(|term| {
                let ascending = (term.direction == Direction::Asc) != backwards;
                let order = if ascending { SqlOrder::Asc } else { SqlOrder::Desc };
                (term.expr(rows), order, term.nullable)
            })
            .collect()
    }

    /// The rows that come strictly after the cursor.
    pub(super) fn after(&self, rows: &TableContext<'_>, cursor: &Cursor) -> SimpleExpr {
        self.beyond(rows, cursor, Side::After)
    }

    /// The rows that come strictly before the cursor.
    pub(super) fn before(&self, rows: &TableContext<'_>, cursor: &Cursor) -> SimpleExpr {
        self.beyond(rows, cursor, Side::Before)
    }

    /// The pieces of the list beyond the cursor, in the order of travel. Rows without a value stand at one end of the list, and
    /// no index finds them and those with one by one condition; each piece is found by its own.
    pub(super) fn pieces(&self, rows: &TableContext<'_>, cursor: &Cursor, backwards: bool) -> Vec<SimpleExpr> {
        let (Some(term), Some(key)) = (self.terms.first(), cursor.keys.first()) else { return vec![all([])] };
        if !term.nullable {
            return vec![all([])];
        }
        let column = || term.expr(rows);
        let side = if backwards { Side::Before } else { Side::After };
        match (key, side) {
            (SortKey::Null, Side::After) => vec![column().is_null()],
            (SortKey::Null, Side::Before) => vec![column().is_null(), column().is_not_null()],
            (_, Side::After) => vec![bound(rows, term, key, side), column().is_null()],
            (_, Side::Before) => vec![bound(rows, term, key, side)],
        }
    }

    fn beyond(&self, rows: &TableContext<'_>, cursor: &Cursor, side: Side) -> SimpleExpr {
        let terms: Vec<_> = self.terms.iter().zip(&*cursor.keys).collect();
        let steps = terms.iter().enumerate().map(|(index, (term, key))| {
            let ties = terms[..index].iter().map(|(term, key)| equal(rows, term, key));
            all(ties.chain([strictly(rows, term, key, side)]))
        });
        let beyond = any(steps);
        // The first column alone bounds the rows, so that an index on it can be used to start in the middle.
        match terms.first() {
            Some((term, key)) if !term.nullable => all([bound(rows, term, key, side), beyond]),
            _ => beyond,
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Before,
    After,
}

fn value(term: &OrderTerm, key: &SortKey) -> Option<sea_orm::Value> {
    match key {
        SortKey::Null => None,
        // As the column has it, so that an index can be used.
        #[expect(clippy::cast_possible_truncation, reason = "it was a whole number")]
        SortKey::Number(number) if term.publication.is_some() => Some((*number as i64).into()),
        SortKey::Number(number) => Some((*number).into()),
        SortKey::Text(text) => Some(text.as_str().into()),
    }
}

fn equal(rows: &TableContext<'_>, term: &OrderTerm, key: &SortKey) -> SimpleExpr {
    let column = term.expr(rows);
    match value(term, key) {
        Some(value) => column.eq(value),
        None => column.is_null(),
    }
}

/// Rows on one side of the cursor in this column, or level with it.
fn bound(rows: &TableContext<'_>, term: &OrderTerm, key: &SortKey, side: Side) -> SimpleExpr {
    let column = term.expr(rows);
    match value(term, key) {
        None => all([]),
        Some(value) if rises(term, side) => column.gte(value),
        Some(value) => column.lte(value),
    }
}

/// Tells whether values grow towards this side of the list.
fn rises(term: &OrderTerm, side: Side) -> bool {
    (term.direction == Direction::Asc) == (side == Side::After)
}

/// Rows on one side of the cursor in this column; missing values come last in either direction.
fn strictly(rows: &TableContext<'_>, term: &OrderTerm, key: &SortKey, side: Side) -> SimpleExpr {
    let column = || term.expr(rows);
    let Some(value) = value(term, key) else {
        return if side == Side::After { any([]) } else { column().is_not_null() };
    };
    let compared = if rises(term, side) { column().gt(value) } else { column().lt(value) };
    if term.nullable && side == Side::After { compared.or(column().is_null()) } else { compared }
}
