//! Employment and wages of occupations, by place.
use sea_orm_migration::prelude::*;

use migrations::table::{clustered, name, number, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// The measures, as the publisher names them.
const MEASURES: [&str; 17] = [
    "tot_emp",
    "emp_prse",
    "h_mean",
    "a_mean",
    "mean_prse",
    "h_pct10",
    "h_pct25",
    "h_median",
    "h_pct75",
    "h_pct90",
    "a_pct10",
    "a_pct25",
    "a_median",
    "a_pct75",
    "a_pct90",
    "jobs_1000",
    "loc_quotient",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut wages = Table::create();
        wages
            .table(name("wage"))
            .col(ColumnDef::new(name("version")).big_integer().not_null())
            .col(text(manager, "place").not_null())
            .col(text(manager, "code").not_null());
        for measure in MEASURES {
            wages.col(number(measure));
        }
        wages.col(text(manager, "notes"));
        wages.primary_key(Index::create().col(name("version")).col(name("place")).col(name("code")));
        clustered(manager, wages).await
    }
}
