//! Finding the entries that the perspective shows, by kind and slug, and what will be looked at of them.
use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{Hash, Hasher},
    sync::Arc,
};

use futures_util::future::BoxFuture;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait as _, JoinType,
    sea_query::{Expr, ExprTrait, IntoIden, Query, SelectStatement, SimpleExpr},
};

use crate::{
    Entry, Result, Tags,
    request::{Answers, Loaders, Map, Question, Request},
    scalar::is_slug,
    section::{select_sections, take_along},
    store::{Texts, entry, lines, redirected, section},
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
            let found = if keys.iter().all(|key| key.sections.is_empty()) {
                find(&request, &keys).await?
            } else {
                find_with_sections(&request, &keys).await?
            };
            for entry in found {
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

/// The visible entries among those that are asked for.
async fn find(request: &Request, keys: &[VisibleEntry]) -> Result<Vec<Entry>> {
    let (select, [kind, id, revision, slug]) = visible_among(request, keys);
    let found = lines(request.db(), select, [kind, id, revision, slug]).await?;
    let entry = |(kind, id, revision, slug): (&str, i64, i64, &str)| {
        let kind = request.content().kind(kind)?.name;
        Some(Entry::new(kind, id, slug.to_owned(), revision))
    };
    Ok(found.lines().filter_map(|line| entry(entry_of(line)?)).collect())
}

/// The same with the sections that will be looked at.
async fn find_with_sections(request: &Request, keys: &[VisibleEntry]) -> Result<Vec<Entry>> {
    let (mut select, columns) = visible_among(request, keys);
    let [kind, id, revision, slug] = columns.clone();
    // In order, so that the same question is the same text, which databases prepare once.
    let mut asked: BTreeMap<&[&'static str], BTreeMap<&'static str, BTreeSet<&str>>> = BTreeMap::new();
    for key in keys {
        asked.entry(&key.sections).or_default().entry(key.kind).or_default().insert(&key.slug);
    }
    let is_one = asked.len() == 1;
    let mut wanted = Condition::any();
    for (sections, entries) in asked {
        let mut some = Condition::all().add(section::Column::Name.is_in(sections.iter().copied()));
        if !is_one {
            let of_kind = |(name, slugs)| kind.clone().eq(name).and(slug.clone().is_in(slugs));
            some = some.add(entries.into_iter().map(of_kind).fold(Condition::any(), Condition::add));
        }
        wanted = wanted.add(some);
    }
    let on = Condition::all().add(section::Column::RevisionId.into_expr().eq(revision)).add(wanted);
    select.join(JoinType::LeftJoin, section::Entity, on);
    // The order of the index comes first.
    select.add_group_by([kind, slug, id]);
    select.exprs(columns);
    select_sections(&mut select);
    let sections: Map<(&str, &str), &[&'static str]> =
        keys.iter().map(|key| ((key.kind, key.slug.as_str()), &*key.sections)).collect();
    let mut found = Vec::new();
    for row in request.db().query_all(&select).await? {
        let (kind, slug): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(3)?);
        let Some(spec) = request.content().kind(&kind) else { continue };
        let entry = Entry::new(spec.name, row.try_get_by_index(1)?, slug, row.try_get_by_index(2)?);
        if let Some(sections) = sections.get(&(entry.kind(), entry.slug())) {
            take_along(request, &entry, sections, &Texts::read(&row, 4)?);
        }
        found.push(entry);
    }
    Ok(found)
}

/// The statement over the visible entries among those that are asked for, and its columns: kind, id, revision and slug.
fn visible_among(request: &Request, keys: &[VisibleEntry]) -> (SelectStatement, [SimpleExpr; 4]) {
    // In order, so that the same question is the same text, which databases prepare once.
    let mut slugs: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
    for key in keys {
        slugs.entry(key.kind).or_default().push(&key.slug);
    }
    let asked = slugs.into_iter().fold(Condition::any(), |any, (kind, slugs)| {
        any.add(entry::Column::Kind.eq(kind).and(entry::Column::Slug.is_in(slugs)))
    });
    let revision = request.perspective().revision_of(&entry::Entity.into_iden());
    let select = Query::select()
        .from(entry::Entity)
        .cond_where(asked)
        .and_where(Expr::expr(revision.clone()).is_not_null())
        .take();
    let column = |column: entry::Column| Expr::col((entry::Entity, column));
    let columns = [column(entry::Column::Kind), column(entry::Column::Id), revision, column(entry::Column::Slug)];
    (select, columns)
}

/// Takes a line apart: kind, id, revision and slug of an entry.
fn entry_of(line: &str) -> Option<(&str, i64, i64, &str)> {
    let mut words = line.splitn(4, ' ');
    let (kind, id, revision, slug) = (words.next()?, words.next()?, words.next()?, words.next()?);
    Some((kind, id.parse().ok()?, revision.parse().ok()?, slug))
}
