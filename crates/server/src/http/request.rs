//! From an HTTP request to a GraphQL request, to the letter of the GraphQL-over-HTTP specification.
use async_graphql::{
    Name, Request, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    },
};
use poem::{
    Body,
    error::ReadBodyError,
    http::{HeaderMap, Method, StatusCode, Uri},
};
use serde_json::{Map, Value, json};

/// How many bytes the body of a request may have.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// A request that is not executed: a status, a code and a message.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// Where in the GraphQL document, as line and column.
    pub(super) location: Option<(usize, usize)>,
    /// Whether the HTTP request itself was well formed, so that `application/json` answers with 200.
    pub(super) is_graphql: bool,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), location: None, is_graphql: false }
    }

    /// It as a GraphQL error.
    pub(super) fn error(&self) -> Value {
        let mut error = json!({ "message": self.message, "extensions": { "code": self.code } });
        if let Some((line, column)) = self.location {
            error["locations"] = json!([{ "line": line, "column": column }]);
        }
        error
    }

    fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }
}

/// Reads a request; its document is parsed already.
pub(super) async fn read(method: &Method, uri: &Uri, headers: &HeaderMap, body: Body) -> Result<Request, Refusal> {
    let (request, operation) = request(parameters(method, uri, headers, body).await?)?;
    if *method == Method::GET && operation != OperationType::Query {
        return Err(not_allowed("GET is for queries only. Send this operation by POST."));
    }
    Ok(request)
}

/// The parameters of a request: `query`, `variables` and so on.
pub(super) async fn parameters(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<Map<String, Value>, Refusal> {
    match *method {
        Method::GET => from_query(uri.query().unwrap_or_default()),
        Method::POST => from_body(headers, body).await,
        _ => Err(not_allowed("This endpoint answers GET and POST.")),
    }
}

fn not_allowed(message: &str) -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message)
}

fn from_query(query: &str) -> Result<Map<String, Value>, Refusal> {
    let mut parameters = Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = match &*name {
            "query" | "operationName" => Value::String(value.into_owned()),
            "variables" | "extensions" if value.is_empty() => Value::Null,
            "variables" | "extensions" => {
                serde_json::from_str(&value).map_err(|_| Refusal::bad(format!("The parameter `{name}` is no JSON.")))?
            }
            _ => continue,
        };
        parameters.insert(name.into_owned(), value);
    }
    Ok(parameters)
}

async fn from_body(headers: &HeaderMap, body: Body) -> Result<Map<String, Value>, Refusal> {
    if !is_json(headers) {
        let message = "Send the request with `Content-Type: application/json`.";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message));
    }
    let bytes = body.into_bytes_limit(MAX_BODY).await.map_err(|error| match error {
        ReadBodyError::PayloadTooLarge => {
            let message = format!("The body has more than {MAX_BODY} bytes.");
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message)
        }
        _ => Refusal::bad("The body could not be read."),
    })?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(parameters)) => Ok(parameters),
        Ok(_) => Err(Refusal::bad(
            "The body must be a JSON object with `query`, and `variables`, `operationName` and `extensions` as needed.",
        )),
        Err(error) => {
            Err(Refusal::bad(format!("The body is no JSON: line {}, column {}.", error.line(), error.column())))
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.all(|part| match part.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

/// The GraphQL request, and the type of its operation.
pub(super) fn request(mut parameters: Map<String, Value>) -> Result<(Request, OperationType), Refusal> {
    let query = match parameters.remove("query") {
        Some(Value::String(query)) => query,
        Some(_) => return Err(Refusal::bad("`query` must be text: a GraphQL document.")),
        None => return Err(Refusal::bad("`query` is missing: a GraphQL document.")),
    };
    let name = match parameters.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
        Some(_) => return Err(Refusal::bad("`operationName` must be text or null.")),
    };
    let variables = object(&mut parameters, "variables")?;
    object(&mut parameters, "extensions")?;
    let document = parse_query(&query).map_err(|error| {
        let place = error.positions().next();
        Refusal {
            location: place.map(|place| (place.line, place.column)),
            is_graphql: true,
            ..Refusal::new(StatusCode::BAD_REQUEST, "GRAPHQL_PARSE_FAILED", error.to_string())
        }
    })?;
    let operation = operation(&document, name.as_deref())?;
    check_variables(operation, &variables)?;
    let kind = operation.ty;
    let mut request = Request::new(query).variables(Variables::from_json(Value::Object(variables)));
    if let Some(name) = name {
        request = request.operation_name(name);
    }
    request.set_parsed_query(document);
    Ok((request, kind))
}

fn object(parameters: &mut Map<String, Value>, name: &str) -> Result<Map<String, Value>, Refusal> {
    match parameters.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(fields)) => Ok(fields),
        Some(_) => Err(Refusal::bad(format!("`{name}` must be a JSON object or null."))),
    }
}

/// A variable that must have a value has one. The library would notice only when a field is resolved.
fn check_variables(operation: &OperationDefinition, variables: &Map<String, Value>) -> Result<(), Refusal> {
    for definition in &operation.variable_definitions {
        let (place, variable) = (definition.pos, &definition.node);
        let value = variables.get(variable.name.node.as_str());
        let must_have = !variable.var_type.node.nullable;
        let has = value.is_some_and(|value| !value.is_null()) || (value.is_none() && variable.default_value.is_some());
        if must_have && !has {
            let message =
                format!("The variable `${}` needs a value of type `{}`.", variable.name.node, variable.var_type.node);
            let refusal = Refusal::new(StatusCode::BAD_REQUEST, "GRAPHQL_VALIDATION_FAILED", message);
            return Err(Refusal { location: Some((place.line, place.column)), is_graphql: true, ..refusal });
        }
    }
    Ok(())
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
        Refusal { is_graphql: true, ..Refusal::new(StatusCode::BAD_REQUEST, "OPERATION_RESOLUTION_FAILED", message) }
    })
}
