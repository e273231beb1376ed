//! What the modules registered about documents, lists and nodes: fixed once the app is built, shared by all requests.
use std::{
    any::TypeId,
    collections::{BTreeMap, HashMap},
    sync::{Arc, OnceLock},
};

use async_graphql::{
    Context, Value as GraphValue,
    indexmap::IndexMap,
    registry::{MetaInputValue, MetaType, Registry},
};
use chrono::DateTime;
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::{
    Entry, Result, Rule, Scope,
    document::{Finding, Findings, Guide, Severity},
    graph::{GraphSchema, sdl},
    link::linked_object,
    list::{FilterPart, OrderPart},
    open::AnyNode,
    projection::{FollowLink, StoredField, StoredTypes},
    rights::Rights,
    section::AnySection,
    store::Rows,
};

/// Reports what is wrong in a document that has the right shape.
pub type Check = fn(&Guide, &mut Findings);
/// Writes the rows by which a document is found, filtered, sorted and linked.
pub type Project = fn(&Guide, &Entry, &mut Rows);
/// Reports what is wrong in a document on the day it is read, by the fields of the document: what depends on other entries, or on
/// the date.
pub type CheckWhenRead = for<'a> fn(&'a Context<'a>, &'a Value) -> BoxFuture<'a, Result<Vec<Finding>>>;
/// Finds a node of one type by its entry and the key of its part.
pub(crate) type FindNode = for<'a> fn(&'a Context<'_>, Entry, String) -> BoxFuture<'a, Result<Option<AnyNode>>>;

/// One kind of document.
pub struct KindSpec {
    /// The word in the document: `career`.
    pub name: &'static str,
    /// The folder of its files: `careers`.
    pub folder: &'static str,
    /// The GraphQL object of its entries: `Career`.
    pub object: String,
    /// The module that owns it.
    pub module: &'static str,
    /// How grave a link to nothing is.
    pub broken_link: Severity,
    /// Answers a field through a link to one of its entries.
    pub(crate) follow: FollowLink,
    /// The fields of the document, in the order of the modules.
    pub fields: IndexMap<String, DocumentField>,
    /// The sections of the document, in the order of the modules.
    pub(crate) sections: Vec<SectionSpec>,
    /// The rules of the modules.
    pub(crate) checks: Vec<Check>,
    /// The projections of the modules.
    pub(crate) projects: Vec<Project>,
}

/// One field at the top level of a document.
pub struct DocumentField {
    /// The section that holds it.
    pub section: &'static str,
    /// The type of the section's field of this name in the answer, where it has one.
    pub(crate) answered: Option<String>,
    /// The field as projection reads it, where it is stored as it is answered.
    pub(crate) stored: Option<StoredField>,
    /// Its type and description.
    pub(crate) shape: MetaInputValue,
}

/// One section of a kind.
pub(crate) struct SectionSpec {
    pub(crate) name: &'static str,
    pub(crate) module: &'static str,
    pub(crate) read: fn(Value) -> serde_json::Result<(AnySection, Value)>,
    pub(crate) reread: fn(&str) -> serde_json::Result<(AnySection, Value)>,
}

/// A node type: how its nodes are found, and in which kind of document.
pub(crate) struct NodeSpec {
    pub(crate) kind: &'static str,
    pub(crate) find: FindNode,
}

/// Everything the modules registered, except the schema.
#[derive(Default)]
pub struct Content {
    pub(crate) kinds: BTreeMap<&'static str, KindSpec>,
    /// The input types that documents are made of.
    pub(crate) input_types: Registry,
    pub(crate) modules: Vec<&'static str>,
    pub(crate) rules: BTreeMap<&'static str, (&'static str, Rule)>,
    pub(crate) checks_when_read: Vec<CheckWhenRead>,
    pub(crate) schema: OnceLock<GraphSchema>,
    /// The schema as documents and variables are held against it.
    pub(crate) language: OnceLock<language::Schema>,
    /// Tells whether clients learn nothing of the schema, not even by suggestions in errors.
    pub(crate) hides_schema: bool,
    /// What sections are made of, as projection reads it.
    pub(crate) stored: StoredTypes,
    pub(crate) nodes: HashMap<String, NodeSpec>,
    pub(crate) filters: HashMap<TypeId, Vec<FilterPart>>,
    pub(crate) orders: HashMap<TypeId, Vec<OrderPart>>,
    /// The scopes that fields need.
    pub(crate) rights: Rights,
    /// The weights of fields that are dear, by object and field.
    pub(crate) weights: HashMap<String, HashMap<String, u64>>,
}

impl Content {
    /// All kinds, by name.
    pub fn kinds(&self) -> impl Iterator<Item = &KindSpec> {
        self.kinds.values()
    }

    /// Weight of a field of an object in the cost of a query: 1 for all but those that are dear.
    pub fn weight(&self, object: &str, field: &str) -> u64 {
        self.weights.get(object).and_then(|fields| fields.get(field)).copied().unwrap_or(1)
    }

    /// The kind of this name.
    pub fn kind(&self, name: &str) -> Option<&KindSpec> {
        self.kinds.get(name)
    }

    /// The schema as documents and variables are held against it.
    pub fn language(&self) -> &language::Schema {
        self.language.get_or_init(|| {
            let schema = language::Schema::of(&self.schema.get().map(sdl).unwrap_or_default());
            let schema = if self.hides_schema { schema.without_suggestions() } else { schema };
            let scalars = self.input_types.types.iter().filter_map(|(name, scalar)| match scalar {
                MetaType::Scalar { is_valid: Some(check), description, .. } => Some((name, check, description)),
                _ => None,
            });
            let schema = scalars.fold(schema, |schema, (name, check, rule)| {
                schema.with_scalar(name, check.clone(), rule.as_deref().unwrap_or_default())
            });
            schema
                .with_scalar(
                    "Scope",
                    Arc::new(is_scope),
                    "Write `read-drafts`, `write`, `write:MODULE`, `publish` or `administer`.",
                )
                .with_scalar("DateTime", Arc::new(is_time), "Write a time as `2026-05-10T12:00:00Z`.")
        })
    }

    /// The rules that documents are checked by, in the order of their ids.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values().map(|(_, rule)| rule)
    }

    /// The modules that own sections, in their order.
    pub fn modules(&self) -> &[&'static str] {
        &self.modules
    }

    /// Whether documents of the kind have a section of this name.
    pub(crate) fn has_section(&self, kind: &str, section: &str) -> bool {
        self.kind(kind).is_some_and(|kind| kind.sections.iter().any(|spec| spec.name == section))
    }

    /// The kind that a scalar links to.
    pub(crate) fn link_kind(&self, scalar: &str) -> Option<&'static str> {
        let object = linked_object(scalar)?;
        self.kinds().find(|kind| kind.object == object).map(|kind| kind.name)
    }
}

fn is_scope(value: &GraphValue) -> bool {
    matches!(value, GraphValue::String(text) if text.parse::<Scope>().is_ok())
}

fn is_time(value: &GraphValue) -> bool {
    matches!(value, GraphValue::String(text) if DateTime::parse_from_rfc3339(text).is_ok())
}
