//! State of a statement over lists while it is built.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use sea_orm::sea_query::{Alias, DynIden, IntoIden as _, SelectStatement};

use crate::Error;

/// Counts and collections made while a statement is built.
#[derive(Default)]
pub(crate) struct Statement {
    aliases: AtomicUsize,
    kinds: Mutex<BTreeSet<&'static str>>,
    required: Mutex<BTreeMap<(&'static str, &'static str), Required>>,
}

/// Rows that a list is made of: a statement that finds something where they are not stored, and the error then.
#[derive(Clone)]
pub(super) struct Required {
    pub(super) absent: SelectStatement,
    pub(super) error: fn() -> Error,
}

impl Statement {
    /// The kinds of documents that the statement reads the rows of.
    pub(crate) fn kinds(&self) -> Vec<&'static str> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    pub(super) fn reads(&self, kind: &'static str) {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner).insert(kind);
    }

    /// The rows without which the list is not whole.
    pub(super) fn required(&self) -> Vec<Required> {
        self.required.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    pub(super) fn requires(&self, table: (&'static str, &'static str), required: Required) {
        self.required.lock().unwrap_or_else(PoisonError::into_inner).insert(table, required);
    }

    pub(super) fn fresh(&self, prefix: &str) -> DynIden {
        let number = self.aliases.fetch_add(1, Ordering::Relaxed);
        Alias::new(format!("{prefix}{number}")).into_iden()
    }
}
