//! Finding the entries that the perspective shows, by kind and slug, and what will be looked at of them.
use std::{
    collections::BTreeMap,
    hash::{Hash, Hasher},
    sync::Arc,
};

use futures_util::future::BoxFuture;
use sea_orm::{
    DbBackend, Statement,
    sea_query::{Expr, ExprTrait as _, IntoIden as _, Query, SelectStatement, UnionType},
};

use crate::{
    Entry, Error, Perspective, Result, Tags,
    request::{Answers, Loaders, Map, Question, Request},
    scalar::is_slug,
    section::{Stored, take_along},
    store::{StatementTexts, entry, is_one_of, json, redirected, section},
};

/// How many parts a statement has at most whose text is kept.
const KEPT_PARTS: usize = 4;

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
    loaders.ask(VisibleEntry { kind, slug: slug.to_owned(), sections }).await
}

/// The entry of this kind and slug at its visible revision.
#[derive(Clone, Debug)]
struct VisibleEntry {
    kind: &'static str,
    slug: String,
    /// What is loaded along: no part of the question.
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

impl Question for VisibleEntry {
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

    fn answer(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<Answers<Self>>> {
        Box::pin(async move {
            let mut answers = Answers::default();
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

/// The visible entries among those that are asked for, with the sections that will be looked at.
async fn find(request: &Request, keys: &[VisibleEntry]) -> Result<Vec<Entry>> {
    let mut asked: BTreeMap<(&'static str, &[&'static str]), Vec<&str>> = BTreeMap::new();
    for key in keys {
        asked.entry((key.kind, &key.sections)).or_default().push(&key.slug);
    }
    let parts: Vec<_> = asked.into_iter().map(|((kind, sections), slugs)| Part { kind, sections, slugs }).collect();
    let statement = statement(request, &parts);
    let rows = request.database().read_built(&statement, |row| {
        let part = usize::try_from(row.integer(0)?).ok().and_then(|part| parts.get(part));
        let Part { kind, sections, .. } = part.ok_or_else(|| Error::internal("a row of no part"))?;
        let name = row.text(4)?.and_then(|name| sections.iter().find(|known| **known == name));
        let section = name.map(|name| Ok::<_, Error>((*name, Stored::new(row.some_text(5)?)))).transpose()?;
        let entry = Entry::new(kind, row.integer(1)?, row.some_text(3)?.to_owned(), row.integer(2)?);
        Ok((entry, *sections, section))
    });
    // A row for each section that is stored.
    let mut found: Vec<(Entry, &[&'static str], Vec<_>)> = Vec::with_capacity(keys.len());
    let mut places: Map<i64, usize> = Map::default();
    for (entry, sections, section) in rows.await? {
        let place = *places.entry(entry.revision()).or_insert(found.len());
        if place == found.len() {
            found.push((entry, sections, Vec::new()));
        }
        found[place].2.extend(section);
    }
    for (entry, sections, stored) in &found {
        if !sections.is_empty() {
            take_along(request, entry, sections, stored);
        }
    }
    Ok(found.into_iter().map(|(entry, ..)| entry).collect())
}

/// Entries of one kind of which the same sections will be looked at.
struct Part<'a> {
    kind: &'static str,
    sections: &'a [&'static str],
    slugs: Vec<&'a str>,
}

/// The statement that finds the entries of all parts.
fn statement(request: &Request, parts: &[Part<'_>]) -> Statement {
    static TEXTS: StatementTexts<(DbBackend, bool, usize)> = StatementTexts::new();
    let (backend, perspective) = (request.db().get_database_backend(), request.perspective());
    let is_draft = perspective == Perspective::Draft;
    // Others have values of their own.
    if !(is_draft || perspective == Perspective::Published) || parts.len() > KEPT_PARTS {
        return backend.build(&select(backend, perspective, parts));
    }
    let make = || backend.build(&select(backend, perspective, parts)).sql;
    let text = TEXTS.get((backend, is_draft, parts.len()), make);
    let values = parts.iter().flat_map(|part| [json(part.sections), part.kind.to_owned(), json(&part.slugs)]);
    Statement::from_sql_and_values(backend, &*text, values.map(Into::into))
}

/// The same as it is made: the number of the part, id, revision and slug of each entry, and name and body of each section.
fn select(backend: DbBackend, perspective: Perspective, parts: &[Part<'_>]) -> SelectStatement {
    let revision = perspective.revision_of(&entry::Entity.into_iden());
    let column = |column: entry::Column| Expr::col((entry::Entity, column));
    let of_section = |column: section::Column| Expr::col((section::Entity, column));
    let one = |(number, part): (usize, &Part<'_>)| {
        let is_wanted = is_one_of(backend, of_section(section::Column::Name), part.sections);
        let is_of_it = of_section(section::Column::RevisionId).eq(revision.clone());
        Query::select()
            .from(entry::Entity)
            .expr(Expr::cust(format!("CAST({number} AS bigint)")))
            .exprs([column(entry::Column::Id), revision.clone(), column(entry::Column::Slug)])
            .exprs([of_section(section::Column::Name), of_section(section::Column::Body)])
            .left_join(section::Entity, is_of_it.and(is_wanted))
            .and_where(column(entry::Column::Kind).eq(part.kind))
            .and_where(is_one_of(backend, column(entry::Column::Slug), &part.slugs))
            .and_where(Expr::expr(revision.clone()).is_not_null())
            .take()
    };
    let mut selects = parts.iter().enumerate().map(one);
    let mut select = selects.next().unwrap_or_default();
    select.unions(selects.map(|select| (UnionType::All, select)));
    select
}
