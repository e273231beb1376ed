//! The check of a webhook's own query.
use async_graphql::{Pos, Variables, parser::types::OperationType};
use document::characters::{Layout, flaw};
use language::{Broken, SyntaxError, check_conditions, parse};
use serde_json::json;

use crate::{catalog::Catalog, global_id, schema_language::SchemaLanguage};

/// The longest query of a webhook.
const MAX_QUERY_BYTES: usize = 64 * 1024;
/// Maximum nesting depth of brackets: parsing more could exhaust the stack.
const MAX_NESTING: usize = 100;

/// Problems of the query of a webhook. It is held against the schema as the query of a request is, and not executed.
pub(super) fn query_problems(catalog: &Catalog, query: &str) -> Vec<String> {
    if let Some(flaw) = flaw(query, Layout::Prose) {
        return vec![format!("it {flaw}")];
    }
    if query.len() > MAX_QUERY_BYTES || nesting(query) > MAX_NESTING {
        return vec![format!("it may have at most {MAX_QUERY_BYTES} bytes and {MAX_NESTING} levels of brackets")];
    }
    let document = match parse(query) {
        Ok(document) => document,
        Err(SyntaxError { message, at }) => return vec![told(&message, &[at])],
    };
    let operations: Vec<_> = document.executable.operations.iter().map(|(_, operation)| &operation.node).collect();
    if operations.iter().any(|operation| operation.ty != OperationType::Query) {
        return vec!["it must be a query, not a mutation or a subscription".to_owned()];
    }
    let schema = SchemaLanguage::of(catalog);
    let id = global_id("Nothing".into(), "nothing");
    let variables = Variables::from_json(json!({ "id": id.as_str(), "kind": "", "slug": "nothing", "version": "0" }));
    let variables = schema.validate(&document).and_then(|()| match operations.as_slice() {
        [only] => schema.coerce(only, &variables),
        several => {
            let mut places: Vec<_> =
                document.executable.operations.iter().map(|(_, operation)| operation.pos).collect();
            places.sort_by_key(|place| (place.line, place.column));
            let message = format!("It has {} operations; it must have exactly one.", several.len());
            Err(vec![Broken { message, at: places.into_iter().skip(1).take(1).collect() }])
        }
    });
    let checked = variables.and_then(|variables| {
        schema.check_merging(&document)?;
        check_conditions(&document.executable, &variables)
    });
    checked.err().into_iter().flatten().map(|Broken { message, at }| told(&message, &at)).collect()
}

/// An error with its place.
fn told(message: &str, at: &[Pos]) -> String {
    at.first().map_or_else(|| message.to_owned(), |at| format!("{message} (line {}, column {})", at.line, at.column))
}

/// Nesting depth of brackets, texts and comments included.
fn nesting(query: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in query.bytes() {
        match byte {
            b'{' | b'[' | b'(' => open += 1,
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}
