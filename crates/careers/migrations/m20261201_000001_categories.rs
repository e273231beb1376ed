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
            let named =
                categories.entry(slug.to_owned()).or_insert_with(|| Named { titles: Vec::new(), said: section.said });
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
    titles: Vec<String>,
    said: Said,
}

impl Named {
    /// The last one that was written comes first: it is the title.
    fn add(&mut self, title: String, said: Said) {
        self.titles.retain(|known| *known != title);
        self.titles.insert(0, title);
        self.said = self.said.and(said);
    }

    async fn create(self, manager: &SchemaManager<'_>, slug: String) -> Result<(), DbErr> {
        let Self { titles, said } = self;
        let Some((title, others)) = titles.split_first() else { return Ok(()) };
        let mut body = json!({ "title": title });
        if !others.is_empty() {
            body["alternateTitles"] = json!(others);
        }
        let message = "Made of the names of categories that articles had.";
        let entry = NewEntry { kind: "category", slug: slug.clone(), section: "category", body, message, said };
        let Some((entry, revision)) = entry.create(manager).await? else { return Ok(()) };
        let row = Query::insert()
            .into_table(name("category"))
            .columns(["revision_id", "entry_id", "node_key", "title"].map(name))
            .values_panic([revision.into(), entry.into(), slug.into(), fold(title).into()])
            .take();
        manager.get_connection().execute(&row).await.map(|_| ())
    }
}
