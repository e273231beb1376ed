//! The store: entries, revisions, sections and publications, and the ways in and out of it. All SQL over these tables stands here.
//!
//! | to | look at |
//! |---|---|
//! | open a database, read its version | [`Database`] |
//! | see which revision a request reads | [`Perspective`] |
//! | see who may do what | [`Principal`], [`Scope`] |
//! | back up, restore | [`backup`] |
//! | import, export, publish | [`import_files`], [`export()`], [`publish()`] |
//!
//! The crate knows the types of async-graphql, which some of its values are, and nothing of its execution.
pub(crate) mod access;
pub mod backup;
mod content;
pub(crate) mod database;
pub(crate) mod edit;
pub(crate) mod entries;
mod error;
pub(crate) mod files;
mod mechanism;
mod perspective;
pub mod release;
pub mod sync;
mod tables;
pub(crate) mod webhook;
pub(crate) mod writer;

pub use access::{
    AccessContext, AccessToken, Principal, Scope,
    argument::require_text,
    audit::{Action, Model as AuditRow, audit},
    change::ChangeInfo,
    preview,
    preview_link::{
        Linked as LinkedPreview, Model as PreviewLink, create_preview_link, preview_links, revoke_all_preview_links,
        revoke_preview_link,
    },
    signing_key::{Model as SigningKey, signing_key},
    token::{Model as Token, bearer, create_token, revoke_token, token, tokens},
};
pub use content::{ContentModel, HierarchySpec, Project};
pub use database::{
    Database, Versions,
    json_param::{is_one_of, is_one_of_ids, json},
    migrate::{MigrationFiles, Migrations},
    read::{MAPPED, Observer, Row},
    rows::Rows,
    table::TableSpec,
    transaction::{Fault, Faults},
    version::Version,
};
pub use edit::{
    publish::{Done, ToPublish, archive, publish, withdraw},
    publish_error::PublishError,
    rename::{Renamed, rename, rename_entry},
    save::{Saved, restore, save},
    unpublish::unpublish,
};
pub use entries::{
    changes::{Followed, Published, changes, changes_between, version_at},
    dates::{PublicationDates, PublicationPoint, publication_dates},
    hierarchy::WaysUp,
    lineage::members,
    listing::{Below, visible_entries, visible_entries_back},
    lookup::{LookedUp, Lookup, look_up},
    sitemap::{PublishedState, count_listed, listed_entries, published_state},
    slugs::{current, former_slugs_of, redirected},
    state::{EntryKey, State, documents, has_draft_or_publication, revision as numbered, state},
};
pub use error::{Error, OUTCOME_UNKNOWN, Result, failure::Failure};
pub use files::{
    Checked, Progress, Step, check_files,
    compare::{Compared, changed_files, compare_files},
    export::{export, write_files},
    import::{Others, import, import_files, import_files_with, is_empty, mirror_files},
    leftover::{Leftover, leftover, prune},
    report::{Report, Reports},
    source::documents as document_files,
};
pub use mechanism::Mechanism;
pub use perspective::{Perspective, PerspectiveName};
pub use tables::{
    entry, publication, revision, section,
    span::{End, Span},
};
pub use webhook::{
    Attempt, Delivery, Event, EventEntry, Secret, Webhook, WebhookHeader, WebhookSettings, create_webhook,
    delete_webhook, deliveries, find_delivery, line_up_all, redeliver, remove_taken, settle_delivery, settle_joined,
    shown_url, take_deliveries, update_webhook, wait, webhook, webhooks,
};
pub use writer::{
    merge::Winner,
    summary::{Imported, Mode, Summary},
    with_rows::ImportWithRows,
};
