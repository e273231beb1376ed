//! Documents: from the YAML of an editor to checked sections in canonical form, and back. No database is known here.
//!
//! A module declares its part of a document as a [`Section`]; [`Kinds`] holds what all modules declared.
//!
//! | to | look at |
//! |---|---|
//! | read and check a document | [`parse`], [`read_file()`], [`read()`] |
//! | write one as YAML | [`write()`] |
//! | describe one to an editor | [`json_schema()`] |
//! | compare two versions | [`diff()`] |
//! | declare a rule | [`Rule`] |
//! | change the shape of documents | [`Reshaping`] |
//! | use the scalars of documents | [`scalar`] |
//! | see what characters a text may hold | [`characters`] |
//!
//! The crate knows the types of async-graphql, along which documents are checked, and nothing of its execution.
pub mod characters;
mod clock;
mod diff;
mod entry;
mod finding;
mod guide;
mod json_schema;
mod kinds;
mod link;
mod read;
mod read_file;
mod reshaping;
pub mod rich_text;
mod rule;
pub mod scalar;
mod section;
mod shape;
pub mod tree;
mod wording;
mod yaml;

#[doc(hidden)]
pub use async_graphql;
pub use clock::Clock;
pub use diff::{Difference, DifferenceKind, diff, summary};
pub use entry::{Entry, Owner};
pub use finding::{Finding, Findings, Path, Severity, Step};
pub use guide::{CheckedDocument, Document};
pub use json_schema::json_schema;
pub use kinds::{Check, DocumentField, KindSpec, Kinds, SectionSpec, read_json};
pub use link::{LinkTo, linked_object};
pub use read::{read, read_stored};
pub use read_file::{read_file, reread_file};
pub use reshaping::{Reshaped, Reshaping, at};
pub use rich_text::RichText;
pub use rule::Rule;
pub use scalar::{Date, Duration, Number, Slug, Text, Url};
pub use section::{AnySection, HoldsParts, Section};
#[doc(hidden)]
pub use serde;
pub use tree::{Tree, TreeValue, parse, parse_json};
pub use yaml::{WriteError, write};
