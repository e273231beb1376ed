//! Sections: the part of a document that one module owns, and how a request comes to hold it.
use std::{any::Any, collections::HashMap, sync::Arc};

use async_graphql::{Context, InputType, ObjectType};
use futures_util::future::BoxFuture;
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait as _, Query},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Entry, Error, Lasting, Result,
    request::{Answers, Map, Question, Request, request},
    store::{lines, section},
};

/// How much space a parsed section takes, with its prose rendered, for each byte of its JSON: an estimate.
const PARSED: usize = 5;

/// What a module owns of a document. One type is the YAML, the mutation's input, the stored JSON and the answer: its fields
/// stand at the top level of the document and on the kind's object.
pub trait Section: InputType + ObjectType + Serialize + DeserializeOwned + 'static {
    /// The name it is stored under; unique in its kind and never changed.
    const NAME: &'static str;

    /// Tells parts that stand for themselves in the graph which entry they belong to.
    fn bind(&mut self, _entry: &Entry) {}
}

/// A section of some type, as the loader keeps it.
pub(crate) type AnySection = Arc<dyn Any + Send + Sync>;

/// Reads the stored JSON of one section.
pub(crate) type ParseSection = fn(&str, &Entry) -> Result<AnySection>;

/// Reads the stored JSON of a section of type `S`.
pub(crate) fn parse<S: Section>(body: &str, entry: &Entry) -> Result<AnySection> {
    let mut section: S = sonic_rs::from_str(body).map_err(Error::internal)?;
    section.bind(entry);
    Ok(Arc::new(section))
}

impl Entry {
    /// This entry's section of type `S`. All sections that a request asks for at once are loaded by one statement.
    pub async fn section<S: Section>(&self, ctx: &Context<'_>) -> Result<Arc<S>> {
        let asked = SectionOf { entry: self.clone(), name: S::NAME };
        let section = request(ctx).ask(asked).await?.ok_or_else(|| {
            Error::internal(format!("no module in the list owns the section `{}` of `{}`", S::NAME, self.kind()))
        })?;
        section
            .section
            .downcast()
            .map_err(|_| Error::internal(format!("two types share the section name `{}`", S::NAME)))
    }
}

/// The section of this name of the entry's visible revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SectionOf {
    entry: Entry,
    name: &'static str,
}

/// A section and the length of its JSON.
#[derive(Clone)]
struct Loaded {
    section: AnySection,
    length: usize,
}

impl Question for SectionOf {
    type Answer = Loaded;

    fn lasting(&self) -> Lasting {
        Lasting::Revision
    }

    fn weight(&self, loaded: Option<&Loaded>) -> usize {
        loaded.map_or(0, |loaded| loaded.length * PARSED)
    }

    fn answer(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<Answers<Self>>> {
        Box::pin(async move {
            let stored = Query::select().from(section::Entity).cond_where(asked(&keys)).take();
            let columns = [section::Column::RevisionId, section::Column::Name, section::Column::Body];
            let stored = lines(request.db(), stored, columns.map(Expr::col)).await?;
            let bodies: Map<(i64, &str), &str> = stored.lines().filter_map(place_and_body).collect();
            let mut answers = Answers::default();
            for key in keys {
                let Some(parse) = request.content().section_parser(key.entry.kind(), key.name) else { continue };
                // A section without content is not stored.
                let body = bodies.get(&(key.entry.revision(), key.name)).copied().unwrap_or("{}");
                let loaded = Loaded { section: parse(body, &key.entry)?, length: body.len() };
                answers.insert(key, loaded);
            }
            Ok(answers)
        })
    }
}

/// Takes a line apart: the revision and the name of a section, and its body.
fn place_and_body(line: &str) -> Option<((i64, &str), &str)> {
    let (revision, rest) = line.split_once(' ')?;
    let (name, body) = rest.split_once(' ')?;
    Some(((revision.parse().ok()?, name), body))
}

/// Exactly the asked sections: revisions that ask for the same sections share one pair of lists.
fn asked(keys: &[SectionOf]) -> Condition {
    let mut names: HashMap<i64, Vec<&'static str>> = HashMap::new();
    for key in keys {
        names.entry(key.entry.revision()).or_default().push(key.name);
    }
    let mut revisions: HashMap<Vec<&'static str>, Vec<i64>> = HashMap::new();
    for (revision, mut names) in names {
        names.sort_unstable();
        revisions.entry(names).or_default().push(revision);
    }
    revisions.into_iter().fold(Condition::any(), |any, (names, revisions)| {
        any.add(section::Column::RevisionId.is_in(revisions).and(section::Column::Name.is_in(names)))
    })
}
