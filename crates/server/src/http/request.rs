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
    client::Client,
    documents::Parsed,
    edge::Edge,
    places::Place,
    queries::{Found, LastUse},
    read::{self, Asked, Parameters, Received},
    refusal::Refusal,
    view::named,
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
pub(super) enum Wanted {
    /// One GraphQL request.
    One(Box<Prepared>),
    /// Several, which are answered by a list.
    Batch(Vec<Result<Prepared, Refusal>>),
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
    pub(super) place: Option<Place>,
    /// Time at which the stored query that it names was last asked for.
    pub(super) last_use: Option<Arc<LastUse>>,
    /// True where the same bytes may be answered from a cache: not where they also store a document.
    pub(super) is_repeatable: bool,
    /// The perspective that its `extensions` name.
    pub(super) perspective: Option<PerspectiveName>,
}

/// Prepares a request. One that takes a while waits for a place of its kind.
pub(super) async fn prepare(edge: &Arc<Edge>, client: Client, parameters: Parameters) -> Result<Prepared, Refusal> {
    let read = Read::of(edge, parameters)?;
    let Some(kind) = read.waits() else { return read.finish(edge) };
    let place = kind.place(edge, client).await?;
    let finishing = edge.clone();
    Ok(Prepared { place: Some(place), ..apart(move || read.finish(&finishing)).await? })
}

/// Prepares the requests of a batch, which has one place for all that takes a while: one for each would wait for the others of the
/// same batch.
async fn prepare_batch(
    edge: &Arc<Edge>,
    client: Client,
    items: Vec<Value>,
) -> Result<Vec<Result<Prepared, Refusal>>, Refusal> {
    let read: Vec<_> = items.into_iter().map(|item| Read::of(edge, read::of_batch(item)?)).collect();
    let Some(kind) = read.iter().flatten().filter_map(Read::waits).max() else {
        return Ok(read.into_iter().map(|read| read?.finish(edge)).collect());
    };
    let place = kind.place(edge, client).await?;
    let finishing = edge.clone();
    let batch = apart(move || read.into_iter().map(|read| read?.finish(&finishing)).collect()).await;
    Ok(held(batch, place))
}

/// Prepares what a body asks. A large one is read and prepared on a thread of its own, when its client has a place for it.
pub(super) async fn prepare_body(edge: &Arc<Edge>, client: Client, body: Received) -> Result<Wanted, Refusal> {
    if !body.is_large() {
        return Ok(match body.read(&edge.limits)? {
            Asked::One(parameters) => Wanted::One(Box::new(prepare(edge, client, parameters).await?)),
            Asked::Batch(items) => Wanted::Batch(prepare_batch(edge, client, items).await?),
        });
    }
    let (place, reading) = (Slow::Large.place(edge, client).await?, edge.clone());
    let wanted = apart(move || {
        let large = |parameters| {
            let read = Read::of(&reading, parameters)?;
            Ok(Prepared { is_large: true, ..read.finish(&reading)? })
        };
        Ok::<_, Refusal>(match body.read(&reading.limits)? {
            Asked::One(parameters) => Wanted::One(Box::new(large(parameters)?)),
            Asked::Batch(items) => Wanted::Batch(items.into_iter().map(|item| large(read::of_batch(item)?)).collect()),
        })
    });
    Ok(match wanted.await? {
        Wanted::One(prepared) => Wanted::One(Box::new(Prepared { place: Some(place), ..*prepared })),
        Wanted::Batch(batch) => Wanted::Batch(held(batch, place)),
    })
}

/// A batch with its place, which it has until the last of its requests is answered.
fn held(mut batch: Vec<Result<Prepared, Refusal>>, place: Place) -> Vec<Result<Prepared, Refusal>> {
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
    async fn place(self, edge: &Edge, client: Client) -> Result<Place, Refusal> {
        match self {
            Self::Large => edge.large(client).await,
            Self::Introspection => edge.introspection(client).await,
        }
    }
}

/// A request whose document is found, parsed and measured.
struct Read {
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

impl Read {
    fn of(edge: &Edge, mut parameters: Parameters) -> Result<Self, Refusal> {
        let query = text(&mut parameters, "query", "a GraphQL document")?;
        let id = text(&mut parameters, "documentId", "the id of a trusted document")?;
        let name = text(&mut parameters, "operationName", "the name of an operation")?.filter(|name| !name.is_empty());
        let mut variables = object(&mut parameters, "variables")?;
        let extensions = object(&mut parameters, "extensions")?;

        let perspective = named(&extensions)?;
        let is_named = query.is_none();
        let found = edge.queries.find(query, id, &extensions);
        if is_named {
            edge.metrics.looked_up(Tier::Persisted, found.is_ok());
        }
        let found = found?;
        let parsed = edge.documents.parsed(&found.text, edge.language(), &edge.limits, &edge.metrics)?;
        let document = &parsed.document.executable;
        if !parsed.broken.is_empty() {
            return Err(invalid(edge, &parsed, name.as_deref(), variables));
        }
        let operation = operation(document, name.as_deref())?;
        // What the operation does not define is left out, whatever its size.
        variables.retain(|name, _| operation.variable_definitions.iter().any(|known| known.node.name.node == *name));
        let variables = edge.language().coerce(operation, &Variables::from_json(Value::Object(variables)))?;
        check_conditions(document, &variables)?;
        let omits = operation.variable_definitions.len() > variables.len();
        let measured = measure(document, operation, &variables, &edge.shape, &edge.limits)?;
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

    fn finish(self, edge: &Edge) -> Result<Prepared, Refusal> {
        let is_large = self.waits().is_some();
        let Self { extensions, perspective, found, parsed, kind, name, variables, omits, measured } = self;
        parsed.check_merging(edge.language())?;
        if edge.hides_schema && measured.introspects {
            let message = "This server does not show its schema. Its contract is published elsewhere.";
            return Err(Refusal::graphql("INTROSPECTION_DISABLED", message));
        }
        let is_repeatable = found.store.is_none();
        if let Some(hash) = found.store {
            edge.queries.store(hash, &found.text);
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
        let reported = reports_cost.then(|| value!({ "requested": cost, "maximum": edge.limits.max_complexity }));
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
pub(super) fn check_batch(edge: &Edge, batch: &[Result<Prepared, Refusal>]) -> Result<(), Refusal> {
    let cost = batch.iter().flatten().map(|prepared| prepared.cost).fold(0, u64::saturating_add);
    Ok(check_cost(cost, &edge.limits)?)
}

fn text(parameters: &mut Parameters, name: &str, what: &str) -> Result<Option<String>, Refusal> {
    match parameters.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::malformed(format!("`{name}` must be text: {what}."))),
    }
}

fn object(parameters: &mut Parameters, name: &str) -> Result<Map<String, Value>, Refusal> {
    match parameters.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(fields)) => Ok(fields),
        Some(_) => Err(Refusal::malformed(format!("`{name}` must be a JSON object or null."))),
    }
}

/// Why a document that breaks rules is refused: for what it would cost, where that alone is too much.
fn invalid(edge: &Edge, parsed: &Parsed, name: Option<&str>, variables: Map<String, Value>) -> Refusal {
    let variables = Variables::from_json(Value::Object(variables));
    let document = &parsed.document.executable;
    let operation = operation(document, name).ok();
    let measured = operation.map(|operation| {
        let variables = edge.language().coerce(operation, &variables).unwrap_or_default();
        measure(document, operation, &variables, &edge.shape, &edge.limits)
    });
    let refusal: Refusal = match measured {
        Some(Err(exceeded)) if exceeded.code != "GRAPHQL_VALIDATION_FAILED" => exceeded.into(),
        _ => parsed.broken.clone().into(),
    };
    refusal.of(operation.map(|operation| operation.ty))
}

/// The operation that would be executed.
fn operation<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition, Refusal> {
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
        Refusal::graphql("OPERATION_RESOLUTION_FAILED", message)
    })
}

/// The name of the only operation.
fn only_name(document: &ExecutableDocument) -> Option<&str> {
    match &document.operations {
        DocumentOperations::Multiple(operations) => operations.keys().next().map(Name::as_str),
        DocumentOperations::Single(_) => None,
    }
}
