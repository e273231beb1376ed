//! Kinds of documents: what the modules registered about them, fixed once the app is built.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_graphql::{
    indexmap::IndexMap,
    registry::{MetaInputValue, Registry},
};
use serde_json::Value;

use crate::{
    AnySection, CheckedDocument, Clock, Finding, Findings, LinkTo, Reshaping, Rule, Section, Severity, linked_object,
};

/// Reports what is wrong in a document that has the right shape.
pub type Check = fn(&CheckedDocument, &mut Findings);

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
    /// Severity of a link to nothing.
    pub broken_link: Severity,
    /// The fields of the document, in the order of the modules.
    pub fields: IndexMap<String, DocumentField>,
    /// The sections of the document, in the order of the modules.
    pub sections: Vec<SectionSpec>,
    /// The rules of the modules.
    pub checks: Vec<Check>,
    /// The changes that the shape of its documents has seen.
    pub reshapings: Vec<Reshaping>,
}

impl KindSpec {
    /// The day of today's shape; none where the shape never changed.
    pub fn shape(&self) -> Option<&'static str> {
        self.reshapings.iter().map(|reshaping| reshaping.day).max()
    }
}

/// One field at the top level of a document.
pub struct DocumentField {
    /// The section that holds it.
    pub section: &'static str,
    /// Its type and description.
    pub shape: MetaInputValue,
}

/// One section of a kind.
pub struct SectionSpec {
    /// The name it is stored under.
    pub name: &'static str,
    /// The module that owns it.
    pub module: &'static str,
    pub(crate) read: fn(&str) -> serde_json::Result<(AnySection, Value)>,
}

impl SectionSpec {
    /// The section `S` of this module.
    pub fn of<S: Section>(module: &'static str) -> Self {
        Self { name: S::NAME, module, read: read_section::<S> }
    }
}

/// Everything the modules registered about documents.
#[derive(Default)]
pub struct Kinds {
    /// The kinds by name.
    pub by_name: BTreeMap<&'static str, KindSpec>,
    /// The input types that documents are made of.
    pub input_types: Registry,
    /// The modules that own sections, in their order.
    pub modules: Vec<&'static str>,
    /// The rules by id, with the modules that own them.
    pub rules: BTreeMap<&'static str, (&'static str, Rule)>,
    /// The slugs by which modules know entries, with their kinds: those entries keep them.
    pub fixed_slugs: BTreeSet<(&'static str, &'static str)>,
    /// The clock by which days are in the future.
    pub clock: Clock,
}

impl Kinds {
    /// All kinds, by name.
    pub fn kinds(&self) -> impl Iterator<Item = &KindSpec> {
        self.by_name.values()
    }

    /// The kind of this name.
    pub fn kind(&self, name: &str) -> Option<&KindSpec> {
        self.by_name.get(name)
    }

    /// The rules that documents are checked by, in the order of their ids.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values().map(|(_, rule)| rule)
    }

    /// The modules that own sections, in their order.
    pub fn modules(&self) -> &[&'static str] {
        &self.modules
    }

    /// Tells whether documents of the kind have a section of this name.
    pub fn has_section(&self, kind: &str, section: &str) -> bool {
        self.kind(kind).is_some_and(|kind| kind.sections.iter().any(|spec| spec.name == section))
    }

    /// The kind that a scalar links to.
    pub fn link_kind(&self, scalar: &str) -> Option<&'static str> {
        let object = linked_object(scalar)?;
        self.kinds().find(|kind| kind.object == object).map(|kind| kind.name)
    }

    /// Rule `broken-link`: what to say of a link to nothing.
    pub fn broken(&self, link: &LinkTo) -> Option<Finding> {
        let LinkTo { slug, path, .. } = link;
        let kind = self.kind(link.kind)?;
        let (name, folder) = (kind.name, kind.folder);
        let message = match kind.broken_link {
            Severity::Error => format!("there is no {name} `{slug}`; add it to the folder {folder}"),
            Severity::Warning => format!("there is no {name} `{slug}` yet; the link is null until it is loaded"),
        };
        Some(Finding { severity: kind.broken_link, rule: "broken-link", path: path.clone(), message })
    }
}

/// Reads and binds nothing: a section from JSON whose shape was checked, and its canonical JSON.
///
/// There is one deserializer of sections, that of JSON text: each further one would be compiled for every struct of every module.
fn read_section<S: Section>(text: &str) -> serde_json::Result<(AnySection, Value)> {
    let section: S = read_json(text)?;
    let canonical = serde_json::to_value(&section)?;
    Ok((Arc::new(section), canonical))
}

/// A section from its JSON.
pub fn read_json<S: Section>(text: &str) -> serde_json::Result<S> {
    serde_json::from_str(text)
}
