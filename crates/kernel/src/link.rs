//! Links between entries: a key in the document, the visible entry in the graph.
use std::{borrow::Cow, collections::BTreeMap, fmt, marker::PhantomData, sync::Arc};

use async_graphql::{
    Context, ContextSelectionSet, InputType, InputValueError, InputValueResult, OutputType, Positioned, ServerResult,
    Value, parser::types::Field, registry::Registry,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait, IntoIden, Query},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    Entry, Kind, Result, Tags,
    request::{Answers, Question, Request},
    scalar::{is_slug, scalar_type},
    store::{entry, lines, redirected},
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

/// The name of the scalar that links to entries of an object type: `CareerSlug`.
pub(crate) fn link_scalar(object: &str) -> String {
    format!("{object}Slug")
}

/// The object type that a scalar links to, if it is a scalar of links.
pub(crate) fn linked_object(scalar: &str) -> Option<&str> {
    scalar.strip_suffix("Slug")
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
                "The slug of an object of type `{object}`: lower-case letters and digits, joined by single hyphens."
            ),
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
        let found = visible(ctx.data_unchecked(), K::NAME, &self.slug).await;
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

/// The entry of this kind and slug, where the perspective shows it.
pub(crate) async fn visible(
    loaders: &crate::request::Loaders,
    kind: &'static str,
    slug: &str,
) -> Result<Option<Entry>> {
    // Nothing has another name.
    if !is_slug(slug) {
        return Ok(None);
    }
    loaders.ask(VisibleEntry { kind, slug: slug.to_owned() }).await
}

/// The entry of this kind and slug at its visible revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct VisibleEntry {
    kind: &'static str,
    slug: String,
}

impl Question for VisibleEntry {
    type Answer = Entry;

    fn weight(&self, _entry: Option<&Entry>) -> usize {
        100 + 2 * self.slug.len()
    }

    fn tags(&self, entry: Option<&Entry>, tags: &mut Tags) {
        tags.entry(self.kind, &self.slug);
        // A slug that was given up leads to another entry.
        if let Some(entry) = entry.filter(|entry| entry.slug() != self.slug) {
            tags.entry(self.kind, entry.slug());
        }
    }

    fn answer(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<Answers<Self>>> {
        Box::pin(async move {
            // In order, so that the same question is the same text, which databases prepare once.
            let mut slugs: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
            for key in &keys {
                slugs.entry(key.kind).or_default().push(key.slug.clone());
            }
            let asked = slugs.iter().fold(Condition::any(), |any, (kind, slugs)| {
                any.add(entry::Column::Kind.eq(*kind).and(entry::Column::Slug.is_in(slugs)))
            });
            let revision = request.perspective().revision_of(&entry::Entity.into_iden());
            let visible = Query::select()
                .from(entry::Entity)
                .cond_where(asked)
                .and_where(Expr::expr(revision.clone()).is_not_null())
                .take();
            let column = |column: entry::Column| Expr::col((entry::Entity, column));
            let columns =
                [column(entry::Column::Kind), column(entry::Column::Id), revision, column(entry::Column::Slug)];
            let visible = lines(request.db(), visible, columns).await?;
            let mut answers = Answers::default();
            for (kind, id, revision, slug) in visible.lines().filter_map(entry_of) {
                let Some(&kind) = slugs.keys().find(|known| **known == kind) else { continue };
                let entry = Entry::new(kind, id, slug.to_owned(), revision);
                answers.insert(Self { kind, slug: slug.to_owned() }, entry);
            }
            let missing: Vec<_> = keys.iter().filter(|key| !answers.contains_key(*key)).collect();
            if !missing.is_empty() && request.database().has_renames() {
                let asked: Vec<_> = missing.iter().map(|key| (key.kind, key.slug.clone())).collect();
                for ((kind, asked), id, revision, slug) in
                    redirected(request.db(), request.perspective(), &asked).await?
                {
                    answers.insert(Self { kind, slug: asked }, Entry::new(kind, id, slug, revision));
                }
            }
            Ok(answers)
        })
    }
}

/// Takes a line apart: kind, id, revision and slug of an entry.
fn entry_of(line: &str) -> Option<(&str, i64, i64, &str)> {
    let mut words = line.splitn(4, ' ');
    let (kind, id, revision, slug) = (words.next()?, words.next()?, words.next()?, words.next()?);
    Some((kind, id.parse().ok()?, revision.parse().ok()?, slug))
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
