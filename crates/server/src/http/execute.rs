//! Execution of prepared requests, within their time, counted and logged.
use std::{sync::Arc, time::Instant};

use async_graphql::{Response as GraphResponse, parser::types::OperationType};
use kernel::{AccessContext, Executed, PerspectiveName, Tags};
use poem::http::StatusCode;
use tokio::time::timeout_at;

use super::{
    auth::Credentials, prepare::Prepared, request_error::RequestError, response::is_request_error, state::ServerState,
};
use crate::observe::{Operation, Outcome, counted};

const TIMED_OUT: &str = "EXECUTION_TIMEOUT";

/// Start of a request, and the time until which it may be executed.
#[derive(Clone, Copy)]
pub(super) struct Deadline {
    pub(super) begun: Instant,
    pub(super) until: Instant,
}

/// Result of a request, and the metrics of its operation.
pub(super) struct Execution {
    pub(super) response: GraphResponse,
    pub(super) tags: Tags,
    pub(super) operation: Arc<Operation>,
}

/// Listener of a subscription, and what it listens to.
pub(super) struct Listener {
    pub(super) credentials: Credentials,
    pub(super) perspective: Option<PerspectiveName>,
    pub(super) name: Option<String>,
    pub(super) cost: u64,
}

impl ServerState {
    /// The time of a request that begins to be executed.
    pub(super) fn deadline(&self, begun: Instant) -> Deadline {
        Deadline { begun, until: Instant::now() + self.limits.max_execution_seconds }
    }

    /// Executes a request within the limit of time.
    pub(super) async fn execute(
        &self,
        prepared: Prepared,
        view: AccessContext,
        deadline: Deadline,
    ) -> Result<Execution, RequestError> {
        let (begun, until) = (Instant::now(), deadline.until.into());
        let Prepared { request, plans, name, cost, reported, is_large, operation: kind, place: _place, .. } = prepared;
        let (executed, statements) = if deadline.until <= begun {
            (None, 0)
        } else {
            let executing = self.graph.execute_planned(request, &plans, is_large, &self.db, view);
            let (executed, statements) = counted(timeout_at(until, executing)).await;
            // What a change came to is told, however late; nobody waited for anything else.
            let is_in_time = |_: &Executed| kind == OperationType::Mutation || Instant::now() <= deadline.until;
            (executed.ok().filter(is_in_time), statements)
        };
        self.log(begun, cost, statements);
        let Some(Executed { mut response, tags }) = executed else {
            let operation = self.metrics.executed(name.as_deref());
            operation.costs(cost);
            operation.answered(Outcome::TimedOut, deadline.begun.elapsed());
            return Err(self.timed_out(kind, deadline.until));
        };
        let operation = self.counted(name.as_deref(), cost, &response);
        if let Some(cost) = reported {
            response.extensions.insert("cost".to_owned(), cost);
        }
        Ok(Execution { response, tags, operation })
    }

    /// Counts the cost of an operation. Only what was executed has a label of its own: anybody can make up names.
    fn counted(&self, name: Option<&str>, cost: u64, response: &GraphResponse) -> Arc<Operation> {
        if is_request_error(response) {
            return self.metrics.known(name);
        }
        let operation = self.metrics.executed(name);
        operation.costs(cost);
        operation
    }

    /// Answers an event of a subscription: when there is a place for it, within the limit of time, and only where whoever asked may
    /// still see it.
    pub(super) async fn answer_event(
        &self,
        listener: &Listener,
        answer: impl Future<Output = GraphResponse>,
    ) -> GraphResponse {
        let Listener { credentials, perspective, name, cost } = listener;
        let _place = self.admission.place().await;
        let deadline = self.deadline(Instant::now());
        let answered = async {
            self.auth.view(&self.auth.renewed(credentials).await?, perspective.clone()).await?;
            let (answer, statements) = counted(timeout_at(deadline.until.into(), answer)).await;
            self.log(deadline.begun, *cost, statements);
            answer.map_err(|_| self.timed_out(OperationType::Subscription, deadline.until))
        };
        match answered.await {
            Ok(response) => {
                let operation = self.counted(name.as_deref(), *cost, &response);
                operation.answered(Outcome::of(&response), deadline.begun.elapsed());
                response
            }
            Err(refusal) => {
                self.metrics.refused(refusal.code);
                if refusal.code == TIMED_OUT {
                    self.metrics.executed(name.as_deref()).answered(Outcome::TimedOut, deadline.begun.elapsed());
                }
                refusal.response()
            }
        }
    }

    fn log(&self, begun: Instant, cost: u64, statements: u32) {
        let seconds = begun.elapsed().as_secs_f64();
        if begun.elapsed() > self.slow_request {
            tracing::warn!(seconds, cost, statements, "a slow request");
        } else {
            tracing::debug!(seconds, cost, statements, "executed");
        }
    }

    fn timed_out(&self, operation: OperationType, until: Instant) -> RequestError {
        let limit = self.limits.max_execution_seconds;
        let (took, limit) = ((limit + until.elapsed()).as_secs_f64(), limit.as_secs_f64());
        let what_to_do = match operation {
            OperationType::Mutation => "Its changes may or may not be stored: check before you repeat it.",
            OperationType::Query | OperationType::Subscription => "Ask for less at once.",
        };
        let message = format!("The execution took {took:.3} seconds; the limit is {limit}. {what_to_do}");
        RequestError::new(StatusCode::SERVICE_UNAVAILABLE, TIMED_OUT, message)
    }
}
