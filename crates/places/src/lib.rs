//! Places for which labour data is published: the nation, its states and territories, metropolitan and nonmetropolitan areas.
//!
//! Adds the table `places` to the data set `bls-oews`, and `place` and `places` to the root. A module names a place by a [`PlaceKey`], and
//! looks into wider places by [`place_within`].
pub mod code;
#[path = "../migrations/mod.rs"]
mod migrations;
mod place;
mod query;
mod table;

pub use code::{PlaceKey, key_of, not_an_area};
pub use place::{Place, PlaceKind, by_code};
pub use table::{PlaceRow, Places, WAGES, is_wages, place as place_row, place_of_release, place_within};

use kernel::{App, QueryRoot};

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    datasets::table::<Places>(app);
    app.table::<table::place::Entity>();
    app.table::<place_within::Entity>();
    app.scalar::<PlaceKey>();
    app.node::<Place>();
    app.list::<Place>();
    app.filter::<place::PlaceConditions>();
    app.order::<place::PlaceOrders>();
    app.extend::<QueryRoot, query::PlaceQueries>();
    app.extend::<Place, place::PlaceFields>();
}
