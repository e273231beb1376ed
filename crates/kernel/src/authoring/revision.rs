//! Revisions: every version of an entry, who made it, why, and what changed.
use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Object, ServerResult, resolver_utils::ContainerType as _};
use document::{Difference, DifferenceKind, Document, diff, summary, write};
use futures_util::{future::BoxFuture, try_join};
use store::{End, Span, documents, members, revision};

use super::json::AnyJson;
use crate::{
    CacheLifetime, Entry, Error, Result, Scope, apart,
    list::{Log, LogArguments},
    moment::Moment,
    request::{BatchKey, BatchValues, Request, request},
};

/// One version of a document.
#[derive(Clone, Debug)]
pub(crate) struct Revision {
    model: revision::Model,
    kind: &'static str,
    slug: String,
}

impl Revision {
    pub(super) fn new(model: revision::Model, kind: &'static str, slug: String) -> Self {
        Self { model, kind, slug }
    }
}

/// One version of a document. It never changes.
#[Object]
impl Revision {
    /// Number of the revision: 1 for the first one of the entry, and so on. `baseRevision` takes it.
    async fn number(&self) -> i32 {
        self.model.number
    }

    /// Author of the revision.
    async fn author(&self) -> &str {
        &self.model.author
    }

    /// Reason, in the words of its author; empty if they gave none.
    async fn message(&self) -> &str {
        &self.model.message
    }

    /// Time of creation of the revision.
    async fn created_at(&self) -> Moment {
        Moment(self.model.created_at)
    }

    /// SHA-256 of the content, in hexadecimal: equal for revisions with the same content.
    async fn hash(&self) -> &str {
        &self.model.hash
    }

    /// Summary of the changes since the previous revision, in one line. Needs the scope `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn summary(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(match self.before(ctx).await? {
            Some(before) => summary(&before.differences(ctx, self).await?),
            None => "the first revision".to_owned(),
        })
    }

    /// Changes since the previous revision, place by place; empty for the first revision. Needs the scope
    /// `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn changes(&self, ctx: &Context<'_>) -> Result<Vec<DifferenceObject>> {
        let differences = match self.before(ctx).await? {
            Some(before) => before.differences(ctx, self).await?,
            None => Vec::new(),
        };
        Ok(differences.into_iter().map(DifferenceObject).collect())
    }

    /// The document as the file that an export would write. Needs the scope `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn yaml(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(write(request(ctx).content(), &*self.document(ctx).await?)?)
    }
}

impl Revision {
    /// Its content, which payloads of mutations lead to as well: whoever may write need not be one who may read.
    async fn document(&self, ctx: &Context<'_>) -> Result<Arc<Document>> {
        request(ctx).caller().require(&Scope::ReadDrafts)?;
        let asked = DocumentOf { kind: self.kind, slug: self.slug.clone(), revision: self.model.id };
        request(ctx).load(asked).await?.ok_or_else(|| Error::internal("a revision has no document"))
    }

    async fn before(&self, ctx: &Context<'_>) -> Result<Option<Self>> {
        numbered(ctx, (self.kind, &self.slug, self.model.entry_id), self.model.number - 1).await
    }

    async fn differences(&self, ctx: &Context<'_>, newer: &Self) -> Result<Vec<Difference>> {
        let (older, newer) = try_join!(self.document(ctx), newer.document(ctx))?;
        apart(move || Ok(diff(&older.fields()?.into(), &newer.fields()?.into()))).await
    }
}

/// The revision of an entry with this number.
pub(super) async fn numbered(
    ctx: &Context<'_>,
    (kind, slug, entry): (&'static str, &str, i64),
    number: i32,
) -> Result<Option<Revision>> {
    let found = request(ctx).load(Numbered { entry, number }).await?;
    Ok(found.map(|model| Revision::new(model, kind, slug.to_owned())))
}

/// Differences between two revisions of an entry; none where one of them is not there.
pub(super) async fn differences(
    ctx: &Context<'_>,
    entry: (&'static str, &str, i64),
    (from, to): (i32, i32),
) -> Result<Option<Vec<DifferenceObject>>> {
    let (from, to) = try_join!(numbered(ctx, entry, from), numbered(ctx, entry, to))?;
    let (Some(from), Some(to)) = (from, to) else { return Ok(None) };
    Ok(Some(from.differences(ctx, &to).await?.into_iter().map(DifferenceObject).collect()))
}

/// One difference between two revisions.
pub(crate) struct DifferenceObject(Difference);

/// One difference between two revisions of a document. An item that was moved to another place in its list is one `MOVED`.
#[Object(name = "Difference")]
impl DifferenceObject {
    /// Kind of the difference.
    async fn kind(&self) -> DifferenceKind {
        self.0.kind
    }

    /// The place in the newer revision, such as `pay.bands[0].range`; in the older one for what was removed.
    async fn path(&self) -> String {
        self.0.path.to_string()
    }

    /// The place in the older revision: for what was moved, and for what changed if that place differs.
    async fn from_path(&self) -> Option<String> {
        self.0.from_path.as_ref().map(ToString::to_string)
    }

    /// Old value, as JSON: for what was removed or changed.
    async fn before(&self) -> Option<AnyJson> {
        self.0.before.clone().map(AnyJson)
    }

    /// New value, as JSON: for what was added or changed.
    async fn after(&self) -> Option<AnyJson> {
        self.0.after.clone().map(AnyJson)
    }

    /// The difference in one sentence, for people.
    async fn text(&self) -> String {
        self.0.sentence()
    }
}

/// The revision of an entry with this number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Numbered {
    entry: i64,
    number: i32,
}

impl BatchKey for Numbered {
    type Answer = revision::Model;

    fn lifetime(&self) -> CacheLifetime {
        CacheLifetime::Request
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let members = members(request.db(), keys.iter().map(|key| key.entry).collect()).await?;
            let of = |key: &Self| members.get(&key.entry).cloned().unwrap_or_default();
            let asked: Vec<_> = keys.iter().map(|key| (of(key), key.number)).collect();
            let found = revision::of_numbers(request.db(), asked).await?;
            let answer = |key: Self| {
                let is_it = |model: &&revision::Model| model.number == key.number && of(&key).contains(&model.entry_id);
                let model = found.iter().find(is_it)?.clone();
                Some((key, model))
            };
            Ok(keys.into_iter().filter_map(answer).collect())
        })
    }
}

/// The document of a revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct DocumentOf {
    kind: &'static str,
    slug: String,
    revision: i64,
}

impl BatchKey for DocumentOf {
    type Answer = Arc<Document>;

    fn lifetime(&self) -> CacheLifetime {
        CacheLifetime::Revision
    }

    fn weight(&self, document: Option<&Arc<Document>>) -> usize {
        document.map_or(0, |document| document.sections.iter().map(|(_, body)| body.len()).sum())
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let asked: Vec<_> = keys.iter().map(|key| (key.kind, key.slug.as_str(), key.revision)).collect();
            let mut found = documents(request.db(), request.content(), &asked).await?;
            let found = keys.iter().filter_map(|key| Some((key.clone(), Arc::new(found.remove(&key.revision)?))));
            Ok(found.collect())
        })
    }
}

/// A stretch of the revisions of an entry, by number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Stretch {
    entry: i64,
    span: Span,
}

impl BatchKey for Stretch {
    type Answer = Arc<[revision::Model]>;

    fn lifetime(&self) -> CacheLifetime {
        CacheLifetime::Request
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let mut alike: HashMap<Span, Vec<Self>> = HashMap::new();
            for key in keys {
                alike.entry(key.span).or_default().push(key);
            }
            let mut answers = BatchValues::default();
            for (span, keys) in alike {
                let members = members(request.db(), keys.iter().map(|key| key.entry).collect()).await?;
                let entries = members.values().flatten().copied().collect();
                let found = revision::stretches(request.db(), entries, span).await?;
                answers.extend(keys.into_iter().map(|key| {
                    let members = members.get(&key.entry).into_iter().flatten();
                    let mut revisions: Vec<_> =
                        members.filter_map(|member| found.get(member)).flatten().cloned().collect();
                    revisions.sort_by_key(|revision| revision.number);
                    if span.from == End::Newest {
                        revisions.reverse();
                    }
                    revisions.truncate(usize::try_from(span.limit).unwrap_or(usize::MAX));
                    (key, revisions.into())
                }));
            }
            Ok(answers)
        })
    }
}

/// A page of revisions, the newest first.
pub(super) async fn page(
    ctx: &Context<'_>,
    (kind, slug, entry): (&'static str, &str, i64),
    arguments: &LogArguments,
) -> Result<Log<Revision>> {
    let found = request(ctx).load(Stretch { entry, span: arguments.span() }).await?.unwrap_or_default();
    let revision = |model: revision::Model| Revision::new(model, kind, slug.to_owned());
    Ok(arguments.page(found.to_vec(), |model| model.number.into(), revision))
}

/// History that every kind's object shows.
pub(crate) struct EntryRevisions {
    kind: &'static str,
    slug: String,
    entry: i64,
}

/// Resolves a field of [`EntryRevisions`].
pub(crate) fn revisions_of<'a>(
    entry: Entry,
    ctx: &'a Context<'a>,
) -> BoxFuture<'a, ServerResult<Option<async_graphql::Value>>> {
    let history = EntryRevisions { kind: entry.kind(), slug: entry.slug().to_owned(), entry: entry.id() };
    Box::pin(async move { history.resolve_field(ctx).await })
}

/// The history of an entry.
#[Object]
impl EntryRevisions {
    /// Every version of the document, the newest first. Needs the scope `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn revisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The size of the page, taken from the start (or after `after`): 0 to 100 unless the server is set up otherwise; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only objects after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only objects before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Option<Log<Revision>>> {
        request(ctx).caller().require(&Scope::ReadDrafts)?;
        let arguments = LogArguments::new((first, after), (last, before), request(ctx).max_page())?;
        page(ctx, (self.kind, &self.slug, self.entry), &arguments).await.map(Some)
    }

    /// Differences between two revisions, place by place; null if one of them is not there. Needs the scope `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the older revision.")] from: i32,
        #[graphql(desc = "The number of the newer revision.")] to: i32,
    ) -> Result<Option<Vec<DifferenceObject>>> {
        request(ctx).caller().require(&Scope::ReadDrafts)?;
        differences(ctx, (self.kind, &self.slug, self.entry), (from, to)).await
    }
}
