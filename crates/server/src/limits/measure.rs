//! Cost of an operation, measured on its text before anything is expanded: every fragment is measured once and counts as
//! often as it is spread.
use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value as GraphValue, Variables,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
    },
};
use async_graphql_value::{Number, Value};
use kernel::MAX_NESTING;

use super::{Exceeded, Limits, Shape};

/// Maximum number of fields, spreads and inline fragments in a document once its fragments are expanded, in every mode: the library
/// goes over all of them several times before it executes anything.
const MAX_EXPANDED: u64 = 100_000;
/// Maximum number of fields that are compared to find those that conflict, in every mode: the library does so for each selection.
const MAX_COMPARED: u64 = 1_000_000;
/// Maximum cost of the introspection, in every mode: it is made in one go.
const MAX_INTROSPECTION: u64 = 1_000_000;
/// The fields of the introspection that are lists of what has such lists again.
const INTROSPECTION_LISTS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];

/// Measures of an operation, or of a part of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measured {
    /// Nesting depth of its fields.
    pub(crate) depth: usize,
    /// Nesting depth of its selections, those of fragments included.
    pub(crate) nesting: usize,
    /// Number of fields with an alias.
    pub(crate) aliases: u64,
    /// Number of fields at its top.
    pub(crate) top: u64,
    /// Number of its directives.
    pub(crate) directives: u64,
    /// Nesting depth of the lists of the introspection.
    pub(crate) introspection: usize,
    /// True where it asks for the schema.
    pub(crate) introspects: bool,
    /// Number of its fields, spreads and inline fragments, fragments expanded.
    pub(crate) expanded: u64,
    /// Maximum number of objects and values that it may return, page sizes multiplied in.
    pub(crate) cost: u64,
    /// Number of objects and values of the schema that it returns, by the sizes that lists have on average.
    pub(crate) introspection_cost: u64,
}

impl Measured {
    fn and(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            nesting: self.nesting.max(other.nesting),
            aliases: self.aliases.saturating_add(other.aliases),
            top: self.top.saturating_add(other.top),
            directives: self.directives.saturating_add(other.directives),
            introspection: self.introspection.max(other.introspection),
            introspects: self.introspects || other.introspects,
            expanded: self.expanded.saturating_add(other.expanded),
            cost: self.cost.saturating_add(other.cost),
            introspection_cost: self.introspection_cost.saturating_add(other.introspection_cost),
        }
    }

    fn with_directives(mut self, directives: &[Positioned<Directive>]) -> Self {
        self.directives = self.directives.saturating_add(directives.len() as u64);
        self
    }

    /// The same, with the spread or inline fragment that it stands in.
    fn within(mut self) -> Self {
        self.expanded = self.expanded.saturating_add(1);
        self
    }
}

/// Measures the operation and holds it against the limits. What else stands in the document is held against those that keep the
/// process alive: the library looks at every operation and every fragment, whichever is executed.
pub(crate) fn measure(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    shape: &Shape,
    limits: &Limits,
) -> Result<Measured, Exceeded> {
    let mut walk = Walk { document, variables, operation, shape, limits, fragments: HashMap::new(), compared: 0 };
    let in_variables =
        operation.variable_definitions.iter().map(|variable| variable.node.directives.len() as u64).sum();
    let mut measured = walk.operation(operation)?.with_directives(&operation.directives);
    measured.directives = measured.directives.saturating_add(in_variables);
    let mut expanded = measured.expanded;
    for (_, other) in document.operations.iter().filter(|(_, other)| !std::ptr::eq(&raw const other.node, operation)) {
        expanded = expanded.saturating_add(walk.operation(&other.node)?.expanded);
    }
    for name in document.fragments.keys() {
        expanded = expanded.saturating_add(walk.fragment(name, 0)?.expanded);
    }
    for (what, value, limit) in [
        ("fields, spreads and inline fragments, fragments counted as often as they are spread", expanded, MAX_EXPANDED),
        ("fields that must be compared with each other", walk.compared, MAX_COMPARED),
    ] {
        if value > limit {
            let message = format!("The document has {value} {what}; no document may have more than {limit}.");
            return Err(Exceeded::new("QUERY_TOO_COMPLEX", message));
        }
    }
    measured.hold(limits)?;
    Ok(measured)
}

impl Measured {
    fn hold(&self, limits: &Limits) -> Result<(), Exceeded> {
        let number = |limit: usize| limit as u64;
        if self.introspection_cost > MAX_INTROSPECTION {
            let cost = self.introspection_cost;
            let message = format!("{INTROSPECTION_COST} is {cost}; no query may have more than {MAX_INTROSPECTION}.");
            return Err(Exceeded::new("INTROSPECTION_TOO_COMPLEX", message));
        }
        limits.check("QUERY_TOO_DEEP", "The depth of the query", self.depth, limits.max_depth.into())?;
        let (introspection, most) = (self.introspection, limits.max_introspection_depth);
        limits.check("INTROSPECTION_TOO_DEEP", "The depth of lists in the introspection", introspection, most)?;
        limits.check("TOO_MANY_ROOT_FIELDS", "The number of root fields", self.top, number(limits.max_root_fields))?;
        limits.check("TOO_MANY_ALIASES", "The number of aliases", self.aliases, number(limits.max_aliases))?;
        let (directives, most) = (self.directives, number(limits.max_directives));
        limits.check("TOO_MANY_DIRECTIVES", "The number of directives", directives, most)?;
        let (cost, most) = (self.introspection_cost, limits.max_introspection_cost);
        limits.check("INTROSPECTION_TOO_COMPLEX", INTROSPECTION_COST, cost, most)?;
        check_cost(self.cost, limits)
    }
}

const INTROSPECTION_COST: &str =
    "The cost of the introspection (its fields, times the sizes of the lists they stand in)";

/// Holds the cost of an operation, or of a batch, against the limit.
pub(crate) fn check_cost(cost: u64, limits: &Limits) -> Result<(), Exceeded> {
    let what = "The cost of the query (its fields, times the sizes of the pages they stand on)";
    limits.check("QUERY_TOO_COMPLEX", what, cost, limits.max_complexity)
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    shape: &'a Shape,
    limits: &'a Limits,
    /// Measures of each fragment; `None` while it is being measured.
    fragments: HashMap<&'a Name, Option<Measured>>,
    /// Number of fields that stand beside each other in selections, each selection of the document counted once.
    compared: u64,
}

impl<'a> Walk<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Measured, Exceeded> {
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        self.set(&operation.selection_set.node, root, 0)
    }

    /// Measures a selection within `around` others. The walk goes no deeper than the library may, so that neither runs out of
    /// stack.
    fn set(&mut self, set: &'a SelectionSet, on: &str, around: usize) -> Result<Measured, Exceeded> {
        if set.items.is_empty() {
            return Ok(Measured::default());
        }
        if around > MAX_NESTING {
            return Err(too_deep(around));
        }
        let mut sum = Measured::default();
        for item in &set.items {
            sum = sum.and(match &item.node {
                Selection::Field(field) => self.field(&field.node, on, around)?,
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    let on = fragment.type_condition.as_ref().map_or(on, |condition| condition.node.on.node.as_str());
                    let within = self.set(&fragment.selection_set.node, on, around + 1)?.within();
                    within.with_directives(&fragment.directives)
                }
                Selection::FragmentSpread(spread) => {
                    let spread = &spread.node;
                    let within = self.fragment(&spread.fragment_name.node, around + 1)?.within();
                    within.with_directives(&spread.directives)
                }
            });
        }
        self.compared = self.compared.saturating_add(sum.top);
        sum.nesting += 1;
        Ok(sum)
    }

    fn fragment(&mut self, name: &'a Name, around: usize) -> Result<Measured, Exceeded> {
        match self.fragments.get(name) {
            Some(Some(measured)) if around + measured.nesting > MAX_NESTING + 1 => {
                return Err(too_deep(around + measured.nesting - 1));
            }
            Some(Some(measured)) => return Ok(*measured),
            Some(None) => {
                let message = format!("The fragment `{name}` spreads itself.");
                return Err(Exceeded::new("GRAPHQL_VALIDATION_FAILED", message));
            }
            None => {}
        }
        // A fragment that is not there is the validator's to report.
        let Some(fragment) = self.document.fragments.get(name).map(|fragment| &fragment.node) else {
            return Ok(Measured::default());
        };
        self.fragments.insert(name, None);
        let on = fragment.type_condition.node.on.node.as_str();
        let measured = self.set(&fragment.selection_set.node, on, around)?.with_directives(&fragment.directives);
        self.fragments.insert(name, Some(measured));
        Ok(measured)
    }

    fn field(&mut self, field: &'a Field, on: &str, around: usize) -> Result<Measured, Exceeded> {
        let name = field.name.node.as_str();
        let shape = self.shape.field(on, name);
        let below = self.set(&field.selection_set.node, shape.map_or("", |shape| &shape.returns), around + 1)?;
        let size = shape.map_or(1, |shape| shape.size.of(|argument| self.argument(field, argument)));
        let size = size.min(u64::from(self.limits.max_page_size));
        let is_of_schema = on.starts_with("__") || matches!(name, "__schema" | "__type");
        let is_introspection_list = (shape.is_none() || is_of_schema) && INTROSPECTION_LISTS.contains(&name);
        let listed = shape.map_or(1, |shape| shape.size.in_schema());
        Ok(Measured {
            depth: below.depth + 1,
            nesting: below.nesting,
            aliases: below.aliases.saturating_add(u64::from(field.alias.is_some())),
            top: 1,
            directives: below.directives,
            introspection: below.introspection + usize::from(is_introspection_list),
            introspects: below.introspects || matches!(name, "__schema" | "__type"),
            expanded: below.expanded.saturating_add(1),
            cost: below.cost.saturating_mul(size).saturating_add(shape.map_or(1, |shape| shape.weight)),
            introspection_cost: below.introspection_cost.saturating_mul(listed).saturating_add(is_of_schema.into()),
        }
        .with_directives(&field.directives))
    }

    /// An argument as a number: its value, or the length of its list.
    fn argument(&self, field: &Field, name: &str) -> Option<u64> {
        match &field.get_argument(name)?.node {
            Value::Variable(variable) => {
                let given = self.variables.get(variable).map(size);
                let defined =
                    self.operation.variable_definitions.iter().find(|known| known.node.name.node == *variable);
                given.or_else(|| {
                    defined.and_then(|known| known.node.default_value.as_ref()).map(|value| size(&value.node))
                })?
            }
            Value::Number(number) => Some(count(number)),
            Value::List(items) => Some(items.len() as u64),
            _ => None,
        }
    }
}

fn size(value: &GraphValue) -> Option<u64> {
    match value {
        GraphValue::Number(number) => Some(count(number)),
        GraphValue::List(items) => Some(items.len() as u64),
        _ => None,
    }
}

/// A negative number is refused when the field is resolved.
fn count(number: &Number) -> u64 {
    number.as_u64().unwrap_or_default()
}

fn too_deep(nesting: usize) -> Exceeded {
    let message = format!(
        "Selections are nested {nesting} levels deep or deeper, those of fragments included; no document may have more than {MAX_NESTING}."
    );
    Exceeded::new("QUERY_TOO_DEEP", message)
}
