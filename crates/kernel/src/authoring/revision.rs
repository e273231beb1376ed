//! Revisions: every version of an entry, who made it, why, and what changed.
use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Object, connection::Edge};
use futures_util::future::BoxFuture;
use sea_orm::{
    ConnectionTrait, FromQueryResult,
    sea_query::{Alias, Expr, ExprTrait as _, Func, Order, OverStatement, Query, WindowStatement},
};

use crate::{
    Error, Kind, Lasting, Result, Scope,
    change::Moment,
    document::{Document, write},
    list::{Log, cursor_before, page_size},
    request::{Answers, Question, Request, request},
    store::{documents, revision},
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

    fn document(&self) -> DocumentOf {
        DocumentOf { kind: self.kind, slug: self.slug.clone(), revision: self.model.id }
    }
}

/// One version of a document. It never changes.
#[Object]
impl Revision {
    /// 1 for the first revision of the entry, and so on. What `baseRevision` takes.
    async fn number(&self) -> i32 {
        self.model.number
    }

    /// Who made it.
    async fn author(&self) -> &str {
        &self.model.author
    }

    /// Why, in the words of its author; empty where they gave none.
    async fn message(&self) -> &str {
        &self.model.message
    }

    /// When it was made.
    async fn created_at(&self) -> Moment {
        Moment(self.model.created_at)
    }

    /// SHA-256 of the content, in hexadecimal: equal for revisions that say the same.
    async fn hash(&self) -> &str {
        &self.model.hash
    }

    /// The document as the file that an export would write.
    async fn yaml(&self, ctx: &Context<'_>) -> Result<String> {
        let loaders = request(ctx);
        let document = loaders.ask(self.document()).await?;
        write(loaders.content(), &*document.ok_or_else(|| Error::internal("a revision has no document"))?)
    }
}

/// The document of a revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct DocumentOf {
    kind: &'static str,
    slug: String,
    revision: i64,
}

impl Question for DocumentOf {
    type Answer = Arc<Document>;

    fn lasting(&self) -> Lasting {
        Lasting::Revision
    }

    fn weight(&self, document: Option<&Arc<Document>>) -> usize {
        document.map_or(0, |document| document.sections.iter().map(|(_, body)| body.len()).sum())
    }

    fn answer(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<Answers<Self>>> {
        Box::pin(async move {
            let asked: Vec<_> = keys.iter().map(|key| (key.kind, key.slug.as_str(), key.revision)).collect();
            let mut found = documents(request.db(), request.content(), &asked).await?;
            let found = keys.iter().filter_map(|key| Some((key.clone(), Arc::new(found.remove(&key.revision)?))));
            Ok(found.collect())
        })
    }
}

/// The newest revisions of an entry before the one with this number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Newest {
    pub(super) entry: i64,
    pub(super) before: i32,
    pub(super) limit: u64,
}

impl Question for Newest {
    type Answer = Arc<[revision::Model]>;

    fn answer(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<Answers<Self>>> {
        Box::pin(async move {
            let mut alike: HashMap<(i32, u64), Vec<Self>> = HashMap::new();
            for key in keys {
                alike.entry((key.before, key.limit)).or_default().push(key);
            }
            let mut answers = Answers::default();
            for ((before, limit), keys) in alike {
                let mut found = newest(request.db(), keys.iter().map(|key| key.entry).collect(), before, limit).await?;
                answers.extend(keys.into_iter().map(|key| {
                    let revisions = found.remove(&key.entry).unwrap_or_default();
                    (key, revisions.into())
                }));
            }
            Ok(answers)
        })
    }
}

async fn newest(
    db: &impl ConnectionTrait,
    entries: Vec<i64>,
    before: i32,
    limit: u64,
) -> Result<HashMap<i64, Vec<revision::Model>>> {
    use revision::Column::{EntryId, Number};
    let mut window = WindowStatement::new();
    window.add_partition_by(Expr::col(EntryId)).order_by(Number, Order::Desc);
    let numbered = Query::select()
        .expr(Expr::cust("*"))
        .expr_window_as(Func::cust("ROW_NUMBER"), window, Alias::new("place"))
        .from(revision::Entity)
        .and_where(Expr::col(EntryId).is_in(entries))
        .and_where(Expr::col(Number).lt(before))
        .take();
    let select = Query::select()
        .expr(Expr::cust("*"))
        .from_subquery(numbered, Alias::new("numbered"))
        .and_where(Expr::col("place").lte(limit))
        .order_by("place", Order::Asc)
        .take();
    let mut revisions: HashMap<i64, Vec<revision::Model>> = HashMap::new();
    for row in db.query_all(&select).await? {
        let revision = revision::Model::from_query_result(&row, "")?;
        revisions.entry(revision.entry_id).or_default().push(revision);
    }
    Ok(revisions)
}

/// A page of revisions, the newest first.
pub(super) async fn page(
    ctx: &Context<'_>,
    (kind, slug, entry): (&'static str, &str, i64),
    first: Option<i32>,
    after: Option<String>,
) -> Result<Log<Revision>> {
    let loaders = request(ctx);
    let size = page_size(first, loaders.max_page())?;
    let before = cursor_before(after.as_deref())?;
    let before = before.map_or(i32::MAX, |before| i32::try_from(before).unwrap_or(i32::MAX));
    let found = loaders.ask(Newest { entry, before, limit: size + 1 }).await?.unwrap_or_default();
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut connection = Log::new(after.is_some(), found.len() > size);
    connection.edges = found
        .iter()
        .take(size)
        .map(|model| Edge::new(model.number.to_string(), Revision::new(model.clone(), kind, slug.to_owned())))
        .collect();
    Ok(connection)
}

/// What every kind's object shows of its history.
pub(crate) struct EntryRevisions {
    kind: &'static str,
    slug: String,
    entry: i64,
}

impl<K: Kind> From<&K> for EntryRevisions {
    fn from(object: &K) -> Self {
        let entry = object.entry();
        Self { kind: K::NAME, slug: entry.slug().to_owned(), entry: entry.id() }
    }
}

/// The history of an entry.
#[Object]
impl EntryRevisions {
    /// Every version of the document, the newest first. Needs the scope `read-drafts`.
    async fn revisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The size of the page: 0 to 100 where the server is not set up otherwise; 20 where it is not given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor, the `endCursor` of the page before.")] after: Option<String>,
    ) -> Result<Option<Log<Revision>>> {
        request(ctx).caller().require(&Scope::ReadDrafts)?;
        page(ctx, (self.kind, &self.slug, self.entry), first, after).await.map(Some)
    }
}
