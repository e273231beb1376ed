//! State of a statement over lists while it is built.
use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use sea_orm::sea_query::{Alias, DynIden, IntoIden as _};

use super::page::Listed;
use crate::Kind;

/// Counts and collections made while a statement is built.
#[derive(Default)]
pub(crate) struct Statement {
    aliases: AtomicUsize,
    kinds: Mutex<BTreeSet<&'static str>>,
}

impl Statement {
    /// The kinds of documents that the statement reads the rows of.
    pub(crate) fn kinds(&self) -> Vec<&'static str> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    pub(super) fn reads<T: Listed>(&self) {
        self.reads_kind::<T::Of>();
    }

    pub(super) fn reads_kind<K: Kind>(&self) {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner).insert(K::NAME);
    }

    pub(super) fn fresh(&self, prefix: &str) -> DynIden {
        let number = self.aliases.fetch_add(1, Ordering::Relaxed);
        Alias::new(format!("{prefix}{number}")).into_iden()
    }
}
