//! Plans what is read of the JSON of sections, by what is selected and by the types of what is stored.
use std::collections::{BTreeSet, HashMap};

use async_graphql::{
    ContextSelectionSet, Name, Positioned, Value,
    indexmap::IndexSet,
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
};

use crate::{
    catalog::Catalog,
    plan::{
        Fields, FromSection, Plan, PlannedLink, Projected, Prose, Selected, Shape, StoredField, StoredObject,
        StoredValue, Texts,
    },
};

/// The plan for what is selected of entries of a kind; `None` where all of it has resolvers.
pub(super) fn plan(kind: &'static str, ctx: &ContextSelectionSet<'_>, catalog: &Catalog) -> Option<Plan> {
    Planner::new(ctx, catalog, kind).entry([&ctx.item.node])
}

/// Selections of an entry of a kind at these places of its answer.
pub(super) fn selections(
    kind: &'static str,
    ctx: &ContextSelectionSet<'_>,
    catalog: &Catalog,
    places: &[usize],
) -> Vec<Positioned<Field>> {
    let object = catalog.kind(kind).map_or("", |kind| &kind.object);
    let all = Planner::new(ctx, catalog, kind).places(object, [&ctx.item.node]).unwrap_or_default();
    places.iter().filter_map(|place| all.get(*place)).map(Fields::merged).collect()
}

/// Plans by the types of what is stored.
struct Planner<'a> {
    catalog: &'a Catalog,
    kind: &'static str,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// The interfaces of objects.
    interfaces: &'a HashMap<String, IndexSet<String>>,
}

impl<'a> Planner<'a> {
    fn new(ctx: &ContextSelectionSet<'a>, catalog: &'a Catalog, kind: &'static str) -> Self {
        let (fragments, interfaces) = (&ctx.query_env.fragments, &ctx.schema_env.registry.implements);
        Self { catalog, kind, fragments, interfaces }
    }

    /// Plan for the selections of an entry.
    fn entry(&self, selected: impl IntoIterator<Item = &'a SelectionSet>) -> Option<Plan> {
        let kind = self.catalog.kind(self.kind)?;
        let (mut plan, mut names, mut wanted) = (Plan::default(), Vec::new(), BTreeSet::new());
        for fields in self.places(&kind.object, selected)? {
            let (place, _) = plan.blank.insert_full(fields.key().clone(), Value::Null);
            if fields.name() == "__typename" {
                plan.blank[place] = kind.object.as_str().into();
                continue;
            }
            if let Some(own) = fields.own(&kind.object) {
                plan.own.push((place, own));
                continue;
            }
            let stored = kind.fields.get(fields.name());
            wanted.extend(stored.map(|stored| stored.section));
            let from_section = stored.and_then(|stored| {
                let field = self.catalog.of::<Projected>().fields.get(self.kind)?.get(fields.name())?;
                Some((stored.section, field, self.shape(field, &fields)?))
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
        (!plan.sections.is_empty() || !plan.own.is_empty()).then_some(plan)
    }

    /// Plan for the selections behind a link.
    fn linked(&self, kind: &'static str, fields: &Fields<'a>) -> Option<PlannedLink> {
        let follow = *self.catalog.of::<Projected>().follow.get(kind)?;
        let plan = Self { kind, ..*self }.entry(fields.below());
        Some(PlannedLink { kind, follow, plan: plan.filter(Plan::is_all) })
    }

    /// Shape of the answer of a stored field.
    fn shape(&self, stored: &StoredField, fields: &Fields<'a>) -> Option<Shape> {
        if !fields.are_plain() {
            return None;
        }
        let shape = match stored.value {
            StoredValue::Leaf => Shape::Leaf,
            StoredValue::Link(kind) => Shape::Link(self.linked(kind, fields)?),
            StoredValue::Prose => self.prose(fields)?,
            StoredValue::Object(number) => {
                Shape::Object(self.object(self.catalog.of::<Projected>().types.object(number), fields)?)
            }
            // The id is planned with its object.
            StoredValue::Key(_) => return None,
        };
        Some((0..stored.lists).fold(shape, |item, _| Shape::List(Box::new(item))))
    }

    /// Plan for the selections of an object.
    fn object(&self, object: &StoredObject, fields: &Fields<'a>) -> Option<Selected> {
        let mut selected = Selected::default();
        for fields in self.places(&object.name, fields.below())? {
            if fields.name() == "__typename" {
                selected.blank.push((fields.key().clone(), object.name.as_str().into()));
                continue;
            }
            let stored = object.fields.get(fields.name())?;
            let shape = match stored.value {
                StoredValue::Key(kind) if kind == self.kind => Shape::Id(object.name.clone()),
                _ => self.shape(stored, &fields)?,
            };
            selected.add(&fields, stored, shape);
        }
        selected.texts = Texts::of(&selected.blank);
        Some(selected)
    }

    /// Shape of the selections of prose, where those are not made from it.
    fn prose(&self, fields: &Fields<'a>) -> Option<Shape> {
        let (mut blank, mut places) = (Vec::new(), Vec::new());
        for (index, fields) in self.places("RichText", fields.below())?.into_iter().enumerate() {
            let value = match fields.name() {
                "__typename" => "RichText".into(),
                "markdown" => {
                    places.push(index);
                    Value::Null
                }
                _ => return None,
            };
            blank.push((fields.key().clone(), value));
        }
        Some(Shape::Prose(Prose { texts: Texts::of(&blank), blank, places }))
    }

    /// Selected fields of an object, by the place in the answer.
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
