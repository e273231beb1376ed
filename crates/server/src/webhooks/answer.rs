//! The answers to a subscriber's own query, which has the limits of a request.
use std::{sync::Arc, time::Duration};

use async_graphql::{Request, parser::types::OperationType};
use kernel::{
    Graph, Perspective, global_id,
    store::{Database, Event, EventEntry},
};
use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout_at};

use crate::{
    limits::Exceeded,
    pipeline::{Cause, Invalid, Pipeline},
};

/// Answers queries of subscribers.
pub(super) struct Answers {
    pub(super) graph: Graph,
    pub(super) db: Database,
    pub(super) pipeline: Arc<Pipeline>,
    /// Maximum time for the answers of one message.
    pub(super) time: Duration,
}

impl Answers {
    /// The answer for each entry of an event, as it was when that was published: the same for each attempt. All of them together have
    /// the time of one request.
    pub(super) async fn of(&self, query: &str, event: &Event) -> Vec<Value> {
        let until = Instant::now() + self.time;
        let mut answers = Vec::new();
        for entry in &event.entries {
            answers.push(self.answer(query, event, entry, until).await);
        }
        answers
    }

    async fn answer(&self, query: &str, event: &Event, entry: &EventEntry, until: Instant) -> Value {
        let variables = [
            ("id", json!(self.id(entry))),
            ("kind", json!(entry.kind)),
            ("slug", json!(entry.slug)),
            ("version", json!(event.version.to_string())),
        ];
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let request = match self.prepared(query, variables) {
            Ok(request) => request,
            Err(refused) => return refused,
        };
        let executed = self.graph.execute(request, &self.db, Perspective::AsOf(event.at));
        let Ok(executed) = timeout_at(until, executed).await else {
            let seconds = self.time.as_secs_f64();
            return refused(
                "EXECUTION_TIMEOUT",
                &format!("The execution took more than {seconds} seconds. Ask for less."),
            );
        };
        serde_json::to_value(executed.response).unwrap_or_default()
    }

    /// The query as a request, by the pipeline of all requests. Otherwise the answer that says why not.
    fn prepared(&self, query: &str, sent: Map<String, Value>) -> Result<Request, Value> {
        let pipeline = &self.pipeline;
        let prepare = || {
            pipeline.scan(query)?;
            let parsed = Arc::new(pipeline.parse(query)?);
            let operation = pipeline.operation(&parsed, None, sent)?;
            if operation.kind != OperationType::Query {
                return Err(Cause::Operation(String::new()).into());
            }
            pipeline.request(query, parsed, operation)
        };
        prepare().map_err(|Invalid { cause, .. }| match cause {
            Cause::Exceeded(Exceeded { code, message }) => refused(code, &message),
            Cause::Syntax(error) => refused("GRAPHQL_PARSE_FAILED", &error.message),
            Cause::Broken(broken) => {
                let message = broken.into_iter().next().map(|broken| broken.message).unwrap_or_default();
                refused("GRAPHQL_VALIDATION_FAILED", &message)
            }
            Cause::Operation(_) => refused("BAD_QUERY", "A webhook's query must be one query."),
            Cause::Introspection => refused("INTROSPECTION_DISABLED", "This server does not show its schema."),
        })
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
