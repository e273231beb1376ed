//! The category of an article was a name, and is a link to an entry: each name becomes a category.
use std::collections::BTreeMap;

use kernel::document::{Reshaped, Tree};
use migrations::{
    documents::{NewEntry, Said, reshape_section},
    table::name,
    text::fold,
};
use sea_orm_migration::{prelude::*, sea_query::UpdateStatement};
use serde_json::{Value, json};

use crate::reshape::CATEGORY;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut categories: BTreeMap<String, Named> = BTreeMap::new();
        reshape_section(manager, ("career", "article"), |section| {
            let before = section.body["article"]["category"].as_str().map(str::to_owned);
            let mut tree = Tree::from(std::mem::take(&mut section.body));
            (CATEGORY.apply)(&mut tree, &mut Reshaped::new());
            section.body = Value::from(tree);
            let after = section.body["article"]["category"].as_str();
            let (Some(title), Some(slug)) = (before, after) else { return Vec::new() };
            let named = categories.entry(slug.to_owned()).or_insert_with(|| Named {
                published: Vec::new(),
                drafted: Vec::new(),
                said: section.said,
            });
            named.add(title, section.said);
            vec![filed_under(section.revision, slug)]
        })
        .await?;
        // Lists that are sorted by dates go by the order of publications.
        let mut categories: Vec<_> = categories.into_iter().collect();
        categories.sort_by_key(|(_, named)| named.said.published_at);
        for (slug, named) in categories {
            named.create(manager, slug).await?;
        }
        let index = Index::create()
            .name("career_by_category")
            .table(name("career"))
            .col(name("category"))
            .col(name("revision_id"))
            .take();
        manager.create_index(index).await
    }
}

/// Notes in the row of a revision which category it is filed under.
fn filed_under(revision: i64, slug: &str) -> UpdateStatement {
    Query::update()
        .table(name("career"))
        .value(name("category"), slug)
        .and_where(Expr::col(name("revision_id")).eq(revision))
        .take()
}

/// Names that lead to one category: spellings of the same words.
struct Named {
    /// Those that the world has seen; the last one is the title.
    published: Vec<String>,
    /// Those that stood in drafts only.
    drafted: Vec<String>,
    said: Said,
}

impl Named {
    fn add(&mut self, name: String, said: Said) {
        let names = if said.published_at.is_some() { &mut self.published } else { &mut self.drafted };
        names.retain(|known| *known != name);
        names.push(name);
        self.said = self.said.and(said);
    }

    async fn create(mut self, manager: &SchemaManager<'_>, slug: String) -> Result<(), DbErr> {
        self.drafted.retain(|name| !self.published.contains(name));
        let has_draft = !self.published.is_empty() && !self.drafted.is_empty();
        // What was never published stays a draft.
        let first = if self.published.is_empty() { &self.drafted } else { &self.published };
        let all: Vec<_> = self.drafted.iter().chain(&self.published).cloned().collect();
        let draft = has_draft.then(|| body(&all));
        let message = "Made of the names of categories that articles had.";
        let (section, body) = ("category", body(first));
        let titles = [Some(&body), draft.as_ref()].map(|body| body.and_then(|body| body["title"].as_str().map(fold)));
        let entry = NewEntry { kind: "category", slug: slug.clone(), section, body, draft, message, said: self.said };
        let Some((entry, revisions)) = entry.create(manager).await? else { return Ok(()) };
        for (revision, title) in revisions.into_iter().zip(titles.into_iter().flatten()) {
            let row = Query::insert()
                .into_table(name("category"))
                .columns(["revision_id", "entry_id", "node_key", "title"].map(name))
                .values_panic([revision.into(), entry.into(), slug.as_str().into(), title.into()])
                .take();
            manager.get_connection().execute(&row).await?;
        }
        Ok(())
    }
}

/// The document of a category with these names, of which the last is the title.
fn body(names: &[String]) -> Value {
    let Some((title, others)) = names.split_last() else { return json!({}) };
    if others.is_empty() { json!({ "title": title }) } else { json!({ "title": title, "alternateTitles": others }) }
}
