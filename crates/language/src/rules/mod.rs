//! Validation: the rules of section 5 of the specification, under the names that graphql-js gives them.
//!
//! Stands for `async-graphql`, which knows a part of them, looks at values only in the operation that is executed, and compares
//! fields under one name within one fragment only. No rule here expands a fragment, except the one that compares fields.
mod directives;
mod fields;
mod fragments;
mod merge;
mod subscription;
mod values;
mod variables;

use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        DirectiveLocation, ExecutableDocument, FragmentDefinition, OperationDefinition, OperationType, Type,
    },
};

use crate::{Broken, Document, Schema, coerce::MOST_ERRORS, schema::root};

impl Schema {
    /// Every rule that the document breaks, except `OverlappingFieldsCanBeMerged`, in the order in which it is written.
    pub fn validate(&self, document: &Document) -> Result<(), Vec<Broken>> {
        let mut rules = Rules {
            schema: self,
            document,
            executable: &document.executable,
            broken: document.broken.clone(),
            found: Found::default(),
        };
        rules.check();
        let mut broken = rules.broken;
        if broken.is_empty() {
            return Ok(());
        }
        broken.sort_by(|one, other| one.at.cmp(&other.at));
        broken.truncate(MOST_ERRORS);
        Err(broken)
    }
}

/// A document while it is held against the rules.
struct Rules<'a> {
    schema: &'a Schema,
    document: &'a Document,
    executable: &'a ExecutableDocument,
    broken: Vec<Broken>,
    /// Uses found in the definition that is walked through.
    found: Found<'a>,
}

/// Variables and fragments that a definition uses.
#[derive(Default)]
struct Found<'a> {
    usages: Vec<Usage<'a>>,
    spreads: Vec<(&'a Name, Pos)>,
}

/// A variable where it stands.
struct Usage<'a> {
    name: &'a Name,
    at: Pos,
    /// Description of the place: the argument or input field.
    place: String,
    /// Type that the place takes; none where that is unknown.
    ty: Option<Type>,
    has_default: bool,
}

impl<'a> Rules<'a> {
    fn check(&mut self) {
        let mut fragments: Vec<_> = self.executable.fragments.iter().collect();
        fragments.sort_unstable_by_key(|(_, fragment)| fragment.pos);
        let mut in_fragments = HashMap::new();
        for (name, fragment) in &fragments {
            in_fragments.insert(*name, self.fragment(&fragment.node));
        }
        let mut operations: Vec<_> = self.executable.operations.iter().collect();
        operations.sort_unstable_by_key(|(_, operation)| operation.pos);
        let mut used = Vec::new();
        for (_, operation) in operations {
            let in_operation = self.operation(&operation.node);
            let reached = fragments::reached(&in_operation, &in_fragments);
            self.variables(operation, &in_operation, &reached, &in_fragments);
            if operation.node.ty == OperationType::Subscription {
                self.single_root_field(&operation.node);
            }
            used.extend(reached);
        }
        self.unused_fragments(&fragments, &used);
        self.cycles(&fragments, &in_fragments);
    }

    fn operation(&mut self, operation: &'a OperationDefinition) -> Found<'a> {
        let location = match operation.ty {
            OperationType::Query => DirectiveLocation::Query,
            OperationType::Mutation => DirectiveLocation::Mutation,
            OperationType::Subscription => DirectiveLocation::Subscription,
        };
        self.definitions(&operation.variable_definitions);
        self.directives(&operation.directives, location);
        let on = root(operation.ty);
        let is_there = self.schema.get(on).is_some();
        self.selection_set(&operation.selection_set.node, is_there.then_some(on));
        std::mem::take(&mut self.found)
    }

    fn fragment(&mut self, fragment: &'a FragmentDefinition) -> Found<'a> {
        let on = self.condition(&fragment.type_condition.node.on);
        self.directives(&fragment.directives, DirectiveLocation::FragmentDefinition);
        self.selection_set(&fragment.selection_set.node, on);
        std::mem::take(&mut self.found)
    }

    /// `KnownTypeNames` and `FragmentsOnCompositeTypes`: the type of a fragment, where it is one with selections.
    fn condition(&mut self, on: &'a Positioned<Name>) -> Option<&'a str> {
        let name = &on.node;
        if self.schema.get(name).is_none() {
            self.unknown_type(name, on.pos);
            return None;
        }
        if !self.schema.is_composite(name) {
            self.report(on.pos, format!("A fragment cannot be on `{name}`, which has no fields."));
            return None;
        }
        Some(name)
    }

    fn unknown_type(&mut self, name: &str, at: Pos) {
        let suggestion = self.suggestion(name, self.schema.names());
        self.report(at, format!("Unknown type \"{name}\".{suggestion}"));
    }

    /// Names that are like the one that is unknown; not of the errors that are told to nobody.
    fn suggestion<'n, N: AsRef<str> + ?Sized + 'n>(
        &self,
        written: &str,
        names: impl IntoIterator<Item = &'n N>,
    ) -> String {
        if self.broken.len() < MOST_ERRORS { self.schema.suggestion(written, names) } else { String::new() }
    }

    fn report(&mut self, at: Pos, message: String) {
        self.report_all(vec![at], message);
    }

    fn report_all(&mut self, at: Vec<Pos>, message: String) {
        self.broken.push(Broken { message, at });
    }
}
