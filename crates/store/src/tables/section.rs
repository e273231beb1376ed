//! `section`: what one module owns of one revision, as canonical JSON.
use std::collections::{BTreeSet, HashMap};

use sea_orm::{
    Condition, DbBackend, Statement,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, Query},
};

use crate::{
    Database, Error, Result,
    database::json_param::{StatementTexts, is_one_of, is_one_of_ids, json},
};

/// One section of one revision.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "section")]
pub struct Model {
    /// The revision.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision_id: i64,
    /// The name of the section.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Its canonical JSON.
    pub body: String,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Sections of these names of these revisions.
pub struct SectionsOf {
    /// The names.
    pub names: Vec<&'static str>,
    /// The revisions.
    pub revisions: Vec<i64>,
}

/// Reads sections by one statement: the revision, the name and the JSON of those that have content.
pub async fn sections(db: &Database, asked: &[SectionsOf]) -> Result<Vec<(i64, &'static str, Box<str>)>> {
    let statement = statement(db.get_database_backend(), asked);
    let names: BTreeSet<&'static str> = asked.iter().flat_map(|asked| &asked.names).copied().collect();
    db.read_built(&statement, |row| {
        let name = names.get(row.required_text(1)?).ok_or_else(|| Error::internal("a section of another name"))?;
        Ok((row.integer(0)?, *name, row.required_text(2)?.into()))
    })
    .await
}

fn statement(backend: DbBackend, asked: &[SectionsOf]) -> Statement {
    static TEXT: StatementTexts<DbBackend> = StatementTexts::new();
    let make = || {
        let column = |column: Column| Expr::col((Entity, column));
        let pair = |SectionsOf { names, revisions }: &SectionsOf| {
            let is_of = is_one_of_ids(backend, column(Column::RevisionId), revisions);
            is_of.and(is_one_of(backend, column(Column::Name), names))
        };
        let mut select = Query::select();
        select.from(Entity);
        select.exprs([Column::RevisionId, Column::Name, Column::Body].map(column));
        select.cond_where(asked.iter().map(pair).fold(Condition::any(), Condition::add));
        backend.build(&select)
    };
    let [SectionsOf { names, revisions }] = asked else { return make() };
    Statement::from_sql_and_values(
        backend,
        &*TEXT.get(backend, || make().sql),
        [json(revisions).into(), json(names).into()],
    )
}

/// The JSON of all sections of these revisions, by revision and name.
pub(crate) async fn bodies(
    db: &impl ConnectionTrait,
    revisions: Vec<i64>,
) -> Result<HashMap<i64, HashMap<String, String>>> {
    let rows = Entity::find().filter(Column::RevisionId.is_in(revisions)).all(db).await?;
    let mut sections: HashMap<i64, HashMap<String, String>> = HashMap::new();
    for row in rows {
        sections.entry(row.revision_id).or_default().insert(row.name, row.body);
    }
    Ok(sections)
}
