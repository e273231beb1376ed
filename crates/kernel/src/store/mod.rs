//! The store: entries, revisions, sections and publications, and the ways in and out of it.
mod audit;
mod batch;
mod change;
mod changes;
mod compare;
mod database;
pub mod entry;
mod export;
mod files;
mod import;
mod lines;
mod links;
mod migrate;
pub mod publication;
mod publish;
pub(crate) mod release;
mod rename;
mod report;
pub mod revision;
mod rows;
mod save;
pub mod section;
mod signing_key;
mod source;
mod state;
mod token;
mod transaction;
mod unpublish;
mod watch;
mod webhook;
mod work;

pub use audit::{Action, Model as AuditRow, audit};
pub use change::Change;
pub(crate) use changes::{Followed, Published, changes};
pub use compare::{Compared, compare_files};
pub use database::Database;
pub(crate) use export::visible_entries;
pub use export::{export, write_files};
pub use files::{Checked, Progress, Step, check_files};
pub use import::{Imported, Mode, Summary, import, import_files, is_empty};
pub(crate) use lines::lines;
pub use migrate::{MigrationFiles, Migrations};
pub(crate) use publish::{Done, Problem, ToPublish, archive, publish, withdraw};
pub(crate) use rename::{Renamed, current, members, redirected, rename};
pub use report::{Report, Reports};
pub use rows::Rows;
pub(crate) use save::{Saved, restore, save};
pub(crate) use signing_key::signing_key;
pub use source::documents as document_files;
pub use state::has_draft_or_publication;
pub(crate) use state::{EntryKey, State, documents, revision as numbered, row_of, state};
pub use token::{Model as Token, bearer, create_token, revoke_token, tokens};
pub use unpublish::unpublish;
pub use webhook::{
    Attempt, Event, EventEntry, Model as Webhook, create_webhook, delete_webhook, deliveries,
    delivery::Model as Delivery, redeliver, settle_delivery, take_deliveries, webhooks,
};
