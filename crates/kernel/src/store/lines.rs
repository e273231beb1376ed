//! Many small rows as one text. Rows travel from the database one by one, each with a cost of its own; a text travels at once.
use sea_orm::{
    ConnectionTrait, DatabaseConnection,
    sea_query::{Alias, BinOper, Expr, ExprTrait as _, Func, SelectStatement, SimpleExpr},
};

use crate::Result;

/// The rows of the statement, a line for each, the columns separated by blanks. Only the last column may hold blanks, and none
/// may hold a line break: keys, numbers and canonical JSON do not. The order of the lines is not defined.
pub(crate) async fn lines(
    db: &DatabaseConnection,
    mut select: SelectStatement,
    columns: impl IntoIterator<Item = SimpleExpr>,
) -> Result<String> {
    let join = BinOper::Custom("||");
    let line = columns
        .into_iter()
        .map(|column| column.cast_as(Alias::new("text")))
        .reduce(|line, column| line.binary(join, Expr::val(" ")).binary(join, column));
    let Some(line) = line else { return Ok(String::new()) };
    select.expr_as(Func::cust("string_agg").args([line, Expr::val("\n")]), Alias::new("lines"));
    let row = db.query_one(&select).await?;
    Ok(row.map_or(Ok(None), |row| row.try_get::<Option<String>>("", "lines"))?.unwrap_or_default())
}
