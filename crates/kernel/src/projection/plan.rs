//! What is read of the JSON of sections to answer what is selected of an entry.
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use async_graphql::{
    ContextSelectionSet, Name, Positioned, Value,
    indexmap::{IndexMap, IndexSet},
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
};

use super::{
    FollowLink,
    types::{StoredField, StoredObject, StoredTypes, StoredValue},
    write_json,
};
use crate::{Content, Kind};

/// What is selected of an entry.
#[derive(Default)]
pub(crate) struct Plan {
    /// The answer without what is in the sections. Its names stand in the order of the answer.
    pub(super) blank: IndexMap<Name, Value>,
    /// What the sections hold.
    pub(super) sections: Vec<FromSection>,
    /// The names of these sections.
    pub(super) names: Arc<[&'static str]>,
    /// The names of all sections that are looked at, also by resolvers.
    pub(super) wanted: Arc<[&'static str]>,
    /// The fields that have resolvers, with their places in [`Plan::blank`].
    pub(super) others: Vec<(usize, Chosen)>,
}

/// What is selected of a section.
pub(super) struct FromSection {
    /// Its fields.
    pub(super) selected: Selected,
    /// For each place of them, the place in [`Plan::blank`].
    pub(super) places: Vec<usize>,
}

/// What is selected of one stored object.
#[derive(Default)]
pub(super) struct Selected {
    /// The answer where nothing is stored. Its names stand in the order of the answer.
    pub(super) blank: IndexMap<Name, Value>,
    /// The same as text.
    pub(super) texts: Vec<Text>,
    /// The stored fields that are read.
    pub(super) fields: Vec<Stored>,
    /// How many of them are always stored.
    pub(super) required: usize,
    /// Whether links are followed in it.
    pub(super) has_links: bool,
}

/// A stored field and the places of the answer that it fills.
pub(super) struct Stored {
    /// Its name.
    pub(super) name: Arc<str>,
    /// Whether it is always stored; otherwise the answer of a missing one stands in [`Selected::blank`].
    pub(super) is_required: bool,
    /// Where its value goes: to one place as a rule.
    pub(super) places: Vec<Place>,
}

/// A place of an answer.
pub(super) struct Place {
    /// Its index in [`Selected::blank`].
    pub(super) index: usize,
    /// What stands there.
    pub(super) shape: Shape,
    /// What is selected there, where links are followed below it.
    chosen: Option<Chosen>,
}

/// What is selected at a place.
pub(super) enum Chosen {
    /// The field of this index in the selection around it.
    At(usize),
    /// A field that stands in a fragment, or several that share a place.
    Merged(Box<Positioned<Field>>),
}

impl Chosen {
    /// The field, by the selection around it.
    pub(super) fn field<'a>(&'a self, around: &'a SelectionSet) -> Option<&'a Positioned<Field>> {
        match self {
            Self::Merged(field) => Some(field),
            Self::At(index) => match &around.items.get(*index)?.node {
                Selection::Field(field) => Some(field),
                _ => None,
            },
        }
    }
}

/// How a stored value becomes an answer.
pub(super) enum Shape {
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
    Link(FollowLink),
}

/// What is selected of prose.
pub(super) struct Prose {
    /// The answer without the Markdown.
    pub(super) blank: IndexMap<Name, Value>,
    /// The same as text.
    pub(super) texts: Vec<Text>,
    /// Where the Markdown goes.
    pub(super) places: Vec<usize>,
}

/// A field of an answer as JSON.
pub(super) struct Text {
    /// What precedes its value: `{"title":` or `,"title":`.
    pub(super) before: Box<str>,
    /// Its value where nothing is stored.
    pub(super) blank: Box<str>,
}

/// The fields of an answer as JSON.
fn texts(blank: &IndexMap<Name, Value>) -> Vec<Text> {
    let text = |(index, (name, value)): (usize, (&Name, &Value))| {
        let before = format!("{}\"{name}\":", if index == 0 { '{' } else { ',' });
        let mut blank = Vec::new();
        write_json(value, &mut blank);
        Text { before: before.into(), blank: String::from_utf8_lossy(&blank).into() }
    };
    blank.iter().enumerate().map(text).collect()
}

impl Shape {
    pub(super) fn has_links(&self) -> bool {
        match self {
            Self::Link(_) => true,
            Self::List(item) => item.has_links(),
            Self::Object(selected) => selected.has_links,
            Self::Leaf | Self::Id(_) | Self::Prose(_) => false,
        }
    }
}

impl Selected {
    /// What is selected at the place, and its shape, where links are followed there.
    pub(super) fn links_at(&self, index: usize) -> Option<(&Chosen, &Shape)> {
        let place = self.fields.iter().flat_map(|field| &field.places).find(|place| place.index == index)?;
        place.chosen.as_ref().map(|chosen| (chosen, &place.shape))
    }

    /// Adds a place that the stored field fills.
    fn add(&mut self, fields: &Fields<'_>, stored: &StoredField, shape: Shape) {
        let (index, _) = self.blank.insert_full(fields.key().clone(), stored.missing.clone().unwrap_or_default());
        let chosen = shape.has_links().then(|| fields.chosen());
        self.has_links |= chosen.is_some();
        let place = Place { index, shape, chosen };
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == stored.name) {
            field.places.push(place);
        } else {
            let is_required = stored.missing.is_none();
            self.required += usize::from(is_required);
            self.fields.push(Stored { name: stored.name.clone(), is_required, places: vec![place] });
        }
    }
}

/// The fields that share a place in the answer: one, or several that the answer merges.
struct Fields<'a> {
    first: &'a Positioned<Field>,
    /// The index of the first in the selection around it, where it stands in no fragment.
    index: Option<usize>,
    others: Vec<&'a Positioned<Field>>,
}

impl<'a> Fields<'a> {
    fn key(&self) -> &'a Name {
        &self.first.node.response_key().node
    }

    fn name(&self) -> &'a str {
        self.first.node.name.node.as_str()
    }

    fn all(&self) -> impl Iterator<Item = &'a Field> {
        [self.first].into_iter().chain(self.others.iter().copied()).map(|field| &field.node)
    }

    /// What is selected of their values.
    fn below(&self) -> impl Iterator<Item = &'a SelectionSet> {
        self.all().map(|field| &field.selection_set.node)
    }

    fn chosen(&self) -> Chosen {
        match self.index {
            Some(index) if self.others.is_empty() => Chosen::At(index),
            _ => Chosen::Merged(Box::new(self.merged())),
        }
    }

    /// One field for all of them.
    fn merged(&self) -> Positioned<Field> {
        let mut field = self.first.clone();
        let others = self.others.iter().flat_map(|other| &other.node.selection_set.node.items);
        field.node.selection_set.node.items.extend(others.cloned());
        field
    }
}

/// The plan for what is selected of entries of kind `K`; `None` where all of it has resolvers.
pub(super) fn plan<K: Kind>(ctx: &ContextSelectionSet<'_>, content: &Content) -> Option<Plan> {
    let kind = content.kind(K::NAME)?;
    let planner = Planner::new(ctx, content, K::NAME);
    let (mut plan, mut names, mut wanted) = (Plan::default(), Vec::new(), BTreeSet::new());
    for fields in planner.places(&kind.object, [&ctx.item.node])? {
        let (place, _) = plan.blank.insert_full(fields.key().clone(), Value::Null);
        if fields.name() == "__typename" {
            plan.blank[place] = kind.object.as_str().into();
            continue;
        }
        let stored = kind.fields.get(fields.name());
        wanted.extend(stored.map(|stored| stored.section));
        let from_section = stored.and_then(|stored| {
            let field = stored.stored.as_ref()?;
            Some((stored.section, field, planner.shape(field, &fields)?))
        });
        let Some((section, stored, shape)) = from_section else {
            plan.others.push((place, fields.chosen()));
            continue;
        };
        let known = names.iter().position(|known| *known == section).unwrap_or_else(|| {
            names.push(section);
            plan.sections.push(FromSection { selected: Selected::default(), places: Vec::new() });
            names.len() - 1
        });
        plan.sections[known].selected.add(&fields, stored, shape);
        plan.sections[known].places.push(place);
    }
    (plan.names, plan.wanted) = (names.into(), wanted.into_iter().collect());
    (!plan.sections.is_empty()).then_some(plan)
}

/// What is selected of an entry at these places of its answer.
pub(super) fn selections<K: Kind>(
    ctx: &ContextSelectionSet<'_>,
    content: &Content,
    places: &[usize],
) -> Vec<Positioned<Field>> {
    let object = <K as async_graphql::OutputType>::type_name();
    let all = Planner::new(ctx, content, K::NAME).places(&object, [&ctx.item.node]).unwrap_or_default();
    places.iter().filter_map(|place| all.get(*place)).map(Fields::merged).collect()
}

/// Plans by the types of what is stored.
struct Planner<'a> {
    types: &'a StoredTypes,
    kind: &'static str,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// The interfaces of objects.
    interfaces: &'a HashMap<String, IndexSet<String>>,
}

impl<'a> Planner<'a> {
    fn new(ctx: &ContextSelectionSet<'a>, content: &'a Content, kind: &'static str) -> Self {
        let (fragments, interfaces) = (&ctx.query_env.fragments, &ctx.schema_env.registry.implements);
        Self { types: &content.stored, kind, fragments, interfaces }
    }

    /// How a stored field is answered.
    fn shape(&self, stored: &StoredField, fields: &Fields<'a>) -> Option<Shape> {
        // What arguments and directives change is for resolvers to say.
        if fields.all().any(|field| !field.arguments.is_empty() || !field.directives.is_empty()) {
            return None;
        }
        let shape = match stored.value {
            StoredValue::Leaf => Shape::Leaf,
            StoredValue::Link(follow) => Shape::Link(follow),
            StoredValue::Prose => self.prose(fields)?,
            StoredValue::Object(number) => Shape::Object(self.object(self.types.object(number), fields)?),
            // The id is planned with its object.
            StoredValue::Key(_) => return None,
        };
        Some((0..stored.lists).fold(shape, |item, _| Shape::List(Box::new(item))))
    }

    /// What is selected of an object.
    fn object(&self, object: &StoredObject, fields: &Fields<'a>) -> Option<Selected> {
        let mut selected = Selected::default();
        for fields in self.places(&object.name, fields.below())? {
            if fields.name() == "__typename" {
                selected.blank.insert(fields.key().clone(), object.name.as_str().into());
                continue;
            }
            let stored = object.fields.get(fields.name())?;
            let shape = match stored.value {
                StoredValue::Key(kind) if kind == self.kind => Shape::Id(object.name.clone()),
                _ => self.shape(stored, &fields)?,
            };
            selected.add(&fields, stored, shape);
        }
        selected.texts = texts(&selected.blank);
        Some(selected)
    }

    /// What is selected of prose, where that is not made from it.
    fn prose(&self, fields: &Fields<'a>) -> Option<Shape> {
        let (mut blank, mut places) = (IndexMap::new(), Vec::new());
        for (index, fields) in self.places("RichText", fields.below())?.into_iter().enumerate() {
            let value = match fields.name() {
                "__typename" => "RichText".into(),
                "markdown" => {
                    places.push(index);
                    Value::Null
                }
                _ => return None,
            };
            blank.insert(fields.key().clone(), value);
        }
        Some(Shape::Prose(Prose { texts: texts(&blank), blank, places }))
    }

    /// What is selected of an object, by the place in the answer.
    fn places(&self, object: &str, selected: impl IntoIterator<Item = &'a SelectionSet>) -> Option<Vec<Fields<'a>>> {
        let mut places = Vec::new();
        for (number, selected) in selected.into_iter().enumerate() {
            self.collect(object, selected, number == 0, &mut places)?;
        }
        Some(places)
    }

    /// Adds what is selected to its places; `around` says whether this is the selection around them.
    fn collect(
        &self,
        object: &str,
        selected: &'a SelectionSet,
        around: bool,
        places: &mut Vec<Fields<'a>>,
    ) -> Option<()> {
        for (index, selection) in selected.items.iter().enumerate() {
            let (condition, selected) = match &selection.node {
                Selection::Field(first) => {
                    let key = &first.node.response_key().node;
                    match places.iter_mut().find(|fields| fields.key() == key) {
                        Some(fields) => fields.others.push(first),
                        None => places.push(Fields { first, index: around.then_some(index), others: Vec::new() }),
                    }
                    continue;
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = &self.fragments.get(&spread.node.fragment_name.node)?.node;
                    (Some(&fragment.type_condition), &fragment.selection_set)
                }
                Selection::InlineFragment(fragment) => {
                    (fragment.node.type_condition.as_ref(), &fragment.node.selection_set)
                }
            };
            let is_met = condition.is_none_or(|condition| {
                let on = condition.node.on.node.as_str();
                on == object || self.interfaces.get(object).is_some_and(|interfaces| interfaces.contains(on))
            });
            if is_met {
                self.collect(object, &selected.node, false, places)?;
            }
        }
        Some(())
    }
}
