//! Plans for reading the JSON of sections to answer the selections of an entry.
mod fields;
mod plans;
mod text;
mod types;

use std::sync::Arc;

use async_graphql::{
    ContextSelectionSet, Name, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection, SelectionSet},
};
use futures_util::future::BoxFuture;

pub(crate) use self::{
    fields::Fields,
    plans::PlanKey,
    types::{Projected, StoredField, StoredObject, StoredTypes, StoredValue},
};
pub use self::{plans::Plans, text::write_json};
use crate::{Entry, global_id};

/// Answers a field through a link: with the visible entry of this slug, or null.
pub(crate) type FollowLink =
    for<'a> fn(&'a ContextSelectionSet<'a>, &'a Positioned<Field>, String) -> BoxFuture<'a, ServerResult<Value>>;

/// Plan for the selections of an entry.
#[derive(Default)]
pub(crate) struct Plan {
    /// The answer without what is in the sections. Its names stand in the order of the answer.
    pub(crate) blank: IndexMap<Name, Value>,
    /// Selections that the sections answer.
    pub(crate) sections: Vec<FromSection>,
    /// The names of these sections.
    pub(crate) names: Arc<[&'static str]>,
    /// The names of all sections that are looked at, also by resolvers.
    pub(crate) wanted: Arc<[&'static str]>,
    /// The fields that the entry itself answers, with their places in [`Plan::blank`].
    pub(crate) own: Vec<(usize, Own)>,
    /// The fields that have resolvers, with their places in [`Plan::blank`].
    pub(crate) others: Vec<(usize, Chosen)>,
}

/// A field that an entry has without its sections.
pub(crate) enum Own {
    /// The global id, of an object of this type.
    Id(String),
    /// The slug.
    Slug,
}

impl Plan {
    /// The answer for this entry without what is in the sections.
    pub(crate) fn begin(&self, entry: &Entry) -> IndexMap<Name, Value> {
        let mut answer = self.blank.clone();
        for (place, own) in &self.own {
            answer[*place] = Value::String(match own {
                Own::Id(object) => global_id(object.clone().into(), entry.slug()).0,
                Own::Slug => entry.slug().to_owned(),
            });
        }
        answer
    }

    /// Tells whether what the sections hold is the whole answer.
    pub(crate) fn is_all(&self) -> bool {
        self.others.is_empty() && !self.sections.iter().any(|section| section.selected.has_links)
    }
}

/// Selections of a section.
pub(crate) struct FromSection {
    /// Its fields.
    pub(crate) selected: Selected,
    /// For each place of them, the place in [`Plan::blank`].
    pub(crate) places: Vec<usize>,
}

impl FromSection {
    /// Puts the values of its fields, in their order, into the answer.
    pub(crate) fn put(&self, values: Vec<Value>, answer: &mut IndexMap<Name, Value>) {
        for (place, value) in self.places.iter().zip(values) {
            answer[*place] = value;
        }
    }
}

/// Selections of one stored object.
#[derive(Default)]
pub(crate) struct Selected {
    /// The answer where nothing is stored, in its order.
    pub(crate) blank: Vec<(Name, Value)>,
    /// The same as text.
    pub(crate) texts: Texts,
    /// The stored fields that are read.
    pub(crate) fields: Vec<PlannedField>,
    /// Number of them that are always stored.
    pub(crate) required: usize,
    /// True where links are followed in it.
    pub(crate) has_links: bool,
}

/// A stored field and the places of the answer that it fills.
pub(crate) struct PlannedField {
    /// Its name.
    pub(crate) name: Arc<str>,
    /// True where it is always stored; otherwise the answer of a missing one stands in [`Selected::blank`].
    pub(crate) is_required: bool,
    /// Places that its value goes to: one as a rule.
    pub(crate) places: Vec<SelectionPlace>,
}

/// A place of an answer.
pub(crate) struct SelectionPlace {
    /// Its index in [`Selected::blank`].
    pub(crate) index: usize,
    /// Shape of the value there.
    pub(crate) shape: Shape,
    /// Selection there, where links are followed below it.
    pub(crate) chosen: Option<Chosen>,
}

/// Selection at a place.
pub(crate) enum Chosen {
    /// The field of this index in the selection around it.
    At(usize),
    /// A field that stands in a fragment, or several that share a place.
    Merged(Box<Positioned<Field>>),
}

impl Chosen {
    /// The field, by the selection around it.
    pub(crate) fn field<'a>(&'a self, around: &'a SelectionSet) -> Option<&'a Positioned<Field>> {
        match self {
            Self::Merged(field) => Some(field),
            Self::At(index) => match &around.items.get(*index)?.node {
                Selection::Field(field) => Some(field),
                _ => None,
            },
        }
    }
}

/// Form in which a stored value becomes an answer.
pub(crate) enum Shape {
    /// As it stands: text, a number, a truth value or an enum.
    Leaf,
    /// As the global id of the part of this type whose key it is.
    Id(String),
    /// As the Markdown of prose.
    Prose(Prose),
    /// Item by item.
    List(Box<Shape>),
    /// Field by field.
    Object(Selected),
    /// As what the link leads to.
    Link(PlannedLink),
}

/// Selections behind a link.
pub(crate) struct PlannedLink {
    /// The kind of the entry that it leads to.
    pub(crate) kind: &'static str,
    /// Answers the field.
    pub(crate) follow: FollowLink,
    /// The plan for the entry, where that alone answers it: no resolvers, no further links.
    pub(crate) plan: Option<Plan>,
}

/// Selections of prose.
pub(crate) struct Prose {
    /// The answer without the Markdown.
    pub(crate) blank: Vec<(Name, Value)>,
    /// The same as text.
    pub(crate) texts: Texts,
    /// Places that the Markdown goes to.
    pub(crate) places: Vec<usize>,
}

/// The fields of an answer as JSON.
#[derive(Default)]
pub(crate) struct Texts {
    /// All of them: for each field, what precedes its value, and its value where nothing is stored.
    json: Vec<u8>,
    /// Ends of these.
    ends: Vec<(usize, usize)>,
}

impl Texts {
    pub(crate) fn of(blank: &[(Name, Value)]) -> Self {
        let mut texts = Self { json: Vec::with_capacity(24 * blank.len()), ends: Vec::with_capacity(blank.len()) };
        for (index, (name, value)) in blank.iter().enumerate() {
            texts.json.push(if index == 0 { b'{' } else { b',' });
            texts.json.push(b'"');
            texts.json.extend_from_slice(name.as_bytes());
            texts.json.extend_from_slice(b"\":");
            let before = texts.json.len();
            write_json(value, &mut texts.json);
            texts.ends.push((before, texts.json.len()));
        }
        texts
    }

    /// Number of fields.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Text before the value of a field: `{"title":` or `,"title":`.
    pub(crate) fn before(&self, index: usize) -> &[u8] {
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before].1);
        &self.json[begin..self.ends[index].0]
    }

    /// The value of a field where nothing is stored.
    pub(crate) fn blank(&self, index: usize) -> &[u8] {
        let (begin, end) = self.ends[index];
        &self.json[begin..end]
    }
}

impl Shape {
    pub(crate) fn has_links(&self) -> bool {
        match self {
            Self::Link(_) => true,
            Self::List(item) => item.has_links(),
            Self::Object(selected) => selected.has_links,
            Self::Leaf | Self::Id(_) | Self::Prose(_) => false,
        }
    }
}

impl Selected {
    /// Selection at the place, and its shape, where links are followed there.
    pub(crate) fn links_at(&self, index: usize) -> Option<(&Chosen, &Shape)> {
        let place = self.fields.iter().flat_map(|field| &field.places).find(|place| place.index == index)?;
        place.chosen.as_ref().map(|chosen| (chosen, &place.shape))
    }

    /// Adds a place that the stored field fills.
    pub(crate) fn add(&mut self, fields: &Fields<'_>, stored: &StoredField, shape: Shape) {
        let index = self.blank.len();
        self.blank.push((fields.key().clone(), stored.missing.clone().unwrap_or_default()));
        let chosen = shape.has_links().then(|| fields.chosen());
        self.has_links |= chosen.is_some();
        let place = SelectionPlace { index, shape, chosen };
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == stored.name) {
            field.places.push(place);
        } else {
            let is_required = stored.missing.is_none();
            self.required += usize::from(is_required);
            self.fields.push(PlannedField { name: stored.name.clone(), is_required, places: vec![place] });
        }
    }
}
