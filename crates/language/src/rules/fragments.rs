//! `NoUnusedFragments` and `NoFragmentCycles`. Fragments are followed without recursion: a document may have thousands.
use std::collections::{HashMap, HashSet};

use async_graphql::{Name, Pos, Positioned, parser::types::FragmentDefinition};

use super::{Found, Rules};

/// The fragments that a definition spreads, and those that they spread.
pub(super) fn reached<'a>(from: &Found<'a>, in_fragments: &HashMap<&'a Name, Found<'a>>) -> Vec<&'a Name> {
    let (mut reached, mut seen) = (Vec::new(), HashSet::new());
    let mut next: Vec<_> = from.spreads.iter().map(|(name, _)| *name).collect();
    while let Some(name) = next.pop() {
        if let Some(found) = in_fragments.get(name)
            && seen.insert(name)
        {
            reached.push(name);
            next.extend(found.spreads.iter().map(|(name, _)| *name));
        }
    }
    reached
}

impl<'a> Rules<'a> {
    pub(super) fn unused_fragments(
        &mut self,
        fragments: &[(&'a Name, &'a Positioned<FragmentDefinition>)],
        used: &[&'a Name],
    ) {
        let used: HashSet<_> = used.iter().collect();
        for (name, fragment) in fragments.iter().filter(|(name, _)| !used.contains(name)) {
            self.report(fragment.pos, format!("Fragment \"{name}\" is not used."));
        }
    }

    pub(super) fn cycles(
        &mut self,
        fragments: &[(&'a Name, &'a Positioned<FragmentDefinition>)],
        in_fragments: &HashMap<&'a Name, Found<'a>>,
    ) {
        let mut seen = HashSet::new();
        for (name, _) in fragments {
            if !seen.insert(*name) {
                continue;
            }
            // Each step: a fragment, and how many of its spreads were followed.
            let mut path: Vec<(&Name, usize)> = vec![(*name, 0)];
            let mut spreads: Vec<Pos> = Vec::new();
            let mut on_path = HashMap::from([(*name, 0)]);
            while let Some((at, followed)) = path.last_mut() {
                let spread = in_fragments.get(*at).and_then(|found| found.spreads.get(*followed));
                let Some((to, place)) = spread else {
                    on_path.remove(at);
                    path.pop();
                    spreads.pop();
                    continue;
                };
                *followed += 1;
                if let Some(begin) = on_path.get(to) {
                    let around = spreads[*begin..].iter().copied().chain([*place]).collect();
                    self.report_all(around, format!("The fragment `{to}` spreads itself."));
                } else if in_fragments.contains_key(to) && seen.insert(*to) {
                    on_path.insert(*to, path.len());
                    path.push((*to, 0));
                    spreads.push(*place);
                }
            }
        }
    }
}
