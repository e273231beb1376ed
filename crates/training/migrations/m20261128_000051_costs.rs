//! Costs of programs are compared within their currency, and only those of the whole program.
use sea_orm_migration::{prelude::*, sea_query::UpdateStatement};
use serde_json::Value;

use migrations::{
    money::{amount_key, of_sections},
    table::{name, text},
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let pathway = || Table::alter().table(name("training_pathway")).take();
        for column in ["least_cost", "most_cost"] {
            manager.alter_table(pathway().add_column(text(manager, column)).take()).await?;
        }
        of_sections(manager, "training", costs).await?;
        for index in ["training_pathway_max_cost", "training_pathway_by_min_cost", "training_pathway_by_max_cost"] {
            let mut drop = Index::drop();
            manager.drop_index(drop.name(index).table(name("training_pathway")).if_exists().to_owned()).await?;
        }
        for column in ["min_cost", "max_cost"] {
            manager.alter_table(pathway().drop_column(name(column)).take()).await?;
        }
        for column in ["least_cost", "most_cost"] {
            migrations::table::order_index(manager, "training_pathway", column).await?;
        }
        Ok(())
    }
}

fn costs(revision: i64, section: &Value) -> Vec<UpdateStatement> {
    let pathways = section["training"]["pathways"].as_array().into_iter().flatten();
    pathways.filter_map(|pathway| costs_of(revision, pathway)).collect()
}

fn costs_of(revision: i64, pathway: &Value) -> Option<UpdateStatement> {
    let (key, cost) = (pathway["key"].as_str()?, &pathway["cost"]);
    if !Value::is_null(&cost["period"]) {
        return None;
    }
    let end = |end: &str| cost[end].as_f64().and_then(|amount| amount_key(&cost["currency"], amount));
    let update = Query::update()
        .table(name("training_pathway"))
        .value(name("least_cost"), end("low"))
        .value(name("most_cost"), end("high"))
        .and_where(Expr::col(name("revision_id")).eq(revision))
        // Keys have no characters that a pattern knows.
        .and_where(Expr::col(name("node_key")).like(format!("%/{key}")))
        .take();
    Some(update)
}
