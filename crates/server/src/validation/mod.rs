//! Rules of the GraphQL specification that the library does not hold a request to: variables where they may stand (5.8.5), fields
//! that can be merged (5.3.2), and values that are wrong whatever they are used for (5.6.1). Only the operation that is executed is
//! looked at, and nothing of it is executed where it breaks a rule.
mod merge;
mod schema;
mod values;

use async_graphql::{
    Pos, Variables,
    parser::types::{ExecutableDocument, OperationDefinition, OperationType},
};

pub(crate) use self::{merge::check_merging, schema::Schema, values::check_values};

/// A rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// What is wrong and what to do.
    pub(crate) message: String,
    /// Where in the document.
    pub(crate) at: Pos,
}

/// The operation that is executed, and what it is held against.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) document: &'a ExecutableDocument,
    pub(crate) operation: &'a OperationDefinition,
    pub(crate) variables: &'a Variables,
    pub(crate) schema: &'a Schema,
}

impl Asked<'_> {
    /// The type at the top of the operation.
    fn root(&self) -> &'static str {
        match self.operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        }
    }
}
