//! Cache of the process, shared by requests. A revision never changes, so what was read of one is cached until the space is needed;
//! what the pointers say is cached for one content version. Neither outlives the past it was read in: where a backup is restored,
//! numbers of revisions and versions are used again.
use std::{
    any::Any,
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering},
    },
};

use foldhash::quality::RandomState;
use moka::{Equivalent, sync::Cache};

/// Overhead of a cached value beside its own weight, in bytes.
const OVERHEAD: usize = 250;

/// Time for which a cached value stays true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheLifetime {
    /// For ever: it was read of one revision.
    Revision,
    /// As long as nothing is published or withdrawn.
    Version,
    /// Not beyond the request: drafts change without a content version.
    Request,
}

/// Key under which a value is cached.
pub(crate) trait Cacheable: Clone + Eq + Hash + Send + Sync + 'static {
    /// Value that is cached.
    type Answer: Clone + Send + Sync + 'static;

    /// Time for which it stays true.
    fn lifetime(&self) -> CacheLifetime;

    /// Estimated size of it with its key in memory, in bytes.
    fn weight(&self, answer: Option<&Self::Answer>) -> usize;
}

/// Values of all kinds of keys, within a space in bytes. Cheap to clone.
#[derive(Clone, Default)]
pub struct ContentCache(Option<Arc<Spaces>>);

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

type Space = Cache<CacheKey, CachedValue, RandomState>;

/// Past and content version that cached values hold for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HoldsFor {
    /// The past, of all of them.
    pub(crate) past: u32,
    /// The content version, of what the pointers say; none in perspectives that change without one.
    pub(crate) version: Option<i64>,
}

/// The value of a key of any type: `Option<K::Answer>`, behind one type, so that what keeps and loads values is compiled once.
#[derive(Clone)]
pub(crate) struct AnyValue(Arc<dyn Any + Send + Sync>);

/// A value, and what the cache has to know of it.
pub(crate) struct ValueToCache {
    pub(crate) value: AnyValue,
    pub(crate) lifetime: CacheLifetime,
    /// Estimated size of it with its key in memory, in bytes.
    pub(crate) weight: usize,
}

impl ValueToCache {
    /// The value of the key.
    pub(crate) fn new<K: Cacheable>(key: &K, answer: Option<K::Answer>) -> Self {
        let (lifetime, weight) = (key.lifetime(), key.weight(answer.as_ref()));
        Self { value: AnyValue(Arc::new(answer)), lifetime, weight }
    }
}

impl AnyValue {
    /// The value as keys of this type have it.
    pub(crate) fn of<K: Cacheable>(&self) -> Option<K::Answer> {
        self.0.downcast_ref::<Option<K::Answer>>().cloned().flatten()
    }
}

/// Hits, misses and size of the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheUsage {
    /// Number of lookups that hit.
    pub hits: u64,
    /// Number of lookups that missed.
    pub misses: u64,
    /// Estimated size of the values, in bytes.
    pub bytes: u64,
}

impl ContentCache {
    /// Caches values of this many bytes, by estimate; nothing for 0.
    pub fn new(bytes: u64) -> Self {
        if bytes == 0 {
            return Self(None);
        }
        let space = |bytes| {
            Cache::builder()
                .max_capacity(bytes)
                .weigher(|_: &CacheKey, cached: &CachedValue| cached.weight)
                .build_with_hasher(RandomState::default())
        };
        let (revisions, pointers) = (space(bytes / 4 * 3), space(bytes / 4));
        let (hits, misses) = (AtomicU64::new(0), AtomicU64::new(0));
        let (version, past) = (AtomicI64::new(0), AtomicU32::new(0));
        Self(Some(Arc::new(Spaces { revisions, pointers, version, past, hits, misses })))
    }

    /// Usage so far.
    pub fn usage(&self) -> CacheUsage {
        self.0.as_ref().map_or_else(CacheUsage::default, |spaces| CacheUsage {
            hits: spaces.hits.load(Ordering::Relaxed),
            misses: spaces.misses.load(Ordering::Relaxed),
            bytes: spaces.revisions.weighted_size() + spaces.pointers.weighted_size(),
        })
    }

    /// The value of the key, where it is cached and still true.
    pub(crate) fn get(&self, key: &dyn AnyKey, lifetime: CacheLifetime, at: HoldsFor) -> Option<AnyValue> {
        let spaces = self.0.as_ref()?;
        let (space, version) = spaces.space(lifetime, at)?;
        let value = space.get(&CacheKeyRef { version, key });
        let counter = if value.is_some() { &spaces.hits } else { &spaces.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        value.map(|cached| cached.value)
    }

    /// Caches the value of the key, as it was loaded at the version or a later one.
    pub(crate) fn insert(&self, key: &Arc<dyn AnyKey>, value: &ValueToCache, at: HoldsFor) {
        let Some(spaces) = &self.0 else { return };
        let Some((space, version)) = spaces.space(value.lifetime, at) else { return };
        let weight = u32::try_from(OVERHEAD + value.weight).unwrap_or(u32::MAX);
        space.insert(CacheKey { version, key: key.clone() }, CachedValue { weight, value: value.value.clone() });
    }
}

impl Spaces {
    /// Space of a key; none where the perspective is not that of a content version.
    fn space(&self, lifetime: CacheLifetime, at: HoldsFor) -> Option<(&Space, VersionKey)> {
        if self.past.swap(at.past, Ordering::Relaxed) != at.past {
            self.revisions.invalidate_all();
            self.pointers.invalidate_all();
        }
        let version = match lifetime {
            CacheLifetime::Revision => return Some((&self.revisions, (at.past, 0))),
            CacheLifetime::Version => at.version?,
            CacheLifetime::Request => return None,
        };
        if self.version.swap(version, Ordering::Relaxed) != version {
            self.pointers.invalidate_all();
        }
        Some((&self.pointers, (at.past, version)))
    }
}

/// A past and a content version.
type VersionKey = (u32, i64);

#[derive(Clone)]
struct CachedValue {
    weight: u32,
    value: AnyValue,
}

/// A key of any kind, comparable with those of other kinds.
pub(crate) trait AnyKey: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn is(&self, other: &dyn AnyKey) -> bool;
    fn feed(&self, hasher: &mut dyn Hasher);
}

impl<K: Cacheable> AnyKey for K {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn is(&self, other: &dyn AnyKey) -> bool {
        other.as_any().downcast_ref::<K>().is_some_and(|other| self == other)
    }

    fn feed(&self, mut hasher: &mut dyn Hasher) {
        std::any::TypeId::of::<K>().hash(&mut hasher);
        self.hash(&mut hasher);
    }
}

/// Key of a cached value: of which kind it is, and the version it holds for.
struct CacheKey {
    version: VersionKey,
    key: Arc<dyn AnyKey>,
}

/// The same, borrowed.
struct CacheKeyRef<'a> {
    version: VersionKey,
    key: &'a dyn AnyKey,
}

impl Equivalent<CacheKey> for CacheKeyRef<'_> {
    fn equivalent(&self, other: &CacheKey) -> bool {
        self.version == other.version && self.key.is(&*other.key)
    }
}

impl Hash for CacheKeyRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.version.hash(state);
        self.key.feed(state);
    }
}

impl Hash for CacheKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.version.hash(state);
        self.key.feed(state);
    }
}

impl PartialEq for CacheKey {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version && self.key.is(&*other.key)
    }
}

impl Eq for CacheKey {}
