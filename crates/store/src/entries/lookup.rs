//! Entries by kind and slug, as a perspective shows them, with sections of them that will be looked at.
use std::collections::HashMap;

use document::Entry;
use sea_orm::{
    DbBackend, Statement,
    sea_query::{Expr, ExprTrait as _, IntoIden as _, Query, SelectStatement, UnionType},
};

use crate::{
    Database, Error, Perspective, Result,
    database::json_param::{StatementTexts, is_one_of, json},
    tables::{entry, section},
};

/// Maximum number of lookups in a statement whose text is kept.
const KEPT: usize = 4;

/// Entries of one kind that are looked up, with the same sections of each.
pub struct Lookup<'a> {
    /// The kind.
    pub kind: &'static str,
    /// The slugs.
    pub slugs: Vec<&'a str>,
    /// The names of the sections.
    pub sections: &'a [&'static str],
}

/// A visible entry that was looked up, and what is stored of the sections.
pub struct LookedUp<'a> {
    /// The entry at its visible revision.
    pub entry: Entry,
    /// The sections that were looked up.
    pub sections: &'a [&'static str],
    /// Those of them that have content, as they are stored.
    pub stored: Vec<(&'static str, Box<str>)>,
}

/// Looks up entries by one statement.
pub async fn look_up<'a>(db: &Database, perspective: Perspective, lookups: &[Lookup<'a>]) -> Result<Vec<LookedUp<'a>>> {
    let statement = statement(db.get_database_backend(), perspective, lookups);
    let rows = db.read_built(&statement, |row| {
        let lookup = usize::try_from(row.integer(0)?).ok().and_then(|number| lookups.get(number));
        let Lookup { kind, sections, .. } = lookup.ok_or_else(|| Error::internal("a row of no lookup"))?;
        let name = row.text(4)?.and_then(|name| sections.iter().find(|known| **known == name));
        let section = name.map(|name| Ok::<_, Error>((*name, row.required_text(5)?.into()))).transpose()?;
        let entry = Entry::new(kind, row.integer(1)?, row.required_text(3)?.to_owned(), row.integer(2)?);
        Ok((entry, *sections, section))
    });
    // A row for each section that is stored.
    let mut found: Vec<LookedUp<'a>> = Vec::new();
    let mut places: HashMap<i64, usize> = HashMap::new();
    for (entry, sections, section) in rows.await? {
        let place = *places.entry(entry.revision()).or_insert(found.len());
        if place == found.len() {
            found.push(LookedUp { entry, sections, stored: Vec::new() });
        }
        found[place].stored.extend(section);
    }
    Ok(found)
}

/// The statement that finds the entries of all lookups.
fn statement(backend: DbBackend, perspective: Perspective, lookups: &[Lookup<'_>]) -> Statement {
    static TEXTS: StatementTexts<(DbBackend, bool, usize)> = StatementTexts::new();
    let is_draft = perspective == Perspective::Draft;
    // Others have values of their own.
    if !(is_draft || perspective == Perspective::Published) || lookups.len() > KEPT {
        return backend.build(&select(backend, perspective, lookups));
    }
    let make = || backend.build(&select(backend, perspective, lookups)).sql;
    let text = TEXTS.get((backend, is_draft, lookups.len()), make);
    let values = lookups.iter().flat_map(|lookup| [json(lookup.sections), lookup.kind.to_owned(), json(&lookup.slugs)]);
    Statement::from_sql_and_values(backend, &*text, values.map(Into::into))
}

/// The same as it is made: the number of the lookup, id, revision and slug of each entry, and name and body of each section.
fn select(backend: DbBackend, perspective: Perspective, lookups: &[Lookup<'_>]) -> SelectStatement {
    let revision = perspective.revision_of(&entry::Entity.into_iden());
    let column = |column: entry::Column| Expr::col((entry::Entity, column));
    let of_section = |column: section::Column| Expr::col((section::Entity, column));
    let one = |(number, lookup): (usize, &Lookup<'_>)| {
        let is_wanted = is_one_of(backend, of_section(section::Column::Name), lookup.sections);
        let is_of_it = of_section(section::Column::RevisionId).eq(revision.clone());
        Query::select()
            .from(entry::Entity)
            .expr(Expr::cust(format!("CAST({number} AS bigint)")))
            .exprs([column(entry::Column::Id), revision.clone(), column(entry::Column::Slug)])
            .exprs([of_section(section::Column::Name), of_section(section::Column::Body)])
            .left_join(section::Entity, is_of_it.and(is_wanted))
            .and_where(column(entry::Column::Kind).eq(lookup.kind))
            .and_where(is_one_of(backend, column(entry::Column::Slug), &lookup.slugs))
            .and_where(Expr::expr(revision.clone()).is_not_null())
            .take()
    };
    let mut selects = lookups.iter().enumerate().map(one);
    let mut select = selects.next().unwrap_or_default();
    select.unions(selects.map(|select| (UnionType::All, select)));
    select
}
