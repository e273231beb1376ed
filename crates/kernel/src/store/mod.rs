//! The store: entries, revisions, sections and publications, and the ways in and out of it.
mod changes;
mod database;
pub mod entry;
mod export;
mod files;
mod import;
mod migrate;
pub mod publication;
mod publish;
pub mod revision;
mod rows;
pub mod section;
mod transaction;
mod unpublish;
mod watch;

pub(crate) use changes::{Followed, Published, changes};
pub use database::Database;
pub use export::{export, write_files};
pub use files::{Checked, Report, check_files};
pub use import::{Change, Imported, Mode, Summary, import, is_empty};
pub use migrate::{MigrationFiles, Migrations};
pub use rows::Rows;
pub use unpublish::unpublish;
