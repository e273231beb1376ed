//! Parsed documents, kept by their text: the same query is parsed twice at most, and one that comes once is not kept.
use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use moka::sync::Cache;

use crate::{
    limits::LimitMode,
    observe::{Metrics, Tier},
    pipeline::{Invalid, Parsed, Pipeline},
};

/// Space of a parsed document for each byte of its text: an estimate.
const PARSED: usize = 30;

/// Number of remembered texts that came once.
const ONCE: usize = 16 * 1024;

/// The documents that were parsed before.
pub(super) struct DocumentCache(Option<Kept>);

struct Kept {
    by_text: Cache<Arc<str>, Arc<Parsed>>,
    /// The hashes of texts that came before, each in its place until another takes it. Texts that never come again would push
    /// out those that do, and what is pushed out is far away in memory by then.
    once: Box<[AtomicU64]>,
    state: RandomState,
}

impl Kept {
    /// Tells whether the text came before, as far as is remembered.
    fn is_again(&self, text: &str) -> bool {
        let hash = self.state.hash_one(text);
        let place = usize::try_from(hash % ONCE as u64).unwrap_or_default();
        self.once[place].swap(hash, Ordering::Relaxed) == hash
    }
}

impl DocumentCache {
    /// Keeps documents of this many bytes, by estimate; none for 0.
    pub(super) fn new(bytes: u64) -> Self {
        let weigh = |text: &Arc<str>, _: &Arc<Parsed>| u32::try_from(text.len() * PARSED).unwrap_or(u32::MAX);
        Self((bytes > 0).then(|| Kept {
            by_text: Cache::builder().max_capacity(bytes).weigher(weigh).build(),
            once: (0..ONCE).map(|_| AtomicU64::new(0)).collect(),
            state: RandomState::new(),
        }))
    }

    /// The parsed document.
    pub(super) fn parsed(
        &self,
        text: &Arc<str>,
        pipeline: &Pipeline,
        mode: LimitMode,
        metrics: &Metrics,
    ) -> Result<Arc<Parsed>, Invalid> {
        let known = self.0.as_ref().and_then(|kept| kept.by_text.get(text));
        metrics.looked_up(Tier::Documents, known.is_some());
        if known.is_none() || mode == LimitMode::Measure {
            // What is kept was within the limits, or is logged each time.
            pipeline.scan(text)?;
        }
        if let Some(document) = known {
            return Ok(document);
        }
        let document = Arc::new(pipeline.parse(text)?);
        if let Some(kept) = &self.0
            && document.is_valid()
            && kept.is_again(text)
        {
            kept.by_text.insert(text.clone(), document.clone());
        }
        Ok(document)
    }
}
