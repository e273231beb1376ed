//! Sections of entries, as a request comes to hold them.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_graphql::Context;
use document::Section;
use futures_util::future::BoxFuture;
use store::{LookedUp, section};

use crate::{
    CacheLifetime, Entry, Error, Result,
    cache::Cacheable,
    map::Map,
    request::{BatchKey, BatchValues, Loaders, Request, request},
    stored::{Forms, Stored},
};

/// Estimated size of a section with its type, with its prose rendered, in bytes for each byte of its text.
const TYPED: usize = 6;

/// The sections of an entry.
pub trait Sections {
    /// Its section of type `S`. All sections that a request asks for at once are loaded by one statement.
    fn section<S: Section>(&self, ctx: &Context<'_>) -> impl Future<Output = Result<Arc<S>>> + Send;
}

impl Sections for Entry {
    async fn section<S: Section>(&self, ctx: &Context<'_>) -> Result<Arc<S>> {
        section_of(self, request(ctx)).await
    }
}

/// The section of type `S` of an entry, for whoever has loaders and no field.
pub async fn section_of<S: Section>(entry: &Entry, loaders: &Loaders) -> Result<Arc<S>> {
    let section = match known(entry, loaders, S::NAME) {
        Some(section) => loaders.charge(section.body().len()).map(|()| section)?,
        None => one(entry, loaders, S::NAME).await?,
    };
    typed(entry, loaders, &section)
}

/// The section of this name, as it is stored: boxed here, so that no other crate compiles how it is loaded.
fn one<'a>(entry: &'a Entry, loaders: &'a Loaders, name: &'static str) -> BoxFuture<'a, Result<Stored>> {
    Box::pin(async move {
        let sections = stored(entry, loaders, &[name].into()).await?;
        sections.into_iter().next().ok_or_else(|| Error::internal("one name has one section"))
    })
}

/// The section of this name, where it was loaded before.
fn known(entry: &Entry, loaders: &Loaders, name: &'static str) -> Option<Stored> {
    let remembered = loaders.cached(&SectionOf { entry: entry.clone(), name });
    remembered.or_else(|| loaders.loaded().get(entry.revision(), name))
}

/// The sections of these names as they are stored, in the same order. Those that are not known are asked for together.
pub(crate) async fn stored(entry: &Entry, loaders: &Loaders, names: &Arc<[&'static str]>) -> Result<Vec<Stored>> {
    let mut sections: Vec<Option<Stored>> = names.iter().map(|name| known(entry, loaders, name)).collect();
    if sections.iter().any(Option::is_none) {
        let names = if sections.iter().all(Option::is_none) {
            names.clone()
        } else {
            let missing = names.iter().zip(&sections).filter(|(_, section)| section.is_none());
            missing.map(|(name, _)| *name).collect()
        };
        let found = loaders.load(SectionsOf { entry: entry.clone(), names: names.clone() }).await?;
        let mut found = found.iter().flat_map(|found| found.iter().cloned());
        for section in sections.iter_mut().filter(|section| section.is_none()) {
            *section = found.next();
        }
    }
    let sections: Option<Vec<Stored>> = sections.into_iter().collect();
    let sections = sections.ok_or_else(|| {
        Error::internal(format!("no module in the list owns one of the sections {names:?} of `{}`", entry.kind()))
    })?;
    loaders.charge(sections.iter().map(|section| section.body().len()).sum())?;
    Ok(sections)
}

/// The section of type `S` that is stored. It is parsed once, and takes more space from then on.
fn typed<S: Section>(entry: &Entry, loaders: &Loaders, stored: &Stored) -> Result<Arc<S>> {
    let Forms { body, typed } = &*stored.0;
    let typed = if let Some(typed) = typed.get() {
        typed.clone()
    } else {
        let mut section: S = document::read_json(body).map_err(Error::internal)?;
        section.bind(entry);
        let typed = typed.get_or_init(|| Arc::new(section)).clone();
        loaders.cache_value(&SectionOf { entry: entry.clone(), name: S::NAME }, Some(stored));
        typed
    };
    typed.downcast().map_err(|_| Error::internal(format!("two types share the section name `{}`", S::NAME)))
}

/// The section of this name of the entry's visible revision, as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SectionOf {
    entry: Entry,
    name: &'static str,
}

impl Cacheable for SectionOf {
    type Answer = Stored;

    fn lifetime(&self) -> CacheLifetime {
        CacheLifetime::Revision
    }

    fn weight(&self, stored: Option<&Stored>) -> usize {
        let space = |stored: &Stored| if stored.0.typed.get().is_some() { 1 + TYPED } else { 1 };
        stored.map_or(0, |stored| stored.0.body.len() * space(stored))
    }
}

/// The sections of these names of the entry's visible revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SectionsOf {
    entry: Entry,
    names: Arc<[&'static str]>,
}

impl BatchKey for SectionsOf {
    /// In the order of the names.
    type Answer = Arc<[Stored]>;

    /// Each section is remembered for itself.
    fn lifetime(&self) -> CacheLifetime {
        CacheLifetime::Request
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let mut stored: Map<i64, Vec<_>> = Map::default();
            for (revision, name, body) in section::sections(request.database(), &asked(&keys)).await? {
                stored.entry(revision).or_default().push((name, Stored::new(body)));
            }
            let mut answers = BatchValues::default();
            for key in keys {
                let SectionsOf { entry, names } = &key;
                if names.iter().all(|name| request.content().has_section(entry.kind(), name)) {
                    let stored = stored.get(&entry.revision()).map_or(&[][..], Vec::as_slice);
                    let sections = loaded(&request, entry, names, stored);
                    answers.insert(key, sections);
                }
            }
            Ok(answers)
        })
    }
}

/// The sections of these names, from those that are stored of the entry. They are known from now on.
fn loaded(
    request: &Request,
    entry: &Entry,
    names: &[&'static str],
    stored: &[(&'static str, Stored)],
) -> Arc<[Stored]> {
    let sections = names.iter().map(|name| {
        let stored = stored.iter().find(|(known, _)| known == name);
        // A section without content is not stored.
        let stored = stored.map_or_else(|| Stored::new("{}".into()), |(_, stored)| stored.clone());
        request.cache_value(&SectionOf { entry: entry.clone(), name }, Some(&stored));
        stored
    });
    let sections: Arc<[Stored]> = sections.collect();
    request.loaded().add(entry.revision(), names, &sections);
    sections
}

/// Takes the sections that were looked up with an entry, where they are not known yet.
pub(crate) fn take_along(request: &Request, found: LookedUp<'_>) -> Entry {
    let LookedUp { entry, sections, stored } = found;
    let is_new = |name: &&'static str| request.cached(&SectionOf { entry: entry.clone(), name }).is_none();
    let names: Vec<_> = sections.iter().copied().filter(is_new).collect();
    if !names.is_empty() {
        let stored: Vec<_> = stored.into_iter().map(|(name, body)| (name, Stored::new(body))).collect();
        loaded(request, &entry, &names, &stored);
    }
    entry
}

/// Exactly the asked sections: revisions that ask for the same sections share one pair of lists.
fn asked(keys: &[SectionsOf]) -> Vec<section::SectionsOf> {
    let mut names: BTreeMap<i64, BTreeSet<&'static str>> = BTreeMap::new();
    for key in keys {
        names.entry(key.entry.revision()).or_default().extend(key.names.iter());
    }
    let mut revisions: BTreeMap<BTreeSet<&'static str>, Vec<i64>> = BTreeMap::new();
    for (revision, names) in names {
        revisions.entry(names).or_default().push(revision);
    }
    let asked =
        |(names, revisions): (BTreeSet<_>, _)| section::SectionsOf { names: names.into_iter().collect(), revisions };
    revisions.into_iter().map(asked).collect()
}
