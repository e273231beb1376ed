//! Documents as GraphQL input.
mod document;
mod hierarchy;
mod sections;

pub(crate) use document::{
    CheckOf, DocumentInput, FindingObject, ShapeInput, broken_links, check_document, read_input,
};
pub(crate) use hierarchy::hierarchy_loops;
pub(crate) use sections::{SectionInput, SectionsInput};
