//! Documents as GraphQL input.
mod document;
mod sections;

pub(crate) use document::{CheckOf, DocumentInput, FindingObject, broken_links, check_document};
pub(crate) use sections::{SectionInput, SectionsInput};
