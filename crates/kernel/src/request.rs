//! What one request carries: the database, the perspective, and one set of loaders.
use std::{
    any::{Any, TypeId},
    collections::{HashMap, HashSet},
    fmt::Debug,
    hash::Hash,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_graphql::Context;
use dataloader::{BatchFn, cached::Loader};
use futures_util::future::BoxFuture;
use sea_orm::DatabaseConnection;

use crate::{Content, Error, Perspective, Result};

/// How many keys go into one statement.
const MAX_BATCH: usize = 1_000;
/// How many turns of the task must pass without a new question before a batch is loaded.
const CALM: usize = 3;

/// A question to the database that is asked for many keys at once. The key's name says what is asked:
/// `CertificationsOf(revision)`.
pub trait Question: Clone + Eq + Hash + Debug + Send + Sync + 'static {
    /// What is found for one key.
    type Answer: Clone + Send + Sync + 'static;

    /// Answers all keys in as few statements as there are kinds of question: one, as a rule. Keys without an answer stay out.
    fn answer(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Answer>>>;
}

/// The state of one GraphQL request; lives in its data.
pub struct Request {
    db: DatabaseConnection,
    content: Arc<Content>,
    perspective: Perspective,
}

impl Request {
    /// The database.
    pub fn db(&self) -> &DatabaseConnection {
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
    pub fn new(db: DatabaseConnection, content: Arc<Content>, perspective: Perspective) -> Self {
        let request = Arc::new(Request { db, content, perspective });
        Self { request, by_question: Arc::default(), asked: Arc::default() }
    }

    /// Asks one question; waits for the batch it joins. `None` where there is nothing.
    pub async fn ask<Q: Question>(&self, question: Q) -> Result<Option<Q::Answer>> {
        let batches = self.batches::<Q>();
        if batches.join(&question) {
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.quiet().await;
            let keys = batches.take();
            if !keys.is_empty() {
                batches.loader.try_load_many(keys).await.map_err(Error::internal)?;
            }
        }
        batches.loader.try_load(question).await.map_err(Error::internal)?
    }

    /// Waits until the request has no more to ask before it gets an answer: fields that are still to be reached, however
    /// many they are, join the batch. No timer is involved.
    async fn quiet(&self) {
        let (mut calm, mut seen) = (0, self.asked.load(Ordering::Relaxed));
        while calm < CALM {
            tokio::task::yield_now().await;
            let now = self.asked.load(Ordering::Relaxed);
            calm = if now == seen { calm + 1 } else { 0 };
            seen = now;
        }
    }

    fn batches<Q: Question>(&self) -> Arc<Batches<Q>> {
        let mut by_question = self.by_question.lock().unwrap_or_else(PoisonError::into_inner);
        let batches = by_question.entry(TypeId::of::<Q>()).or_insert_with(|| {
            let loader = Loader::new(Batch(self.request.clone())).with_max_batch_size(MAX_BATCH).with_yield_count(0);
            Arc::new(Batches::<Q> { loader, questions: Mutex::default() })
        });
        match batches.clone().downcast() {
            Ok(batches) => batches,
            Err(_) => unreachable!("batches are kept by the type of their question"),
        }
    }
}

/// The loader of one kind of question, and the questions that wait for the next batch.
struct Batches<Q: Question> {
    loader: Loader<Q, Result<Option<Q::Answer>>, Batch>,
    questions: Mutex<Questions<Q>>,
}

struct Questions<Q> {
    asked: HashSet<Q>,
    waiting: Vec<Q>,
}

impl<Q> Default for Questions<Q> {
    fn default() -> Self {
        Self { asked: HashSet::new(), waiting: Vec::new() }
    }
}

impl<Q: Question> Batches<Q> {
    /// Puts a question that is new into the next batch. False: its batch is under way or done.
    fn join(&self, question: &Q) -> bool {
        let mut questions = self.questions.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = questions.asked.insert(question.clone());
        if is_new {
            questions.waiting.push(question.clone());
        }
        is_new || !questions.waiting.is_empty()
    }

    /// The questions of the next batch.
    fn take(&self) -> Vec<Q> {
        let mut questions = self.questions.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut questions.waiting)
    }
}

impl std::ops::Deref for Loaders {
    type Target = Arc<Request>;

    fn deref(&self) -> &Self::Target {
        &self.request
    }
}

struct Batch(Arc<Request>);

impl<Q: Question> BatchFn<Q, Result<Option<Q::Answer>>> for Batch {
    fn load(&mut self, keys: &[Q]) -> impl Future<Output = HashMap<Q, Result<Option<Q::Answer>>>> {
        let answers = Q::answer(self.0.clone(), keys.to_vec());
        let keys = keys.to_vec();
        let all: BoxFuture<'static, _> = Box::pin(async move {
            match answers.await {
                Ok(mut answers) => keys
                    .into_iter()
                    .map(|key| {
                        let answer = answers.remove(&key);
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
