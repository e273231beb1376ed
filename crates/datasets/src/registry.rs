//! Registrations of modules: the data sets that can be synced, and the tables that are made of each.
use std::collections::BTreeMap;

use kernel::App;

use crate::{
    DataTable, Dataset, Source,
    reader::{AnyTable, Registered},
};

/// All that can be synced.
#[derive(Default)]
pub(crate) struct Registry {
    sources: BTreeMap<&'static str, Source>,
    tables: Vec<Box<dyn AnyTable>>,
}

impl Registry {
    /// The data sets, by slug.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.values()
    }

    /// The data set with this slug.
    pub(crate) fn source(&self, slug: &str) -> Option<&Source> {
        self.sources.get(slug)
    }

    /// The tables of a data set, in the order of their registration.
    pub(crate) fn tables(&self, dataset: &str) -> impl Iterator<Item = &dyn AnyTable> {
        self.tables.iter().map(|table| &**table).filter(move |table| table.dataset() == dataset)
    }
}

/// Registers a data set that can be synced.
pub fn source(app: &mut App, source: Source) {
    app.registered::<Registry>().sources.insert(source.slug, source);
    app.fixed_slug::<Dataset>(source.slug);
}

/// Registers a table that the module makes of a data set.
pub fn table<T: DataTable>(app: &mut App) {
    app.registered::<Registry>().tables.push(Box::new(Registered::<T>::default()));
}
