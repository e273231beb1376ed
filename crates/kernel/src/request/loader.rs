//! The batches of one type of key. Keys and values stand behind one type here: batches are compiled once, and of each type only
//! [`load_keys`].
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
use crate::{
    Error, Result,
    cache::{AnyKey, AnyValue, Cacheable, ValueToCache},
    map::Map,
};

/// Maximum number of keys in one statement.
const MAX_BATCH: usize = 1_000;

/// The keys of one type that a request loads, and their values.
pub(super) struct Batches {
    loader: Loading,
    joined: Mutex<Joined>,
}

/// Loads the keys of a batch and caches their values.
type Loading = Loader<HashedKey, Result<AnyValue>, Load, Map<HashedKey, Result<AnyValue>>>;

#[derive(Default)]
struct Joined {
    /// The batch that each key joined.
    batch: Map<HashedKey, Pending>,
    /// The batch that takes new keys.
    open: Option<(Questions, Pending)>,
}

/// The keys of one batch; taken from it when it is dispatched.
type Questions = Arc<Mutex<Option<Vec<HashedKey>>>>;
/// The values of one batch, once they are there.
type Pending = Shared<oneshot::Receiver<Arc<Result<HashMap<HashedKey, Result<AnyValue>>>>>>;

impl Batches {
    pub(super) fn new(request: Arc<Request>, load: LoadKeys) -> Self {
        let load = Load { request, load };
        let loader = Loader::with_cache(load, Map::default()).with_max_batch_size(MAX_BATCH).with_yield_count(0);
        Self { loader, joined: Mutex::default() }
    }

    /// Loads a key with the batch that it joins.
    pub(super) async fn answer(&self, key: HashedKey, scheduler: &Scheduler) -> Result<AnyValue> {
        let lost = || Error::internal("the batch was abandoned before it was answered");
        match &*self.join(&key, scheduler).await.map_err(|_| lost())? {
            Ok(answers) => answers.get(&key).cloned().unwrap_or_else(|| Err(lost())),
            Err(error) => Err(error.clone()),
        }
    }

    /// The batch of a key: the one that it joined before, or the open one.
    fn join(&self, key: &HashedKey, scheduler: &Scheduler) -> Pending {
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
    fn open(&self, first: HashedKey, scheduler: &Scheduler) -> (Questions, Pending) {
        let questions: Questions = Arc::new(Mutex::new(Some(vec![first])));
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
#[derive(Clone)]
pub(super) struct HashedKey {
    hash: u64,
    key: Arc<dyn AnyKey>,
}

impl HashedKey {
    pub(super) fn new<K: Cacheable>(key: &K) -> Self {
        static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::default);
        Self { hash: STATE.hash_one(key), key: Arc::new(key.clone()) }
    }
}

impl PartialEq for HashedKey {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.key.is(&*other.key)
    }
}

impl Eq for HashedKey {}

impl Hash for HashedKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// The loader writes keys into messages that nobody reads.
impl Debug for HashedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a question")
    }
}

/// Loads keys of one type: their values, in the order of the keys.
pub(super) type LoadKeys = fn(Arc<Request>, &[HashedKey]) -> BoxFuture<'static, Result<Vec<ValueToCache>>>;

/// Loads keys of this type.
pub(super) fn load_keys<Q: BatchKey>(
    request: Arc<Request>,
    keys: &[HashedKey],
) -> BoxFuture<'static, Result<Vec<ValueToCache>>> {
    let questions: Vec<Q> = keys.iter().filter_map(|key| key.key.as_any().downcast_ref().cloned()).collect();
    let answers = Q::load(request, questions.clone());
    Box::pin(async move {
        let mut answers = answers.await?;
        let value = |question: Q| {
            let answer = answers.remove(&question);
            ValueToCache::new(&question, answer)
        };
        Ok(questions.into_iter().map(value).collect())
    })
}

/// Loads a batch, and caches its values.
struct Load {
    request: Arc<Request>,
    load: LoadKeys,
}

impl BatchFn<HashedKey, Result<AnyValue>> for Load {
    fn load(&mut self, keys: &[HashedKey]) -> impl Future<Output = HashMap<HashedKey, Result<AnyValue>>> {
        let request = self.request.clone();
        let (values, keys) = ((self.load)(request.clone(), keys), keys.to_vec());
        async move {
            match values.await {
                Ok(values) => {
                    let cached = |(key, value): (HashedKey, ValueToCache)| {
                        request.options.cache.insert(&key.key, &value, request.holds_for());
                        (key, Ok(value.value))
                    };
                    keys.into_iter().zip(values).map(cached).collect()
                }
                Err(error) => keys.into_iter().map(|key| (key, Err(error.clone()))).collect(),
            }
        }
    }
}
