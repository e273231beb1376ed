//! Occupations: the classification that figures of labour data are about, and that guides name by their codes.
//!
//! Owns the data set `onet`, with its tables `occupations`, `titles`, `related` and `metadata`, and the data set `soc-crosswalks`. Adds `occupation` and `occupations` to the root,
//! `Career.occupations` and `Occupation.careers`. Other modules extend [`Occupation`] by what they know of a code; it knows none of them.
pub mod code;
mod crosswalks;
mod draft;
mod extend;
mod filter;
#[path = "../migrations/mod.rs"]
mod migrations;
mod occupation;
mod onet;
mod query;

pub use crosswalks::bls::{BlsCodes, BlsRow, occupation_bls};
pub use extend::career::CareerOccupation;
pub use occupation::{Occupation, OccupationRow, by_code, of_soc};
pub use onet::{
    career_occupation, layout,
    occupations::{Occupations, listed as occupation_of_release},
};

use careers::Career;
use kernel::{App, QueryRoot};

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    datasets::source(app, onet::SOURCE);
    datasets::source(app, crosswalks::SOURCE);
    datasets::table::<BlsCodes>(app);
    datasets::table::<crosswalks::hierarchy::Hierarchy>(app);
    datasets::table::<crosswalks::earlier::Soc2010>(app);
    datasets::table::<crosswalks::earlier::OnetSoc2010>(app);
    app.table::<crosswalks::hierarchy::soc_group::Entity>();
    app.table::<occupation_bls::Entity>();
    datasets::table::<onet::occupations::Occupations>(app);
    datasets::table::<onet::titles::Titles>(app);
    datasets::table::<onet::related::Related>(app);
    datasets::table::<onet::metadata::Metadata>(app);
    app.table::<onet::occupations::occupation::Entity>();
    app.table::<onet::titles::occupation_title::Entity>();
    app.table::<onet::career_occupation::Entity>();
    app.project::<Career>(extend::career::project);
    datasets::drafts::<Career>(app, |loaders, code, slug| Box::pin(draft::draft_career(loaders, code, slug)));
    app.scalar::<code::OccupationCode>();
    app.scalar::<code::SocCode>();
    app.node::<Occupation>();
    app.list::<Occupation>();
    app.filter::<filter::OccupationConditions>();
    app.order::<filter::OccupationOrders>();
    app.values::<onet::titles::OccupationTitle>();
    app.values::<onet::related::RelatedOccupation>();
    app.values::<onet::metadata::OccupationMetadatum>();
    app.extend::<QueryRoot, query::OccupationQueries>();
    app.extend::<Occupation, occupation::OccupationFields>();
    app.extend::<Occupation, onet::titles::OccupationTitles>();
    app.extend::<Occupation, onet::related::RelatedOccupations>();
    app.extend::<Occupation, onet::metadata::OccupationMetadata>();
    app.extend::<Occupation, crosswalks::hierarchy::OccupationGroups>();
    app.extend::<Occupation, crosswalks::codes::OccupationCrosswalks>();
    app.extend::<Career, extend::career::CareerOccupations>();
    app.back_links::<extend::career::CareersOf>();
}
