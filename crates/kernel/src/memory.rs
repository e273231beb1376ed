//! Memory of the process between requests. A revision never changes, so what was read of one is remembered until the space is needed;
//! what the pointers say is remembered for one content version. Neither outlives the past it was read in: where a backup is restored,
//! numbers of revisions and versions are used again.
use std::{
    any::Any,
    borrow::Borrow,
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering},
    },
};

use foldhash::quality::RandomState;
use moka::sync::Cache;

/// Overhead of a remembered answer beside its own weight, in bytes.
const OVERHEAD: usize = 250;

/// Time for which the answer to a question stays true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// For ever: it was read of one revision.
    Revision,
    /// As long as nothing is published or withdrawn.
    Version,
    /// Not beyond the request: drafts change without a content version.
    Request,
}

/// Key under which an answer is remembered.
pub(crate) trait Known: Clone + Eq + Hash + Send + Sync + 'static {
    /// Answer that is remembered.
    type Answer: Clone + Send + Sync + 'static;

    /// Time for which it stays true.
    fn lasting(&self) -> Lasting;

    /// Estimated size of it with its key in memory, in bytes.
    fn weight(&self, answer: Option<&Self::Answer>) -> usize;
}

/// Answers to all kinds of questions, within a space in bytes. Cheap to clone.
#[derive(Clone, Default)]
pub struct Memory(Option<Arc<Spaces>>);

struct Spaces {
    /// Three quarters of the space: what was read of revisions.
    revisions: Space,
    /// The rest: what the pointers said at the version below.
    pointers: Space,
    version: AtomicI64,
    past: AtomicU32,
    hits: AtomicU64,
    misses: AtomicU64,
}

type Space = Cache<Key, Remembered, RandomState>;

/// Past and content version that remembered answers hold for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HoldsFor {
    /// The past, of all of them.
    pub(crate) past: u32,
    /// The content version, of what the pointers say; none in perspectives that change without one.
    pub(crate) version: Option<i64>,
}

/// Reply of the memory to a question.
pub(crate) enum Recalled<A> {
    /// The answer, or that there is nothing.
    Known(Option<A>),
    /// It has to be found.
    Unknown,
}

/// Hits, misses and size of the memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryUse {
    /// Number of questions that were answered from memory.
    pub hits: u64,
    /// Number of questions that were not.
    pub misses: u64,
    /// Estimated size of the answers, in bytes.
    pub bytes: u64,
}

impl Memory {
    /// Remembers answers of this many bytes, by estimate; nothing for 0.
    pub fn new(bytes: u64) -> Self {
        if bytes == 0 {
            return Self(None);
        }
        let space = |bytes| {
            Cache::builder()
                .max_capacity(bytes)
                .weigher(|_: &Key, remembered: &Remembered| remembered.weight)
                .build_with_hasher(RandomState::default())
        };
        let (revisions, pointers) = (space(bytes / 4 * 3), space(bytes / 4));
        let (hits, misses) = (AtomicU64::new(0), AtomicU64::new(0));
        let (version, past) = (AtomicI64::new(0), AtomicU32::new(0));
        Self(Some(Arc::new(Spaces { revisions, pointers, version, past, hits, misses })))
    }

    /// Usage so far.
    pub fn usage(&self) -> MemoryUse {
        self.0.as_ref().map_or_else(MemoryUse::default, |spaces| MemoryUse {
            hits: spaces.hits.load(Ordering::Relaxed),
            misses: spaces.misses.load(Ordering::Relaxed),
            bytes: spaces.revisions.weighted_size() + spaces.pointers.weighted_size(),
        })
    }

    /// The answer to the question, where it is known and still true.
    pub(crate) fn recall<Q: Known>(&self, question: &Q, at: HoldsFor) -> Recalled<Q::Answer> {
        let Some(spaces) = &self.0 else { return Recalled::Unknown };
        let Some((space, version)) = spaces.space(question, at) else { return Recalled::Unknown };
        let remembered = space.get(&Asked { version, question } as &dyn Place);
        let counter = if remembered.is_some() { &spaces.hits } else { &spaces.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        let answer = remembered.and_then(|remembered| remembered.answer.downcast_ref::<Option<Q::Answer>>().cloned());
        answer.map_or(Recalled::Unknown, Recalled::Known)
    }

    /// Remembers the answer to the question, as it was found at the version or a later one.
    pub(crate) fn remember<Q: Known>(&self, question: &Q, at: HoldsFor, answer: Option<&Q::Answer>) {
        let Some(spaces) = &self.0 else { return };
        let Some((space, version)) = spaces.space(question, at) else { return };
        let weight = u32::try_from(OVERHEAD + question.weight(answer)).unwrap_or(u32::MAX);
        let key = Key { version, question: Arc::new(question.clone()) };
        space.insert(key, Remembered { weight, answer: Arc::new(answer.cloned()) });
    }
}

impl Spaces {
    /// Space of the answer to the question; none where the perspective is not that of a content version.
    fn space<Q: Known>(&self, question: &Q, at: HoldsFor) -> Option<(&Space, State)> {
        if self.past.swap(at.past, Ordering::Relaxed) != at.past {
            self.revisions.invalidate_all();
            self.pointers.invalidate_all();
        }
        let version = match question.lasting() {
            Lasting::Revision => return Some((&self.revisions, (at.past, 0))),
            Lasting::Version => at.version?,
            Lasting::Request => return None,
        };
        if self.version.swap(version, Ordering::Relaxed) != version {
            self.pointers.invalidate_all();
        }
        Some((&self.pointers, (at.past, version)))
    }
}

/// A past and a content version.
type State = (u32, i64);

#[derive(Clone)]
struct Remembered {
    weight: u32,
    answer: Arc<dyn Any + Send + Sync>,
}

/// A question of any kind, comparable with those of other kinds.
trait AnyQuestion: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn is(&self, other: &dyn AnyQuestion) -> bool;
    fn feed(&self, hasher: &mut dyn Hasher);
}

impl<Q: Known> AnyQuestion for Q {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn is(&self, other: &dyn AnyQuestion) -> bool {
        other.as_any().downcast_ref::<Q>().is_some_and(|other| self == other)
    }

    fn feed(&self, mut hasher: &mut dyn Hasher) {
        std::any::TypeId::of::<Q>().hash(&mut hasher);
        self.hash(&mut hasher);
    }
}

/// A question and the version it is asked at, owned or borrowed.
trait Place {
    fn version(&self) -> State;
    fn question(&self) -> &dyn AnyQuestion;
}

struct Key {
    version: State,
    question: Arc<dyn AnyQuestion>,
}

struct Asked<'a, Q> {
    version: State,
    question: &'a Q,
}

impl Place for Key {
    fn version(&self) -> State {
        self.version
    }

    fn question(&self) -> &dyn AnyQuestion {
        &*self.question
    }
}

impl<Q: Known> Place for Asked<'_, Q> {
    fn version(&self) -> State {
        self.version
    }

    fn question(&self) -> &dyn AnyQuestion {
        self.question
    }
}

impl<'a> Borrow<dyn Place + 'a> for Key {
    fn borrow(&self) -> &(dyn Place + 'a) {
        self
    }
}

impl Hash for dyn Place + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.version().hash(state);
        self.question().feed(state);
    }
}

impl PartialEq for dyn Place + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.version() == other.version() && self.question().is(other.question())
    }
}

impl Eq for dyn Place + '_ {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self as &dyn Place).hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        (self as &dyn Place) == (other as &dyn Place)
    }
}

impl Eq for Key {}
