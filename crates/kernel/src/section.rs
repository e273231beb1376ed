//! Sections: the part of a document that one module owns, and how a request comes to hold it.
use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, OnceLock},
};

use async_graphql::{Context, InputType, ObjectType};
use futures_util::future::BoxFuture;
use sea_orm::{
    Condition, DbBackend, Statement,
    sea_query::{Expr, ExprTrait as _, Query},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Entry, Error, Lasting, Result,
    memory::Known,
    request::{Answers, Loaders, Map, Question, Request, locked, request},
    store::{StatementTexts, is_one_of, is_one_of_ids, json, section},
};

/// How much space a section takes with its type, with its prose rendered, for each byte of its text: an estimate.
const TYPED: usize = 6;

/// What a module owns of a document. One type is the YAML, the mutation's input, the stored JSON and the answer: its fields
/// stand at the top level of the document and on the kind's object.
///
/// What is selected of it is answered from the stored JSON where that is possible, without making the section. So a resolver
/// that has the name and the type of a stored field must answer what is stored when it gets no arguments, and a resolver
/// `careerSlug` of type `String` the slug of the link `career`.
pub trait Section: InputType + ObjectType + Serialize + DeserializeOwned + 'static {
    /// The name it is stored under; unique in its kind and never changed.
    const NAME: &'static str;

    /// Tells parts that stand for themselves in the graph which entry they belong to.
    fn bind(&mut self, _entry: &Entry) {}
}

/// A section of some type.
pub(crate) type AnySection = Arc<dyn Any + Send + Sync>;

impl Entry {
    /// This entry's section of type `S`. All sections that a request asks for at once are loaded by one statement.
    pub async fn section<S: Section>(&self, ctx: &Context<'_>) -> Result<Arc<S>> {
        let loaders = request(ctx);
        let stored = self.stored(loaders, &[S::NAME].into()).await?;
        let section = stored.first().ok_or_else(|| Error::internal("one name has one section"))?;
        self.typed(loaders, section)
    }

    /// The sections of these names as they are stored, in the same order. Those that are not known are asked for together.
    pub(crate) async fn stored(&self, loaders: &Loaders, names: &Arc<[&'static str]>) -> Result<Vec<Stored>> {
        let known = |name: &&'static str| {
            let remembered = loaders.recall(&SectionOf { entry: self.clone(), name });
            remembered.or_else(|| loaders.loaded().get(self.revision(), name))
        };
        let mut sections: Vec<Option<Stored>> = names.iter().map(known).collect();
        if sections.iter().any(Option::is_none) {
            let names = if sections.iter().all(Option::is_none) {
                names.clone()
            } else {
                let missing = names.iter().zip(&sections).filter(|(_, section)| section.is_none());
                missing.map(|(name, _)| *name).collect()
            };
            let found = loaders.ask(SectionsOf { entry: self.clone(), names: names.clone() }).await?;
            let mut found = found.iter().flat_map(|found| found.iter().cloned());
            for section in sections.iter_mut().filter(|section| section.is_none()) {
                *section = found.next();
            }
        }
        let sections: Option<Vec<Stored>> = sections.into_iter().collect();
        let sections = sections.ok_or_else(|| {
            Error::internal(format!("no module in the list owns one of the sections {names:?} of `{}`", self.kind()))
        })?;
        loaders.spend(sections.iter().map(|section| section.body().len()).sum())?;
        Ok(sections)
    }

    /// The section of type `S` that is stored. It is parsed once, and takes more space from then on.
    fn typed<S: Section>(&self, loaders: &Loaders, stored: &Stored) -> Result<Arc<S>> {
        let Forms { body, typed } = &*stored.0;
        let typed = if let Some(typed) = typed.get() {
            typed.clone()
        } else {
            let mut section: S = sonic_rs::from_str(body).map_err(Error::internal)?;
            section.bind(self);
            let typed = typed.get_or_init(|| Arc::new(section)).clone();
            loaders.remember(&SectionOf { entry: self.clone(), name: S::NAME }, Some(stored));
            typed
        };
        typed.downcast().map_err(|_| Error::internal(format!("two types share the section name `{}`", S::NAME)))
    }
}

/// The section of this name of the entry's visible revision, as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SectionOf {
    entry: Entry,
    name: &'static str,
}

impl Known for SectionOf {
    type Answer = Stored;

    fn lasting(&self) -> Lasting {
        Lasting::Revision
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

/// A section as it is stored.
#[derive(Clone)]
pub(crate) struct Stored(Arc<Forms>);

/// The forms of a stored section; the second is made when it is first asked for.
struct Forms {
    body: Box<str>,
    typed: OnceLock<AnySection>,
}

impl Stored {
    /// Of this JSON.
    pub(crate) fn new(body: &str) -> Self {
        Self(Arc::new(Forms { body: body.into(), typed: OnceLock::new() }))
    }

    /// The JSON that is stored.
    pub(crate) fn body(&self) -> &str {
        &self.0.body
    }
}

/// The sections that a request loaded: none of them twice, whichever were asked for together.
#[derive(Default)]
pub(crate) struct Loaded(Mutex<Map<i64, Vec<(&'static str, Stored)>>>);

impl Loaded {
    /// The section of this name of the revision.
    fn get(&self, revision: i64, name: &str) -> Option<Stored> {
        let by_revision = locked(&self.0);
        let loaded = by_revision.get(&revision)?.iter().find(|(known, _)| *known == name);
        loaded.map(|(_, stored)| stored.clone())
    }

    /// Adds sections of the revision.
    fn add(&self, revision: i64, names: &[&'static str], sections: &[Stored]) {
        let loaded = names.iter().copied().zip(sections.iter().cloned());
        locked(&self.0).entry(revision).or_default().extend(loaded);
    }
}

impl Question for SectionsOf {
    /// In the order of the names.
    type Answer = Arc<[Stored]>;

    /// Each section is remembered for itself.
    fn lasting(&self) -> Lasting {
        Lasting::Request
    }

    fn answer(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<Answers<Self>>> {
        Box::pin(async move {
            let asked = asked(&keys);
            let names: BTreeSet<_> = asked.iter().flat_map(|(names, _)| names).copied().collect();
            let statement = statement(request.db().get_database_backend(), &asked);
            let rows = request.database().read_built(&statement, |row| {
                let name = names.get(row.some_text(1)?).ok_or_else(|| Error::internal("a section of another name"))?;
                Ok((row.integer(0)?, (*name, Stored::new(row.some_text(2)?))))
            });
            let mut stored: Map<i64, Vec<_>> = Map::default();
            for (revision, section) in rows.await? {
                stored.entry(revision).or_default().push(section);
            }
            let mut answers = Answers::default();
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
        let stored = stored.map_or_else(|| Stored::new("{}"), |(_, stored)| stored.clone());
        request.remember(&SectionOf { entry: entry.clone(), name }, Some(&stored));
        stored
    });
    let sections: Arc<[Stored]> = sections.collect();
    request.loaded().add(entry.revision(), names, &sections);
    sections
}

/// Takes sections of these names that the statement which found the entry read along, where they are not known yet.
pub(crate) fn take_along(request: &Request, entry: &Entry, names: &[&'static str], stored: &[(&'static str, Stored)]) {
    let is_new = |name: &&'static str| request.recall(&SectionOf { entry: entry.clone(), name }).is_none();
    let names: Vec<_> = names.iter().copied().filter(is_new).collect();
    loaded(request, entry, &names, stored);
}

/// Exactly the asked sections: revisions that ask for the same sections share one pair of lists.
fn asked(keys: &[SectionsOf]) -> Vec<(Vec<&'static str>, Vec<i64>)> {
    let mut names: BTreeMap<i64, BTreeSet<&'static str>> = BTreeMap::new();
    for key in keys {
        names.entry(key.entry.revision()).or_default().extend(key.names.iter());
    }
    let mut revisions: BTreeMap<BTreeSet<&'static str>, Vec<i64>> = BTreeMap::new();
    for (revision, names) in names {
        revisions.entry(names).or_default().push(revision);
    }
    revisions.into_iter().map(|(names, revisions)| (names.into_iter().collect(), revisions)).collect()
}

/// The statement that reads them.
fn statement(backend: DbBackend, asked: &[(Vec<&'static str>, Vec<i64>)]) -> Statement {
    static TEXT: StatementTexts<DbBackend> = StatementTexts::new();
    let make = || {
        let column = |column: section::Column| Expr::col((section::Entity, column));
        let pair = |(names, revisions): &(Vec<&'static str>, Vec<i64>)| {
            let is_of = is_one_of_ids(backend, column(section::Column::RevisionId), revisions);
            is_of.and(is_one_of(backend, column(section::Column::Name), names))
        };
        let mut select = Query::select();
        select.from(section::Entity);
        select.exprs([section::Column::RevisionId, section::Column::Name, section::Column::Body].map(column));
        select.cond_where(asked.iter().map(pair).fold(Condition::any(), Condition::add));
        backend.build(&select)
    };
    let [(names, revisions)] = asked else { return make() };
    Statement::from_sql_and_values(
        backend,
        &*TEXT.get(backend, || make().sql),
        [json(revisions).into(), json(names).into()],
    )
}
