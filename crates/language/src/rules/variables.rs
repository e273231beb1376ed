//! `VariablesAreInputTypes`, `UniqueVariableNames`, `NoUndefinedVariables`, `NoUnusedVariables` and
//! `VariablesInAllowedPosition`.
use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::types::{BaseType, DirectiveLocation, OperationDefinition, Type, VariableDefinition},
};
use async_graphql_value::ConstValue;

use super::{Found, Rules, Usage};
use crate::schema::named;

impl<'a> Rules<'a> {
    pub(super) fn definitions(&mut self, definitions: &'a [Positioned<VariableDefinition>]) {
        self.unique("variable", "$", definitions.iter().map(|definition| &definition.node.name));
        for definition in definitions {
            let VariableDefinition { name, var_type, directives, default_value } = &definition.node;
            let of = named(&var_type.node);
            if self.schema.get(of).is_none() {
                let at = self.document.places.get(&var_type.pos).and_then(|places| places.first());
                self.unknown_type(of, at.copied().unwrap_or(var_type.pos));
            } else if !self.schema.is_input(of) {
                let message = format!(
                    "The variable `${}` cannot be of type `{}`: objects go out only.",
                    name.node, var_type.node
                );
                self.report(var_type.pos, message);
            } else if let Some(default) = default_value {
                self.default(&default.node, &var_type.node, &name.node, default.pos);
            }
            self.directives(directives, DirectiveLocation::VariableDefinition);
        }
    }

    /// The variables of an operation, where it and the fragments that it reaches use them.
    pub(super) fn variables(
        &mut self,
        operation: &'a Positioned<OperationDefinition>,
        found: &Found<'a>,
        reached: &[&'a Name],
        in_fragments: &HashMap<&'a Name, Found<'a>>,
    ) {
        let definitions = &operation.node.variable_definitions;
        let by_name: HashMap<_, _> = definitions.iter().rev().map(|known| (&known.node.name.node, known)).collect();
        let mut used = HashSet::new();
        let of_fragments = reached.iter().filter_map(|name| in_fragments.get(name)).flat_map(|found| &found.usages);
        for usage in found.usages.iter().chain(of_fragments) {
            used.insert(usage.name);
            if let Some(definition) = by_name.get(usage.name) {
                self.position(definition, usage);
            } else {
                let suggestion = self.suggestion(usage.name, by_name.keys().copied());
                let message = format!("Variable \"${}\" is not defined.{suggestion}", usage.name);
                self.report_all(vec![usage.at, operation.pos], message);
            }
        }
        for definition in definitions.iter().filter(|known| !used.contains(&known.node.name.node)) {
            self.report(definition.pos, format!("Variable \"${}\" is not used.", definition.node.name.node));
        }
    }

    /// `VariablesInAllowedPosition`.
    fn position(&mut self, definition: &Positioned<VariableDefinition>, usage: &Usage<'a>) {
        let VariableDefinition { var_type, default_value, .. } = &definition.node;
        let Some(ty) = usage.ty.as_ref().filter(|_| self.schema.get(named(&var_type.node)).is_some()) else { return };
        let has_default = default_value.as_ref().is_some_and(|default| default.node != ConstValue::Null);
        let nullable = ty.nullable || has_default || usage.has_default;
        if !fits(&var_type.node, &Type { nullable, base: ty.base.clone() }) {
            let message = format!(
                "`${}` is of type `{}`, and `{}` takes `{ty}`. Declare the variable with a type that fits.",
                usage.name, var_type.node, usage.place
            );
            self.report_all(vec![definition.pos, usage.at], message);
        }
    }
}

/// Tells whether a value of this type is one of that.
fn fits(given: &Type, place: &Type) -> bool {
    (place.nullable || !given.nullable)
        && match (&given.base, &place.base) {
            (BaseType::Named(given), BaseType::Named(place)) => given == place,
            (BaseType::List(given), BaseType::List(place)) => fits(given, place),
            _ => false,
        }
}
