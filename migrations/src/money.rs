//! Amounts as they were sorted and compared from this version on: per currency. The rule stands here a second time: a migration of
//! the past must not change with the code.
use sea_orm_migration::{prelude::*, sea_query::UpdateStatement};
use serde_json::Value;

use crate::table::name;

/// Number of sections that are held in memory at once.
const BATCH: u64 = 500;

/// An amount of a currency as text that sorts by currency, then by amount.
pub fn amount_key(currency: &Value, amount: f64) -> Option<String> {
    const SIGN: u64 = 1 << 63;
    let bits = amount.to_bits();
    let ordered = if bits & SIGN == 0 { bits | SIGN } else { !bits };
    Some(format!("{} {ordered:016x}", currency.as_str()?))
}

/// Runs the updates that `updates` makes of each section of this name, by its revision and its content.
pub async fn of_sections(
    manager: &SchemaManager<'_>,
    section: &str,
    updates: impl Fn(i64, &Value) -> Vec<UpdateStatement>,
) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let mut revision = i64::MIN;
    loop {
        let select = Query::select()
            .from(name("section"))
            .columns(["revision_id", "body"].map(name))
            .and_where(Expr::col(name("name")).eq(section))
            .and_where(Expr::col(name("revision_id")).gt(revision))
            .order_by(name("revision_id"), Order::Asc)
            .limit(BATCH)
            .take();
        let rows = db.query_all(&select).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            revision = row.try_get("", "revision_id")?;
            let body: String = row.try_get("", "body")?;
            let body = serde_json::from_str(&body).map_err(|error| DbErr::Custom(error.to_string()))?;
            for update in updates(revision, &body) {
                db.execute(&update).await?;
            }
        }
    }
}
