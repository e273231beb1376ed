//! The answers to a subscriber's own query, which has the limits of a request.
use std::time::Duration;

use async_graphql::{
    Request, Variables,
    parser::types::{ExecutableDocument, OperationDefinition, OperationType},
};
use kernel::{
    Graph, Perspective, global_id,
    store::{Database, Event, EventEntry},
};
use language::{Broken, check_conditions, drop_omitted, parse};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use crate::limits::{Exceeded, Limits, Shape, measure, scan};

/// Answers queries of subscribers.
pub(super) struct Answers {
    pub(super) graph: Graph,
    pub(super) db: Database,
    limits: Limits,
    shape: Shape,
}

impl Answers {
    /// Answers from this graph, within these limits.
    pub(super) fn new(graph: Graph, db: Database, limits: Limits) -> Self {
        let shape = Shape::of(&graph.sdl(), |object, field| graph.weight(object, field));
        Self { graph, db, limits, shape }
    }

    /// Maximum time for the answers of one message.
    pub(super) fn time(&self) -> Duration {
        self.limits.max_execution_seconds
    }

    /// The answer for each entry of an event, as it was when that was published: the same for each attempt. All of them together have
    /// the time of one request.
    pub(super) async fn of(&self, query: &str, event: &Event) -> Vec<Value> {
        let until = Instant::now() + self.time();
        let mut answers = Vec::new();
        for entry in &event.entries {
            answers.push(self.answer(query, event, entry, until).await);
        }
        answers
    }

    async fn answer(&self, query: &str, event: &Event, entry: &EventEntry, until: Instant) -> Value {
        let variables = json!({
            "id": self.id(entry),
            "kind": entry.kind,
            "slug": entry.slug,
            "version": event.version.to_string(),
        });
        let variables = Variables::from_json(variables);
        let request = match self.prepared(query, &variables) {
            Ok(request) => request,
            Err(refused) => return refused,
        };
        let executed = self.graph.execute(request, &self.db, Perspective::AsOf(event.at));
        let Ok(executed) = timeout_at(until, executed).await else {
            let seconds = self.time().as_secs_f64();
            return refused(
                "EXECUTION_TIMEOUT",
                &format!("The execution took more than {seconds} seconds. Ask for less."),
            );
        };
        serde_json::to_value(executed.response).unwrap_or_default()
    }

    /// The query as a request, on the way that requests of clients take: read, held against the limits and the schema, with the
    /// variables that it declares. Otherwise the answer that says why not.
    fn prepared(&self, query: &str, sent: &Variables) -> Result<Request, Value> {
        let exceeded = |Exceeded { code, message }: Exceeded| refused(code, &message);
        let invalid = |broken: Vec<Broken>| {
            let message = broken.into_iter().next().map(|broken| broken.message).unwrap_or_default();
            refused("GRAPHQL_VALIDATION_FAILED", &message)
        };
        scan(query, &self.limits).map_err(exceeded)?;
        let mut document = parse(query).map_err(|error| refused("GRAPHQL_PARSE_FAILED", &error.message))?;
        let language = self.graph.language();
        language.validate(&document).map_err(invalid)?;
        let Some(operation) = only_query(&document.executable) else {
            return Err(refused("BAD_QUERY", "A webhook's query must be one query."));
        };
        let variables = language.coerce(operation, sent).map_err(invalid)?;
        measure(&document.executable, operation, &variables, &self.shape, &self.limits).map_err(exceeded)?;
        language.check_merging(&document).map_err(invalid)?;
        check_conditions(&document.executable, &variables).map_err(invalid)?;
        language.write_lists(&mut document);
        drop_omitted(&mut document.executable, &variables);
        let mut request = Request::new(query).variables(variables);
        request.set_parsed_query(document.executable);
        Ok(request)
    }

    /// The global id of an entry.
    pub(super) fn id(&self, entry: &EventEntry) -> Option<String> {
        let object = self.graph.content().kind(&entry.kind)?.object.clone();
        Some(global_id(object.into(), &entry.slug).to_string())
    }
}

/// The only operation of a document, where it is a query.
fn only_query(document: &ExecutableDocument) -> Option<&OperationDefinition> {
    let mut operations = document.operations.iter().map(|(_, operation)| &operation.node);
    operations.next().filter(|only| only.ty == OperationType::Query && operations.next().is_none())
}

fn refused(code: &str, message: &str) -> Value {
    json!({ "data": null, "errors": [{ "message": message, "extensions": { "code": code } }] })
}
