//! Finding the entries that the perspective shows, by kind and slug, and what will be looked at of them.
use std::{
    collections::BTreeMap,
    hash::{Hash, Hasher},
    sync::Arc,
};

use document::scalar::is_slug;
use futures_util::future::BoxFuture;
use store::{Lookup, look_up, redirected};

use crate::{
    Entry, Result, Tags,
    request::{BatchKey, BatchValues, Loaders, Request},
    section::take_along,
};

/// The entry of this kind and slug, where the perspective shows it.
pub(crate) async fn visible(loaders: &Loaders, kind: &'static str, slug: &str) -> Result<Option<Entry>> {
    visible_with(loaders, kind, slug, Arc::default()).await
}

/// The same where these sections of it will be looked at: they are loaded along where it has to be found.
pub(crate) async fn visible_with(
    loaders: &Loaders,
    kind: &'static str,
    slug: &str,
    sections: Arc<[&'static str]>,
) -> Result<Option<Entry>> {
    // Nothing has another name.
    if !is_slug(slug) {
        return Ok(None);
    }
    loaders.load(VisibleEntry { kind, slug: slug.to_owned(), sections }).await
}

/// The entry of this kind and slug at its visible revision.
#[derive(Clone, Debug)]
struct VisibleEntry {
    kind: &'static str,
    slug: String,
    /// Sections that are loaded along: no part of the question.
    sections: Arc<[&'static str]>,
}

impl VisibleEntry {
    fn new(kind: &'static str, slug: String) -> Self {
        Self { kind, slug, sections: Arc::default() }
    }
}

impl PartialEq for VisibleEntry {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.slug == other.slug
    }
}

impl Eq for VisibleEntry {}

impl Hash for VisibleEntry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind, &self.slug).hash(state);
    }
}

impl BatchKey for VisibleEntry {
    type Answer = Entry;

    fn weight(&self, _entry: Option<&Entry>) -> usize {
        100 + 2 * self.slug.len()
    }

    fn tags(&self, entry: Option<&Entry>, tags: &mut Tags) {
        tags.entry(self.kind, &self.slug);
        // A slug that was given up leads to another entry.
        if let Some(entry) = entry.filter(|entry| entry.slug() != self.slug) {
            tags.entry(self.kind, entry.slug());
        }
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let mut answers = BatchValues::default();
            for entry in find(&request, &keys).await? {
                answers.insert(Self::new(entry.kind(), entry.slug().to_owned()), entry);
            }
            let missing: Vec<_> = keys.iter().filter(|key| !answers.contains_key(*key)).collect();
            if !missing.is_empty() && request.database().has_renames() {
                let asked: Vec<_> = missing.iter().map(|key| (key.kind, key.slug.clone())).collect();
                for ((kind, asked), id, revision, slug) in
                    redirected(request.db(), request.perspective(), &asked).await?
                {
                    answers.insert(Self::new(kind, asked), Entry::new(kind, id, slug, revision));
                }
            }
            Ok(answers)
        })
    }
}

/// The visible entries among those that are asked for. The sections that will be looked at are taken along.
async fn find(request: &Request, keys: &[VisibleEntry]) -> Result<Vec<Entry>> {
    let mut asked: BTreeMap<(&'static str, &[&'static str]), Vec<&str>> = BTreeMap::new();
    for key in keys {
        asked.entry((key.kind, &key.sections)).or_default().push(&key.slug);
    }
    let lookups: Vec<_> = asked.into_iter().map(|((kind, sections), slugs)| Lookup { kind, slugs, sections }).collect();
    let found = look_up(request.database(), request.perspective(), &lookups).await?;
    Ok(found.into_iter().map(|found| take_along(request, found)).collect())
}
