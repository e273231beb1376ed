//! Parsed documents, kept by their text: the same query is parsed twice at most, and one that comes once is not kept.
use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use async_graphql::parser::types::ExecutableDocument;
use kernel::Plans;
use language::{Broken, Document, Schema, SyntaxError, parse};
use moka::sync::Cache;

use super::request_error::RequestError;
use crate::{
    limits::{LimitMode, Limits, scan},
    observe::{Metrics, Tier},
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

/// A parsed document.
pub(super) struct Parsed {
    pub(super) document: Document,
    /// The rules that it breaks, of those that expand no fragment. It is kept only where there are none.
    pub(super) broken: Vec<Broken>,
    plans: OnceLock<Plans>,
    /// Tells whether the fields under one name can be merged.
    merges: OnceLock<()>,
}

impl Parsed {
    /// Plans for it, once it was measured.
    pub(super) fn plans(&self) -> &Plans {
        self.plans.get_or_init(|| Plans::of(&self.document.executable))
    }

    /// Checks that fields under one name can be merged, once it was measured.
    pub(super) fn check_merging(&self, schema: &Schema) -> Result<(), Vec<Broken>> {
        if self.merges.get().is_none() {
            schema.check_merging(&self.document)?;
            self.merges.get_or_init(|| ());
        }
        Ok(())
    }

    /// The document itself, or a copy where it is kept.
    pub(super) fn into_document(this: Arc<Self>) -> ExecutableDocument {
        Arc::try_unwrap(this).map_or_else(|kept| kept.document.executable.clone(), |own| own.document.executable)
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
        schema: &Schema,
        limits: &Limits,
        metrics: &Metrics,
    ) -> Result<Arc<Parsed>, RequestError> {
        let known = self.0.as_ref().and_then(|kept| kept.by_text.get(text));
        metrics.looked_up(Tier::Documents, known.is_some());
        if known.is_none() || limits.mode == LimitMode::Measure {
            // What is kept was within the limits, or is logged each time.
            scan(text, limits)?;
        }
        if let Some(document) = known {
            return Ok(document);
        }
        let mut document = parse(text).map_err(|SyntaxError { message, at }| {
            RequestError::graphql("GRAPHQL_PARSE_FAILED", message).at(at.line, at.column)
        })?;
        let broken = schema.validate(&document).err().unwrap_or_default();
        if broken.is_empty() {
            schema.write_lists(&mut document);
        }
        let document = Arc::new(Parsed { document, broken, plans: OnceLock::new(), merges: OnceLock::new() });
        if let Some(kept) = &self.0
            && document.broken.is_empty()
            && kept.is_again(text)
        {
            kept.by_text.insert(text.clone(), document.clone());
        }
        Ok(document)
    }
}
