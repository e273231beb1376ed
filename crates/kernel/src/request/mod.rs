//! State of one request: the database, the perspective, and one set of loaders.
mod loader;
mod scheduler;

use std::{
    any::TypeId,
    collections::HashMap,
    fmt::Debug,
    hash::Hash,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_graphql::Context;
use chrono::NaiveDate;
use futures_util::future::BoxFuture;
use sea_orm::{DatabaseConnection, sea_query::SelectStatement};
use store::{ContentModel, Database, Row, Version, sync::locked};

use self::{
    loader::{Batches, HashedKey, LoadKeys, load_keys},
    scheduler::Scheduler,
};
use crate::{
    AccessContext, Error, Perspective, Principal, Result, Tags,
    cache::{AnyKey, AnyValue, CacheLifetime, Cacheable, ContentCache, HoldsFor, ValueToCache},
    catalog::Catalog,
    map::Map,
    plan::{Plan, PlanKey, Plans},
    stored::Loaded,
};

/// The values of keys of one kind, by key.
pub type BatchValues<Q> = HashMap<Q, <Q as BatchKey>::Answer, foldhash::quality::RandomState>;

/// A key that is loaded from the database together with others of its kind. Its name says what is loaded:
/// `CertificationsOf(revision)`.
pub trait BatchKey: Clone + Eq + Hash + Debug + Send + Sync + 'static {
    /// Value of one key.
    type Answer: Clone + Send + Sync + 'static;

    /// Loads all keys by as few statements as there are kinds of keys: one, as a rule. Keys without a value stay out.
    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>>;

    /// Type apart from whose keys it is loaded, where keys of several kinds have one type: what fails them leaves it alone.
    fn group(&self) -> Option<TypeId> {
        None
    }

    /// Time for which the value stays true.
    fn lifetime(&self) -> CacheLifetime {
        CacheLifetime::Version
    }

    /// Estimated size of the key and its value in memory, in bytes.
    fn weight(&self, _answer: Option<&Self::Answer>) -> usize {
        100
    }

    /// Adds the dependencies of the value, where those are more than the revision of an entry that was found before.
    fn tags(&self, _answer: Option<&Self::Answer>, _tags: &mut Tags) {}
}

impl<Q: BatchKey> Cacheable for Q {
    type Answer = Q::Answer;

    fn lifetime(&self) -> CacheLifetime {
        BatchKey::lifetime(self)
    }

    fn weight(&self, answer: Option<&Self::Answer>) -> usize {
        BatchKey::weight(self, answer)
    }
}

/// The state of one GraphQL request; lives in its data.
pub struct Request {
    db: Database,
    catalog: Arc<Catalog>,
    view: AccessContext,
    options: Options,
    /// The content version when the request began.
    version: Version,
    tags: Mutex<Tags>,
    loaded: Loaded,
    /// Size of the content that its answer is made of so far, in bytes.
    content_bytes: AtomicUsize,
}

/// Options that are the same for all requests to a graph.
#[derive(Clone)]
pub(crate) struct Options {
    /// Cache that requests share.
    pub(crate) cache: ContentCache,
    /// Maximum number of objects of a page.
    pub(crate) max_page: usize,
    /// Maximum size of the content that the answer to one request is made of, in bytes.
    pub(crate) max_content_bytes: usize,
    /// True where fields of sections are answered from the stored JSON if that is possible.
    pub(crate) projects: bool,
}

impl Request {
    /// The database.
    pub fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// Values that are made of the rows of a statement. A row may be looked at twice, as the statement may begin anew.
    pub async fn read<T: Send>(
        &self,
        select: &SelectStatement,
        row: impl Fn(&Row<'_>) -> Result<T> + Send + Sync,
    ) -> Result<Vec<T>> {
        self.db.read(select, row).await
    }

    /// The database and its content version.
    pub(crate) fn database(&self) -> &Database {
        &self.db
    }

    /// Registrations of the modules about documents.
    pub fn content(&self) -> &Arc<ContentModel> {
        self.catalog.content()
    }

    /// Registrations of the modules, also about the graph.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// Which revisions this request sees.
    pub fn perspective(&self) -> Perspective {
        self.view.perspective
    }

    /// The content version when it began.
    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// Caller.
    pub(crate) fn caller(&self) -> &Principal {
        &self.view.caller
    }

    /// Maximum number of objects of a page.
    pub(crate) fn max_page(&self) -> usize {
        self.options.max_page
    }

    /// The day that the request is about: today, where it does not look at the past. Its answer is not kept then.
    pub fn day(&self) -> NaiveDate {
        locked(&self.tags).today();
        self.perspective().moment(self.db.clock()).date_naive()
    }

    /// Counts content that goes into the answer, each time that it does. Once there is more than one answer may have, this fails
    /// whoever calls it, so that the request ends soon.
    pub(crate) fn charge(&self, bytes: usize) -> Result<()> {
        // Nothing else depends on the number.
        let spent = self.content_bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        let most = self.options.max_content_bytes;
        if spent <= most {
            return Ok(());
        }
        let message = format!(
            "The answer needs more than {most} bytes of content ({spent} so far), counting each object as often as it is returned. Ask for less at once."
        );
        Err(Error::caller("ANSWER_TOO_LARGE", message))
    }

    /// The sections that it loaded so far.
    pub(crate) fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// Dependencies of the answers so far, taken from it.
    pub(crate) fn take_tags(&self) -> Tags {
        std::mem::take(&mut locked(&self.tags))
    }

    /// Caches the value of a key for later requests.
    pub(crate) fn cache_value<K: Cacheable>(&self, key: &K, answer: Option<&K::Answer>) {
        let (owned, value) = (Arc::new(key.clone()), ValueToCache::new(key, answer.cloned()));
        self.options.cache.insert(&(owned as Arc<dyn AnyKey>), &value, self.holds_for());
    }

    /// Value that is cached under the key, where there is one.
    pub(crate) fn cached<K: Cacheable>(&self, key: &K) -> Option<K::Answer> {
        self.options.cache.get(key, key.lifetime(), self.holds_for()).and_then(|value| value.of::<K>())
    }

    /// Past and content version that values of this request hold for: a version only in perspectives that do not change without one.
    fn holds_for(&self) -> HoldsFor {
        let version = (self.view.perspective == Perspective::Published).then_some(self.version.number);
        HoldsFor { past: self.version.past, version }
    }
}

/// The type of a key, and its [group](BatchKey::group).
type KeyKind = (TypeId, Option<TypeId>);

/// A [`Request`] with its loaders. Cheap to clone.
#[derive(Clone)]
pub struct Loaders {
    request: Arc<Request>,
    by_question: Arc<Mutex<Map<KeyKind, Arc<Batches>>>>,
    scheduler: Arc<Scheduler>,
    /// Plans for the projection of selections of entries.
    plans: Plans,
}

impl Loaders {
    /// A fresh set for one request.
    pub(crate) fn new(db: Database, catalog: Arc<Catalog>, view: AccessContext, options: Options) -> Self {
        let version = db.state();
        let (tags, content_bytes) = (Mutex::default(), AtomicUsize::default());
        let request = Request { db, catalog, view, options, version, tags, loaded: Loaded::default(), content_bytes };
        let request = Arc::new(request);
        Self { request, by_question: Arc::default(), scheduler: Arc::default(), plans: Plans::default() }
    }

    /// A fresh set for the same database and perspective: what it finds is not older than this call.
    pub(crate) fn fresh(&self) -> Self {
        self.fresh_in(self.request.perspective())
    }

    /// A fresh set for the same database and caller, in another perspective.
    pub(crate) fn fresh_in(&self, perspective: Perspective) -> Self {
        let Request { db, catalog, view, options, .. } = &*self.request;
        let view = AccessContext { perspective, caller: view.caller.clone() };
        Self::new(db.clone(), catalog.clone(), view, options.clone())
    }

    /// Loads one key: from the cache, or with the batch that it joins. `None` where there is nothing.
    pub async fn load<Q: BatchKey>(&self, question: Q) -> Result<Option<Q::Answer>> {
        let request = &self.request;
        let cached = request.options.cache.get(&question, BatchKey::lifetime(&question), request.holds_for());
        let value = if let Some(value) = cached {
            value
        } else {
            let kind = (TypeId::of::<Q>(), question.group());
            self.find(kind, load_keys::<Q>, HashedKey::new(&question)).await?
        };
        let answer = value.of::<Q>();
        question.tags(answer.as_ref(), &mut locked(&request.tags));
        Ok(answer)
    }

    /// Loads a key of any type with the batch that it joins: boxed here, so that no other crate compiles how batches are loaded.
    fn find(&self, kind: KeyKind, load: LoadKeys, key: HashedKey) -> BoxFuture<'_, Result<AnyValue>> {
        Box::pin(async move {
            if !self.scheduler.is_driven() {
                return Err(Error::internal("a question was asked outside of `Loaders::drive`"));
            }
            let new = || Arc::new(Batches::new(self.request.clone(), load));
            let batches = locked(&self.by_question).entry(kind).or_insert_with(new).clone();
            batches.answer(key, &self.scheduler).await
        })
    }

    /// The plan for entries of a kind at this place of the query; it is made once. None where nothing is projected.
    pub(crate) fn plan(&self, key: PlanKey, plan: impl FnOnce() -> Option<Plan>) -> Option<Arc<Plan>> {
        if !self.options.projects {
            return None;
        }
        self.plans.plan(key, plan)
    }

    /// Tells whether projected values may stay text until the answer is written.
    pub(crate) fn writes_text(&self) -> bool {
        self.plans.writes_text()
    }

    /// The same with what is planned for the document of the request.
    pub(crate) fn planned(mut self, plans: &Plans) -> Self {
        self.plans = plans.for_request();
        self
    }

    /// The same for a request that is known to take long: no part of it keeps others waiting.
    pub(crate) fn apart(self, is_long: bool) -> Self {
        if is_long {
            self.scheduler.are_long();
        }
        self
    }

    /// Runs what loads from these loaders. Batches are dispatched when no field can make progress, not by a timer, so that fields
    /// that load alike share a statement, however many they are.
    pub fn drive<F: Future>(&self, asking: F) -> impl Future<Output = F::Output> + use<F> {
        self.scheduler.clone().drive(asking)
    }

    /// Counts a field; now and then, other requests have a turn.
    pub(crate) async fn pause_if_due(&self) {
        self.scheduler.pause_if_due().await;
    }

    /// Other requests have a turn where this one took long already.
    pub(crate) async fn give_way(&self) {
        self.scheduler.give_way().await;
    }
}

impl std::ops::Deref for Loaders {
    type Target = Arc<Request>;

    fn deref(&self) -> &Self::Target {
        &self.request
    }
}

/// The state of the request that `ctx` belongs to.
///
/// # Panics
/// Where the request was not made by [`Graph::execute`](crate::Graph::execute): a mistake of the server.
pub fn request<'a>(ctx: &Context<'a>) -> &'a Loaders {
    ctx.data_unchecked::<Loaders>()
}
