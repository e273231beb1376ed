//! Entries: what the store holds of them, by slug and in lists.
pub(crate) mod changes;
pub(crate) mod dates;
pub(crate) mod hierarchy;
pub(crate) mod lineage;
pub(crate) mod listing;
pub(crate) mod lookup;
pub(crate) mod sitemap;
pub(crate) mod slugs;
pub(crate) mod state;
