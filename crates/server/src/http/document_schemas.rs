//! `/schemas/{kind}.json`: the JSON Schema of documents, for the editors of those who write them.
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use kernel::{ContentModel, document::json_schema};
use poem::{
    Response, handler,
    http::StatusCode,
    web::{Data, Path},
};
use serde_json::json;

/// Name of the schema of all kinds.
const ANY: &str = "document";

/// The schemas of documents.
pub(super) struct DocumentSchemas {
    content: Arc<ContentModel>,
    is_hidden: bool,
    /// Their texts by their names, made when one is first asked for.
    by_name: OnceLock<BTreeMap<&'static str, Bytes>>,
}

impl DocumentSchemas {
    pub(super) fn new(content: Arc<ContentModel>, is_hidden: bool) -> Self {
        Self { content, is_hidden, by_name: OnceLock::new() }
    }

    /// The schemas that are shown.
    fn shown(&self) -> &BTreeMap<&'static str, Bytes> {
        self.by_name.get_or_init(|| {
            let schema = |kind| Bytes::from(json_schema(&self.content, kind).to_string());
            let each = self.content.kinds().map(|kind| (kind.name, schema(Some(kind))));
            each.chain([(ANY, schema(None))]).filter(|_| !self.is_hidden).collect()
        })
    }
}

/// The schema of a kind, or of all: `career.json`, `document.json`.
#[handler]
pub(super) fn document_schema(Path(file): Path<String>, schemas: Data<&Arc<DocumentSchemas>>) -> Response {
    let shown = schemas.shown();
    match file.strip_suffix(".json").and_then(|name| shown.get(name)) {
        Some(schema) => Response::builder()
            .content_type("application/schema+json")
            // A page in which documents are edited reads it as well.
            .header("access-control-allow-origin", "*")
            .header("cache-control", "public, max-age=300")
            .body(schema.clone()),
        None => not_found(shown.keys().copied()),
    }
}

fn not_found(known: impl Iterator<Item = &'static str>) -> Response {
    let known: Vec<_> = known.map(|name| format!("/schemas/{name}.json")).collect();
    let message = if known.is_empty() {
        "This server shows no schema.".to_owned()
    } else {
        format!("There is no such schema; there are {}.", known.join(", "))
    };
    Response::builder()
        .status(StatusCode::NOT_FOUND)
        .content_type("application/json; charset=utf-8")
        .body(json!({ "errors": [{ "message": message, "extensions": { "code": "NOT_FOUND" } }] }).to_string())
}
