//! Pay and demand: what occupations earn and how many people work in them, by place, as the U.S. Bureau of Labor Statistics publishes it.
//!
//! Owns the data set `bls-oews` with its tables `wages` and `published`, and `bls-projections`. Adds `Occupation.wage`, `Occupation.wages` and
//! `Occupation.projection`, filters and orders by pay at a place and by outlook, and the rule `differs-from-data`.
mod check;
mod extend;
mod figures;
mod load;
#[path = "../migrations/mod.rs"]
mod migrations;
mod oews;
mod projection;
mod projections;
mod query;
mod wage;

pub use oews::{
    published::{PublishedRow, PublishedTable},
    wages::{MEASURES, WageRow, Wages},
};
pub use projections::{
    kinds::{EntryEducation, EntryEducationFilter, OnTheJobTraining, RelatedExperience},
    table::{ProjectionRow, Projections, StoredFigure},
};
pub use wage::{Wage, WageDistribution};

use kernel::{App, QueryRoot};
use occupations::Occupation;

/// The module.
pub fn module(app: &mut App) {
    check::register(app);
    app.migrations(migrations::migrations);
    datasets::source(app, oews::SOURCE);
    datasets::table::<PublishedTable>(app);
    datasets::table::<Wages>(app);
    app.table::<oews::wages::wage::Entity>();
    app.values::<Wage>();
    app.extend::<Occupation, wage::OccupationWages>();
    app.extend::<QueryRoot, query::LabourQueries>();
    datasets::source(app, projections::SOURCE);
    datasets::table::<Projections>(app);
    app.table::<projections::table::projection::Entity>();
    app.extend::<Occupation, projection::OccupationProjection>();
    app.filter::<extend::occupation::OccupationFigures>();
    app.order::<extend::occupation::FigureOrders>();
    app.filter::<extend::career::CareerFigures>();
    app.order::<extend::career::CareerFigureOrders>();
}
