//! The graph: types, lists, projection, modules, authoring, subscriptions.
mod authoring;
mod columns;
mod guide;
mod hierarchies;
mod lists;
mod modules;
mod nodes;
mod omissions;
mod page;
mod perspectives;
mod projection;
mod relay;
mod rights;
mod schema;
mod scopes;
mod statements;
mod subscriptions;
