//! Pairs: which items of two versions of a list are the same.
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    iter,
};

use serde_json::Value;

use super::{is_container, name};

/// Maximum number of comparisons between the items of two lists that is worth it; beyond, they are matched in linear time, less well.
const MOST_COMPARISONS: usize = 1_000_000;

/// Minimum number of words of a text that can be similar to another one.
const SOME_WORDS: usize = 4;

/// Which items of two lists are the same: for each item, the index of its partner in the other list.
pub(super) struct Pairs {
    /// For each older item.
    pub(super) newer: Vec<Option<usize>>,
    /// For each newer item.
    pub(super) older: Vec<Option<usize>>,
}

impl Pairs {
    /// Matches the items of two lists.
    pub(super) fn of(before: &[Value], after: &[Value]) -> Self {
        let mut pairs = Self { newer: vec![None; before.len()], older: vec![None; after.len()] };
        if let Some(field) = ["key", "slug"].into_iter().find(|field| shared(before, after, field).is_some()) {
            pairs.join_identical(before, after, field);
            return pairs;
        }
        if let Some(field) = link(before, after) {
            pairs.join_identical(before, after, field);
        }
        pairs.join_equal(before, after);
        pairs.join_named(before, after);
        pairs.join_similar(before, after);
        pairs.join_followers(before, after);
        pairs
    }

    /// Makes a pair of two items that have no partner yet.
    fn join(&mut self, from: usize, to: usize) {
        if let (Some(newer @ None), Some(older @ None)) = (self.newer.get_mut(from), self.older.get_mut(to)) {
            (*newer, *older) = (Some(to), Some(from));
        }
    }

    fn join_all(&mut self, pairs: impl IntoIterator<Item = (usize, usize)>) {
        for (from, to) in pairs {
            self.join(from, to);
        }
    }

    fn join_identical(&mut self, before: &[Value], after: &[Value], field: &str) {
        let newer = identities(after, field).unwrap_or_default();
        let older = identities(before, field).unwrap_or_default();
        self.join_all(older.into_iter().filter_map(|(id, from)| Some((from, *newer.get(id)?))));
    }

    /// Joins the longest common subsequence, then what is equal elsewhere.
    fn join_equal(&mut self, before: &[Value], after: &[Value]) {
        self.join_ends(before, after);
        let older: Vec<_> = single(before, &self.newer).collect();
        let mut places: HashMap<&Value, Vec<usize>> = HashMap::new();
        for (to, item) in single(after, &self.older).rev() {
            places.entry(item).or_default().push(to);
        }
        let equal = |item| places.get(item).map_or(&[][..], Vec::as_slice);
        if older.iter().map(|(_, item)| equal(item).len()).sum::<usize>() <= MOST_COMPARISONS {
            let pairs = older.iter().flat_map(|(from, item)| equal(item).iter().map(|to| (*from, *to)));
            self.join_all(longest_rise(pairs));
        }
        for (from, item) in older {
            let mut free = places.get_mut(item).into_iter().flat_map(|places| iter::from_fn(|| places.pop()));
            if self.newer.get(from) == Some(&None)
                && let Some(to) = free.find(|to| self.older.get(*to) == Some(&None))
            {
                self.join(from, to);
            }
        }
    }

    /// Joins what is equal from the start and from the end on.
    fn join_ends(&mut self, before: &[Value], after: &[Value]) {
        let same = iter::zip(before, after).take_while(|(older, newer)| older == newer).count();
        self.join_all((0..same).map(|index| (index, index)));
        let ends = iter::zip((same..before.len()).rev(), (same..after.len()).rev());
        self.join_all(ends.take_while(|(from, to)| before.get(*from) == after.get(*to)));
    }

    /// Joins objects of the same name, where no others are called so.
    fn join_named(&mut self, before: &[Value], after: &[Value]) {
        let (older, newer) = (by_name(single(before, &self.newer)), by_name(single(after, &self.older)));
        self.join_all(older.into_iter().filter_map(|(name, from)| Some((from?, (*newer.get(name)?)?))));
    }

    /// Joins what has at least half in common, the most similar first, then the nearest.
    fn join_similar(&mut self, before: &[Value], after: &[Value]) {
        let traits = |(index, item)| Some((index, traits(item))).filter(|(_, traits)| !traits.is_empty());
        let older: Vec<_> = single(before, &self.newer).filter_map(traits).collect();
        let newer: Vec<_> = single(after, &self.older).filter_map(traits).collect();
        let sum = |items: &[(usize, Vec<u64>)]| items.iter().map(|(_, traits)| traits.len()).sum::<usize>();
        if sum(&older) * newer.len() + sum(&newer) * older.len() > MOST_COMPARISONS {
            return;
        }
        let all = older.iter().flat_map(|older| newer.iter().map(move |newer| (older, newer)));
        let mut similar: Vec<_> = all
            .filter_map(|((from, older), (to, newer))| {
                Some((Reverse(likeness(older, newer)?), from.abs_diff(*to), from + to, *from, *to))
            })
            .collect();
        similar.sort_unstable();
        self.join_all(similar.into_iter().map(|(.., from, to)| (from, to)));
    }

    /// Joins what stands, in equal number, after the same item.
    fn join_followers(&mut self, before: &[Value], after: &[Value]) {
        let own = self.newer.iter().enumerate().map(|(from, to)| to.map(|_| from));
        let (older, newer) = (followers(own), followers(self.older.iter().copied()));
        for (leader, older) in older {
            let newer = newer.get(&leader).filter(|newer| newer.len() == older.len());
            for (from, to) in newer.into_iter().flat_map(|newer| iter::zip(&older, newer)) {
                if let (Some(older), Some(newer)) = (before.get(*from), after.get(*to))
                    && can_follow(older, newer)
                {
                    self.join(*from, *to);
                }
            }
        }
    }

    /// The newer indexes of the items that keep their order.
    pub(super) fn steady(&self) -> HashSet<usize> {
        let pairs = self.newer.iter().enumerate().filter_map(|(from, to)| Some((from, (*to)?)));
        longest_rise(pairs).into_iter().map(|(_, to)| to).collect()
    }
}

/// Number of values of a field that both lists share; none where it does not tell the items of each apart.
fn shared(before: &[Value], after: &[Value], field: &str) -> Option<usize> {
    let (older, newer) = (identities(before, field)?, identities(after, field)?);
    Some(older.keys().filter(|id| newer.contains_key(*id)).count())
}

/// A field of slugs, such as links, that tells items apart and is the same in at least half of them.
fn link<'a>(before: &[Value], after: &'a [Value]) -> Option<&'a str> {
    let slug = |item: &Value, field: &str| item.get(field).and_then(Value::as_str).is_some_and(is_slug);
    let fields = after.first()?.as_object()?.keys().map(String::as_str);
    let links = fields.filter(|field| before.iter().chain(after).all(|item| slug(item, field)));
    let known = links.filter_map(|field| Some((shared(before, after, field)?, field)));
    let (shared, field) = known.max_by_key(|(shared, field)| (*shared, Reverse(*field)))?;
    (shared * 2 >= before.len().min(after.len())).then_some(field)
}

/// Position of each value of a field in a list; none where an item lacks it or two have the same.
fn identities<'a>(list: &'a [Value], field: &str) -> Option<HashMap<&'a str, usize>> {
    let mut ids = HashMap::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        if ids.insert(item.get(field)?.as_str()?, index).is_some() {
            return None;
        }
    }
    Some(ids)
}

fn is_slug(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The longest choice of pairs that rises on both sides, the last pair first. The pairs come with their first rising, and
/// their second falling where the first is the same.
fn longest_rise(pairs: impl Iterator<Item = (usize, usize)>) -> Vec<(usize, usize)> {
    let mut seen: Vec<((usize, usize), Option<usize>)> = Vec::new();
    let mut tails: Vec<(usize, usize)> = Vec::new();
    for pair in pairs {
        let length = tails.partition_point(|(last, _)| *last < pair.1);
        let previous = length.checked_sub(1).and_then(|shorter| tails.get(shorter)).map(|(_, index)| *index);
        tails.splice(length..tails.len().min(length + 1), [(pair.1, seen.len())]);
        seen.push((pair, previous));
    }
    let last = tails.last().and_then(|(_, index)| seen.get(*index));
    iter::successors(last, |(_, previous)| seen.get((*previous)?)).map(|(pair, _)| *pair).collect()
}

/// The items without a partner, by the older index of the last item before them that has one.
fn followers(leaders: impl Iterator<Item = Option<usize>>) -> HashMap<Option<usize>, Vec<usize>> {
    let (mut followers, mut last) = (HashMap::<_, Vec<_>>::new(), None);
    for (index, leader) in leaders.enumerate() {
        match leader {
            Some(_) => last = leader,
            None => followers.entry(last).or_default().push(index),
        }
    }
    followers
}

/// Tells whether an item can be what became of another one in its place: single values can, others if they are similar.
fn can_follow(older: &Value, newer: &Value) -> bool {
    let scalars = !is_container(older) && !is_container(newer);
    let (older, newer) = (traits(older), traits(newer));
    scalars || older.len().max(newer.len()) <= 1 || likeness(&older, &newer).is_some()
}

/// The items without a partner, with their indexes.
fn single<'a>(items: &'a [Value], partners: &[Option<usize>]) -> impl DoubleEndedIterator<Item = (usize, &'a Value)> {
    let all = iter::zip(items, partners).enumerate();
    all.filter(|(_, (_, partner))| partner.is_none()).map(|(index, (item, _))| (index, item))
}

/// Position of the object of each name; none for a name that several have.
fn by_name<'a>(items: impl Iterator<Item = (usize, &'a Value)>) -> HashMap<&'a str, Option<usize>> {
    let mut places = HashMap::new();
    for (index, item) in items.filter(|(_, item)| item.is_object()) {
        if let Some(name) = name(item) {
            places.entry(name).and_modify(|place| *place = None).or_insert(Some(index));
        }
    }
    places
}

/// Traits that make an item similar to another: the words of a long text, else its scalars with their fields. Sorted hashes.
fn traits(item: &Value) -> Vec<u64> {
    let mut traits = Vec::new();
    match item {
        Value::String(text) if text.split_whitespace().nth(SOME_WORDS - 1).is_some() => {
            traits.extend(text.split_whitespace().map(|word| hash(0, word)));
        }
        Value::Array(_) | Value::Object(_) => leaves(item, 0, &mut traits),
        _ => {}
    }
    traits.sort_unstable();
    traits
}

fn leaves(value: &Value, place: u64, hashes: &mut Vec<u64>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| leaves(item, place, hashes)),
        Value::Object(fields) => fields.iter().for_each(|(field, value)| leaves(value, hash(place, field), hashes)),
        scalar => hashes.push(hash(place, scalar)),
    }
}

fn hash(place: u64, value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (place, value).hash(&mut hasher);
    hasher.finish()
}

/// Share that two sorted lists of traits have in common, in thousandths; none where it is less than half.
fn likeness(one: &[u64], other: &[u64]) -> Option<usize> {
    let (mut one_left, mut other_left, mut common) = (one.iter().peekable(), other.iter().peekable(), 0);
    while let (Some(left), Some(right)) = (one_left.peek(), other_left.peek()) {
        let (advance_one, advance_other) = (left <= right, right <= left);
        common += usize::from(advance_one && advance_other);
        one_left.next_if(|_| advance_one);
        other_left.next_if(|_| advance_other);
    }
    let likeness = (common * 1000).checked_div(one.len().max(other.len()))?;
    (likeness >= 500).then_some(likeness)
}
