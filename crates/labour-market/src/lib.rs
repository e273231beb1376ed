//! Pay and demand: what occupations earn and how many people work in them, by place, as the U.S. Bureau of Labor Statistics publishes it.
//!
//! Owns the data set `bls-oews` with its tables `wages` and `published`. Adds `Occupation.wage` and `Occupation.wages`, and filters and orders
//! by pay at a place.
mod load;
#[path = "../migrations/mod.rs"]
mod migrations;
mod oews;
mod query;
mod wage;

pub use oews::{
    published::{PublishedRow, PublishedTable},
    wages::{MEASURES, WageRow, Wages},
};
pub use wage::{Wage, WageDistribution};

use kernel::{App, QueryRoot};
use occupations::Occupation;

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    datasets::source(app, oews::SOURCE);
    datasets::table::<PublishedTable>(app);
    datasets::table::<Wages>(app);
    app.table::<oews::wages::wage::Entity>();
    app.values::<Wage>();
    app.extend::<Occupation, wage::OccupationWages>();
    app.extend::<QueryRoot, query::LabourQueries>();
}
