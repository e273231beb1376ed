//! The GraphQL language as the specification has it: documents are read, held against a schema, and their variables coerced, as
//! graphql-js 16 does. It stands in for the parser, the validation and the coercion of variables of `async-graphql`, and answers
//! with the types of that library, so that a part can go when the library has it right. Each file says which fault it stands for.
//!
//! The way of a request: [`parse`], [`Schema::validate`], the operation, [`Schema::coerce`], execution.
mod arguments;
mod changes;
mod coerce;
mod coordinate;
mod introspection;
mod lexer;
mod literal;
mod parser;
mod rules;
mod schema;
mod suggestion;
mod text;

use std::collections::HashMap;

use async_graphql::{Pos, parser::types::ExecutableDocument};

pub use self::{
    arguments::{check_conditions, drop_omitted},
    changes::{Danger, SchemaChange, changes},
    parser::parse,
    schema::{Definition, Input, Output, ScalarCheck, Schema},
};

/// A document that was read.
#[derive(Clone, Debug)]
pub struct Document {
    /// Document that the library executes.
    pub executable: ExecutableDocument,
    /// The places of what stands within values and types, by the place of the outermost one.
    places: HashMap<Pos, Vec<Pos>>,
    /// Rules that are broken by what `executable` cannot hold.
    broken: Vec<Broken>,
}

/// Why a text is not a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Message that says what was expected, and what was found.
    pub message: String,
    /// Line and column, both from 1; columns are UTF-16 code units.
    pub at: Pos,
}

/// A rule of the specification that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Message that says what is wrong and what to do.
    pub message: String,
    /// Places in the document; the first is what is wrong.
    pub at: Vec<Pos>,
}

impl Broken {
    pub(crate) fn new(message: impl Into<String>, at: Pos) -> Self {
        Self { message: message.into(), at: vec![at] }
    }
}
