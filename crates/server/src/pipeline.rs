//! The way from the text of a GraphQL document to a request that may be executed, the same for HTTP, WebSockets, event streams and
//! webhooks: the text is bounded ([`scan`]), parsed and validated; its operation is found, its variables are coerced, its cost is
//! measured; at last comes the rule that expands fragments.
use std::sync::{Arc, OnceLock};

use async_graphql::{
    Name, Request, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
};
use kernel::{Graph, Plans};
use language::{Broken, Document, SyntaxError, check_conditions, drop_omitted};
use serde_json::{Map, Value};

use crate::limits::{Exceeded, Limits, Measured, Shape, measure, scan};

/// The schema, the limits, and what fields cost.
pub(crate) struct Pipeline {
    graph: Graph,
    limits: Limits,
    shape: Shape,
    hides_schema: bool,
}

/// Why a document is not executed.
#[derive(Debug)]
pub(crate) struct Invalid {
    pub(crate) cause: Cause,
    /// Type of the operation, where that is known.
    pub(crate) operation: Option<OperationType>,
}

/// Fault of the document or its variables.
#[derive(Debug)]
pub(crate) enum Cause {
    /// It exceeds a limit.
    Exceeded(Exceeded),
    /// It cannot be parsed.
    Syntax(SyntaxError),
    /// It breaks rules of the specification.
    Broken(Vec<Broken>),
    /// It has no operation of this name, or several and none is named.
    Operation(String),
    /// It asks for the schema, which is hidden.
    Introspection,
}

/// A parsed document.
pub(crate) struct Parsed {
    document: Document,
    /// The rules that it breaks, of those that expand no fragment.
    broken: Vec<Broken>,
    plans: OnceLock<Plans>,
    /// Tells whether the fields under one name can be merged.
    merges: OnceLock<()>,
}

impl Parsed {
    /// Tells whether it breaks none of the rules that expand no fragment.
    pub(crate) fn is_valid(&self) -> bool {
        self.broken.is_empty()
    }

    /// Plans for it, once it was measured.
    pub(crate) fn plans(&self) -> &Plans {
        self.plans.get_or_init(|| Plans::of(&self.document.executable))
    }

    /// The document itself, or a copy where it is kept.
    fn into_document(this: Arc<Self>) -> ExecutableDocument {
        Arc::try_unwrap(this).map_or_else(|kept| kept.document.executable.clone(), |own| own.document.executable)
    }
}

/// The operation of a document, with its variables, measured.
pub(crate) struct MeasuredOperation {
    pub(crate) kind: OperationType,
    pub(crate) name: Option<String>,
    pub(crate) measured: Measured,
    variables: Variables,
    /// Tells whether it omits variables.
    omits: bool,
}

impl Pipeline {
    pub(crate) fn new(graph: Graph, limits: Limits, hides_schema: bool) -> Self {
        let shape = Shape::of(graph.language(), |object, field| graph.weight(object, field));
        Self { graph, limits, shape, hides_schema }
    }

    /// Tells whether clients are shown no schema.
    pub(crate) fn hides_schema(&self) -> bool {
        self.hides_schema
    }

    /// Holds a text against the limits that need no parser.
    pub(crate) fn scan(&self, text: &str) -> Result<(), Invalid> {
        Ok(scan(text, &self.limits)?)
    }

    /// Parses and validates a text, which was scanned. What it breaks is reported when its operation is measured.
    pub(crate) fn parse(&self, text: &str) -> Result<Parsed, Invalid> {
        let mut document = language::parse(text).map_err(Cause::Syntax)?;
        let schema = self.graph.language();
        let broken = schema.validate(&document).err().unwrap_or_default();
        if broken.is_empty() {
            schema.write_lists(&mut document);
        }
        Ok(Parsed { document, broken, plans: OnceLock::new(), merges: OnceLock::new() })
    }

    /// Finds the operation of this name, or the only one, coerces its variables, and measures it.
    pub(crate) fn operation(
        &self,
        parsed: &Parsed,
        name: Option<String>,
        mut variables: Map<String, Value>,
    ) -> Result<MeasuredOperation, Invalid> {
        let (document, schema) = (&parsed.document.executable, self.graph.language());
        if !parsed.is_valid() {
            return Err(self.invalid(parsed, name.as_deref(), variables));
        }
        let operation = operation(document, name.as_deref())?;
        // What the operation does not define is left out, whatever its size.
        variables.retain(|name, _| operation.variable_definitions.iter().any(|known| known.node.name.node == *name));
        let variables = schema.coerce(operation, &Variables::from_json(Value::Object(variables)))?;
        check_conditions(document, &variables)?;
        let omits = operation.variable_definitions.len() > variables.len();
        let measured = measure(document, operation, &variables, &self.shape, &self.limits)?;
        Ok(MeasuredOperation { kind: operation.ty, name, measured, variables, omits })
    }

    /// The request that may be executed.
    pub(crate) fn request(
        &self,
        text: &str,
        parsed: Arc<Parsed>,
        operation: MeasuredOperation,
    ) -> Result<Request, Invalid> {
        let MeasuredOperation { name, measured, variables, omits, .. } = operation;
        if parsed.merges.get().is_none() {
            self.graph.language().check_merging(&parsed.document)?;
            parsed.merges.get_or_init(|| ());
        }
        if self.hides_schema && measured.introspects {
            return Err(Cause::Introspection.into());
        }
        let mut request = Request::new(text);
        if let Some(name) = &name {
            request = request.operation_name(name);
        }
        let mut executable = Parsed::into_document(parsed);
        if omits {
            drop_omitted(&mut executable, &variables);
        }
        let mut request = request.variables(variables);
        request.set_parsed_query(executable);
        Ok(request)
    }

    /// Why a document that breaks rules is refused: for what it would cost, where that alone is too much.
    fn invalid(&self, parsed: &Parsed, name: Option<&str>, variables: Map<String, Value>) -> Invalid {
        let (document, variables) = (&parsed.document.executable, Variables::from_json(Value::Object(variables)));
        let operation = operation(document, name).ok();
        let measured = operation.map(|operation| {
            let variables = self.graph.language().coerce(operation, &variables).unwrap_or_default();
            measure(document, operation, &variables, &self.shape, &self.limits)
        });
        let cause = match measured {
            Some(Err(exceeded)) if exceeded.code != "GRAPHQL_VALIDATION_FAILED" => Cause::Exceeded(exceeded),
            _ => Cause::Broken(parsed.broken.clone()),
        };
        Invalid { cause, operation: operation.map(|operation| operation.ty) }
    }
}

/// The operation that would be executed.
fn operation<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition, Invalid> {
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
        Cause::Operation(message).into()
    })
}

/// The name of the only operation.
pub(crate) fn only_name(parsed: &Parsed) -> Option<&str> {
    match &parsed.document.executable.operations {
        DocumentOperations::Multiple(operations) => operations.keys().next().map(Name::as_str),
        DocumentOperations::Single(_) => None,
    }
}

impl From<Cause> for Invalid {
    fn from(cause: Cause) -> Self {
        Self { cause, operation: None }
    }
}

impl From<Exceeded> for Invalid {
    fn from(exceeded: Exceeded) -> Self {
        Cause::Exceeded(exceeded).into()
    }
}

impl From<Vec<Broken>> for Invalid {
    fn from(broken: Vec<Broken>) -> Self {
        Cause::Broken(broken).into()
    }
}
