//! `ContentChange`: what a subscriber is told when something is published or withdrawn; and `changes`, what was since a version.
use std::sync::Arc;

use async_graphql::{
    Context, Enum, Object, SimpleObject,
    connection::{Connection, Edge, EmptyFields},
};
use futures_util::future::BoxFuture;
use store::{End, Followed, Perspective, Published, changes_between, former_slugs_of, version_at};

use crate::{
    Error, Result, Tags,
    list::{log_cursor, page_size},
    moment::{ContentVersion, Moment},
    open::{AnyNode, EntryKind, Nodes},
    request::{BatchKey, BatchValues, Request, request},
    root::QueryRoot,
    visible,
};

/// One publication or withdrawal of an entry.
pub(crate) struct ContentChange {
    /// Record of the change in the store.
    pub(crate) published: Published,
    /// The kind of the entry.
    pub(crate) kind: &'static str,
}

/// Kind of change to an entry.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum ChangeKind {
    /// It is published, and was not just before.
    Published,
    /// It is published in place of something else.
    Updated,
    /// It is published under another slug than just before: `formerSlug`. That slug is withdrawn at the same moment.
    Renamed,
    /// It is no longer published.
    Withdrawn,
}

/// A publication or a withdrawal.
#[Object]
impl ContentChange {
    /// Kind of change to the entry.
    async fn change(&self) -> ChangeKind {
        match (self.published.revision, self.published.before) {
            (None, _) => ChangeKind::Withdrawn,
            _ if self.published.former_slug.is_some() => ChangeKind::Renamed,
            (Some(_), None) => ChangeKind::Published,
            (Some(_), Some(_)) => ChangeKind::Updated,
        }
    }

    /// The kind of the entry.
    async fn kind(&self) -> EntryKind {
        EntryKind::of(self.kind)
    }

    /// The slug of the entry, unique among its kind.
    async fn slug(&self) -> &str {
        &self.published.slug
    }

    /// The slug under which it was published until this change; null where that is the same.
    async fn former_slug(&self) -> Option<&str> {
        self.published.former_slug.as_deref()
    }

    /// The content version that the change made.
    async fn version(&self) -> ContentVersion {
        ContentVersion(self.published.version)
    }

    /// Time of the publication or withdrawal.
    async fn at(&self) -> Moment {
        Moment(self.published.at)
    }

    /// The cache tags to purge: those of the entry, including the former slugs that it was published under, and that of lists of its kind.
    async fn cache_tags(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let former = FormerSlugs { kind: self.kind, slug: self.published.slug.clone() };
        let former = request(ctx).load(former).await?.unwrap_or_default();
        let slugs = former.iter().chain([&self.published.slug]);
        Ok(Tags::to_purge(slugs.map(|slug| (self.kind, slug.as_str()))))
    }

    /// The entry as it is now, which may be newer than this change; null if it is not visible.
    async fn node(&self, ctx: &Context<'_>) -> Option<AnyNode> {
        self.visible(ctx).await.unwrap_or_else(|error| {
            ctx.add_error(ctx.set_error_path(async_graphql::Error::from(error).into_server_error(ctx.item.pos)));
            None
        })
    }
}

impl ContentChange {
    async fn visible(&self, ctx: &Context<'_>) -> Result<Option<AnyNode>> {
        let loaders = request(ctx);
        let catalog = loaders.catalog();
        let Some(spec) = catalog.kind(self.kind).and_then(|kind| catalog.of::<Nodes>().0.get(&kind.object)) else {
            return Ok(None);
        };
        match visible::visible(loaders, self.kind, &self.published.slug).await? {
            Some(entry) => (spec.find)(ctx, entry, String::new()).await,
            None => Ok(None),
        }
    }
}

/// The slugs under which an entry was published before it was renamed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct FormerSlugs {
    kind: &'static str,
    slug: String,
}

impl BatchKey for FormerSlugs {
    type Answer = Vec<String>;

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            if !request.database().has_renames() {
                return Ok(BatchValues::default());
            }
            let asked: Vec<_> = keys.into_iter().map(|key| (key.kind, key.slug)).collect();
            let former = former_slugs_of(request.db(), &asked).await?;
            Ok(former.into_iter().map(|((kind, slug), former)| (Self { kind, slug }, former)).collect())
        })
    }
}

/// Fields that tell what changed.
#[derive(Default)]
pub(crate) struct ChangeQueries;

impl From<&QueryRoot> for ChangeQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

/// A page of changes.
pub(crate) type ChangesPage = Connection<String, ContentChange, UpTo, EmptyFields>;

/// Fields of a list of changes beside its page.
#[derive(SimpleObject)]
#[graphql(name = "ContentChangesUpTo")]
pub(crate) struct UpTo {
    /// The content version that the list reaches up to: `since` of the next question, once the last page is read.
    version: ContentVersion,
}

#[Object]
impl ChangeQueries {
    /// Publications, updates, renames and withdrawals after a content version, the oldest first: a build of a site reads them to take in
    /// the difference, and a subscriber after a break of `contentChanged`. An entry that changed more than once is there more than once;
    /// `node` is always what it is now.
    #[expect(clippy::too_many_arguments, reason = "they are those of a list, and two of its own")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The content version that is known: `version` of an earlier answer; \"0\" for everything. One that the server does not know is an error (`VERSION_UNKNOWN`): read everything anew."
        )]
        since: ContentVersion,
        #[graphql(desc = "Only entries of these kinds; all kinds if omitted.")] kinds: Option<Vec<EntryKind>>,
        #[graphql(
            desc = "The size of the page, taken from the start (or after `after`): 0 to 100 unless the server is set up otherwise; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only changes after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only changes before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<ChangesPage> {
        let request = request(ctx);
        let (size, is_backwards) = page_size(first, last, request.max_page())?;
        let (after, before) = (log_cursor("after", after.as_deref())?, log_cursor("before", before.as_deref())?);
        let until = match request.perspective() {
            Perspective::AsOf(moment) => version_at(request.database(), moment).await?,
            _ => request.version().number,
        };
        if since.0 > until {
            return Err(unknown(since, until, request.perspective()));
        }
        let registered: Vec<_> = request.content().kinds().map(|kind| kind.name).collect();
        let is_asked = |kind: &&&str| kinds.as_ref().is_none_or(|kinds| kinds.contains(&EntryKind::of(kind)));
        let kinds: Arc<[&'static str]> = registered.iter().filter(is_asked).copied().collect();
        let from = since.0.max(after.unwrap_or_default());
        let to = before.map_or(until, |before| until.min(before - 1));
        let asked = ChangesSince { kinds: kinds.clone(), from, to, limit: size as u64 + 1, is_backwards };
        let found = request.load(asked).await?.unwrap_or_default();
        let up_to = UpTo { version: ContentVersion(until) };
        let (goes_on, skipped) = (found.len() > size, if is_backwards { found.len().saturating_sub(size) } else { 0 });
        let (has_previous, has_next) =
            if is_backwards { (goes_on, before.is_some()) } else { (after.is_some(), goes_on) };
        let mut page = ChangesPage::with_additional_fields(has_previous, has_next, up_to);
        page.edges = found
            .iter()
            .skip(skipped)
            .take(size)
            .filter_map(|published| {
                let kind = kinds.iter().copied().find(|kind| *kind == published.kind)?;
                let change = ContentChange { published: published.clone(), kind };
                Some(Edge::new(published.version.to_string(), change))
            })
            .collect();
        Ok(page)
    }
}

fn unknown(since: ContentVersion, until: i64, perspective: Perspective) -> Error {
    let since = since.0;
    let message = match perspective {
        Perspective::AsOf(_) => format!(
            "`since` is the content version {since}, which was made after the moment that is looked at: then, the version was {until}."
        ),
        _ => format!(
            "`since` is the content version {since}, and this server knows those up to {until}: the content was replaced by that of a \
             backup, or the server follows another and is behind. Read everything anew, and go on from the version of that answer."
        ),
    };
    Error::caller("VERSION_UNKNOWN", message)
}

/// The changes to entries of some kinds between two content versions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ChangesSince {
    kinds: Arc<[&'static str]>,
    /// The version after which they were made, and the last that may have made one.
    from: i64,
    to: i64,
    limit: u64,
    is_backwards: bool,
}

impl BatchKey for ChangesSince {
    type Answer = Arc<[Published]>;

    fn weight(&self, found: Option<&Arc<[Published]>>) -> usize {
        found.map_or(0, |found| 200 * found.len())
    }

    fn tags(&self, _: Option<&Arc<[Published]>>, tags: &mut Tags) {
        self.kinds.iter().for_each(|kind| tags.kind(kind));
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let mut answers = BatchValues::default();
            for key in keys {
                let of = Followed { kinds: key.kinds.to_vec(), slugs: None };
                let end = if key.is_backwards { End::Newest } else { End::Oldest };
                let found = changes_between(request.database(), &of, (key.from, key.to), key.limit, end).await?;
                answers.insert(key, found.into());
            }
            Ok(answers)
        })
    }
}
