//! `SingleFieldSubscriptions`: one root field, which is not of the introspection.
use std::collections::HashSet;

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{Field, OperationDefinition, Selection, SelectionSet},
};

use super::Rules;

impl<'a> Rules<'a> {
    pub(super) fn single_root_field(&mut self, operation: &'a OperationDefinition) {
        let mut fields = Vec::new();
        self.root_fields(&operation.selection_set.node, &mut HashSet::new(), 0, &mut fields);
        let Some(first) = fields.first().map(|field| &field.node.response_key().node) else { return };
        let others: Vec<Pos> =
            fields.iter().filter(|field| field.node.response_key().node != *first).map(|field| field.pos).collect();
        if !others.is_empty() {
            self.report_all(others, "A subscription has exactly one root field.".to_owned());
        }
        for field in fields.iter().filter(|field| field.node.name.node.starts_with("__")) {
            let message = "The root field of a subscription must be one of `Subscription`, not of the introspection.";
            self.report(field.pos, message.to_owned());
        }
    }

    fn root_fields(
        &self,
        set: &'a SelectionSet,
        seen: &mut HashSet<&'a Name>,
        depth: usize,
        fields: &mut Vec<&'a Positioned<Field>>,
    ) {
        if depth == MOST_NESTED {
            return;
        }
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => fields.push(field),
                Selection::InlineFragment(fragment) => {
                    self.root_fields(&fragment.node.selection_set.node, seen, depth + 1, fields);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.executable.fragments.get(name)
                        && seen.insert(name)
                    {
                        self.root_fields(&fragment.node.selection_set.node, seen, depth + 1, fields);
                    }
                }
            }
        }
    }
}

/// Maximum depth to which fragments are looked into: deeper ones are refused when the document is measured.
const MOST_NESTED: usize = 65;
