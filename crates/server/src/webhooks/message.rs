//! What a webhook is told, as JSON.
use async_graphql::{Request, Variables};
use chrono::SecondsFormat;
use kernel::{
    Graph, Perspective, Tags, global_id,
    store::{Database, Event, EventEntry},
};
use serde_json::{Value, json};

/// The body of the message: `{ type, timestamp, data }`, as Standard Webhooks have it.
pub(super) async fn message(event: &Event, graph: &Graph, db: &Database) -> String {
    let entries: Vec<_> = event.entries.iter().map(|entry| described(entry, graph)).collect();
    let mut data = json!({
        "version": event.version.to_string(),
        "entries": entries,
        "cacheTags": cache_tags(&event.entries, graph),
    });
    if let Some(release) = &event.release {
        data["release"] = release.as_str().into();
    }
    if let (Some(query), [entry], None) = (&event.webhook.query, event.entries.as_slice(), &event.release) {
        data["result"] = answer(query, event, entry, graph, db).await;
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

fn id(entry: &EventEntry, graph: &Graph) -> Option<String> {
    let object = graph.content().kind(&entry.kind)?.object.clone();
    Some(global_id(object.into(), &entry.slug).to_string())
}

fn described(entry: &EventEntry, graph: &Graph) -> Value {
    json!({
        "kind": entry.kind,
        "slug": entry.slug,
        "id": id(entry, graph),
        "revision": entry.revision,
        "previousRevision": entry.before,
    })
}

/// The cache tags to purge: those of the entries, and those of lists of their kinds.
fn cache_tags(entries: &[EventEntry], graph: &Graph) -> Vec<String> {
    let mut tags = Tags::default();
    let kinds = |entry: &EventEntry| graph.content().kind(&entry.kind).map(|kind| kind.name);
    for (entry, kind) in entries.iter().filter_map(|entry| Some((entry, kinds(entry)?))) {
        tags.entry(kind, &entry.slug);
    }
    let mut names = tags.names();
    names.extend(entries.iter().map(|entry| entry.kind.clone()));
    names.sort();
    names.dedup();
    names
}

/// The answer to the subscriber's own query, as it was when the entry was published: the same for each attempt.
async fn answer(query: &str, event: &Event, entry: &EventEntry, graph: &Graph, db: &Database) -> Value {
    let variables = json!({
        "id": id(entry, graph),
        "kind": entry.kind,
        "slug": entry.slug,
        "version": event.version.to_string(),
    });
    let request = Request::new(query).variables(Variables::from_json(variables));
    let executed = graph.execute(request, db, Perspective::AsOf(event.at)).await;
    serde_json::to_value(executed.response).unwrap_or_default()
}
