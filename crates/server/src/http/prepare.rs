//! From the parameters of a GraphQL request to one that may be executed: its document found, parsed and measured.
use std::sync::Arc;

use async_graphql::{
    Name, Request, Value as GraphValue, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    value,
};
use kernel::{PerspectiveName, Plans, apart};
use language::{check_conditions, drop_omitted};
use serde_json::{Map, Value};

use super::{
    auth::named,
    client::Client,
    document_cache::Parsed,
    fair_permits::FairPermit,
    params::{self, Parameters, Payload, Received},
    persisted_documents::{Found, LastUse},
    request_error::RequestError,
    state::ServerState,
};
use crate::{
    limits::{Measured, check_cost, measure},
    observe::Tier,
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
    kind: OperationType,
    name: Option<String>,
    variables: Variables,
    omits: bool,
    measured: Measured,
}

impl Measuring {
    fn of(state: &ServerState, mut parameters: Parameters) -> Result<Self, RequestError> {
        let query = text(&mut parameters, "query", "a GraphQL document")?;
        let id = text(&mut parameters, "documentId", "the id of a trusted document")?;
        let name = text(&mut parameters, "operationName", "the name of an operation")?.filter(|name| !name.is_empty());
        let mut variables = object(&mut parameters, "variables")?;
        let extensions = object(&mut parameters, "extensions")?;

        let perspective = named(&extensions)?;
        let is_named = query.is_none();
        let found = state.queries.find(query, id, &extensions);
        if is_named {
            state.metrics.looked_up(Tier::Persisted, found.is_ok());
        }
        let found = found?;
        let parsed = state.documents.parsed(&found.text, state.language(), &state.limits, &state.metrics)?;
        let document = &parsed.document.executable;
        if !parsed.broken.is_empty() {
            return Err(invalid(state, &parsed, name.as_deref(), variables));
        }
        let operation = operation(document, name.as_deref())?;
        // What the operation does not define is left out, whatever its size.
        variables.retain(|name, _| operation.variable_definitions.iter().any(|known| known.node.name.node == *name));
        let variables = state.language().coerce(operation, &Variables::from_json(Value::Object(variables)))?;
        check_conditions(document, &variables)?;
        let omits = operation.variable_definitions.len() > variables.len();
        let measured = measure(document, operation, &variables, &state.shape, &state.limits)?;
        let kind = operation.ty;
        Ok(Self { extensions, perspective, found, parsed, kind, name, variables, omits, measured })
    }

    /// The kind of the request, where what follows, or the execution, takes so long that it has to wait for a place of its own.
    fn waits(&self) -> Option<Slow> {
        match self.measured {
            Measured { introspects: true, .. } => Some(Slow::Introspection),
            Measured { expanded, .. } if expanded > MANY => Some(Slow::Large),
            _ => None,
        }
    }

    fn finish(self, state: &ServerState) -> Result<Prepared, RequestError> {
        let is_large = self.waits().is_some();
        let Self { extensions, perspective, found, parsed, kind, name, variables, omits, measured } = self;
        parsed.check_merging(state.language())?;
        if state.hides_schema && measured.introspects {
            let message = "This server does not show its schema. Its contract is published elsewhere.";
            return Err(RequestError::graphql("INTROSPECTION_DISABLED", message));
        }
        let is_repeatable = found.store.is_none();
        if let Some(hash) = found.store {
            state.queries.store(hash, &found.text);
        }
        let mut request = Request::new(&*found.text);
        if let Some(name) = &name {
            request = request.operation_name(name);
        }
        let plans = parsed.plans().clone();
        let name = name.or_else(|| only_name(&parsed.document.executable).map(str::to_owned));
        let mut executable = Parsed::into_document(parsed);
        if omits {
            drop_omitted(&mut executable, &variables);
        }
        let mut request = request.variables(variables);
        request.set_parsed_query(executable);
        let reports_cost = extensions.get("cost").is_some_and(|cost| *cost == Value::Bool(true));
        let cost = measured.cost;
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

/// Why a document that breaks rules is refused: for what it would cost, where that alone is too much.
fn invalid(state: &ServerState, parsed: &Parsed, name: Option<&str>, variables: Map<String, Value>) -> RequestError {
    let variables = Variables::from_json(Value::Object(variables));
    let document = &parsed.document.executable;
    let operation = operation(document, name).ok();
    let measured = operation.map(|operation| {
        let variables = state.language().coerce(operation, &variables).unwrap_or_default();
        measure(document, operation, &variables, &state.shape, &state.limits)
    });
    let refusal: RequestError = match measured {
        Some(Err(exceeded)) if exceeded.code != "GRAPHQL_VALIDATION_FAILED" => exceeded.into(),
        _ => parsed.broken.clone().into(),
    };
    refusal.of(operation.map(|operation| operation.ty))
}

/// The operation that would be executed.
fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, RequestError> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => operations.values().next(),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(&Name::new(name)),
        _ => None,
    };
    found.map(|operation| &operation.node).ok_or_else(|| {
        let message = match name {
            Some(name) => format!("The document has no operation `{name}`."),
            None => "The document has several operations; name one with `operationName`.".to_owned(),
        };
        RequestError::graphql("OPERATION_RESOLUTION_FAILED", message)
    })
}

/// The name of the only operation.
fn only_name(document: &ExecutableDocument) -> Option<&str> {
    match &document.operations {
        DocumentOperations::Multiple(operations) => operations.keys().next().map(Name::as_str),
        DocumentOperations::Single(_) => None,
    }
}
