//! What an operation costs, measured on its text before anything is expanded: every fragment is measured once and counts as
//! often as it is spread.
use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value as GraphValue, Variables,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
    },
};
use async_graphql_value::{Number, Value};

use super::{Exceeded, Limits, Shape};

/// How many fields may be selected, fragments expanded, in every mode: more would exhaust the process.
const MAX_SELECTED: u64 = 1_000_000;
/// The fields of the introspection that are lists of what has such lists again.
const INTROSPECTION_LISTS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];

/// What an operation, or a part of one, asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measured {
    /// How deep its fields are nested.
    pub(crate) depth: usize,
    /// How many fields have an alias.
    pub(crate) aliases: u64,
    /// How many fields stand at its top.
    pub(crate) top: u64,
    /// How many directives it has.
    pub(crate) directives: u64,
    /// How deep the lists of the introspection are nested.
    pub(crate) introspection: usize,
    /// Whether it asks for the schema.
    pub(crate) introspects: bool,
    /// How many fields are selected.
    pub(crate) selected: u64,
    /// How many objects and values it may return at most, page sizes multiplied in.
    pub(crate) cost: u64,
}

impl Measured {
    fn and(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            aliases: self.aliases.saturating_add(other.aliases),
            top: self.top.saturating_add(other.top),
            directives: self.directives.saturating_add(other.directives),
            introspection: self.introspection.max(other.introspection),
            introspects: self.introspects || other.introspects,
            selected: self.selected.saturating_add(other.selected),
            cost: self.cost.saturating_add(other.cost),
        }
    }

    fn with_directives(mut self, directives: &[Positioned<Directive>]) -> Self {
        self.directives = self.directives.saturating_add(directives.len() as u64);
        self
    }
}

/// Measures the operation and holds it against the limits.
pub(crate) fn measure(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    shape: &Shape,
    limits: &Limits,
) -> Result<Measured, Exceeded> {
    let mut walk = Walk { document, variables, operation, shape, limits, fragments: HashMap::new() };
    let root = match operation.ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    };
    let in_variables =
        operation.variable_definitions.iter().map(|variable| variable.node.directives.len() as u64).sum();
    let mut measured = walk.set(&operation.selection_set.node, root)?.with_directives(&operation.directives);
    measured.directives = measured.directives.saturating_add(in_variables);
    measured.hold(limits)?;
    Ok(measured)
}

impl Measured {
    fn hold(&self, limits: &Limits) -> Result<(), Exceeded> {
        let number = |limit: usize| limit as u64;
        if self.selected > MAX_SELECTED {
            let message = format!(
                "The query selects {} fields, fragments counted as often as they are spread; no query may select more than {MAX_SELECTED}.",
                self.selected
            );
            return Err(Exceeded::new("QUERY_TOO_COMPLEX", message));
        }
        limits.check("QUERY_TOO_DEEP", "The depth of the query", self.depth, limits.max_depth)?;
        let (introspection, most) = (self.introspection, limits.max_introspection_depth);
        limits.check("INTROSPECTION_TOO_DEEP", "The depth of lists in the introspection", introspection, most)?;
        limits.check("TOO_MANY_ROOT_FIELDS", "The number of root fields", self.top, number(limits.max_root_fields))?;
        limits.check("TOO_MANY_ALIASES", "The number of aliases", self.aliases, number(limits.max_aliases))?;
        let (directives, most) = (self.directives, number(limits.max_directives));
        limits.check("TOO_MANY_DIRECTIVES", "The number of directives", directives, most)?;
        check_cost(self.cost, limits)
    }
}

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
    /// What each fragment measures; `None` while it is being measured.
    fragments: HashMap<&'a Name, Option<Measured>>,
}

impl<'a> Walk<'a> {
    fn set(&mut self, set: &'a SelectionSet, on: &str) -> Result<Measured, Exceeded> {
        set.items.iter().try_fold(Measured::default(), |sum, item| {
            Ok(sum.and(match &item.node {
                Selection::Field(field) => self.field(&field.node, on)?,
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    let on = fragment.type_condition.as_ref().map_or(on, |condition| condition.node.on.node.as_str());
                    self.set(&fragment.selection_set.node, on)?.with_directives(&fragment.directives)
                }
                Selection::FragmentSpread(spread) => {
                    let spread = &spread.node;
                    self.fragment(&spread.fragment_name.node)?.with_directives(&spread.directives)
                }
            }))
        })
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Measured, Exceeded> {
        match self.fragments.get(name) {
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
        let measured = self.set(&fragment.selection_set.node, on)?.with_directives(&fragment.directives);
        self.fragments.insert(name, Some(measured));
        Ok(measured)
    }

    fn field(&mut self, field: &'a Field, on: &str) -> Result<Measured, Exceeded> {
        let name = field.name.node.as_str();
        let shape = self.shape.field(on, name);
        let below = self.set(&field.selection_set.node, shape.map_or("", |shape| &shape.returns))?;
        let size = shape.map_or(1, |shape| shape.size.of(|argument| self.argument(field, argument)));
        let size = size.min(u64::from(self.limits.max_page_size));
        let is_introspection_list = shape.is_none() && INTROSPECTION_LISTS.contains(&name);
        Ok(Measured {
            depth: below.depth + 1,
            aliases: below.aliases.saturating_add(u64::from(field.alias.is_some())),
            top: 1,
            directives: below.directives,
            introspection: below.introspection + usize::from(is_introspection_list),
            introspects: below.introspects || matches!(name, "__schema" | "__type"),
            selected: below.selected.saturating_add(1),
            cost: below.cost.saturating_mul(size).saturating_add(1),
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
