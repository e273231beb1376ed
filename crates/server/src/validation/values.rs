//! Values: those in the document, and those that its variables have.
use std::collections::HashSet;

use async_graphql::{
    Name, Pos, Positioned,
    indexmap::IndexMap,
    parser::types::{BaseType, Directive, Selection, SelectionSet, Type, VariableDefinition},
};
use async_graphql_value::{ConstValue, Number, Value};
use chrono::DateTime;
use kernel::Scope;

use super::{
    Asked, Broken,
    schema::{Input, named},
};

/// Checks that each variable may stand where it stands, and what the library takes for right until a field is resolved.
pub(crate) fn check_values(asked: Asked<'_>) -> Result<(), Broken> {
    let mut walk = Walk { asked, seen: HashSet::new() };
    for variable in &asked.operation.variable_definitions {
        let VariableDefinition { name, var_type, default_value, .. } = &variable.node;
        if let Some(default) = default_value {
            walk.check(&default.node, &var_type.node, &name.node, default.pos)?;
        }
    }
    walk.directives(&asked.operation.directives)?;
    walk.set(&asked.operation.selection_set.node, asked.root())
}

struct Walk<'a> {
    asked: Asked<'a>,
    /// Fragments that were looked at.
    seen: HashSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn set(&mut self, set: &'a SelectionSet, on: &str) -> Result<(), Broken> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    self.directives(&field.directives)?;
                    let Some(known) = self.asked.schema.field(on, &field.name.node) else { continue };
                    for (name, value) in &field.arguments {
                        if let Some(input) = known.arguments.get(name.node.as_str()) {
                            self.input(&value.node, input, &name.node, value.pos)?;
                        }
                    }
                    self.set(&field.selection_set.node, named(&known.ty.base))?;
                }
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    self.directives(&fragment.directives)?;
                    let on = fragment.type_condition.as_ref().map_or(on, |condition| &condition.node.on.node);
                    self.set(&fragment.selection_set.node, on)?;
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives)?;
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.asked.document.fragments.get(name)
                        && self.seen.insert(name)
                    {
                        self.directives(&fragment.node.directives)?;
                        let on = &fragment.node.type_condition.node.on.node;
                        self.set(&fragment.node.selection_set.node, on)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// `@skip(if:)` and `@include(if:)`; the schema has no others for queries.
    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<(), Broken> {
        for directive in directives {
            if let Some(value) = directive.node.get_argument("if") {
                let truth = Type { base: BaseType::Named(Name::new("Boolean")), nullable: false };
                self.input(&value.node, &Input { ty: truth, has_default: false }, "if", value.pos)?;
            }
        }
        Ok(())
    }

    fn input(&self, value: &Value, input: &Input, name: &str, at: Pos) -> Result<(), Broken> {
        if let Value::Variable(variable) = value {
            return self.variable(variable, input, name, at);
        }
        self.check(value, &input.ty, name, at)
    }

    /// A variable whose type suits the place, and its value.
    fn variable(&self, variable: &Name, input: &Input, name: &str, at: Pos) -> Result<(), Broken> {
        let definitions = &self.asked.operation.variable_definitions;
        // One that is not defined is the library's to report.
        let Some(definition) = definitions.iter().find(|known| known.node.name.node == *variable) else {
            return Ok(());
        };
        let VariableDefinition { var_type, default_value, .. } = &definition.node;
        let has_default = default_value.as_ref().is_some_and(|default| default.node != ConstValue::Null);
        let is_never_null = has_default || input.has_default;
        let place = Type { nullable: input.ty.nullable || is_never_null, base: input.ty.base.clone() };
        if !fits(&var_type.node, &place) {
            let message = format!(
                "`${variable}` is of type `{}`, and `{name}` takes `{}`. Declare the variable with a type that fits.",
                var_type.node, input.ty
            );
            return Err(Broken { message, at });
        }
        match self.asked.variables.get(variable) {
            Some(value) => self.check(value, &input.ty, name, at),
            None => Ok(()),
        }
    }

    /// A value that cannot be right where this type is expected.
    fn check<V: Given>(&self, value: &V, ty: &Type, name: &str, at: Pos) -> Result<(), Broken> {
        let schema = self.asked.schema;
        let wrong = |what: String| Err(Broken { message: format!("`{name}` {what}"), at });
        if value.is_null() {
            return Ok(());
        }
        let of = match &ty.base {
            BaseType::List(item) => {
                // One value stands for a list of it.
                let Some(items) = value.items() else { return self.check(value, item, name, at) };
                return items.iter().try_for_each(|value| self.item(value, item, name, at));
            }
            BaseType::Named(of) => of.as_str(),
        };
        if let Some(fields) = schema.input(of) {
            let Some(values) = value.fields() else {
                return wrong(format!("takes an object of type `{of}`: `{{ ... }}`."));
            };
            let is_one_of = schema.is_one_of(of);
            return values.iter().try_for_each(|(name, value)| match (fields.get(name.as_str()), value.variable()) {
                (Some(field), Some(variable)) => {
                    // The field that is given must not be null.
                    let ty = Type { nullable: field.ty.nullable && !is_one_of, base: field.ty.base.clone() };
                    self.variable(variable, &Input { ty, has_default: field.has_default }, name, at)
                }
                (Some(field), None) => self.check(value, &field.ty, name, at),
                (None, _) => Ok(()),
            });
        }
        if schema.is_enum(of) && V::IS_LITERAL && value.text().is_some() {
            return wrong(format!("takes a value of `{of}`, which is written without quotes."));
        }
        match (of, value.number(), value.text()) {
            ("Int", Some(number), _) if !is_int(number) => {
                wrong(format!("is {number}; an `Int` is a whole number from {} to {}.", i32::MIN, i32::MAX))
            }
            ("DateTime", _, Some(text)) if DateTime::parse_from_rfc3339(text).is_err() => {
                wrong("is no time; give one as `2026-05-10T12:00:00Z`.".to_owned())
            }
            ("Scope", _, Some(text)) => match text.parse::<Scope>() {
                Ok(_) => Ok(()),
                Err(why) => wrong(format!("is wrong: {why}.")),
            },
            _ => Ok(()),
        }
    }

    fn item<V: Given>(&self, value: &V, ty: &Type, name: &str, at: Pos) -> Result<(), Broken> {
        match value.variable() {
            Some(variable) => self.variable(variable, &Input { ty: ty.clone(), has_default: false }, name, at),
            None => self.check(value, ty, name, at),
        }
    }
}

/// Whether a value of this type is one of that.
fn fits(given: &Type, place: &Type) -> bool {
    (place.nullable || !given.nullable)
        && match (&given.base, &place.base) {
            (BaseType::Named(given), BaseType::Named(place)) => given == place,
            (BaseType::List(given), BaseType::List(place)) => fits(given, place),
            _ => false,
        }
}

fn is_int(number: &Number) -> bool {
    number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
}

/// A value of the document, or of a variable.
trait Given: Sized {
    /// Whether it stands in the document, where enums are written without quotes.
    const IS_LITERAL: bool;

    fn is_null(&self) -> bool;
    fn number(&self) -> Option<&Number>;
    fn text(&self) -> Option<&str>;
    fn items(&self) -> Option<&[Self]>;
    fn fields(&self) -> Option<&IndexMap<Name, Self>>;
    fn variable(&self) -> Option<&Name>;
}

macro_rules! given {
    ($value:ident, $is_literal:expr, $variable:expr) => {
        impl Given for $value {
            const IS_LITERAL: bool = $is_literal;

            fn is_null(&self) -> bool {
                matches!(self, Self::Null)
            }

            fn number(&self) -> Option<&Number> {
                if let Self::Number(number) = self { Some(number) } else { None }
            }

            fn text(&self) -> Option<&str> {
                if let Self::String(text) = self { Some(text) } else { None }
            }

            fn items(&self) -> Option<&[Self]> {
                if let Self::List(items) = self { Some(items) } else { None }
            }

            fn fields(&self) -> Option<&IndexMap<Name, Self>> {
                if let Self::Object(fields) = self { Some(fields) } else { None }
            }

            fn variable(&self) -> Option<&Name> {
                let variable: fn(&Self) -> Option<&Name> = $variable;
                variable(self)
            }
        }
    };
}

given!(Value, true, |value| if let Value::Variable(name) = value { Some(name) } else { None });
// A default value is written in the document, too; the library looks at its enums.
given!(ConstValue, false, |_| None);
