//! Many small values as one text, on their way to the database and back: rows travel one by one, each with a cost of its own, and
//! a statement with a parameter for each value would have another text for each number of them.
use std::sync::{Arc, Mutex};

use sea_orm::{
    DbBackend, QueryResult,
    sea_query::{Alias, BinOper, Expr, ExprTrait as _, Func, SelectStatement, SimpleExpr},
    sqlx::Row as _,
};
use serde::Serialize;

use crate::{Error, Result, request::locked};

/// Whether the column holds one of these texts.
pub(crate) fn is_one_of(backend: DbBackend, column: impl Into<SimpleExpr>, texts: &[impl Serialize]) -> SimpleExpr {
    let one_of = match backend {
        DbBackend::Sqlite => "? IN (SELECT value FROM json_each(?))",
        _ => "$1 = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST($2 AS jsonb))))",
    };
    Expr::cust_with_exprs(one_of, [column.into(), Expr::val(json(texts))])
}

/// Whether the column holds one of these numbers.
pub(crate) fn is_one_of_ids(backend: DbBackend, column: impl Into<SimpleExpr>, ids: &[i64]) -> SimpleExpr {
    let one_of = match backend {
        DbBackend::Sqlite => "? IN (SELECT value FROM json_each(?))",
        _ => "$1 = ANY(ARRAY(SELECT CAST(jsonb_array_elements_text(CAST($2 AS jsonb)) AS bigint)))",
    };
    Expr::cust_with_exprs(one_of, [column.into(), Expr::val(json(ids))])
}

/// Values as [`is_one_of`] sends them.
pub(crate) fn json(values: &[impl Serialize]) -> String {
    sonic_rs::to_string(values).unwrap_or_default()
}

/// Texts of statements that differ in their values only. To make such a text takes longer than what it asks for.
pub(crate) struct StatementTexts<K>(Mutex<Vec<(K, Arc<str>)>>);

impl<K: PartialEq> StatementTexts<K> {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The text of this key, which is made once. There must be few keys.
    pub(crate) fn get(&self, key: K, make: impl FnOnce() -> String) -> Arc<str> {
        let mut kept = locked(&self.0);
        if let Some((_, text)) = kept.iter().find(|(known, _)| *known == key) {
            return text.clone();
        }
        let text: Arc<str> = make().into();
        kept.push((key, text.clone()));
        text
    }
}

/// The rows of a group, each with a key and a text, all behind one another, where they stand in the row of the group.
#[derive(Clone, Copy, Default)]
pub(crate) struct Texts<'r>(&'r str);

impl<'r> Texts<'r> {
    /// Adds the column to a statement that groups its rows. No key may hold a blank or a line break; the order is not defined.
    pub(crate) fn select(select: &mut SelectStatement, key: SimpleExpr, text: SimpleExpr) {
        let (join, of_text) = (BinOper::Custom("||"), Alias::new("text"));
        let length = Func::cust("octet_length").arg(text.clone());
        let row = key.binary(join, Expr::cust("' '")).binary(join, length.cast_as(of_text));
        let row = row.binary(join, Expr::cust("'\n'")).binary(join, text);
        select.expr_as(Func::cust("string_agg").args([row, Expr::cust("''")]), Alias::new("texts"));
    }

    /// Reads the column of a row, which stands at this index. A group may be without texts.
    pub(crate) fn read(row: &'r QueryResult, index: usize) -> Result<Self> {
        let text: Option<&str> = match (row.try_as_sqlite_row(), row.try_as_pg_row()) {
            (Some(row), _) => row.try_get(index).map_err(Error::internal)?,
            (_, Some(row)) => row.try_get(index).map_err(Error::internal)?,
            (None, None) => None,
        };
        Ok(Self(text.unwrap_or_default()))
    }

    /// The key and the text of each row.
    pub(crate) fn rows(self) -> impl Iterator<Item = (&'r str, &'r str)> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (key, after) = rest.split_once(' ')?;
            let (length, after) = after.split_once('\n')?;
            let (text, after) = after.split_at_checked(length.parse().ok()?)?;
            rest = after;
            Some((key, text))
        })
    }
}
