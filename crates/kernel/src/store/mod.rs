//! The store: entries, revisions, sections and publications, and the ways in and out of it.
mod audit;
mod batch;
mod change;
mod changes;
mod compare;
mod database;
pub mod entry;
mod export;
mod failure;
mod files;
mod held;
mod import;
mod leftover;
mod lines;
mod links;
mod merge;
mod migrate;
mod mirror;
mod overtaken;
mod pace;
mod pointers;
mod preview_link;
pub mod publication;
mod publish;
mod read;
pub(crate) mod release;
mod relink;
mod rename;
mod report;
pub mod revision;
mod rows;
mod save;
pub mod section;
mod signing_key;
mod source;
mod span;
mod state;
mod token;
mod transaction;
mod unpublish;
mod version;
mod watch;
mod webhook;
mod work;
mod writable;

pub use audit::{Action, Model as AuditRow, audit};
pub use change::Change;
pub(crate) use changes::{Followed, Published, changes};
pub use compare::{Compared, compare_files};
pub use database::{Database, Versions};
pub(crate) use export::{Below, visible_entries, visible_entries_back};
pub use export::{export, write_files};
pub use failure::Failure;
pub(crate) use failure::{nothing_stored, told};
pub use files::{Checked, Progress, Step, check_files};
pub use import::{Imported, Mode, Others, Summary, import, import_files, import_files_with, is_empty, mirror_files};
pub use leftover::{Leftover, leftover, prune};
pub(crate) use lines::{StatementTexts, is_one_of, is_one_of_ids, json};
pub use merge::Winner;
pub use migrate::{MigrationFiles, Migrations};
pub(crate) use preview_link::previewed;
pub use preview_link::{
    Linked as LinkedPreview, Model as PreviewLink, create_preview_link, preview_links, revoke_all_preview_links,
    revoke_preview_link,
};
pub(crate) use publish::{Done, Problem, ToPublish, archive, publish, withdraw};
pub(crate) use read::Row;
pub use read::{MAPPED, Observer};
pub use rename::rename_entry;
pub(crate) use rename::{Renamed, current, former_slugs_of, members, redirected, rename};
pub use report::{Report, Reports};
pub use rows::Rows;
pub(crate) use save::{Saved, restore, save};
pub(crate) use signing_key::{Model as SigningKey, signing_key};
pub use source::documents as document_files;
pub use span::{End, Span};
pub use state::has_draft_or_publication;
pub(crate) use state::{EntryKey, State, documents, revision as numbered, state, states};
pub use token::{Model as Token, bearer, create_token, revoke_token, token, tokens};
pub use transaction::{Fault, Faults};
pub use unpublish::unpublish;
pub use version::Version;
pub use webhook::{
    Attempt, Delivery, Event, EventEntry, Webhook, create_webhook, delete_webhook, deliveries, find_delivery,
    line_up_all, redeliver, remove_taken, settle_delivery, shown_url, take_deliveries, webhook, webhooks,
};
