//! Selected fields that share a place in the answer.
use async_graphql::{
    Name, Positioned,
    parser::types::{Field, SelectionSet},
};

use super::{Chosen, Own};

/// The fields that share a place in the answer: one, or several that the answer merges.
pub(crate) struct Fields<'a> {
    pub(crate) first: &'a Positioned<Field>,
    /// The index of the first in the selection around it, where it stands in no fragment.
    pub(crate) index: Option<usize>,
    pub(crate) others: Vec<&'a Positioned<Field>>,
}

impl<'a> Fields<'a> {
    pub(crate) fn key(&self) -> &'a Name {
        &self.first.node.response_key().node
    }

    pub(crate) fn name(&self) -> &'a str {
        self.first.node.name.node.as_str()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &'a Field> {
        [self.first].into_iter().chain(self.others.iter().copied()).map(|field| &field.node)
    }

    /// Tells whether there are no arguments and directives: what those change is for resolvers to say.
    pub(crate) fn are_plain(&self) -> bool {
        self.all().all(|field| field.arguments.is_empty() && field.directives.is_empty())
    }

    /// The field of an entry of this type that needs no section.
    pub(crate) fn own(&self, object: &str) -> Option<Own> {
        match self.name() {
            "id" if self.are_plain() => Some(Own::Id(object.to_owned())),
            "slug" if self.are_plain() => Some(Own::Slug),
            _ => None,
        }
    }

    /// Selections of their values.
    pub(crate) fn below(&self) -> impl Iterator<Item = &'a SelectionSet> {
        self.all().map(|field| &field.selection_set.node)
    }

    pub(crate) fn chosen(&self) -> Chosen {
        match self.index {
            Some(index) if self.others.is_empty() => Chosen::At(index),
            _ => Chosen::Merged(Box::new(self.merged())),
        }
    }

    /// One field for all of them.
    pub(crate) fn merged(&self) -> Positioned<Field> {
        let mut field = self.first.clone();
        let others = self.others.iter().flat_map(|other| &other.node.selection_set.node.items);
        field.node.selection_set.node.items.extend(others.cloned());
        field
    }
}
