//! Fields that answer under one name: they must be the same field, or stand in objects that cannot be the same one, and then look
//! alike.
use std::collections::{BTreeSet, HashSet};

use async_graphql::{
    Positioned,
    parser::types::{BaseType, ExecutableDocument, Field, Selection, SelectionSet, Type},
};

use crate::{
    Broken, Document, Schema,
    schema::{named, root},
};

/// Maximum number of fields that are looked at, those in open types as often as there are types beside them.
const MOST: usize = 1_000_000;

impl Schema {
    /// `OverlappingFieldsCanBeMerged`, for a document that breaks no other rule. Fragments are expanded, so a document is measured
    /// before.
    pub fn check_merging(&self, document: &Document) -> Result<(), Vec<Broken>> {
        for (_, operation) in document.executable.operations.iter() {
            let set = (&operation.node.selection_set.node, root(operation.node.ty));
            let mut merge = Merge { schema: self, document: &document.executable, left: MOST };
            merge.sets(&[set], true).map_err(|broken| vec![broken])?;
        }
        Ok(())
    }
}

/// A selection, and the type that it is made of.
type Set<'a> = (&'a SelectionSet, &'a str);

/// A field that was found in them.
#[derive(Clone, Copy)]
struct FoundField<'a> {
    on: &'a str,
    field: &'a Positioned<Field>,
    /// Type that it returns, where the schema says so.
    returns: Option<&'a Type>,
}

struct Merge<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    left: usize,
}

impl<'a> Merge<'a> {
    /// Checks selections that are answered as one object or, where they are not the same one, in one place.
    fn sets(&mut self, sets: &[Set<'a>], is_same: bool) -> Result<(), Broken> {
        let mut found = Vec::new();
        let mut spread = HashSet::new();
        for (set, on) in sets {
            self.collect(set, on, &mut found, &mut spread);
        }
        found.sort_by_key(|found| key(found.field));
        for alike in found.chunk_by(|one, other| key(one.field) == key(other.field)) {
            self.left = self.left.saturating_sub(alike.len());
            if self.left == 0 {
                let message = format!("More than {MOST} fields would have to be compared. Select less in fragments.");
                return Err(Broken::new(message, alike[0].field.pos));
            }
            self.alike(alike, is_same)?;
        }
        Ok(())
    }

    fn collect(
        &self,
        set: &'a SelectionSet,
        on: &'a str,
        found: &mut Vec<FoundField<'a>>,
        spread: &mut HashSet<(&'a str, &'a str)>,
    ) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let returns = self.schema.field(on, &field.node.name.node).map(|known| &known.ty);
                    found.push(FoundField { on, field, returns });
                }
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    let on = fragment.type_condition.as_ref().map_or(on, |condition| &condition.node.on.node);
                    self.collect(&fragment.selection_set.node, on, found, spread);
                }
                Selection::FragmentSpread(name) => {
                    let name = &name.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && spread.insert((name, on))
                    {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.collect(&fragment.node.selection_set.node, on, found, spread);
                    }
                }
            }
        }
    }

    /// Checks fields under one name.
    fn alike(&mut self, alike: &[FoundField<'a>], is_same: bool) -> Result<(), Broken> {
        let [first, others @ ..] = alike else { return Ok(()) };
        if let Some(other) = others.iter().find(|other| !look_alike(self.schema, first, other)) {
            return Err(conflict(first, other, "they return different types"));
        }
        if !is_same || others.is_empty() {
            return self.below(alike, is_same);
        }
        let closed: BTreeSet<_> = alike.iter().map(|found| found.on).filter(|on| !self.is_open(on)).collect();
        if closed.len() < 2 {
            return self.one(alike);
        }
        // Objects of different types are different ones.
        for on in closed {
            let of = |found: &&FoundField<'a>| found.on == on || self.is_open(found.on);
            let may_be_one: Vec<_> = alike.iter().filter(of).copied().collect();
            self.one(&may_be_one)?;
        }
        self.below(alike, false)
    }

    /// Checks fields under one name of one object.
    fn one(&mut self, alike: &[FoundField<'a>]) -> Result<(), Broken> {
        let [first, others @ ..] = alike else { return Ok(()) };
        for other in others {
            let (one, two) = (&first.field.node, &other.field.node);
            if one.name.node != two.name.node {
                let which = format!("`{}` and `{}` are different fields", one.name.node, two.name.node);
                return Err(conflict(first, other, &which));
            }
            let is_given = |(name, value): &(Positioned<_>, Positioned<_>)| {
                two.arguments.iter().any(|(other, given)| other.node == name.node && given.node == value.node)
            };
            if one.arguments.len() != two.arguments.len() || !one.arguments.iter().all(is_given) {
                return Err(conflict(first, other, "they have different arguments"));
            }
        }
        self.below(alike, true)
    }

    fn below(&mut self, alike: &[FoundField<'a>], is_same: bool) -> Result<(), Broken> {
        let sets = alike.iter().filter_map(|found| {
            let on = named(found.returns?).as_str();
            Some((&found.field.node.selection_set.node, on)).filter(|(set, _)| !set.items.is_empty())
        });
        let sets: Vec<_> = sets.collect();
        if sets.is_empty() { Ok(()) } else { self.sets(&sets, is_same) }
    }

    fn is_open(&self, on: &str) -> bool {
        self.schema.is_open(on)
    }
}

/// The name under which the field answers.
fn key(field: &Positioned<Field>) -> &str {
    &field.node.response_key().node
}

/// Tells whether clients can read both by one type.
fn look_alike(schema: &Schema, one: &FoundField<'_>, other: &FoundField<'_>) -> bool {
    fn types(schema: &Schema, one: &Type, other: &Type) -> bool {
        one.nullable == other.nullable
            && match (&one.base, &other.base) {
                (BaseType::List(one), BaseType::List(other)) => types(schema, one, other),
                (BaseType::Named(one), BaseType::Named(other)) => {
                    one == other || (schema.is_composite(one) && schema.is_composite(other))
                }
                _ => false,
            }
    }
    match (one.returns, other.returns) {
        (Some(one), Some(other)) => types(schema, one, other),
        _ => true,
    }
}

fn conflict(one: &FoundField<'_>, other: &FoundField<'_>, why: &str) -> Broken {
    let (key, first) = (key(one.field), one.field.pos);
    let message = format!(
        "The fields under `{key}` conflict with those on line {}, column {}: {why}. Give one of them another alias.",
        first.line, first.column
    );
    Broken { message, at: vec![first, other.field.pos] }
}
