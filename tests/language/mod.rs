//! The GraphQL language, held against graphql-js.
mod corpus;
mod effects;
mod validation;
