//! `FieldsOnCorrectType`, `ScalarLeafs`, `KnownArgumentNames`, `UniqueArgumentNames`, `ProvidedRequiredArguments` and
//! `PossibleFragmentSpreads`.
use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned,
    indexmap::IndexMap,
    parser::types::{DirectiveLocation, Field, InlineFragment, Selection, SelectionSet},
};
use async_graphql_value::Value;

use super::Rules;
use crate::schema::{Input, named};

impl<'a> Rules<'a> {
    /// A selection on a type; on none where the type is unknown.
    pub(super) fn selection_set(&mut self, set: &'a SelectionSet, on: Option<&'a str>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.field(field, on),
                Selection::InlineFragment(fragment) => self.inline_fragment(fragment, on),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name;
                    self.found.spreads.push((&name.node, spread.pos));
                    if let Some(fragment) = self.executable.fragments.get(&name.node) {
                        self.spread(&fragment.node.type_condition.node.on.node, on, spread.pos);
                    } else {
                        let suggestion = self.suggestion(&name.node, self.executable.fragments.keys());
                        self.report(name.pos, format!("Unknown fragment \"{}\".{suggestion}", name.node));
                    }
                    self.directives(&spread.node.directives, DirectiveLocation::FragmentSpread);
                }
            }
        }
    }

    fn inline_fragment(&mut self, fragment: &'a Positioned<InlineFragment>, on: Option<&'a str>) {
        let (at, fragment) = (fragment.pos, &fragment.node);
        let of = match &fragment.type_condition {
            Some(condition) => {
                let of = self.condition(&condition.node.on);
                if let Some(of) = of {
                    self.spread(of, on, at);
                }
                of
            }
            None => on,
        };
        self.directives(&fragment.directives, DirectiveLocation::InlineFragment);
        self.selection_set(&fragment.selection_set.node, of);
    }

    /// `PossibleFragmentSpreads`.
    fn spread(&mut self, of: &str, on: Option<&str>, at: Pos) {
        let Some(on) = on.filter(|_| self.schema.is_composite(of)) else { return };
        if !self.schema.overlap(of, on) {
            self.report(
                at,
                format!("A fragment on `{of}` cannot be spread here: objects of type `{on}` are never of type `{of}`."),
            );
        }
    }

    fn field(&mut self, field: &'a Positioned<Field>, on: Option<&'a str>) {
        let (at, field) = (field.pos, &field.node);
        let name = &field.name.node;
        self.directives(&field.directives, DirectiveLocation::Field);
        let known = on.and_then(|on| self.schema.field(on, name));
        if let (Some(on), None) = (on, known) {
            let names: Vec<_> = self.schema.fields(on).into_iter().flat_map(HashMap::keys).collect();
            let suggestion = self.suggestion(name, names);
            self.report(at, format!("Unknown field \"{name}\" on type \"{on}\".{suggestion}"));
        }
        let Some(known) = known else {
            self.arguments(&field.arguments, None, "");
            return self.selection_set(&field.selection_set.node, None);
        };
        self.arguments(&field.arguments, Some(&known.arguments), name);
        self.required(&field.arguments, &known.arguments, &format!("The field `{name}`"), at);
        let returns = named(&known.ty);
        let set = &field.selection_set;
        match (self.schema.is_composite(returns), set.node.items.is_empty()) {
            (true, true) => {
                self.report(
                    at,
                    format!(
                        "The field `{name}` is of type `{}`: select fields of it, as in `{name} {{ ... }}`.",
                        known.ty
                    ),
                );
            }
            (false, false) => {
                self.report(
                    set.pos,
                    format!("The field `{name}` is of type `{}`, which has no fields to select.", known.ty),
                );
            }
            _ => {}
        }
        self.selection_set(&set.node, Some(returns.as_str()).filter(|_| self.schema.is_composite(returns)));
    }

    /// Arguments of a field or directive; none are known where it is unknown itself.
    pub(super) fn arguments(
        &mut self,
        arguments: &'a [(Positioned<Name>, Positioned<Value>)],
        known: Option<&'a IndexMap<String, Input>>,
        of: &str,
    ) {
        self.unique("argument", "", arguments.iter().map(|(name, _)| name));
        for (name, value) in arguments {
            let input = known.and_then(|known| known.get(name.node.as_str()));
            if let (Some(known), None) = (known, input) {
                let suggestion = self.suggestion(&name.node, known.keys());
                self.report(name.pos, format!("Unknown argument \"{}\" of \"{of}\".{suggestion}", name.node));
            }
            self.value(value, input, &name.node);
        }
    }

    /// Reports names that stand in a list more than once, with all their places.
    pub(super) fn unique(&mut self, what: &str, sign: &str, names: impl Iterator<Item = &'a Positioned<Name>> + Clone) {
        let mut places: IndexMap<&Name, Vec<Pos>> = IndexMap::new();
        for name in names {
            places.entry(&name.node).or_default().push(name.pos);
        }
        for (name, places) in places.into_iter().filter(|(_, places)| places.len() > 1) {
            self.report_all(places, format!("There is more than one {what} named \"{sign}{name}\"."));
        }
    }

    /// `ProvidedRequiredArguments`.
    pub(super) fn required(
        &mut self,
        arguments: &[(Positioned<Name>, Positioned<Value>)],
        known: &IndexMap<String, Input>,
        of: &str,
        at: Pos,
    ) {
        for (name, input) in known.iter().filter(|(_, input)| input.is_required()) {
            if !arguments.iter().any(|(given, _)| given.node == *name.as_str()) {
                self.report(at, format!("{of} needs the argument `{name}` of type `{}`.", input.ty));
            }
        }
    }
}
