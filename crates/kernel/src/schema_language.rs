//! The schema as documents and variables are held against it; see the crate `language`.
use std::sync::{Arc, OnceLock};

use async_graphql::{
    Value,
    registry::{MetaType, Registry},
};
use chrono::DateTime;
use document::{Path, Step};
use language::Schema;
use store::ContentModel;

use crate::{Scope, catalog::Catalog};

/// The schema in the schema definition language, and what is made of it when it is first asked for.
#[derive(Default)]
pub(crate) struct SchemaLanguage {
    pub(crate) sdl: Option<Box<dyn Fn() -> String + Send + Sync>>,
    /// Tells whether clients learn nothing of the schema, not even by suggestions in errors.
    pub(crate) hides_schema: bool,
    /// Scalars of arguments that stand in no document.
    pub(crate) scalars: Registry,
    made: OnceLock<Schema>,
}

impl SchemaLanguage {
    /// The schema of the catalog that it stands in.
    pub(crate) fn of(catalog: &Catalog) -> &Schema {
        let this = catalog.of::<Self>();
        this.made.get_or_init(|| this.make(catalog))
    }

    fn make(&self, catalog: &Catalog) -> Schema {
        let schema = Schema::of(&self.sdl.as_ref().map(|sdl| sdl()).unwrap_or_default());
        let schema = if self.hides_schema { schema.without_suggestions() } else { schema };
        let known = catalog.kinds.input_types.types.iter().chain(&self.scalars.types);
        let scalars = known.filter_map(|(name, scalar)| match scalar {
            MetaType::Scalar { is_valid: Some(check), description, .. } => Some((name, check, description)),
            _ => None,
        });
        let schema = scalars.fold(schema, |schema, (name, check, rule)| {
            schema.with_scalar(name, check.clone(), rule.as_deref().unwrap_or_default())
        });
        schema
            .with_scalar(
                "Scope",
                Arc::new(is_scope),
                "Write `read-drafts`, `write`, `write:MODULE`, `publish` or `administer`.",
            )
            .with_scalar("DateTime", Arc::new(is_time), "Write a time as `2026-05-10T12:00:00Z`.")
    }
}

/// The field of the schema that answers what stands at a place in a document of this kind, as a schema coordinate: the types lead there from the
/// object of the kind, by the names of the fields. None where the place is no field.
pub fn coordinate(schema: &Schema, content: &ContentModel, kind: &str, path: &Path) -> Option<String> {
    let names = path.0.iter().filter_map(|step| match step {
        Step::Field(name) => Some(name.as_str()),
        Step::Item(_) => None,
    });
    schema.coordinate_of(&content.kind(kind)?.object, names)
}

fn is_scope(value: &Value) -> bool {
    matches!(value, Value::String(text) if text.parse::<Scope>().is_ok())
}

fn is_time(value: &Value) -> bool {
    matches!(value, Value::String(text) if DateTime::parse_from_rfc3339(text).is_ok())
}
