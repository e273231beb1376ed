//! From the parameters of a GraphQL request to one that may be executed: its document found, parsed and measured.
use std::sync::Arc;

use async_graphql::{Request, Value as GraphValue, parser::types::OperationType, value};
use kernel::{PerspectiveName, Plans, apart};
use serde_json::{Map, Value};

use super::{
    auth::named,
    client::Client,
    fair_permits::FairPermit,
    params::{self, Parameters, Payload, Received},
    persisted_documents::{Found, LastUse},
    request_error::RequestError,
    state::ServerState,
};
use crate::{
    limits::{Measured, check_cost},
    observe::Tier,
    pipeline::{MeasuredOperation, Parsed, only_name},
};

/// Number of fields, spreads and inline fragments, fragments expanded, from which on going over a document takes a while.
const MANY: u64 = 5_000;

/// The cost from which on an operation takes a while.
const DEAR: u64 = 10_000;

/// GraphQL requests of one HTTP request, prepared.
pub(super) enum PreparedPayload {
    /// One GraphQL request.
    One(Box<Prepared>),
    /// Several, which are answered by a list.
    Batch(Vec<Result<Prepared, RequestError>>),
}

/// A request that may be executed.
pub(super) struct Prepared {
    /// Request that the library executes.
    pub(super) request: Request,
    /// Plans for its document.
    pub(super) plans: Plans,
    /// Type of its operation.
    pub(super) operation: OperationType,
    /// The name of its operation.
    pub(super) name: Option<String>,
    /// Cost that it may have.
    pub(super) cost: u64,
    /// The cost as it is reported, where the client wants to know it.
    pub(super) reported: Option<GraphValue>,
    /// Tells whether it is executed on a thread of its own from the beginning: it asks for the schema, or is large.
    pub(super) is_large: bool,
    /// Its place among the requests of its kind, to be held until it is answered.
    pub(super) place: Option<FairPermit>,
    /// Time at which the stored query that it names was last asked for.
    pub(super) last_use: Option<Arc<LastUse>>,
    /// True where the same bytes may be answered from a cache: not where they also store a document.
    pub(super) is_repeatable: bool,
    /// The perspective that its `extensions` name.
    pub(super) perspective: Option<PerspectiveName>,
}

/// Prepares a request. One that takes a while waits for a place of its kind.
pub(super) async fn prepare(
    state: &Arc<ServerState>,
    client: Client,
    parameters: Parameters,
) -> Result<Prepared, RequestError> {
    let read = Measuring::of(state, parameters)?;
    let Some(kind) = read.waits() else { return read.finish(state) };
    let place = kind.place(state, client).await?;
    let finishing = state.clone();
    Ok(Prepared { place: Some(place), ..apart(move || read.finish(&finishing)).await? })
}

/// Prepares the requests of a batch, which has one place for all that takes a while: one for each would wait for the others of the
/// same batch.
async fn prepare_batch(
    state: &Arc<ServerState>,
    client: Client,
    items: Vec<Value>,
) -> Result<Vec<Result<Prepared, RequestError>>, RequestError> {
    let read: Vec<_> = items.into_iter().map(|item| Measuring::of(state, params::of_batch(item)?)).collect();
    let Some(kind) = read.iter().flatten().filter_map(Measuring::waits).max() else {
        return Ok(read.into_iter().map(|read| read?.finish(state)).collect());
    };
    let place = kind.place(state, client).await?;
    let finishing = state.clone();
    let batch = apart(move || read.into_iter().map(|read| read?.finish(&finishing)).collect()).await;
    Ok(held(batch, place))
}

/// Prepares what a body asks. A large one is read and prepared on a thread of its own, when its client has a place for it.
pub(super) async fn prepare_body(
    state: &Arc<ServerState>,
    client: Client,
    body: Received,
) -> Result<PreparedPayload, RequestError> {
    if !body.is_large() {
        return Ok(match body.read(&state.limits)? {
            Payload::One(parameters) => PreparedPayload::One(Box::new(prepare(state, client, parameters).await?)),
            Payload::Batch(items) => PreparedPayload::Batch(prepare_batch(state, client, items).await?),
        });
    }
    let (place, reading) = (Slow::Large.place(state, client).await?, state.clone());
    let wanted = apart(move || {
        let large = |parameters| {
            let read = Measuring::of(&reading, parameters)?;
            Ok(Prepared { is_large: true, ..read.finish(&reading)? })
        };
        Ok::<_, RequestError>(match body.read(&reading.limits)? {
            Payload::One(parameters) => PreparedPayload::One(Box::new(large(parameters)?)),
            Payload::Batch(items) => {
                PreparedPayload::Batch(items.into_iter().map(|item| large(params::of_batch(item)?)).collect())
            }
        })
    });
    Ok(match wanted.await? {
        PreparedPayload::One(prepared) => PreparedPayload::One(Box::new(Prepared { place: Some(place), ..*prepared })),
        PreparedPayload::Batch(batch) => PreparedPayload::Batch(held(batch, place)),
    })
}

/// A batch with its place, which it has until the last of its requests is answered.
fn held(mut batch: Vec<Result<Prepared, RequestError>>, place: FairPermit) -> Vec<Result<Prepared, RequestError>> {
    if let Some(last) = batch.iter_mut().rev().find_map(|prepared| prepared.as_mut().ok()) {
        last.place = Some(place);
    }
    batch
}

/// Kinds of requests that take a while, each with places of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slow {
    /// A large body, or a document that expands to much.
    Large,
    /// An introspection.
    Introspection,
}

impl Slow {
    async fn place(self, state: &ServerState, client: Client) -> Result<FairPermit, RequestError> {
        match self {
            Self::Large => state.admission.large(client).await,
            Self::Introspection => state.admission.introspection(client).await,
        }
    }
}

/// A request whose document is found, parsed and measured.
struct Measuring {
    extensions: Map<String, Value>,
    perspective: Option<PerspectiveName>,
    found: Found,
    parsed: Arc<Parsed>,
    operation: MeasuredOperation,
}

impl Measuring {
    fn of(state: &ServerState, mut parameters: Parameters) -> Result<Self, RequestError> {
        let query = text(&mut parameters, "query", "a GraphQL document")?;
        let id = text(&mut parameters, "documentId", "the id of a trusted document")?;
        let name = text(&mut parameters, "operationName", "the name of an operation")?.filter(|name| !name.is_empty());
        let variables = object(&mut parameters, "variables")?;
        let extensions = object(&mut parameters, "extensions")?;

        let perspective = named(&extensions)?;
        let is_named = query.is_none();
        let found = state.queries.find(query, id, &extensions);
        if is_named {
            state.metrics.looked_up(Tier::Persisted, found.is_ok());
        }
        let found = found?;
        let ServerState { documents, pipeline, limits, metrics, .. } = state;
        let parsed = documents.parsed(&found.text, pipeline, limits.mode, metrics)?;
        let operation = pipeline.operation(&parsed, name, variables)?;
        Ok(Self { extensions, perspective, found, parsed, operation })
    }

    /// The kind of the request, where what follows, or the execution, takes so long that it has to wait for a place of its own.
    fn waits(&self) -> Option<Slow> {
        match self.operation.measured {
            Measured { introspects: true, .. } => Some(Slow::Introspection),
            Measured { expanded, .. } if expanded > MANY => Some(Slow::Large),
            _ => None,
        }
    }

    fn finish(self, state: &ServerState) -> Result<Prepared, RequestError> {
        let is_large = self.waits().is_some();
        let Self { extensions, perspective, found, parsed, operation } = self;
        let (kind, cost) = (operation.kind, operation.measured.cost);
        let name = operation.name.clone().or_else(|| only_name(&parsed).map(str::to_owned));
        let plans = parsed.plans().clone();
        let request = state.pipeline.request(&found.text, parsed, operation)?;
        let is_repeatable = found.store.is_none();
        if let Some(hash) = found.store {
            state.queries.store(hash, &found.text);
        }
        let reports_cost = extensions.get("cost").is_some_and(|cost| *cost == Value::Bool(true));
        let reported = reports_cost.then(|| value!({ "requested": cost, "maximum": state.limits.max_complexity }));
        Ok(Prepared {
            request,
            plans,
            operation: kind,
            name,
            cost,
            reported,
            is_large: is_large || cost > DEAR,
            place: None,
            last_use: found.last_use,
            is_repeatable,
            perspective,
        })
    }
}

/// Holds the cost of a batch against the limit.
pub(super) fn check_batch(state: &ServerState, batch: &[Result<Prepared, RequestError>]) -> Result<(), RequestError> {
    let cost = batch.iter().flatten().map(|prepared| prepared.cost).fold(0, u64::saturating_add);
    Ok(check_cost(cost, &state.limits)?)
}

fn text(parameters: &mut Parameters, name: &str, what: &str) -> Result<Option<String>, RequestError> {
    match parameters.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(RequestError::malformed(format!("`{name}` must be text: {what}."))),
    }
}

fn object(parameters: &mut Parameters, name: &str) -> Result<Map<String, Value>, RequestError> {
    match parameters.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(fields)) => Ok(fields),
        Some(_) => Err(RequestError::malformed(format!("`{name}` must be a JSON object or null."))),
    }
}
