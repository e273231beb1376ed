//! Many small rows as one text. Rows travel from the database one by one, each with a cost of its own; a text travels at once.
use sea_orm::{
    ConnectionTrait, DatabaseConnection, QueryResult,
    sea_query::{Alias, BinOper, Expr, ExprTrait as _, Func, SelectStatement, SimpleExpr},
};

use crate::Result;

/// The rows of the statement, a line for each, the columns separated by blanks. Only the last column may hold blanks, and none
/// may hold a line break: keys and numbers do not. The order of the lines is not defined.
pub(crate) async fn lines(
    db: &DatabaseConnection,
    mut select: SelectStatement,
    columns: impl IntoIterator<Item = SimpleExpr>,
) -> Result<String> {
    let Some(line) = line(columns) else { return Ok(String::new()) };
    select.expr_as(joined(line, "\n"), Alias::new("lines"));
    let row = db.query_one(&select).await?;
    Ok(row.map_or(Ok(None), |row| row.try_get::<Option<String>>("", "lines"))?.unwrap_or_default())
}

/// The rows of a group, each with a key and a text: all keys as one text, and all texts behind one another.
#[derive(Default)]
pub(crate) struct Texts {
    keys: String,
    texts: String,
}

impl Texts {
    /// Adds the columns to a statement that groups its rows. No key may hold a blank or a line break; the order is not defined.
    pub(crate) fn select(select: &mut SelectStatement, key: SimpleExpr, text: SimpleExpr) {
        let length = Func::cust("octet_length").arg(text.clone()).into();
        if let Some(keys) = line([key, length]) {
            select.expr_as(joined(keys, "\n"), Alias::new("keys")).expr_as(joined(text, ""), Alias::new("texts"));
        }
    }

    /// Reads the columns of a row; the first stands at this index. A group may be without texts.
    pub(crate) fn read(row: &QueryResult, index: usize) -> Result<Self> {
        let column = |index| row.try_get_by_index::<Option<String>>(index);
        Ok(Self { keys: column(index)?.unwrap_or_default(), texts: column(index + 1)?.unwrap_or_default() })
    }

    /// The key and the text of each row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut begin = 0;
        self.keys.lines().filter_map(move |line| {
            let (key, length) = line.split_once(' ')?;
            let end = begin + length.parse::<usize>().ok()?;
            let text = self.texts.get(begin..end)?;
            begin = end;
            Some((key, text))
        })
    }
}

/// The columns of a row as one text, separated by blanks.
fn line(columns: impl IntoIterator<Item = SimpleExpr>) -> Option<SimpleExpr> {
    let join = BinOper::Custom("||");
    columns
        .into_iter()
        .map(|column| column.cast_as(Alias::new("text")))
        .reduce(|line, column| line.binary(join, Expr::val(" ")).binary(join, column))
}

/// The texts of all rows as one.
fn joined(text: SimpleExpr, separator: &'static str) -> SimpleExpr {
    Func::cust("string_agg").args([text, Expr::val(separator)]).into()
}
