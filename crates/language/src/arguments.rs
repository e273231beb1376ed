//! Arguments as they are executed: the specification's `CoerceArgumentValues` (6.4.1), as far as the library leaves it out.
use async_graphql::{
    Positioned, Variables,
    parser::types::{BaseType, Directive, DocumentOperations, ExecutableDocument, Selection, SelectionSet, Type},
};
use async_graphql_value::{ConstValue, Value};

use crate::{
    Broken, Document, Schema,
    schema::{Definition, named, root},
};

impl Schema {
    /// Writes one value that stands for a list as a list, wherever it stands in the arguments of a valid document.
    ///
    /// Stands for `async-graphql`, which does so only for types that do not look at the value as it was written.
    pub fn write_lists(&self, document: &mut Document) {
        let document = &mut document.executable;
        match &mut document.operations {
            DocumentOperations::Single(operation) => {
                let operation = &mut operation.node;
                self.write_lists_in(&mut operation.selection_set.node, root(operation.ty));
            }
            DocumentOperations::Multiple(operations) => {
                for operation in operations.values_mut().map(|operation| &mut operation.node) {
                    self.write_lists_in(&mut operation.selection_set.node, root(operation.ty));
                }
            }
        }
        for fragment in document.fragments.values_mut().map(|fragment| &mut fragment.node) {
            let on = fragment.type_condition.node.on.node.clone();
            self.write_lists_in(&mut fragment.selection_set.node, &on);
        }
    }

    fn write_lists_in(&self, set: &mut SelectionSet, on: &str) {
        for selection in &mut set.items {
            match &mut selection.node {
                Selection::Field(field) => {
                    let field = &mut field.node;
                    let Some(known) = self.field(on, &field.name.node) else { continue };
                    for (name, value) in &mut field.arguments {
                        if let Some(input) = known.arguments.get(name.node.as_str()) {
                            self.write_list(&mut value.node, &input.ty);
                        }
                    }
                    self.write_lists_in(&mut field.selection_set.node, named(&known.ty));
                }
                Selection::InlineFragment(fragment) => {
                    let fragment = &mut fragment.node;
                    let on = fragment.type_condition.as_ref().map_or(on, |condition| &condition.node.on.node);
                    self.write_lists_in(&mut fragment.selection_set.node, on);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn write_list(&self, value: &mut Value, ty: &Type) {
        match (&ty.base, value) {
            (_, Value::Variable(_) | Value::Null) => {}
            (BaseType::List(item), Value::List(items)) => {
                for value in items {
                    self.write_list(value, item);
                }
            }
            (BaseType::List(item), value) => {
                self.write_list(value, item);
                *value = Value::List(vec![std::mem::take(value)]);
            }
            (BaseType::Named(of), Value::Object(values)) => {
                let Some(Definition::Input { fields, .. }) = self.get(of) else { return };
                for (name, value) in values {
                    if let Some(field) = fields.get(name.as_str()) {
                        self.write_list(value, &field.ty);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Checks that no condition of `@skip` or `@include` is null: a variable with a default may be sent as null.
///
/// Stands for `async-graphql`, which takes null for false.
pub fn check_conditions(document: &ExecutableDocument, variables: &Variables) -> Result<(), Vec<Broken>> {
    if !variables.values().any(|value| *value == ConstValue::Null) {
        return Ok(());
    }
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).try_for_each(|set| conditions_in(set, variables))
}

fn conditions_in(set: &SelectionSet, variables: &Variables) -> Result<(), Vec<Broken>> {
    let is_null =
        |value: &Value| matches!(value, Value::Variable(name) if variables.get(name) == Some(&ConstValue::Null));
    for selection in &set.items {
        let directives: &[Positioned<Directive>] = selection.node.directives();
        let conditions = directives.iter().filter_map(|directive| directive.node.get_argument("if"));
        if let Some(null) = conditions.into_iter().find(|value| is_null(&value.node)) {
            return Err(vec![Broken::new("`if` must not be null: its type is `Boolean!`.", null.pos)]);
        }
        match &selection.node {
            Selection::Field(field) => conditions_in(&field.node.selection_set.node, variables)?,
            Selection::InlineFragment(fragment) => conditions_in(&fragment.node.selection_set.node, variables)?,
            Selection::FragmentSpread(_) => {}
        }
    }
    Ok(())
}

/// Removes arguments whose value is a variable without a value, so that their defaults hold.
///
/// Stands for `async-graphql`, which looks at the default of an argument only where the argument is not written at all.
pub fn drop_omitted(document: &mut ExecutableDocument, variables: &Variables) {
    match &mut document.operations {
        DocumentOperations::Single(operation) => drop_in(&mut operation.node.selection_set.node, variables),
        DocumentOperations::Multiple(operations) => {
            for operation in operations.values_mut() {
                drop_in(&mut operation.node.selection_set.node, variables);
            }
        }
    }
    for fragment in document.fragments.values_mut() {
        drop_in(&mut fragment.node.selection_set.node, variables);
    }
}

fn drop_in(set: &mut SelectionSet, variables: &Variables) {
    let has_value = |value: &Value| !matches!(value, Value::Variable(name) if !variables.contains_key(name));
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                field.node.arguments.retain(|(_, value)| has_value(&value.node));
                drop_in(&mut field.node.selection_set.node, variables);
            }
            Selection::InlineFragment(fragment) => drop_in(&mut fragment.node.selection_set.node, variables),
            Selection::FragmentSpread(_) => {}
        }
    }
}
