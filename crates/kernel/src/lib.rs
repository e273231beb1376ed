//! The kernel of CareerQL: documents in, graph out. It knows no domain word.
//!
//! A module (see [`App`]) registers what it owns: kinds of documents, their sections with rules and rows, and its part of the
//! schema. The kernel does the rest, once for all: checks, revisions, publication, perspectives, loaders, lists, ids, errors.
//!
//! | to | look at |
//! |---|---|
//! | add a module | [`App`], [`Section`], [`Kind`] |
//! | see how a document is checked and stored | [`document`], [`store`] |
//! | see which revision a request reads | [`Perspective`] |
//! | see who may do what | [`Principal`], [`Scope`] |
//! | see what editors do | the folder `authoring`, and [`store`] for what becomes of it |
//! | load something for many parents at once | [`BatchKey`] |
//! | list, filter and sort | [`list`] |
//! | extend a type that another crate owns | [`mod@open`], [`App::extend`] |
mod app;
mod authoring;
mod by_slug;
mod cache;
mod catalog;
mod change;
mod dates;
mod error_codes;
mod graph;
mod id;
mod input;
mod kind;
mod link;
pub mod list;
mod map;
mod moment;
pub mod open;
mod plan;
mod projection;
mod request;
mod rights;
mod root;
mod root_field;
mod rules;
mod schema_language;
mod section;
mod stored;
mod subscription;
mod tags;
mod visible;
mod work;

pub use app::{App, Contradictions, Hierarchy, ListedEntry, Module, Part};
pub use async_graphql;
pub use authoring::{CheckWhenRead, MASK, WebhookProblem, WebhookTemplate, row_of_id, webhook_problems};
pub use by_slug::BySlug;
pub use catalog::Catalog;
// Modules need one import for all three crates.
pub use cache::{CacheLifetime, CacheUsage, ContentCache};
pub use document::{
    self, Check, Clock, Date, Duration, Entry, KindSpec, Number, Owner, Reshaping, RichText, Rule, Section, Slug, Text,
    Url, characters, checked_scalar, path, scalar, text_scalar, typed_scalar,
};
pub use graph::{Executed, Graph, MAX_NESTING};
pub use id::global_id;
pub use kind::{Kind, Node};
pub use link::Link;
pub use macros::{enumeration, object, part, section};
pub use plan::{Plans, write_json};
pub use projection::resolve_entry;
pub use request::{BatchKey, BatchValues, Loaders, Request, request};
pub use root::QueryRoot;
pub use schema_language::coordinate;
pub use sea_orm;
pub use section::{Sections, section_of};
pub use serde;
pub use store::{
    self, AccessContext, AccessToken, ContentModel, Error, Perspective, PerspectiveName, Principal, Project, Result,
    Scope,
};
pub use subscription::Answering;
pub use tags::Tags;
pub use work::apart;
