//! The answers to a subscriber's own query, which has the limits of a request.
use std::time::Duration;

use async_graphql::{
    Request, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, OperationType},
    },
};
use kernel::{
    Graph, Perspective, global_id,
    store::{Database, Event, EventEntry},
};
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
        let shape = Shape::of(&graph.sdl());
        Self { graph, db, limits, shape }
    }

    /// How long the answers of one message may take.
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
        if let Err(Exceeded { code, message }) = self.measured(query, &variables) {
            return refused(code, &message);
        }
        let request = Request::new(query).variables(variables);
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

    /// Holds a query against the limits. What is no query at all is the executor's to report.
    fn measured(&self, query: &str, variables: &Variables) -> Result<(), Exceeded> {
        scan(query, &self.limits)?;
        let Ok(document) = parse_query(query) else { return Ok(()) };
        let operation = match &document.operations {
            DocumentOperations::Single(operation) => Some(operation),
            DocumentOperations::Multiple(operations) => operations.values().next(),
        };
        let Some(operation) = operation else { return Ok(()) };
        if operation.node.ty != OperationType::Query {
            return Err(Exceeded::new("BAD_QUERY", "A webhook's query must be a query."));
        }
        measure(&document, &operation.node, variables, &self.shape, &self.limits).map(drop)
    }

    /// The global id of an entry.
    pub(super) fn id(&self, entry: &EventEntry) -> Option<String> {
        let object = self.graph.content().kind(&entry.kind)?.object.clone();
        Some(global_id(object.into(), &entry.slug).to_string())
    }
}

fn refused(code: &str, message: &str) -> Value {
    json!({ "data": null, "errors": [{ "message": message, "extensions": { "code": code } }] })
}
