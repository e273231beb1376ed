//! Rights to a whole operation, looked at before anything of it is done: what is refused changes nothing.
use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, PathSegment, Positioned, Request, ServerError, ServerResult, Value, Variables,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
    },
    registry::{MetaField, MetaType, MetaTypeName, Registry},
};

use crate::{Plans, Principal, Result};

/// The fields of all objects: what they lead to, and which scopes they need.
#[derive(Default)]
pub(crate) struct Rights {
    types: HashMap<String, HashMap<String, Guarded>>,
}

struct Guarded {
    leads_to: String,
    scopes: Vec<String>,
}

impl Rights {
    /// Adds fields of an object.
    pub(crate) fn add<'a>(&mut self, object: &str, fields: impl IntoIterator<Item = &'a MetaField>) {
        let known = self.types.entry(object.to_owned()).or_default();
        for field in fields {
            let leads_to = MetaTypeName::concrete_typename(&field.ty).to_owned();
            known.insert(field.name.clone(), Guarded { leads_to, scopes: field.requires_scopes.clone() });
        }
    }

    /// Adds the objects of a registry.
    pub(crate) fn add_all(&mut self, registry: &Registry) {
        for (name, kind) in &registry.types {
            if let MetaType::Object { fields, .. } = kind {
                self.add(name, fields.values());
            }
        }
    }

    /// Refuses a mutation that selects a field which the caller may not have, with the place of that field.
    pub(crate) fn check(&self, request: &mut Request, plans: &Plans, caller: &Principal) -> ServerResult<()> {
        if *caller == Principal::Operator {
            return Ok(());
        }
        let (name, variables) = (request.operation_name.clone(), std::mem::take(&mut request.variables));
        let checked = match request.parsed_query() {
            Ok(document) if plans.asks_rights(|| self.are_asked(document)) => {
                self.check_operation(document, name.as_deref(), &variables, caller)
            }
            // What cannot be read is the library's to refuse.
            Ok(_) | Err(_) => Ok(()),
        };
        request.variables = variables;
        checked
    }

    fn check_operation(
        &self,
        document: &ExecutableDocument,
        name: Option<&str>,
        variables: &Variables,
        caller: &Principal,
    ) -> ServerResult<()> {
        let mut operations = document.operations.iter();
        let operation = match name {
            Some(name) => operations.find(|(known, _)| known.is_some_and(|known| known == name)),
            None => operations.next(),
        };
        let Some((_, operation)) = operation else { return Ok(()) };
        let operation = &operation.node;
        // A query does nothing: what it may not have is null, and its other fields are answered.
        if operation.ty != OperationType::Mutation {
            return Ok(());
        }
        let (path, seen, selects_all) = (Vec::new(), HashSet::new(), false);
        let mut walk = SelectionWalk { rights: self, document, operation, variables, caller, path, seen, selects_all };
        walk.set(&operation.selection_set.node, root(operation.ty))
    }

    /// Tells whether a document selects a field that needs a scope, whatever its directives leave out.
    fn are_asked(&self, document: &ExecutableDocument) -> bool {
        let (caller, variables) = (&Principal::Public, &Variables::default());
        document.operations.iter().any(|(_, operation)| {
            let operation = &operation.node;
            let (path, seen, selects_all) = (Vec::new(), HashSet::new(), true);
            let mut walk =
                SelectionWalk { rights: self, document, operation, variables, caller, path, seen, selects_all };
            walk.set(&operation.selection_set.node, root(operation.ty)).is_err()
        })
    }
}

fn root(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

struct SelectionWalk<'a> {
    rights: &'a Rights,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    caller: &'a Principal,
    path: Vec<PathSegment>,
    /// Fragments that were looked at: what they lead to is the same wherever they stand.
    seen: HashSet<&'a str>,
    /// Tells whether directives are passed over.
    selects_all: bool,
}

impl<'a> SelectionWalk<'a> {
    fn set(&mut self, set: &'a SelectionSet, on: &str) -> ServerResult<()> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if self.is_selected(&field.node.directives) => self.field(field, on)?,
                Selection::InlineFragment(fragment) if self.is_selected(&fragment.node.directives) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(on, |condition| condition.node.on.node.as_str());
                    self.set(&fragment.node.selection_set.node, on)?;
                }
                Selection::FragmentSpread(spread) if self.is_selected(&spread.node.directives) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.seen.insert(name)
                    {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.set(&fragment.node.selection_set.node, on)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &'a Positioned<Field>, on: &str) -> ServerResult<()> {
        let Some(guarded) = self.rights.types.get(on).and_then(|fields| fields.get(field.node.name.node.as_str()))
        else {
            return Ok(());
        };
        self.path.push(PathSegment::Field(field.node.response_key().node.to_string()));
        for scope in &guarded.scopes {
            self.require(scope).map_err(|error| {
                let error = async_graphql::Error::from(error).into_server_error(field.pos);
                ServerError { path: self.path.clone(), ..error }
            })?;
        }
        self.set(&field.node.selection_set.node, &guarded.leads_to)?;
        self.path.pop();
        Ok(())
    }

    /// `write` stands for the right to write something: which sections those are depends on the document.
    fn require(&self, scope: &str) -> Result<()> {
        match scope.parse() {
            Ok(crate::Scope::Write(None)) => self.caller.may_write_something(),
            Ok(scope) => self.caller.require(&scope),
            Err(cause) => Err(crate::Error::internal(cause)),
        }
    }

    /// Tells whether `@skip` and `@include` leave it in the operation.
    fn is_selected(&self, directives: &[Positioned<Directive>]) -> bool {
        let is_left = |directive: &Positioned<Directive>| {
            let value = directive.node.get_argument("if").map(|value| value.node.clone());
            let value = value.and_then(|value| value.into_const_with(|name| Ok::<_, ()>(self.variable(&name))).ok());
            match directive.node.name.node.as_str() {
                "skip" => value != Some(Value::Boolean(true)),
                "include" => value != Some(Value::Boolean(false)),
                _ => true,
            }
        };
        self.selects_all || directives.iter().all(is_left)
    }

    fn variable(&self, name: &Name) -> Value {
        let default = || {
            let mut definitions = self.operation.variable_definitions.iter();
            let definition = definitions.find(|definition| definition.node.name.node == *name)?;
            definition.node.default_value.as_ref().map(|default| &default.node)
        };
        self.variables.get(name).or_else(default).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_field_that_says_so_needs_its_scope() {
        let (graph, _) = crate::App::default().build().expect("the kernel alone is a graph");
        let rights = graph.catalog().of::<crate::rights::Rights>();
        for (object, field, scope) in [
            ("Mutation", "unpublish", "publish"),
            ("Mutation", "restore", "write"),
            ("Mutation", "createToken", "administer"),
            ("Query", "entry", "read-drafts"),
            ("Entry", "revisions", "read-drafts"),
            ("Revision", "yaml", "read-drafts"),
        ] {
            let scopes = rights.types.get(object).and_then(|fields| fields.get(field)).map(|field| &field.scopes);
            assert_eq!(scopes, Some(&vec![scope.to_owned()]), "{object}.{field}");
        }
    }
}
