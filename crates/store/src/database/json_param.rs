//! Many small values as one text on their way to the database: a statement with a parameter for each would have another text for
//! each number of them.
use std::sync::{Arc, Mutex};

use sea_orm::{
    DbBackend,
    sea_query::{Expr, SimpleExpr},
};
use serde::Serialize;

use crate::{Mechanism, sync::locked};

/// Condition that the column holds one of these texts.
pub fn is_one_of(backend: DbBackend, column: impl Into<SimpleExpr>, texts: &[impl Serialize]) -> SimpleExpr {
    let one_of = match backend {
        DbBackend::Sqlite => "? IN (SELECT value FROM json_each(?))",
        _ => "$1 = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST($2 AS jsonb))))",
    };
    Expr::cust_with_exprs(one_of, [column.into(), Expr::val(json(texts))])
}

/// Condition that the column holds one of these numbers.
pub fn is_one_of_ids(backend: DbBackend, column: impl Into<SimpleExpr>, ids: &[i64]) -> SimpleExpr {
    let one_of = match backend {
        DbBackend::Sqlite => "? IN (SELECT value FROM json_each(?))",
        _ => "$1 = ANY(ARRAY(SELECT CAST(jsonb_array_elements_text(CAST($2 AS jsonb)) AS bigint)))",
    };
    Expr::cust_with_exprs(one_of, [column.into(), Expr::val(json(ids))])
}

/// Values as [`is_one_of`] sends them.
pub fn json(values: &[impl Serialize]) -> String {
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
        if !Mechanism::StatementTexts.is_on() {
            return make().into();
        }
        let mut kept = locked(&self.0);
        if let Some((_, text)) = kept.iter().find(|(known, _)| *known == key) {
            return text.clone();
        }
        let text: Arc<str> = make().into();
        kept.push((key, text.clone()));
        text
    }
}
