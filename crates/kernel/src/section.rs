//! Sections: the part of a document that one module owns, and how a request comes to hold it.
use std::{
    any::Any,
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use async_graphql::{Context, InputType, ObjectType};
use futures_util::future::BoxFuture;
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait as _, Query},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Entry, Error, Lasting, Result,
    request::{Answers, Loaders, Map, Question, Request, request},
    store::{lines, section},
};

/// How much space a section takes with its type, with its prose rendered, for each byte of its text: an estimate.
const TYPED: usize = 6;

/// What a module owns of a document. One type is the YAML, the mutation's input, the stored JSON and the answer: its fields
/// stand at the top level of the document and on the kind's object.
///
/// What is selected of it is answered from the stored JSON where that is possible, without making the section. So a resolver
/// that has the name and the type of a stored field must answer what is stored when it gets no arguments.
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
        self.typed(loaders, &self.stored(loaders, S::NAME).await?)
    }

    /// The section of this name as it is stored.
    pub(crate) async fn stored(&self, loaders: &Loaders, name: &'static str) -> Result<Stored> {
        let stored = loaders.ask(SectionOf { entry: self.clone(), name }).await?.ok_or_else(|| {
            Error::internal(format!("no module in the list owns the section `{name}` of `{}`", self.kind()))
        })?;
        loaders.spend(stored.0.body.len())?;
        Ok(stored)
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

/// The section of this name of the entry's visible revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SectionOf {
    entry: Entry,
    name: &'static str,
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
    fn new(body: &str) -> Self {
        Self(Arc::new(Forms { body: body.into(), typed: OnceLock::new() }))
    }

    /// The JSON that is stored.
    pub(crate) fn body(&self) -> &str {
        &self.0.body
    }
}

impl Question for SectionOf {
    type Answer = Stored;

    fn lasting(&self) -> Lasting {
        Lasting::Revision
    }

    fn weight(&self, stored: Option<&Stored>) -> usize {
        let space = |stored: &Stored| if stored.0.typed.get().is_some() { 1 + TYPED } else { 1 };
        stored.map_or(0, |stored| stored.0.body.len() * space(stored))
    }

    fn answer(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<Answers<Self>>> {
        Box::pin(async move {
            let stored = Query::select().from(section::Entity).cond_where(asked(&keys)).take();
            let columns = [section::Column::RevisionId, section::Column::Name, section::Column::Body];
            let stored = lines(request.db(), stored, columns.map(Expr::col)).await?;
            let bodies: Map<(i64, &str), &str> = stored.lines().filter_map(place_and_body).collect();
            let mut answers = Answers::default();
            for key in keys {
                if !request.content().has_section(key.entry.kind(), key.name) {
                    continue;
                }
                // A section without content is not stored.
                let body = bodies.get(&(key.entry.revision(), key.name)).copied().unwrap_or("{}");
                answers.insert(key, Stored::new(body));
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
