//! Documents as YAML: fields in the order of the schema, prose in blocks, the same bytes for the same document.
use async_graphql::registry::{MetaType, MetaTypeName, Registry};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{Document, KindSpec, Kinds, reshaping::SHAPE};

/// Why a document cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Its kind belongs to no module.
    #[error("no module in the list owns `{0}`")]
    Kind(&'static str),
    /// A section is not JSON.
    #[error(transparent)]
    Section(#[from] serde_json::Error),
    /// A value cannot be YAML.
    #[error(transparent)]
    Yaml(#[from] serde_saphyr::ser::Error),
}

/// The YAML of a document. Reading it gives the same document.
pub fn write(kinds: &Kinds, document: &Document) -> Result<String, WriteError> {
    let kind = kinds.kind(document.kind).ok_or(WriteError::Kind(document.kind))?;
    let fields = document.fields()?;
    let file = File { types: &kinds.input_types, kind, slug: &document.slug, fields: &fields };
    let options = serde_saphyr::ser_options! { compact_list_indent: false };
    let mut yaml = String::new();
    serde_saphyr::to_fmt_writer_with_options(&mut yaml, &file, options)?;
    Ok(yaml)
}

struct File<'a> {
    types: &'a Registry,
    kind: &'a KindSpec,
    slug: &'a str,
    fields: &'a Map<String, Value>,
}

impl Serialize for File<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shape = self.kind.shape().map(|day| (SHAPE, day));
        let header = [("kind", self.kind.name), ("slug", self.slug)].into_iter().chain(shape);
        let shapes = self.kind.fields.iter().map(|(name, field)| (name.as_str(), field.shape.ty.as_str()));
        let fields = ordered(self.types, self.fields, shapes);
        serializer.collect_map(header.map(|(name, text)| (name, Node::Text(text))).chain(fields))
    }
}

enum Node<'a> {
    Text(&'a str),
    Typed { types: &'a Registry, ty: &'a str, value: &'a Value },
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (types, ty, value) = match self {
            Self::Text(text) => return serializer.serialize_str(text),
            Self::Typed { types, ty, value } => (types, ty, value),
        };
        match (value, MetaTypeName::create(ty)) {
            (value, MetaTypeName::NonNull(ty)) => Node::Typed { types, ty, value }.serialize(serializer),
            (Value::Array(items), MetaTypeName::List(ty)) => {
                serializer.collect_seq(items.iter().map(|value| Node::Typed { types, ty, value }))
            }
            (Value::Object(fields), MetaTypeName::Named(name)) => match types.types.get(name) {
                Some(MetaType::InputObject { input_fields, .. }) => {
                    let shapes = input_fields.values().map(|field| (field.name.as_str(), field.ty.as_str()));
                    serializer.collect_map(ordered(types, fields, shapes))
                }
                _ => value.serialize(serializer),
            },
            (value, _) => value.serialize(serializer),
        }
    }
}

/// The fields that are there, in the order of the type.
fn ordered<'a>(
    types: &'a Registry,
    fields: &'a Map<String, Value>,
    shapes: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<(&'a str, Node<'a>)> {
    shapes.filter_map(|(name, ty)| fields.get(name).map(|value| (name, Node::Typed { types, ty, value }))).collect()
}
