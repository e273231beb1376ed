//! Plans for a document, kept with it for all its requests.
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_graphql::{
    Name, Pos,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

use super::Plan;
use crate::map::Map;

/// Key of a selection of entries: the position in the document, the number of selections, and the kind of entry.
pub(crate) type PlanKey = (Pos, usize, &'static str);

/// Maximum number of selections of a document, fragments expanded, that are looked at before it counts as one whose answers have to be
/// merged.
const LOOKED_AT: usize = 2_000;

/// Plans for a document. Cheap to clone; clones share it.
#[derive(Clone, Default)]
pub struct Plans {
    by_place: Arc<Mutex<Map<PlanKey, Option<Arc<Plan>>>>>,
    /// True where directives decide for each request what is selected.
    varies: bool,
    writes_text: bool,
    /// Tells whether a field is selected that needs a scope, once somebody asked.
    asks_rights: Arc<OnceLock<bool>>,
}

impl Plans {
    /// For the requests with this document, whose answers are written by [`write_json`](crate::write_json). Its fragments do not
    /// spread themselves.
    pub fn of(document: &ExecutableDocument) -> Self {
        let mut look = Look { document, left: LOOKED_AT, varies: false };
        let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
        let merges = operations.map(|set| look.merges([set])).fold(false, |merges, of_one| merges | of_one);
        Self { by_place: Arc::default(), varies: look.varies, writes_text: !merges, asks_rights: Arc::default() }
    }

    /// For one request.
    pub(crate) fn for_request(&self) -> Self {
        if self.varies { Self { by_place: Arc::default(), ..self.clone() } } else { self.clone() }
    }

    /// Tells whether a field is selected that needs a scope; looked at once.
    pub(crate) fn asks_rights(&self, look: impl FnOnce() -> bool) -> bool {
        *self.asks_rights.get_or_init(look)
    }

    /// Tells whether projected values may stay text: not where the library has to merge answers to fields of the same name.
    pub(crate) fn writes_text(&self) -> bool {
        self.writes_text
    }

    /// The plan for a place of the document; it is made once.
    pub(crate) fn plan(&self, key: PlanKey, plan: impl FnOnce() -> Option<Plan>) -> Option<Arc<Plan>> {
        let mut by_place = self.by_place.lock().unwrap_or_else(PoisonError::into_inner);
        by_place.entry(key).or_insert_with(|| plan().map(Arc::new)).clone()
    }
}

/// A look at what a document selects.
struct Look<'a> {
    document: &'a ExecutableDocument,
    left: usize,
    varies: bool,
}

impl<'a> Look<'a> {
    /// Tells whether fields with selections share a place in an answer, in these selections of one object or below.
    fn merges(&mut self, sets: impl IntoIterator<Item = &'a SelectionSet>) -> bool {
        let mut fields = Vec::new();
        if !sets.into_iter().all(|set| self.collect(set, &mut fields)) {
            return true;
        }
        let is_shared = |index: usize| fields[..index].iter().any(|(name, _)| *name == fields[index].0);
        (0..fields.len()).any(is_shared) || fields.iter().any(|(_, below)| self.merges([*below]))
    }

    /// Collects the fields that have selections; false where there is too much to look at.
    fn collect(&mut self, set: &'a SelectionSet, fields: &mut Vec<(&'a Name, &'a SelectionSet)>) -> bool {
        for selection in &set.items {
            let Some(left) = self.left.checked_sub(1) else {
                self.varies = true;
                return false;
            };
            self.left = left;
            let (directives, below) = match &selection.node {
                Selection::Field(field) => {
                    let below = &field.node.selection_set.node;
                    if !below.items.is_empty() {
                        fields.push((&field.node.response_key().node, below));
                    }
                    (&field.node.directives, None)
                }
                Selection::InlineFragment(fragment) => {
                    (&fragment.node.directives, Some(&fragment.node.selection_set.node))
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                    (&spread.node.directives, fragment.map(|fragment| &fragment.node.selection_set.node))
                }
            };
            self.varies |= !directives.is_empty();
            if !below.is_none_or(|below| self.collect(below, fields)) {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn answers_stay_text_where_nothing_is_merged() {
        for (query, writes_text) in [
            ("{ a { b c { d } } e { b c { d } } }", true),
            ("{ a { b } a { c } }", false),
            ("{ x: a { b } y: a { c } x x }", true),
            ("{ a { b { c } ...F } } fragment F on A { b { d } }", false),
            ("{ a { b { c } ...F } } fragment F on A { c { d } }", true),
            ("{ a { ... on A { b { c } } ... on B { b { c } } } }", false),
            ("{ ...Missing }", true),
            ("query A { a { b } } query B { a { b } a { b } }", false),
        ] {
            let plans = Plans::of(&parse_query(query).expect("a query"));
            assert_eq!(plans.writes_text(), writes_text, "{query}");
        }
    }

    #[test]
    fn what_directives_decide_is_planned_for_each_request() {
        for (query, varies) in
            [("{ a { b @skip(if: $x) } }", true), ("{ ... @include(if: $x) { a } }", true), ("{ a { b } }", false)]
        {
            assert_eq!(Plans::of(&parse_query(query).expect("a query")).varies, varies, "{query}");
        }
    }

    #[test]
    fn a_bomb_is_not_followed() {
        let fragments = (0..60).map(|n| format!("fragment F{n} on A {{ ...F{} ...F{} }} ", n + 1, n + 1));
        let query = format!("{{ ...F0 }} {} fragment F60 on A {{ a }}", fragments.collect::<String>());
        assert!(!Plans::of(&parse_query(query).expect("a query")).writes_text());
    }
}
