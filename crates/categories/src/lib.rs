//! Categories, under which careers are filed: industries, fields, or whatever a site sorts its guides by.
//!
//! Owns the kind `category`. Adds `category` and `categories` to the root, and `Category.children`. A module files its entries by a
//! `Link<Category>`; this one knows none of them.
mod category;
mod check;
mod document;
mod hierarchy;
#[path = "../migrations/mod.rs"]
mod migrations;
mod query;

pub use category::Category;
pub use document::CategoryProfile;

use kernel::{App, QueryRoot};

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    app.kind::<Category>();
    app.section::<Category, CategoryProfile>();
    app.listed::<Category>(check::is_listed);
    app.entries::<Category>();
    app.rule(check::DUPLICATE);
    app.rule(check::MANY);
    app.rule(check::LOOP);
    app.check::<Category>(check::check);
    app.extend::<QueryRoot, query::CategoryQueries>();

    app.project::<Category>(hierarchy::project);
    app.hierarchy::<Category, hierarchy::Broader>();
    app.back_links::<hierarchy::Children>();
    app.filter::<hierarchy::HasParents>();
    app.filter::<hierarchy::HasChildren>();
}
