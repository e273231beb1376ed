//! Message to a webhook, as JSON.
use chrono::SecondsFormat;
use kernel::{
    Tags,
    store::{Event, EventEntry},
};
use serde_json::{Value, json};

use super::answer::Answers;

/// The body of the message: `{ type, timestamp, data }`, as Standard Webhooks have it.
pub(super) async fn message(event: &Event, answers: &Answers) -> String {
    let entries: Vec<_> = event.entries.iter().map(|entry| described(entry, answers)).collect();
    let mut data = json!({
        "version": event.version.to_string(),
        "entries": entries,
        "cacheTags": cache_tags(&event.entries),
    });
    let results = match &event.webhook.query {
        Some(query) => Some(answers.of(query, event).await),
        None => None,
    };
    match (&event.release, results) {
        (Some(release), results) => {
            data["release"] = release.as_str().into();
            if let Some(results) = results {
                data["results"] = results.into();
            }
        }
        (None, Some(mut results)) => data["result"] = results.pop().unwrap_or_default(),
        (None, None) => {}
    }
    let timestamp = event.at.to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({ "type": kind_of(event), "timestamp": timestamp, "data": data }).to_string()
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

/// The cache tags to purge: those of the entries, also by the slugs that they had before, and those of lists of their kinds.
fn cache_tags(entries: &[EventEntry]) -> Vec<String> {
    let slugs = |entry: &'_ EventEntry| {
        let slugs = entry.former_slugs.iter().chain([&entry.slug]);
        slugs.map(|slug| (entry.kind.clone(), slug.clone())).collect::<Vec<_>>()
    };
    let tagged: Vec<_> = entries.iter().flat_map(slugs).collect();
    Tags::to_purge(tagged.iter().map(|(kind, slug)| (kind.as_str(), slug.as_str())))
}
