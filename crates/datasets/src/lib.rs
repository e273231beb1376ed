//! Data sets: what agencies publish, beside what editors write.
//!
//! Owns the kind `dataset`, whose documents are manifests: release, licence, files, and the version of each table. Adds `dataset` and
//! `datasets` to the root. Rows lie in tables of their own; a module says what it makes of the publisher's files by a [`DataTable`], and
//! registers it with [`table()`]. To read rows in a request, see [`mod@block`]; to bring them in, see [`sync()`].
pub mod block;
mod check;
mod dataset;
mod document;
mod draft;
mod fault;
mod figure;
pub mod files;
mod layout;
#[path = "../migrations/mod.rs"]
mod migrations;
mod plan;
mod query;
mod reader;
mod registry;
mod sync;
mod table;
mod tables;
mod version;

pub use block::{Block, block};
pub use dataset::Dataset;
pub use document::{DatasetFile, DatasetFootnote, DatasetProfile, DatasetRelease, DatasetScale, DatasetTable};
pub use draft::{DocumentDraft, Drafting, draft, drafts};
pub use fault::{Fault, Place};
pub use figure::{DataFigure, FigureUnit, MissingReason};
pub use files::{Column, Record};
pub use layout::{FileNames, Layout};
pub use plan::{Plan, TablePlan};
pub use registry::{source, table};
pub use sync::{Outcome, Progress, SyncOptions, Target, sync};
pub use table::{DataTable, Input, Reading, Release, Row, Source, own_rows};
pub use version::{beside, ensure_kept, require, version, version_in, visible};

use kernel::{App, QueryRoot};

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    app.registered::<registry::Registry>();
    app.kind::<Dataset>();
    app.section::<Dataset, DatasetProfile>();
    app.entries::<Dataset>();
    check::register(app);
    app.table::<tables::dataset_table::Entity>();
    app.table::<tables::data_version::Entity>();
    app.table::<tables::data_block::Entity>();
    app.project::<Dataset>(version::project);
    app.extend::<QueryRoot, query::DatasetQueries>();
}
