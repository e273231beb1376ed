//! Variables as an operation declares them: the specification's `CoerceVariableValues` (6.1.2).
//!
//! Stands for `async-graphql`, which executes with the variables as they were sent: it forgets the default of a variable that
//! decides about `@skip` and `@include`, takes an `Int` of `1.0` for a wrong one, and finds wrong values only while it resolves.
use std::fmt;

use async_graphql::{
    Name, Variables,
    indexmap::IndexMap,
    parser::types::{BaseType, OperationDefinition, Type, VariableDefinition},
};
use async_graphql_value::{ConstValue, Number};

use crate::{
    Broken, Schema,
    schema::{Definition, Input},
};

/// Origin of a value. In a document, enums are written without quotes and an `Int` without a fraction.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Origin {
    Document,
    Json,
}

/// A value that its type does not take: the path to it, and what it takes instead.
type Wrong = (String, String);

/// The way to a value; it is written only where the value is wrong.
#[derive(Clone, Copy)]
pub(crate) enum Path<'a> {
    Variable(&'a Name),
    Within(&'a Path<'a>, &'a (dyn fmt::Display + 'a)),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(formatter, "${name}"),
            Self::Within(parent, part) => write!(formatter, "{parent}.{part}"),
        }
    }
}

/// The largest number of errors that one answer tells.
pub(crate) const MOST_ERRORS: usize = 100;

impl Schema {
    /// The variables that the operation declares, coerced: with defaults for those that were not sent, and without all others.
    pub fn coerce(&self, operation: &OperationDefinition, sent: &Variables) -> Result<Variables, Vec<Broken>> {
        let (mut variables, mut broken) = (Variables::default(), Vec::new());
        for definition in &operation.variable_definitions {
            let (at, VariableDefinition { name, var_type, default_value, .. }) = (definition.pos, &definition.node);
            let (name, ty) = (&name.node, &var_type.node);
            let (value, origin) = match (sent.get(name), default_value) {
                (Some(value), _) => (value, Origin::Json),
                (None, Some(default)) => (&default.node, Origin::Document),
                (None, None) if ty.nullable => continue,
                (None, None) => {
                    let message = format!("The variable `${name}` needs a value of type `{ty}`.");
                    broken.push(Broken::new(message, at));
                    continue;
                }
            };
            let mut wrong = Vec::new();
            let value = self.coerced(value.clone(), ty, origin, Path::Variable(name), &mut wrong);
            broken.extend(wrong.into_iter().map(|(path, why)| Broken::new(format!("`{path}` {why}"), at)));
            variables.insert(name.clone(), value);
        }
        broken.truncate(MOST_ERRORS);
        if broken.is_empty() { Ok(variables) } else { Err(broken) }
    }

    fn coerced(
        &self,
        value: ConstValue,
        ty: &Type,
        origin: Origin,
        path: Path<'_>,
        wrong: &mut Vec<Wrong>,
    ) -> ConstValue {
        if wrong.len() >= MOST_ERRORS {
            return value;
        }
        if value == ConstValue::Null {
            if !ty.nullable {
                wrong.push((path.to_string(), format!("must not be null: its type is `{ty}`.")));
            }
            return value;
        }
        match (&ty.base, value) {
            (BaseType::List(item), ConstValue::List(items)) => {
                let items = items.into_iter().enumerate();
                let items =
                    items.map(|(index, value)| self.coerced(value, item, origin, Path::Within(&path, &index), wrong));
                ConstValue::List(items.collect())
            }
            (BaseType::List(item), value) => ConstValue::List(vec![self.coerced(value, item, origin, path, wrong)]),
            (BaseType::Named(name), value) => match self.get(name) {
                Some(Definition::Input { fields, is_one_of }) => match value {
                    ConstValue::Object(values) => {
                        ConstValue::Object(self.object(values, (name, fields, *is_one_of), origin, path, wrong))
                    }
                    value => {
                        wrong.push((path.to_string(), format!("takes an object of type `{name}`: `{{ ... }}`.")));
                        value
                    }
                },
                _ => self.leaf(value, name, origin).unwrap_or_else(|why| {
                    wrong.push((path.to_string(), why));
                    ConstValue::Null
                }),
            },
        }
    }

    fn object(
        &self,
        mut values: IndexMap<Name, ConstValue>,
        (name, fields, is_one_of): (&Name, &IndexMap<String, Input>, bool),
        origin: Origin,
        path: Path<'_>,
        wrong: &mut Vec<Wrong>,
    ) -> IndexMap<Name, ConstValue> {
        if is_one_of && (values.len() != 1 || values.values().any(|value| *value == ConstValue::Null)) {
            wrong.push((path.to_string(), format!("takes exactly one field of `{name}`, which must not be null.")));
        }
        let mut coerced = IndexMap::new();
        for (name, field) in fields {
            match values.swap_remove(name.as_str()) {
                Some(value) => {
                    let value = self.coerced(value, &field.ty, origin, Path::Within(&path, name), wrong);
                    coerced.insert(Name::new(name), value);
                }
                None if field.is_required() => {
                    wrong.push((path.to_string(), format!("needs the field `{name}` of type `{}`.", field.ty)));
                }
                None => {}
            }
        }
        for unknown in values.keys() {
            wrong.push((path.to_string(), self.unknown_field(unknown, name, fields)));
        }
        coerced
    }

    /// A value of a scalar or an enum, or what it takes instead.
    pub(crate) fn leaf(&self, value: ConstValue, name: &str, origin: Origin) -> Result<ConstValue, String> {
        let given = Given(&value);
        match (name, &value) {
            ("Int", ConstValue::Number(number)) => int(number, origin)
                .map(ConstValue::Number)
                .ok_or_else(|| format!("is {number}; an `Int` is a whole number from {} to {}.", i32::MIN, i32::MAX)),
            ("Int", _) => Err(format!("is {given}; an `Int` is a whole number, such as `7`.")),
            ("Float", ConstValue::Number(_))
            | ("Boolean", ConstValue::Boolean(_))
            | ("String" | "ID", ConstValue::String(_)) => Ok(value),
            ("Float", _) => Err(format!("is {given}; a `Float` is a number, such as `7.5`.")),
            ("Boolean", _) => Err(format!("is {given}; a `Boolean` is `true` or `false`.")),
            ("String", _) => Err(format!("is {given}; a `String` is text in double quotes, such as `\"text\"`.")),
            ("ID", ConstValue::Number(number)) => whole(number, origin)
                .map(|number| ConstValue::String(number.to_string()))
                .ok_or_else(|| wrong_id(&given)),
            ("ID", _) => Err(wrong_id(&given)),
            _ => match self.get(name) {
                Some(Definition::Enum(values)) => self.enum_value(&value, name, values, origin),
                _ => match self.check(name) {
                    Some((check, rule)) if !check(&value) => {
                        Err(format!("is {given}, which is not a valid `{name}`. {rule}"))
                    }
                    _ => Ok(value),
                },
            },
        }
    }

    fn enum_value(
        &self,
        value: &ConstValue,
        name: &str,
        values: &[String],
        origin: Origin,
    ) -> Result<ConstValue, String> {
        let written = match (value, origin) {
            (ConstValue::Enum(written), Origin::Document) => written.as_str(),
            (ConstValue::String(text), Origin::Json) => text,
            (ConstValue::String(_), Origin::Document) => {
                let given = Given(value);
                return Err(format!("is {given}; a value of `{name}` is written without quotes."));
            }
            _ => return Err(format!("is {}; it takes a value of `{name}`.{}", Given(value), self.some_of(values))),
        };
        if values.iter().any(|known| known == written) {
            return Ok(ConstValue::Enum(Name::new(written)));
        }
        let close = self.suggestion(written, values);
        let close = if close.is_empty() { self.some_of(values) } else { close };
        Err(format!("is {}, which is not a value of `{name}`.{close}", Given(value)))
    }

    /// A sentence with some values of an enum, where the schema is not hidden.
    fn some_of(&self, values: &[String]) -> String {
        /// Maximum number of values that are named.
        const SOME: usize = 5;
        if !self.suggests || values.is_empty() {
            return String::new();
        }
        let named: Vec<_> = values.iter().take(SOME).map(|value| format!("`{value}`")).collect();
        let more = if values.len() > SOME { ", …" } else { "" };
        format!(" Its values are {}{more}.", named.join(", "))
    }

    /// Message for an input field that is not there.
    pub(crate) fn unknown_field(&self, field: &str, of: &str, fields: &IndexMap<String, Input>) -> String {
        format!("has the field `{field}`, which `{of}` does not have.{}", self.suggestion(field, fields.keys()))
    }
}

fn wrong_id(given: &Given<'_>) -> String {
    format!("is {given}; an `ID` is text in double quotes, or a whole number.")
}

/// A value as an error tells it: the beginning of a text, and of an object or a list only what it is.
struct Given<'a>(&'a ConstValue);

impl fmt::Display for Given<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Maximum number of characters of a text that are told.
        const SHOWN: usize = 40;
        match self.0 {
            ConstValue::String(text) => {
                let mut shown: String = text.chars().take(SHOWN).collect();
                if shown.len() < text.len() {
                    shown.push('…');
                }
                // As it is written, with line breaks and the like as escapes.
                write!(formatter, "{shown:?}")
            }
            ConstValue::Object(_) => formatter.write_str("an object"),
            ConstValue::List(_) => formatter.write_str("a list"),
            ConstValue::Binary(_) => formatter.write_str("binary"),
            other => write!(formatter, "`{other}`"),
        }
    }
}

/// A whole number; JSON does not tell 1.0 from 1.
fn whole(number: &Number, origin: Origin) -> Option<Number> {
    if !number.is_f64() {
        return Some(number.clone());
    }
    let value = number.as_f64().filter(|value| origin == Origin::Json && value.fract() == 0.0)?;
    // No larger number is exact.
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    (value.abs() < 9_007_199_254_740_992.0).then(|| Number::from(value as i64))
}

fn int(number: &Number, origin: Origin) -> Option<Number> {
    whole(number, origin).filter(|number| number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()))
}
