//! Message to a webhook, as JSON: about one publication or release, or about all that one call tells.
use std::collections::BTreeSet;

use chrono::SecondsFormat;
use kernel::{
    Tags,
    store::{Event, EventEntry},
};
use serde_json::{Value, json};

use super::answer::Answers;

/// Part of a delivery that a call tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Coverage {
    /// All of it.
    Whole,
    /// Its cache tags up to this one.
    Until(String),
    /// Nothing: there was no room.
    Nothing,
}

/// A message, and what it tells of each event.
pub(super) struct Message {
    /// `{ type, timestamp, data }`, as Standard Webhooks have it.
    pub(super) value: Value,
    /// In the order of the events.
    pub(super) coverage: Vec<Coverage>,
    /// True where there are cache tags to purge.
    pub(super) has_tags: bool,
}

/// The message about these events, which are one where each is told by a call of its own.
pub(super) async fn message(events: &[Event], answers: &Answers) -> Message {
    let (tags, coverage) = room_for(events);
    let told: Vec<_> =
        events.iter().zip(&coverage).filter(|(_, told)| **told != Coverage::Nothing).map(|(event, _)| event).collect();
    let entries: Vec<_> = told.iter().flat_map(|event| &event.entries).map(|entry| described(entry, answers)).collect();
    let last = told.last().copied().or(events.last());
    let mut data = json!({
        "version": last.map(|last| last.version.to_string()),
        "entries": entries,
        "cacheTags": tags,
    });
    let has_query = last.is_some_and(|last| last.webhook.query.is_some());
    let mut results = Vec::new();
    for event in &told {
        if let Some(query) = &event.webhook.query {
            results.extend(answers.of(query, event).await);
        }
    }
    match told[..] {
        [Event { release: None, .. }] if has_query => data["result"] = results.pop().unwrap_or_default(),
        _ if has_query => data["results"] = results.into(),
        _ => {}
    }
    if let [Event { release: Some(release), .. }] = told[..] {
        data["release"] = release.as_str().into();
    }
    let timestamp = last.map(|last| last.at.to_rfc3339_opts(SecondsFormat::Millis, true));
    let kind = if let [one] = told[..] { kind_of(one) } else { "content.changed" };
    let value = json!({ "type": kind, "timestamp": timestamp, "data": data });
    Message { value, coverage, has_tags: !tags.is_empty() }
}

/// The cache tags that a call has room for, and what it tells of each event: as much of the first as there is room for, then of the
/// next. What is one event's tag and another's takes no further room.
fn room_for(events: &[Event]) -> (Vec<String>, Vec<Coverage>) {
    let most = events.first().and_then(|event| event.webhook.max_tags).and_then(|most| usize::try_from(most).ok());
    let mut tags = BTreeSet::new();
    let mut coverage = Vec::new();
    for event in events {
        let after = event.delivery.sent_until.as_deref().unwrap_or_default();
        let mut covered = Coverage::Whole;
        let mut until = None;
        for tag in cache_tags(&event.entries).into_iter().filter(|tag| tag.as_str() > after) {
            if most.is_none_or(|most| tags.len() < most) || tags.contains(&tag) {
                until = Some(tag.clone());
                tags.insert(tag);
            } else {
                covered = until.map_or(Coverage::Nothing, Coverage::Until);
                break;
            }
        }
        coverage.push(covered);
    }
    (tags.into_iter().collect(), coverage)
}

fn kind_of(event: &Event) -> &'static str {
    match event.entries.first() {
        _ if event.release.is_some() => "release.published",
        Some(EventEntry { revision: None, .. }) => "entry.withdrawn",
        Some(EventEntry { before: Some(_), .. }) => "entry.updated",
        _ => "entry.published",
    }
}

fn described(entry: &EventEntry, answers: &Answers) -> Value {
    json!({
        "kind": entry.kind,
        "slug": entry.slug,
        "id": answers.id(entry),
        "revision": entry.revision,
        "previousRevision": entry.before,
    })
}

/// The cache tags to purge: those of the entries, also by the slugs that they had before, and those of lists of their kinds. Sorted.
fn cache_tags(entries: &[EventEntry]) -> Vec<String> {
    let slugs = |entry: &'_ EventEntry| {
        let slugs = entry.former_slugs.iter().chain([&entry.slug]);
        slugs.map(|slug| (entry.kind.clone(), slug.clone())).collect::<Vec<_>>()
    };
    let tagged: Vec<_> = entries.iter().flat_map(slugs).collect();
    Tags::to_purge(tagged.iter().map(|(kind, slug)| (kind.as_str(), slug.as_str())))
}
