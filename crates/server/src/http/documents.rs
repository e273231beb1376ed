//! Parsed documents, kept by their text: the same query is parsed once.
use std::sync::{Arc, OnceLock};

use async_graphql::parser::{parse_query, types::ExecutableDocument};
use kernel::Plans;
use moka::sync::Cache;

use super::refusal::Refusal;
use crate::{
    limits::{LimitMode, Limits, scan},
    observe::{Metrics, Tier},
};

/// How much space a parsed document takes, for each byte of its text: an estimate.
const PARSED: usize = 30;

/// The documents that were parsed before.
pub(super) struct Documents(Option<Cache<Arc<str>, Arc<Parsed>>>);

/// A parsed document.
pub(super) struct Parsed {
    /// What the library executes.
    pub(super) document: ExecutableDocument,
    plans: OnceLock<Plans>,
}

impl Parsed {
    /// What is planned for it, once it was measured.
    pub(super) fn plans(&self) -> &Plans {
        self.plans.get_or_init(|| Plans::of(&self.document))
    }
}

impl Documents {
    /// Keeps documents of this many bytes, by estimate; none for 0.
    pub(super) fn new(bytes: u64) -> Self {
        let weigh = |text: &Arc<str>, _: &Arc<Parsed>| u32::try_from(text.len() * PARSED).unwrap_or(u32::MAX);
        Self((bytes > 0).then(|| Cache::builder().max_capacity(bytes).weigher(weigh).build()))
    }

    /// The parsed document.
    pub(super) fn parsed(&self, text: &Arc<str>, limits: &Limits, metrics: &Metrics) -> Result<Arc<Parsed>, Refusal> {
        let known = self.0.as_ref().and_then(|kept| kept.get(text));
        metrics.looked_up(Tier::Documents, known.is_some());
        if known.is_none() || limits.mode == LimitMode::Measure {
            // What is kept was within the limits, or is logged each time.
            scan(text, limits)?;
        }
        if let Some(document) = known {
            return Ok(document);
        }
        let document = parse_query(&**text).map_err(|error| {
            let refusal = Refusal::graphql("GRAPHQL_PARSE_FAILED", error.to_string());
            match error.positions().next() {
                Some(place) => refusal.at(place.line, place.column),
                None => refusal,
            }
        })?;
        let document = Arc::new(Parsed { document, plans: OnceLock::new() });
        if let Some(kept) = &self.0 {
            kept.insert(text.clone(), document.clone());
        }
        Ok(document)
    }
}
