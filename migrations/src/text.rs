//! Text as it was compared from this version on, and the rows that hold it. The rule stands here a second time: a migration of the
//! past must not change with the code.
use sea_orm_migration::prelude::*;
use unicase::UniCase;
use unicode_normalization::UnicodeNormalization as _;

use crate::table::name;

/// Number of rows that are held in memory at once.
const BATCH: u64 = 500;

/// Full case folding between canonical forms, composed.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    UniCase::unicode(text.nfd().collect::<String>()).to_folded_case().nfc().collect()
}

/// Folds these columns of a table of nodes anew. What was lower case folds to the same as the text that it was made of.
pub async fn refold(manager: &SchemaManager<'_>, table: &str, columns: &[&str]) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let key = || ["revision_id", "node_key"].map(name);
    let (mut revision, mut node) = (i64::MIN, String::new());
    loop {
        let place = Expr::tuple(key().map(Expr::col));
        let select = Query::select()
            .from(name(table))
            .columns(key())
            .columns(columns.iter().map(|column| name(column)))
            .and_where(place.gt(Expr::tuple([Expr::val(revision), Expr::val(node.clone())])))
            .order_by(name("revision_id"), Order::Asc)
            .order_by(name("node_key"), Order::Asc)
            .limit(BATCH)
            .take();
        let rows = db.query_all(&select).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            (revision, node) = (row.try_get("", "revision_id")?, row.try_get("", "node_key")?);
            let mut update = Query::update();
            update.table(name(table));
            for column in columns {
                let stored: Option<String> = row.try_get("", column)?;
                let Some(text) = stored else { continue };
                let folded = fold(&text);
                if folded != text {
                    update.value(name(column), folded);
                }
            }
            if update.get_values().is_empty() {
                continue;
            }
            update.and_where(Expr::col(name("revision_id")).eq(revision));
            update.and_where(Expr::col(name("node_key")).eq(node.clone()));
            db.execute(&update).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn what_was_lower_case_folds_like_its_text() {
        for text in ["Σίσυφος", "ΣΊΣ", "Straße", "STRASSE", "İ", "ẞ", "Ꭰ", "ŉ", "ΐ", "K", "e\u{301}É", "ﬁ", "Ω"]
        {
            assert_eq!(fold(&text.to_lowercase()), fold(text), "{text}");
        }
    }
}
