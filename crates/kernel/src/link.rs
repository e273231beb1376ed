//! Links between entries: a key in the document, the visible entry in the graph.
use std::{borrow::Cow, fmt, marker::PhantomData};

use async_graphql::{
    Context, ContextSelectionSet, InputType, InputValueError, InputValueResult, OutputType, Positioned, ServerResult,
    Value, parser::types::Field, registry::Registry,
};
use document::scalar::{SPECIFIES_SLUGS, is_slug, scalar_type};
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{IntoIden, SimpleExpr};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    Kind, Result,
    by_slug::BySlug as _,
    list::{Direction, FilterColumn, KeyFilter, ListValue, OrderTerm},
    projection::wanted,
    visible::visible_with,
};

/// A link to an entry of kind `K`, by slug. As an input it is the scalar `{K}Slug`; as an output it is the visible entry, or
/// null. The check of documents finds links by that scalar, so that no module has to list its links.
pub struct Link<K> {
    slug: String,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Link<K> {
    /// The link to the entry with this slug.
    pub fn to(slug: impl Into<String>) -> Self {
        Self { slug: slug.into(), kind: PhantomData }
    }

    /// The slug it leads to, visible or not.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// The entry it leads to, where the perspective shows it.
    pub async fn resolve(&self, ctx: &Context<'_>) -> Result<Option<K>> {
        K::by_slug(ctx, &self.slug).await
    }
}

impl<K: Kind> ListValue for Link<K> {
    type Stored = String;
    type Filter = KeyFilter;

    fn stored(&self) -> String {
        self.slug().to_owned()
    }

    fn condition(filter: &KeyFilter, column: &FilterColumn) -> SimpleExpr {
        filter.on(column)
    }

    fn term(column: impl IntoIden, direction: Direction) -> OrderTerm {
        OrderTerm::text(column, direction)
    }
}

/// The name of the scalar that links to entries of an object type: `CareerSlug`.
pub(crate) fn link_scalar(object: &str) -> String {
    format!("{object}Slug")
}

impl<K: Kind> InputType for Link<K> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        link_scalar(&<K as OutputType>::type_name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let object = <K as OutputType>::type_name();
        scalar_type::<Self>(
            registry,
            &format!(
                "The slug of an object of type `{object}`: lower-case letters and digits, joined by single hyphens, such as \
                 `first-steps-2`."
            ),
            SPECIFIES_SLUGS,
            |value| matches!(value, Value::String(slug) if is_slug(slug)),
        )
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::String(slug)) if is_slug(&slug) => Ok(Self::to(slug)),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.slug.clone())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<K: Kind> OutputType for Link<K> {
    fn type_name() -> Cow<'static, str> {
        <K as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <K as OutputType>::type_name().into_owned()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <K as OutputType>::create_type_info(registry);
        <Self as OutputType>::qualified_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let found = visible_with(ctx.data_unchecked(), K::NAME, &self.slug, wanted(K::NAME, ctx, field)).await;
        let answer = match found {
            Ok(Some(entry)) => OutputType::resolve(&K::new(entry), ctx, field).await,
            Ok(None) => return Ok(Value::Null),
            Err(error) => Err(async_graphql::Error::from(error).into_server_error(field.pos)),
        };
        answer.or_else(|error| {
            ctx.add_error(ctx.set_error_path(error));
            Ok(Value::Null)
        })
    }
}

/// Answers a field through a link to the entry of kind `K` with this slug.
pub(crate) fn follow<'a, K: Kind>(
    ctx: &'a ContextSelectionSet<'a>,
    field: &'a Positioned<Field>,
    slug: String,
) -> BoxFuture<'a, ServerResult<Value>> {
    Box::pin(async move { OutputType::resolve(&Link::<K>::to(slug), ctx, field).await })
}

impl<K> Clone for Link<K> {
    fn clone(&self) -> Self {
        Self { slug: self.slug.clone(), kind: PhantomData }
    }
}

impl<K> fmt::Debug for Link<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Link").field(&self.slug).finish()
    }
}

impl<K> Serialize for Link<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.slug)
    }
}

impl<'de, K> Deserialize<'de> for Link<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { slug: String::deserialize(deserializer)?, kind: PhantomData })
    }
}
