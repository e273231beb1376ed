//! What one request carries: the database, the perspective, and one set of loaders.
use std::{
    any::{Any, TypeId},
    collections::{HashMap, hash_map::RandomState},
    fmt::{self, Debug},
    future::poll_fn,
    hash::{BuildHasher, Hash, Hasher},
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Poll,
};

use async_graphql::Context;
use dataloader::{BatchFn, cached::Loader};
use futures_util::future::BoxFuture;
use sea_orm::DatabaseConnection;
use tokio::sync::OnceCell;

use crate::{
    Content, Error, Perspective, Result, Tags,
    memory::{Lasting, Memory, Recalled},
    store::Database,
};

/// How many keys go into one statement.
const MAX_BATCH: usize = 1_000;
/// How many turns of the task must pass without a new question before a batch is loaded.
const CALM: usize = 1;

/// A question to the database that is asked for many keys at once. The key's name says what is asked:
/// `CertificationsOf(revision)`.
pub trait Question: Clone + Eq + Hash + Debug + Send + Sync + 'static {
    /// What is found for one key.
    type Answer: Clone + Send + Sync + 'static;

    /// Answers all keys in as few statements as there are kinds of question: one, as a rule. Keys without an answer stay out.
    fn answer(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Answer>>>;

    /// How long the answer stays true.
    fn lasting(&self) -> Lasting {
        Lasting::Version
    }

    /// How much space the question and its answer take in memory, in bytes, by estimate.
    fn weight(&self, _answer: Option<&Self::Answer>) -> usize {
        100
    }

    /// What the answer depends on, where that is more than the revision of an entry that was found before.
    fn tags(&self, _answer: Option<&Self::Answer>, _tags: &mut Tags) {}
}

/// The state of one GraphQL request; lives in its data.
pub struct Request {
    db: Database,
    content: Arc<Content>,
    perspective: Perspective,
    options: Options,
    /// The content version when the request began.
    version: i64,
    tags: Mutex<Tags>,
}

/// What is the same for all requests to a graph.
#[derive(Clone)]
pub(crate) struct Options {
    /// What is remembered between requests.
    pub(crate) memory: Memory,
    /// How many objects a page may have.
    pub(crate) max_page: usize,
}

impl Request {
    /// The database.
    pub fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// The database and its content version.
    pub(crate) fn database(&self) -> &Database {
        &self.db
    }

    /// What the modules registered.
    pub fn content(&self) -> &Arc<Content> {
        &self.content
    }

    /// Which revisions this request sees.
    pub fn perspective(&self) -> Perspective {
        self.perspective
    }

    /// How many objects a page may have.
    pub(crate) fn max_page(&self) -> usize {
        self.options.max_page
    }

    /// What the answers so far depend on.
    pub(crate) fn tags(&self) -> Tags {
        locked(&self.tags).clone()
    }

    /// The version at which pointers may be remembered; none in perspectives that change without one.
    fn remembered_version(&self) -> Option<i64> {
        (self.perspective == Perspective::Published).then_some(self.version)
    }
}

/// A [`Request`] with its loaders. Cheap to clone.
#[derive(Clone)]
pub struct Loaders {
    request: Arc<Request>,
    by_question: Arc<Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>>,
    /// How many questions the request has asked so far.
    asked: Arc<AtomicUsize>,
}

impl Loaders {
    /// A fresh set for one request.
    pub(crate) fn new(db: Database, content: Arc<Content>, perspective: Perspective, options: Options) -> Self {
        let version = db.version();
        let request = Request { db, content, perspective, options, version, tags: Mutex::default() };
        let request = Arc::new(request);
        Self { request, by_question: Arc::default(), asked: Arc::default() }
    }

    /// A fresh set for the same database and perspective: what it finds is not older than this call.
    pub(crate) fn fresh(&self) -> Self {
        let Request { db, content, perspective, options, .. } = &*self.request;
        Self::new(db.clone(), content.clone(), *perspective, options.clone())
    }

    /// Answers one question: from memory, or with the batch that it joins. `None` where there is nothing.
    pub async fn ask<Q: Question>(&self, question: Q) -> Result<Option<Q::Answer>> {
        let request = &self.request;
        let remembered = request.options.memory.recall(&question, request.remembered_version());
        let answer = match remembered {
            Recalled::Known(answer) => answer,
            Recalled::Unknown => self.find(&question).await?,
        };
        question.tags(answer.as_ref(), &mut locked(&request.tags));
        Ok(answer)
    }

    async fn find<Q: Question>(&self, question: &Q) -> Result<Option<Q::Answer>> {
        let batches = self.batches::<Q>();
        let key = Key::new(question);
        let batch = batches.join(&key);
        if !batch.closed.load(Ordering::Relaxed) {
            self.quiet(&batch).await;
        }
        let answers = batch.answers.get_or_try_init(|| batches.load(&batch)).await?;
        answers.get(&key).cloned().unwrap_or(Ok(None))
    }

    /// Waits until the request has no more to ask before it gets an answer: fields that are still to be reached, however
    /// many they are, join the batch. No timer is involved. Whoever waits ends with the first, so that all go on together.
    async fn quiet<Q: Question>(&self, batch: &Batch<Q>) {
        let (mut calm, mut seen) = (0, self.asked.fetch_add(1, Ordering::Relaxed) + 1);
        while calm < CALM && !batch.closed.load(Ordering::Relaxed) {
            next_turn().await;
            let now = self.asked.load(Ordering::Relaxed);
            calm = if now == seen { calm + 1 } else { 0 };
            seen = now;
        }
    }

    fn batches<Q: Question>(&self) -> Arc<Batches<Q>> {
        let mut by_question = locked(&self.by_question);
        let batches = by_question.entry(TypeId::of::<Q>()).or_insert_with(|| {
            let loader = Loader::new(Load(self.request.clone())).with_max_batch_size(MAX_BATCH).with_yield_count(0);
            Arc::new(Batches::<Q> { loader, questions: Mutex::default() })
        });
        match batches.clone().downcast() {
            Ok(batches) => batches,
            Err(_) => unreachable!("batches are kept by the type of their question"),
        }
    }
}

/// Lets the other fields of the request have a turn. Unlike the runtime's own way to yield, it does not look for events of the
/// system first.
async fn next_turn() {
    let mut is_next = false;
    poll_fn(|context| {
        if std::mem::replace(&mut is_next, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The batches of one kind of question.
struct Batches<Q: Question> {
    loader: Loader<Key<Q>, Answer<Q>, Load>,
    questions: Mutex<Questions<Q>>,
}

/// A question and its hash, made once: a question is looked up half a dozen times on its way to an answer.
#[derive(Clone)]
struct Key<Q> {
    hash: u64,
    question: Q,
}

impl<Q: Question> Key<Q> {
    fn new(question: &Q) -> Self {
        static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        Self { hash: STATE.hash_one(question), question: question.clone() }
    }
}

impl<Q: Eq> PartialEq for Key<Q> {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.question == other.question
    }
}

impl<Q: Eq> Eq for Key<Q> {}

impl<Q> Hash for Key<Q> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// The loader writes keys into messages that nobody reads.
impl<Q> Debug for Key<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a question")
    }
}

/// The answer to one question. All who wait for a batch get it at the same moment, so that what they ask next is one batch.
type Answer<Q> = Result<Option<<Q as Question>::Answer>>;

struct Questions<Q: Question> {
    /// The batch that each question joined.
    joined: HashMap<Key<Q>, Arc<Batch<Q>>>,
    /// The batch that takes new questions.
    open: Arc<Batch<Q>>,
}

struct Batch<Q: Question> {
    questions: Mutex<Vec<Key<Q>>>,
    /// Whether it is being answered, or was.
    closed: AtomicBool,
    answers: OnceCell<HashMap<Key<Q>, Answer<Q>>>,
}

impl<Q: Question> Default for Batch<Q> {
    fn default() -> Self {
        Self { questions: Mutex::default(), closed: AtomicBool::new(false), answers: OnceCell::new() }
    }
}

impl<Q: Question> Default for Questions<Q> {
    fn default() -> Self {
        Self { joined: HashMap::new(), open: Arc::default() }
    }
}

impl<Q: Question> Batches<Q> {
    /// The batch of a question: the one that it joined before, or the open one.
    fn join(&self, question: &Key<Q>) -> Arc<Batch<Q>> {
        let mut questions = locked(&self.questions);
        if let Some(batch) = questions.joined.get(question) {
            return batch.clone();
        }
        let batch = questions.open.clone();
        locked(&batch.questions).push(question.clone());
        questions.joined.insert(question.clone(), batch.clone());
        batch
    }

    /// Closes the batch and answers it. May be called again where the first call was given up halfway.
    async fn load(&self, batch: &Arc<Batch<Q>>) -> Result<HashMap<Key<Q>, Answer<Q>>> {
        let keys = {
            let mut questions = locked(&self.questions);
            if Arc::ptr_eq(&questions.open, batch) {
                questions.open = Arc::default();
            }
            batch.closed.store(true, Ordering::Relaxed);
            locked(&batch.questions).clone()
        };
        self.loader.try_load_many(keys).await.map_err(Error::internal)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::ops::Deref for Loaders {
    type Target = Arc<Request>;

    fn deref(&self) -> &Self::Target {
        &self.request
    }
}

/// Answers a batch by the statement of its question.
struct Load(Arc<Request>);

impl<Q: Question> BatchFn<Key<Q>, Answer<Q>> for Load {
    fn load(&mut self, keys: &[Key<Q>]) -> impl Future<Output = HashMap<Key<Q>, Answer<Q>>> {
        let request = self.0.clone();
        let answers = Q::answer(request.clone(), keys.iter().map(|key| key.question.clone()).collect());
        let keys = keys.to_vec();
        let all: BoxFuture<'static, _> = Box::pin(async move {
            match answers.await {
                Ok(mut answers) => keys
                    .into_iter()
                    .map(|key| {
                        let answer = answers.remove(&key.question);
                        request.options.memory.remember(&key.question, request.remembered_version(), answer.as_ref());
                        (key, Ok(answer))
                    })
                    .collect(),
                Err(error) => keys.into_iter().map(|key| (key, Err(error.clone()))).collect(),
            }
        });
        all
    }
}

/// The state of the request that `ctx` belongs to.
///
/// # Panics
/// Where the request was not made by [`Graph::execute`](crate::Graph::execute): a mistake of the server.
pub fn request<'a>(ctx: &Context<'a>) -> &'a Loaders {
    ctx.data_unchecked::<Loaders>()
}
