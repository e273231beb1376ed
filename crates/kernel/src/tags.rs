//! Cache tags: the names of what an answer depends on, so that a shared cache can throw it away when one of them changes.
//!
//! `career:nurse` stands for one entry, seen or missed; `career` for all entries of the kind, as a list depends on each of
//! them. Whoever publishes `career:nurse` purges both tags.
use std::collections::{BTreeMap, BTreeSet};

use document::scalar::is_slug;

/// Maximum number of tags of an answer.
const MAX_TAGS: usize = 50;

/// Dependencies of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    of: BTreeMap<&'static str, Of>,
    of_today: bool,
}

/// The entries of one kind that an answer depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Of {
    All,
    These(BTreeSet<String>),
}

impl Tags {
    /// The answer depends on the entry with this slug, whether there is one or not.
    pub fn entry(&mut self, kind: &'static str, slug: &str) {
        // There can be no entry with another name, now or later.
        if !is_slug(slug) {
            return;
        }
        let of = self.of.entry(kind).or_insert_with(|| Of::These(BTreeSet::new()));
        if let Of::These(slugs) = of
            && !slugs.contains(slug)
        {
            slugs.insert(slug.to_owned());
            if slugs.len() > MAX_TAGS {
                *of = Of::All;
            }
        }
    }

    /// The answer depends on all entries of the kind: on which there are, and on what they say.
    pub fn kind(&mut self, kind: &'static str) {
        self.of.insert(kind, Of::All);
    }

    /// The answer depends on the day, so nobody can keep it.
    pub(crate) fn today(&mut self) {
        self.of_today = true;
    }

    /// Tells whether the answer holds until one of the entries changes: not where it depends on the day.
    pub fn is_lasting(&self) -> bool {
        !self.of_today
    }

    /// The answer depends on what another answer depends on.
    pub fn join(&mut self, others: &Self) {
        self.of_today |= others.of_today;
        for (kind, of) in &others.of {
            match of {
                Of::All => self.kind(kind),
                Of::These(slugs) => slugs.iter().for_each(|slug| self.entry(kind, slug)),
            }
        }
    }

    /// Tags to purge when these entries are published or withdrawn: their own, and those of lists of their kinds.
    pub fn to_purge<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
        let tags = entries.into_iter().flat_map(|(kind, slug)| [kind.to_owned(), format!("{kind}:{slug}")]);
        let tags: BTreeSet<_> = tags.collect();
        tags.into_iter().collect()
    }

    /// The tags, at most 50: where there are more, the kinds with the most entries stand for them.
    pub fn names(&self) -> Vec<String> {
        let mut of: Vec<_> = self.of.iter().collect();
        let size = |of: &Of| match of {
            Of::All => 1,
            Of::These(slugs) => slugs.len(),
        };
        of.sort_by_key(|(_, of)| size(of));
        let mut left = MAX_TAGS;
        let mut names = Vec::new();
        for (at, (kind, of)) in (1..).zip(&of) {
            let kinds_to_come = self.of.len() - at;
            match of {
                Of::These(slugs) if slugs.len() + kinds_to_come <= left => {
                    left -= slugs.len();
                    names.extend(slugs.iter().map(|slug| format!("{kind}:{slug}")));
                }
                Of::These(slugs) if slugs.is_empty() => {}
                _ => {
                    left = left.saturating_sub(1);
                    names.push((**kind).to_owned());
                }
            }
        }
        names.sort();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_and_kinds_have_names() {
        let mut tags = Tags::default();
        tags.entry("career", "nurse");
        tags.entry("career", "nurse");
        tags.entry("career", "no slug\r\nX: y");
        tags.entry("source", "bls");
        assert_eq!(tags.names(), ["career:nurse", "source:bls"]);
        tags.kind("career");
        tags.entry("career", "pilot");
        assert_eq!(tags.names(), ["career", "source:bls"]);
    }

    #[test]
    fn many_entries_collapse_to_their_kind() {
        for kinds in [vec!["a"], vec!["a", "b"], vec!["a", "b", "c", "d"]] {
            for entries in [1, 10, 20, 49, 50, 51, 500] {
                let mut tags = Tags::default();
                for kind in &kinds {
                    (0..entries).for_each(|number| tags.entry(kind, &format!("slug-{number}")));
                }
                let names = tags.names();
                assert!(names.len() <= MAX_TAGS, "{kinds:?} {entries} {names:?}");
                for kind in &kinds {
                    let is_whole = names.contains(&(*kind).to_owned());
                    let single = names.iter().filter(|name| name.starts_with(&format!("{kind}:"))).count();
                    assert!(
                        is_whole != (single > 0) && (is_whole || single == entries),
                        "{kinds:?} {entries} {names:?}"
                    );
                }
            }
        }
    }
}
