//! Median pay is compared within its currency and its period: pay by the hour is no longer turned into pay per year.
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
        let career = || Table::alter().table(name("career")).take();
        manager.alter_table(career().add_column(text(manager, "median_pay")).take()).await?;
        of_sections(manager, "pay", median_pay).await?;
        manager.drop_index(Index::drop().name("career_by_yearly_pay").table(name("career")).to_owned()).await?;
        manager.alter_table(career().drop_column(name("yearly_pay")).take()).await?;
        let mut index = Index::create();
        index.name("career_by_median_pay").table(name("career"));
        for column in ["median_pay", "node_key", "entry_id", "revision_id", "title"] {
            index.col(name(column));
        }
        manager.create_index(index).await
    }
}

fn median_pay(revision: i64, section: &Value) -> Vec<UpdateStatement> {
    let median = &section["pay"]["median"];
    let (Some(currency), Some(period)) = (median["currency"].as_str(), median["period"].as_str()) else { return Vec::new() };
    let comparable = Value::from(format!("{currency} {period}"));
    let key = median["amount"].as_f64().and_then(|amount| amount_key(&comparable, amount));
    let update = |key: String| {
        let of_revision = Expr::col(name("revision_id")).eq(revision);
        Query::update().table(name("career")).value(name("median_pay"), key).and_where(of_revision).take()
    };
    key.map(update).into_iter().collect()
}
