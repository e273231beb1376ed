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
//! | see who may do what | [`Caller`], [`Scope`] |
//! | see what editors do | the folder `authoring`, and [`store`] for what becomes of it |
//! | load something for many parents at once | [`Question`] |
//! | list, filter and sort | [`list`] |
//! | extend a type that another crate owns | [`mod@open`], [`App::extend`] |
mod access;
mod app;
mod authoring;
mod change;
pub mod characters;
mod content;
pub mod document;
mod entry;
mod error;
mod graph;
mod id;
mod link;
pub mod list;
mod memory;
pub mod open;
mod perspective;
mod preview;
mod projection;
mod request;
mod rich_text;
mod rights;
mod root_field;
mod rule;
pub mod scalar;
mod section;
pub mod store;
mod subscription;
mod tags;
mod visible;
mod work;

pub use access::{Bearer, Caller, Scope, View};
pub use app::{App, Contradictions, Module};
pub use async_graphql;
pub use authoring::{is_http, query_problems, row_of_id};
pub use content::{Check, CheckWhenRead, Content, KindSpec, Project};
pub use entry::{Entry, Kind, Owner};
pub use error::{Error, Result};
pub use graph::{Executed, Graph, MAX_NESTING, Node, QueryRoot};
pub use id::global_id;
pub use link::Link;
pub use memory::{Lasting, Memory, MemoryUse};
pub use perspective::{Perspective, PerspectiveName};
pub use projection::{Plans, resolve_entry, write_json};
pub use request::{Answers, Loaders, Question, Request, request};
pub use rich_text::RichText;
pub use rule::Rule;
pub use scalar::{Date, Duration, Number, Slug, Text, Url};
pub use section::Section;
pub use serde;
pub use subscription::Answering;
pub use tags::Tags;
pub use work::apart;
