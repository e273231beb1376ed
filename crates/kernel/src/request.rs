//! What one request carries: the database, the perspective, and one set of loaders.
use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt::Debug,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::Context;
use dataloader::{BatchFn, cached::Loader};
use futures_util::future::BoxFuture;
use sea_orm::DatabaseConnection;

use crate::{Content, Error, Perspective, Result};

/// How many keys go into one statement.
const MAX_BATCH: usize = 1_000;
/// How often a loader yields before it runs its statement, so that sibling fields join it. No timer is involved.
const YIELDS: usize = 10;

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
    by_question: Arc<Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>>,
}

impl Loaders {
    /// A fresh set for one request.
    pub fn new(db: DatabaseConnection, content: Arc<Content>, perspective: Perspective) -> Self {
        let request = Arc::new(Request { db, content, perspective });
        Self { request, by_question: Arc::default() }
    }

    /// Asks one question; waits for the batch it joins. `None` where there is nothing.
    pub async fn ask<Q: Question>(&self, question: Q) -> Result<Option<Q::Answer>> {
        let loader = self.loader::<Q>();
        match loader.try_load(question).await {
            Ok(answer) => answer,
            Err(lost) => Err(Error::internal(lost)),
        }
    }

    fn loader<Q: Question>(&self) -> BatchLoader<Q> {
        let mut loaders = self.by_question.lock().unwrap_or_else(PoisonError::into_inner);
        let loader = loaders.entry(TypeId::of::<Q>()).or_insert_with(|| {
            let loader: BatchLoader<Q> = Loader::new(Batch(self.request.clone()))
                .with_max_batch_size(MAX_BATCH)
                .with_yield_count(YIELDS);
            Box::new(loader)
        });
        match loader.downcast_ref::<BatchLoader<Q>>() {
            Some(loader) => loader.clone(),
            None => unreachable!("loaders are kept by the type of their question"),
        }
    }
}

impl std::ops::Deref for Loaders {
    type Target = Arc<Request>;

    fn deref(&self) -> &Self::Target {
        &self.request
    }
}

type BatchLoader<Q> = Loader<Q, Result<Option<<Q as Question>::Answer>>, Batch>;

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
