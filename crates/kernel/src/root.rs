//! The root of all queries.
/// The root of all queries. Each module adds its own fields.
#[derive(Default)]
pub struct QueryRoot;

crate::open_root!(QueryRoot, "Query", "Everything that can be queried. Each module adds its own fields.");
