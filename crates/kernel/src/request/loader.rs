//! The batches of one kind of key.
use std::{
    collections::HashMap,
    fmt::{self, Debug},
    hash::{BuildHasher, Hash, Hasher},
    sync::{Arc, LazyLock, Mutex},
};

use dataloader::{BatchFn, cached::Loader};
use foldhash::quality::RandomState;
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use tokio::sync::oneshot;

use super::{BatchKey, Request, locked, scheduler::Scheduler};
use crate::{Error, Result, map::Map};

/// Maximum number of keys in one statement.
const MAX_BATCH: usize = 1_000;

/// The keys of one kind that a request loads, and their values.
pub(super) struct Batches<Q: BatchKey> {
    loader: Loading<Q>,
    joined: Mutex<Joined<Q>>,
}

/// Loads the keys of a batch and caches their values.
type Loading<Q> = Loader<HashedKey<Q>, Answer<Q>, Load, Map<HashedKey<Q>, Answer<Q>>>;

struct Joined<Q: BatchKey> {
    /// The batch that each key joined.
    batch: Map<HashedKey<Q>, Pending<Q>>,
    /// The batch that takes new keys.
    open: Option<(Questions<Q>, Pending<Q>)>,
}

/// The keys of one batch; taken from it when it is dispatched.
type Questions<Q> = Arc<Mutex<Option<Vec<HashedKey<Q>>>>>;
/// The values of one batch, once they are there.
type Pending<Q> = Shared<oneshot::Receiver<Arc<Result<HashMap<HashedKey<Q>, Answer<Q>>>>>>;
/// The value of one key.
type Answer<Q> = Result<Option<<Q as BatchKey>::Answer>>;

impl<Q: BatchKey> Batches<Q> {
    pub(super) fn new(request: Arc<Request>) -> Self {
        let loader =
            Loader::with_cache(Load(request), Map::default()).with_max_batch_size(MAX_BATCH).with_yield_count(0);
        Self { loader, joined: Mutex::new(Joined { batch: Map::default(), open: None }) }
    }

    /// Loads a key with the batch that it joins.
    pub(super) async fn answer(&self, question: &Q, scheduler: &Scheduler) -> Answer<Q> {
        let key = HashedKey::new(question);
        let lost = || Error::internal("the batch was abandoned before it was answered");
        match &*self.join(&key, scheduler).await.map_err(|_| lost())? {
            Ok(answers) => answers.get(&key).cloned().unwrap_or(Ok(None)),
            Err(error) => Err(error.clone()),
        }
    }

    /// The batch of a key: the one that it joined before, or the open one.
    fn join(&self, key: &HashedKey<Q>, scheduler: &Scheduler) -> Pending<Q> {
        let mut joined = locked(&self.joined);
        if let Some(answers) = joined.batch.get(key) {
            return answers.clone();
        }
        let open = joined.open.as_ref().and_then(|(questions, answers)| {
            locked(questions).as_mut().map(|questions| questions.push(key.clone()))?;
            Some(answers.clone())
        });
        let answers = open.unwrap_or_else(|| {
            let (questions, answers) = self.open(key.clone(), scheduler);
            joined.open = Some((questions, answers.clone()));
            answers
        });
        joined.batch.insert(key.clone(), answers.clone());
        answers
    }

    /// A new batch, which is dispatched at the end of the turn.
    fn open(&self, first: HashedKey<Q>, scheduler: &Scheduler) -> (Questions<Q>, Pending<Q>) {
        let questions: Questions<Q> = Arc::new(Mutex::new(Some(vec![first])));
        let (sender, receiver) = oneshot::channel();
        let (loader, asked) = (self.loader.clone(), questions.clone());
        scheduler.at_end(Box::pin(async move {
            let asked = locked(&asked).take().unwrap_or_default();
            let answers = loader.try_load_many(asked).await.map_err(Error::internal);
            // Nobody may be left to hear it.
            let _unheard = sender.send(Arc::new(answers));
        }));
        (questions, receiver.shared())
    }
}

/// A key and its hash, made once: a key is looked up half a dozen times on its way to an answer, and copied as often.
struct HashedKey<Q> {
    hash: u64,
    question: Arc<Q>,
}

impl<Q: BatchKey> HashedKey<Q> {
    fn new(question: &Q) -> Self {
        static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::default);
        Self { hash: STATE.hash_one(question), question: Arc::new(question.clone()) }
    }
}

impl<Q> Clone for HashedKey<Q> {
    fn clone(&self) -> Self {
        Self { hash: self.hash, question: self.question.clone() }
    }
}

impl<Q: Eq> PartialEq for HashedKey<Q> {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.question == other.question
    }
}

impl<Q: Eq> Eq for HashedKey<Q> {}

impl<Q> Hash for HashedKey<Q> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// The loader writes keys into messages that nobody reads.
impl<Q> Debug for HashedKey<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a question")
    }
}

/// Loads a batch by the statement of its kind of key.
struct Load(Arc<Request>);

impl<Q: BatchKey> BatchFn<HashedKey<Q>, Answer<Q>> for Load {
    fn load(&mut self, keys: &[HashedKey<Q>]) -> impl Future<Output = HashMap<HashedKey<Q>, Answer<Q>>> {
        let request = self.0.clone();
        let answers = Q::load(request.clone(), keys.iter().map(|key| Q::clone(&key.question)).collect());
        let keys = keys.to_vec();
        let all: BoxFuture<'static, _> = Box::pin(async move {
            match answers.await {
                Ok(mut answers) => keys
                    .into_iter()
                    .map(|key| {
                        let answer = answers.remove(&*key.question);
                        request.cache_value(&*key.question, answer.as_ref());
                        (key, Ok(answer))
                    })
                    .collect(),
                Err(error) => keys.into_iter().map(|key| (key, Err(error.clone()))).collect(),
            }
        });
        all
    }
}
