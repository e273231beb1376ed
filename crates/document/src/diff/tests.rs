use std::collections::HashMap;

use proptest::{
    collection::{btree_map, vec},
    prelude::*,
};
use serde_json::{Value, json};

use super::{Difference, DifferenceKind, diff, summary};
use crate::{Path, Step};

fn sentences(before: &Value, after: &Value) -> Vec<String> {
    diff(before, after).iter().map(Difference::sentence).collect()
}

fn kinds(before: &Value, after: &Value) -> Vec<DifferenceKind> {
    diff(before, after).iter().map(|change| change.kind).collect()
}

/// Applies changes as the documentation of `diff` says.
fn apply(before: &Value, changes: &[Difference]) -> Value {
    let mut document = before.clone();
    let gone = changes.iter().filter_map(|change| match change.kind {
        DifferenceKind::Removed => Some(&change.path),
        DifferenceKind::Moved => change.from_path.as_ref(),
        DifferenceKind::Added | DifferenceKind::Changed => None,
    });
    let mut gone: Vec<_> = gone.collect();
    gone.sort_by_key(|path| std::cmp::Reverse(path.0.iter().map(order).collect::<Vec<_>>()));
    let mut taken: HashMap<&Path, Value> = gone.into_iter().map(|path| (path, take(&mut document, path))).collect();
    for change in changes {
        match (change.kind, &change.from_path) {
            (DifferenceKind::Added, _) => {
                put(&mut document, &change.path, change.after.clone().expect("what was added"));
            }
            (DifferenceKind::Moved, Some(from)) => {
                put(&mut document, &change.path, taken.remove(from).expect("a part"));
            }
            _ => {}
        }
    }
    for change in changes.iter().filter(|change| change.kind == DifferenceKind::Changed) {
        let place = locate(&mut document, &change.path.0);
        assert_eq!(Some(&*place), change.before.as_ref());
        *place = change.after.clone().expect("what it is now");
    }
    document
}

fn order(step: &Step) -> (usize, &str) {
    match step {
        Step::Item(index) => (*index, ""),
        Step::Field(name) => (0, name),
    }
}

fn locate<'a>(document: &'a mut Value, steps: &[Step]) -> &'a mut Value {
    steps.iter().fold(document, |value, step| match step {
        Step::Item(index) => value.get_mut(index).expect("an item"),
        Step::Field(name) => value.get_mut(name).expect("a field"),
    })
}

fn take(document: &mut Value, path: &Path) -> Value {
    let (last, steps) = path.0.split_last().expect("a part of the document");
    match (last, locate(document, steps)) {
        (Step::Item(index), Value::Array(items)) => items.remove(*index),
        (Step::Field(name), Value::Object(fields)) => fields.remove(name).expect("a field"),
        _ => panic!("nothing stands at {path}"),
    }
}

fn put(document: &mut Value, path: &Path, value: Value) {
    let (last, steps) = path.0.split_last().expect("a part of the document");
    match (last, locate(document, steps)) {
        (Step::Item(index), Value::Array(items)) => items.insert(*index, value),
        (Step::Field(name), Value::Object(fields)) => assert_eq!(fields.insert(name.clone(), value), None),
        _ => panic!("nothing can stand at {path}"),
    }
}

#[test]
fn a_range_is_one_change() {
    let range =
        |low, high, on| json!({"pay": {"bands": [{"role": "a", "range": {"low": low, "high": high, "asOf": on}}]}});
    let (before, after) = (range(45000, 60000, 1), range(47000, 62000, 1));
    assert_eq!(sentences(&before, &after), ["pay.bands[0].range: 45000–60000 → 47000–62000"]);
    assert_eq!(diff(&before, &after)[0].before, Some(json!({"low": 45000, "high": 60000, "asOf": 1})));
    assert_eq!(
        sentences(&before, &range(45000, 61000, 2)),
        ["pay.bands[0].range: 45000–60000 → 45000–61000 (and asOf)"]
    );
    assert_eq!(sentences(&before, &range(45000, 60000, 2)), ["pay.bands[0].range.asOf: 1 → 2"]);
    let premium = |low| json!({"change": {"low": low, "high": -10}});
    assert_eq!(sentences(&premium(-15), &premium(-20)), ["change: -15 to -10 → -20 to -10"]);
}

#[test]
fn a_dragged_duty_is_one_move() {
    let duty = |title: &str| json!({"title": title, "description": format!("What {title} is about.")});
    let list = |titles: [&str; 4]| json!({"roles": [{"key": "r", "title": "R", "duties": titles.map(duty)}]});
    let (before, after) = (list(["A", "B", "C", "D"]), list(["C", "A", "B", "D"]));
    assert_eq!(sentences(&before, &after), ["moved roles[0].duties[0] \"C\" from roles[0].duties[2]"]);
    assert_eq!(sentences(&after, &before), ["moved roles[0].duties[2] \"C\" from roles[0].duties[0]"]);
    assert_eq!(summary(&diff(&before, &list(["D", "C", "A", "B"]))), "2 duties moved");
}

#[test]
fn a_keyed_item_that_moved_and_changed_says_both() {
    let before = json!({"faq": [{"key": "a", "question": "A?", "answer": "Yes."}, {"key": "b"}, {"key": "c"}]});
    let after = json!({"faq": [{"key": "b"}, {"key": "c"}, {"key": "a", "question": "A?", "answer": "No."}]});
    let changes = diff(&before, &after);
    assert_eq!(
        changes.iter().map(Difference::sentence).collect::<Vec<_>>(),
        ["moved faq[2] \"A?\" from faq[0]", "faq[2].answer of \"A?\": \"Yes.\" → \"No.\""]
    );
    assert_eq!(changes[1].from_path, Some(crate::path!["faq", 0, "answer"]));
}

#[test]
fn what_was_added_or_removed_is_one_change() {
    let before = json!({"faq": [{"key": "a", "question": "A?"}], "tags": ["x", "y"]});
    let after = json!({"pay": {"median": {"amount": 1, "currency": "USD"}}, "tags": ["y"],
        "faq": [{"key": "a", "question": "A?", "answer": "Yes."}, {"key": "b", "question": "B?"}]});
    let expected = [
        "added faq[0].answer of \"A?\": \"Yes.\"",
        "added faq[1] \"B?\"",
        "added pay: 1 field",
        "removed tags[0] \"x\"",
    ];
    assert_eq!(sentences(&before, &after), expected);
}

#[test]
fn items_without_keys_are_matched_by_what_they_say() {
    let before = json!({"covers": ["Law", "Terms of medicine", "How to manage the data of patients"]});
    let after = json!({"covers": ["Ethics", "How to manage the records of patients", "Terms of medicine", "Art"]});
    let expected = [
        "covers[0]: \"Law\" → \"Ethics\"",
        "covers[1]: \"How to manage the data of patients\" → \"How to manage the records of patients\"",
        "moved covers[2] \"Terms of medicine\" from covers[1]",
        "added covers[3] \"Art\"",
    ];
    assert_eq!(sentences(&before, &after), expected);
    let before =
        json!([{"title": "A guide"}, {"role": "r", "stage": "ONE"}, {"role": "r", "stage": "TWO"}, {"role": "s"}]);
    let after =
        json!([{"title": "The guide"}, {"role": "r", "stage": "TWO"}, {"role": "s"}, {"role": "r", "stage": "ONE"}]);
    let expected = ["[0].title: \"A guide\" → \"The guide\"", "moved [3] \"role r, stage ONE\" from [1]"];
    assert_eq!(sentences(&before, &after), expected);
    assert_eq!(sentences(&json!({"a": 1}), &json!({"a": {"b": "c"}})), ["a: 1 → b c"]);
    assert_eq!(sentences(&json!([1]), &json!("x")), ["the document: 1 item → \"x\""]);
}

#[test]
fn links_and_names_tell_items_apart() {
    let item = |field: &str, id: &str, version: usize| json!({field: id, "why": version, "when": version});
    for (field, [a, b]) in [("certification", ["rhit", "rhia"]), ("title", ["First Steps", "Last Steps"])] {
        let before = json!([item(field, a, 1), item(field, b, 1)]);
        let after = json!([item(field, b, 2), item(field, a, 3)]);
        let kinds = kinds(&before, &after);
        let moved = kinds.iter().filter(|kind| **kind == DifferenceKind::Moved).count();
        assert_eq!((moved, kinds.len()), (1, 5), "{field}: {kinds:?}");
    }
}

#[test]
fn items_that_stand_twice_are_moved_no_more_than_needed() {
    let (before, after) = (json!(["p", "a", "b", "a", "q"]), json!(["r", "s", "b", "a", "t", "u"]));
    assert!(!kinds(&before, &after).contains(&DifferenceKind::Moved));
    assert_eq!(sentences(&json!(["a", "a"]), &json!(["b", "a"])), ["[0]: \"a\" → \"b\""]);
    assert_eq!(sentences(&json!(["a", "a"]), &json!(["a", "b"])), ["[1]: \"a\" → \"b\""]);
}

#[test]
fn what_was_removed_comes_where_it_is_missed() {
    let item = |key: &str, version: usize| json!({"key": key, "version": version});
    let before = json!([item("a", 1), item("x", 1), item("b", 1)]);
    let after = json!([item("a", 2), item("b", 2)]);
    let paths: Vec<_> = diff(&before, &after).iter().map(|change| change.path.to_string()).collect();
    assert_eq!(paths, ["[0].version", "[1]", "[1].version"]);
}

#[test]
fn long_texts_are_shown_around_their_first_difference() {
    let (start, end) = ("on and on ".repeat(20), "the end ".repeat(20));
    let text = |word: &str| json!({"summary": format!("{start}and then {word} came to {end}")});
    let expected = "summary: \"…on and on and then winter came to the end the end the end th…\" → \
        \"…on and on and then summer came to the end the end the end th…\"";
    assert_eq!(sentences(&text("winter"), &text("summer")), [expected]);
}

#[test]
fn a_summary_is_one_line() {
    let version = |amount, faq: &[&str], extra| {
        json!({
            "pay": {"median": {"amount": amount}}, "faq": faq.iter().map(|key| json!({"key": key})).collect::<Vec<_>>(),
            "tags": [format!("a{extra}"), format!("b{extra}"), format!("c{extra}")], "summary": "word ".repeat(100) + extra,
            "title": "x".repeat(50) + extra, "w": extra, "z": extra,
        })
    };
    let changes = diff(&version(50250, &["a", "b", "c"], "1"), &version(52000, &["c", "b", "a", "d"], "2"));
    let expected = "2 faq moved; added faq[3]; pay.median.amount 50250 → 52000; \
        summary reworded; tags[0] \"a1\" → \"a2\"; and 5 more changes";
    assert_eq!(summary(&changes), expected);
    assert_eq!(summary(&[]), "no changes");
}

#[test]
fn deep_and_long_documents_are_compared_in_time() {
    let deep = |end| (0..200).fold(json!(end), |inner, _| json!([{"a": inner, "b": ["x"]}]));
    let (before, after) = (deep(1), deep(2));
    assert_eq!(kinds(&before, &after), [DifferenceKind::Changed]);
    assert_eq!(summary(&diff(&before, &after)), "1 change", "its path is too long");
    let long = |shift: usize| {
        json!((0..20_000).map(|item| json!({"n": (item + shift) % 20_000, "m": item % 7})).collect::<Vec<_>>())
    };
    let (before, after) = (long(0), long(3));
    assert_eq!(apply(&before, &diff(&before, &after)), after);
    let (before, after) = (json!(vec!["same"; 20_000]), json!(vec!["same"; 19_000]));
    assert_eq!(diff(&before, &after).len(), 1_000);
    let texts = |from: usize| json!((from..from + 20_000).map(|text| format!("a{text}")).collect::<Vec<_>>());
    assert_eq!(diff(&texts(0), &texts(20_001)).len(), 20_000);
}

fn document() -> impl Strategy<Value = Value> {
    let text = "[a-c]|[ab]( [a-d]){4,6}";
    let leaf = prop_oneof![(0..4).prop_map(Value::from), text.prop_map(Value::from)];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        let fields = btree_map("[a-d]|low|high|title", inner.clone(), 0..5).prop_map(|fields| json!(fields));
        let keyed = btree_map("[a-f]", fields.clone(), 0..6).prop_map(|items| {
            items
                .into_iter()
                .map(|(key, mut item)| {
                    item["key"] = json!(key);
                    item
                })
                .collect()
        });
        prop_oneof![
            2 => fields.clone(),
            1 => keyed.prop_map(Value::Array),
            1 => vec(text, 0..6).prop_map(|items| json!(items)),
            1 => vec(fields, 0..5).prop_map(Value::Array),
            1 => vec(inner, 0..4).prop_map(Value::Array),
        ]
    })
}

/// A version of `one` with parts of `other`, in another order, as the dice fall.
fn mix(one: &Value, other: &Value, dice: &mut impl Iterator<Item = u8>) -> Value {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let mut mixed = one.clone();
            for (field, value) in other {
                match (dice.next(), one.get(field)) {
                    (Some(0), _) => {
                        mixed.remove(field);
                    }
                    (Some(1), Some(own)) if field != "key" => {
                        mixed.insert(field.clone(), mix(own, value, dice));
                    }
                    (Some(2), None) => {
                        mixed.insert(field.clone(), value.clone());
                    }
                    _ => {}
                }
            }
            Value::Object(mixed)
        }
        (Value::Array(one), Value::Array(other)) => {
            let mut items: Vec<_> = one
                .iter()
                .enumerate()
                .map(|(index, item)| match dice.next() {
                    Some(0) => mix(item, other.get(index).unwrap_or(item), dice),
                    _ => item.clone(),
                })
                .collect();
            items.extend(other.iter().filter(|_| dice.next() == Some(1)).cloned());
            if dice.next() == Some(2) {
                items.sort_by_cached_key(|_| dice.next());
            }
            if dice.next() == Some(1) && !items.is_empty() {
                items.rotate_left(1);
            }
            let mut seen = std::collections::HashSet::new();
            items.retain(|item| item.get("key").is_none_or(|key| seen.insert(key.clone())));
            Value::Array(items)
        }
        (_, other) => other.clone(),
    }
}

/// Two versions of a document.
fn versions() -> impl Strategy<Value = (Value, Value)> {
    (document(), document(), vec(0..4_u8, 40)).prop_map(|(one, other, dice)| {
        let mixed = mix(&one, &other, &mut dice.into_iter().cycle());
        (one, mixed)
    })
}

/// The same without items that stand twice in a list: which of them is matched is arbitrary.
fn distinct(value: Value) -> Value {
    let seen = &mut std::collections::HashSet::new();
    match value {
        Value::Array(items) => items.into_iter().map(distinct).filter(|item| seen.insert(item.clone())).collect(),
        Value::Object(fields) => fields.into_iter().map(|(field, value)| (field, distinct(value))).collect(),
        scalar => scalar,
    }
}

/// A list in two orders.
fn orders() -> impl Strategy<Value = (Value, Value)> {
    let items = vec(document(), 0..8).prop_map(|items| (items.clone(), items));
    items.prop_flat_map(|(items, others)| {
        (Just(Value::Array(items)), Just(others).prop_shuffle().prop_map(Value::Array))
    })
}

fn counts(before: &Value, after: &Value) -> [usize; 4] {
    let kinds = kinds(before, after);
    [DifferenceKind::Added, DifferenceKind::Removed, DifferenceKind::Changed, DifferenceKind::Moved]
        .map(|kind| kinds.iter().filter(|other| **other == kind).count())
}

proptest! {
    #[test]
    fn a_document_does_not_differ_from_itself(document in document()) {
        prop_assert_eq!(diff(&document, &document), []);
    }

    #[test]
    fn the_changes_lead_from_one_version_to_the_other((before, after) in versions()) {
        let changes = diff(&before, &after);
        prop_assert_eq!(apply(&before, &changes), after);
        prop_assert!(summary(&changes).chars().count() <= 120);
        prop_assert!(changes.iter().all(|change| !change.sentence().is_empty()));
    }

    #[test]
    fn unrelated_documents_are_compared_too(before in document(), after in document()) {
        prop_assert_eq!(apply(&before, &diff(&before, &after)), after);
    }

    #[test]
    fn a_way_back_is_as_long((before, after) in versions()) {
        let (before, after) = (distinct(before), distinct(after));
        let [added, removed, changed, moved] = counts(&before, &after);
        prop_assert_eq!(counts(&after, &before), [removed, added, changed, moved]);
    }

    #[test]
    fn another_order_is_only_moves((before, after) in orders()) {
        prop_assert!(kinds(&before, &after).iter().all(|kind| *kind == DifferenceKind::Moved));
    }
}
