//! What is read of the JSON of sections to answer what is selected of an entry.
use std::collections::HashMap;

use async_graphql::{
    ContextSelectionSet, Name, Positioned, Value,
    indexmap::IndexMap,
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
    registry::{MetaInputValue, MetaType, Registry},
};

use super::FollowLink;
use crate::{Content, Kind, content::KindSpec};

/// What is selected of an entry.
#[derive(Default)]
pub(crate) struct Plan {
    /// The answer without what is in the sections. Its names stand in the order of the answer.
    pub(super) blank: IndexMap<Name, Value>,
    /// What the sections hold.
    pub(super) sections: Vec<FromSection>,
    /// The fields that have resolvers, with their places in [`Plan::blank`].
    pub(super) others: Vec<(usize, Positioned<Field>)>,
}

/// What is selected of a section.
pub(super) struct FromSection {
    /// Its name.
    pub(super) name: &'static str,
    /// Its fields.
    pub(super) selected: Selected,
    /// For each place of them, the place in [`Plan::blank`], and what is selected there.
    pub(super) places: Vec<(usize, Positioned<Field>)>,
}

/// What is selected of one stored object.
#[derive(Default)]
pub(super) struct Selected {
    /// The answer where nothing is stored. Its names stand in the order of the answer.
    pub(super) blank: IndexMap<Name, Value>,
    /// The stored fields that are read.
    pub(super) fields: Vec<Stored>,
    /// How many of them are always stored.
    pub(super) required: usize,
}

/// A stored field and the places of the answer that it fills.
pub(super) struct Stored {
    /// Its name.
    pub(super) name: String,
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
    selection: Option<Positioned<Field>>,
}

/// How a stored value becomes an answer.
pub(super) enum Shape {
    /// As it stands: text, a number, a truth value or an enum.
    Leaf,
    /// As the global id of the part of this type whose key it is.
    Id(String),
    /// As the Markdown of prose: the answer without it, and where in there it goes.
    Prose(IndexMap<Name, Value>, Vec<usize>),
    /// Item by item.
    List(Box<Shape>),
    /// Field by field.
    Object(Selected),
    /// As what the link leads to.
    Link(FollowLink),
}

impl Shape {
    fn has_links(&self) -> bool {
        match self {
            Self::Link(_) => true,
            Self::List(item) => item.has_links(),
            Self::Object(selected) => selected.has_links(),
            Self::Leaf | Self::Id(_) | Self::Prose(..) => false,
        }
    }
}

impl Selected {
    fn places(&self) -> impl Iterator<Item = &Place> {
        self.fields.iter().flat_map(|field| &field.places)
    }

    /// Whether links are followed in it.
    pub(super) fn has_links(&self) -> bool {
        self.places().any(|place| place.selection.is_some())
    }

    /// What is selected at the place, and its shape, where links are followed there.
    pub(super) fn links_at(&self, index: usize) -> Option<(&Positioned<Field>, &Shape)> {
        let place = self.places().find(|place| place.index == index)?;
        place.selection.as_ref().map(|selection| (selection, &place.shape))
    }

    /// Adds a place that the stored field fills; `missing` stands there where the field is not stored.
    fn add(&mut self, fields: &Fields<'_>, name: &str, missing: Option<Value>, shape: Shape) {
        let is_required = missing.is_none();
        let (index, _) = self.blank.insert_full(response_key(fields).clone(), missing.unwrap_or_default());
        let selection = shape.has_links().then(|| merged(fields));
        let place = Place { index, shape, selection };
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            field.places.push(place);
        } else {
            self.required += usize::from(is_required);
            self.fields.push(Stored { name: name.to_owned(), is_required, places: vec![place] });
        }
    }
}

/// Selections that share a place in the answer: one, or several that the answer merges.
type Fields<'a> = Vec<&'a Positioned<Field>>;
/// Selections by their place in the answer.
type Places<'a> = IndexMap<&'a Name, Fields<'a>>;

fn response_key<'a>(fields: &Fields<'a>) -> &'a Name {
    &fields[0].node.response_key().node
}

/// One selection for several that share a place.
fn merged(fields: &Fields<'_>) -> Positioned<Field> {
    let mut field = fields[0].clone();
    let others = fields[1..].iter().flat_map(|other| &other.node.selection_set.node.items);
    field.node.selection_set.node.items.extend(others.cloned());
    field
}

/// The plan for what is selected of entries of kind `K`; `None` where all of it has resolvers.
pub(super) fn plan<K: Kind>(ctx: &ContextSelectionSet<'_>, content: &Content) -> Option<Plan> {
    let kind = content.kind(K::NAME)?;
    let fragments = &ctx.query_env.fragments;
    let planner = Planner { answered: &ctx.schema_env.registry, content, kind, fragments };
    let mut plan = Plan::default();
    let mut places = Places::new();
    planner.collect(&kind.object, &ctx.item.node, &mut places)?;
    for (key, fields) in places {
        if fields.iter().any(|field| !field.node.directives.is_empty()) {
            return None;
        }
        let (place, _) = plan.blank.insert_full(key.clone(), Value::Null);
        match fields[0].node.name.node.as_str() {
            "__typename" => plan.blank[place] = kind.object.as_str().into(),
            name => planner.add_place(&mut plan, place, name, &fields),
        }
    }
    (!plan.sections.is_empty()).then_some(plan)
}

/// Compares the types of what is answered with the types of what is stored: those of the input.
struct Planner<'a> {
    answered: &'a Registry,
    content: &'a Content,
    kind: &'a KindSpec,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
}

impl<'a> Planner<'a> {
    /// Selects a field of the entry, of a section where that is possible.
    fn add_place(&self, plan: &mut Plan, place: usize, name: &str, fields: &Fields<'a>) {
        let place = (place, merged(fields));
        let Some(stored) = self.kind.fields.get(name).filter(|stored| stored.is_answered) else {
            return plan.others.push(place);
        };
        let known = plan.sections.iter().position(|section| section.name == stored.section);
        let mut section = known.map_or_else(
            || FromSection { name: stored.section, selected: Selected::default(), places: Vec::new() },
            |known| plan.sections.swap_remove(known),
        );
        match self.add_field(&mut section.selected, &self.kind.object, &stored.shape, fields) {
            Some(()) => section.places.push(place),
            None => plan.others.push(place),
        }
        if !section.places.is_empty() {
            plan.sections.push(section);
        }
    }

    /// What is selected of an object of type `answered` that is stored as `stored`.
    fn object(&self, answered: &str, stored: &str, fields: &Fields<'a>) -> Option<Selected> {
        let MetaType::InputObject { input_fields, .. } = self.content.input_types.types.get(stored)? else {
            return None;
        };
        let mut selected = Selected::default();
        for (key, fields) in self.places(answered, fields)? {
            match fields[0].node.name.node.as_str() {
                "__typename" => {
                    selected.blank.insert(key.clone(), answered.into());
                }
                "id" if self.is_part(answered) && input_fields.get("key").is_some_and(|key| key.ty == "Slug!") => {
                    selected.add(&fields, "key", None, Shape::Id(answered.to_owned()));
                }
                name => self.add_field(&mut selected, answered, input_fields.get(name)?, &fields)?,
            }
        }
        Some(selected)
    }

    /// Whether objects of this type are parts of the document that are found by their keys.
    fn is_part(&self, object: &str) -> bool {
        self.content.nodes.get(object).is_some_and(|node| node.kind == self.kind.name)
    }

    /// Selects the stored field of an object of type `object`.
    fn add_field(
        &self,
        selected: &mut Selected,
        object: &str,
        stored: &MetaInputValue,
        fields: &Fields<'a>,
    ) -> Option<()> {
        let answered = &self.answered.types.get(object)?.field_by_name(&stored.name)?.ty;
        // What arguments and directives change is for resolvers to say.
        if fields.iter().any(|field| !field.node.arguments.is_empty() || !field.node.directives.is_empty()) {
            return None;
        }
        let missing = match stored.default_value.as_deref() {
            Some("[]") => Some(Value::List(Vec::new())),
            None if !answered.ends_with('!') => Some(Value::Null),
            _ => None,
        };
        selected.add(fields, &stored.name, missing, self.shape(answered, &stored.ty, fields)?);
        Some(())
    }

    /// How a stored value of one type is answered as another.
    fn shape(&self, answered: &str, stored: &str, fields: &Fields<'a>) -> Option<Shape> {
        let (answered, stored) = (answered.trim_end_matches('!'), stored.trim_end_matches('!'));
        if let (Some(answered), Some(stored)) = (item(answered), item(stored)) {
            return Some(Shape::List(Box::new(self.shape(answered, stored, fields)?)));
        }
        let is_scalar = matches!(self.content.input_types.types.get(stored)?, MetaType::Scalar { .. });
        match self.answered.types.get(answered)? {
            MetaType::Scalar { .. } => {
                (is_scalar && (answered == stored || answered == "String") && answered != "ID").then_some(Shape::Leaf)
            }
            MetaType::Enum { .. } => (answered == stored).then_some(Shape::Leaf),
            MetaType::Object { .. } if stored == "Markdown" => self.prose(answered, fields),
            MetaType::Object { .. } if is_scalar => {
                let kind = self.content.kind(self.content.link_kind(stored)?)?;
                (kind.object == answered).then_some(Shape::Link(kind.follow))
            }
            MetaType::Object { .. } => self.object(answered, stored, fields).map(Shape::Object),
            _ => None,
        }
    }

    /// What is selected of prose, where that is not made from it.
    fn prose(&self, answered: &str, fields: &Fields<'a>) -> Option<Shape> {
        let (mut blank, mut places) = (IndexMap::new(), Vec::new());
        for (index, (key, fields)) in self.places(answered, fields)?.into_iter().enumerate() {
            let value = match fields[0].node.name.node.as_str() {
                "__typename" => answered.into(),
                "markdown" => {
                    places.push(index);
                    Value::Null
                }
                _ => return None,
            };
            blank.insert(key.clone(), value);
        }
        Some(Shape::Prose(blank, places))
    }

    /// What is selected of an object, by the place in the answer.
    fn places(&self, object: &str, fields: &Fields<'a>) -> Option<Places<'a>> {
        let mut places = Places::new();
        for field in fields {
            self.collect(object, &field.node.selection_set.node, &mut places)?;
        }
        Some(places)
    }

    fn collect(&self, object: &str, selected: &'a SelectionSet, places: &mut Places<'a>) -> Option<()> {
        for selection in &selected.items {
            let (condition, selected) = match &selection.node {
                Selection::Field(field) => {
                    places.entry(&field.node.response_key().node).or_default().push(field);
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
                on == object || self.answered.implements.get(object).is_some_and(|interfaces| interfaces.contains(on))
            });
            if is_met {
                self.collect(object, &selected.node, places)?;
            }
        }
        Some(())
    }
}

/// The type of the items, where it is the type of a list.
fn item(list: &str) -> Option<&str> {
    list.strip_prefix('[')?.strip_suffix(']')
}
