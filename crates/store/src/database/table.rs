//! Tables as the program knows them, held against those of the database: what a module writes has a place.
use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, IdenStatic, Iterable,
    Statement,
};

use crate::{Error, Result};

/// A table that a module writes.
pub struct TableSpec {
    module: &'static str,
    /// The name of the table.
    pub name: String,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    class: Option<Class>,
    nullable: bool,
}

/// Types that are alike on all databases.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Class {
    Text,
    Integer,
    Number,
}

impl Class {
    fn of(of: &ColumnType) -> Option<Self> {
        match of {
            ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text => Some(Self::Text),
            ColumnType::Integer | ColumnType::BigInteger => Some(Self::Integer),
            ColumnType::Float | ColumnType::Double => Some(Self::Number),
            _ => None,
        }
    }

    /// The class of a type by its name in the database.
    fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().split('(').next().unwrap_or_default().trim() {
            "text" | "varchar" | "character varying" => Some(Self::Text),
            "integer" | "bigint" => Some(Self::Integer),
            "double" | "double precision" | "real" => Some(Self::Number),
            _ => None,
        }
    }
}

impl TableSpec {
    /// The table of an entity, which this module writes.
    pub fn of<E: EntityTrait>(module: &'static str) -> Self {
        let columns = E::Column::iter().map(|column| {
            let definition = column.def();
            let class = Class::of(definition.get_column_type());
            Column { name: column.as_str().to_owned(), class, nullable: definition.is_null() }
        });
        Self { module, name: E::default().table_name().to_owned(), columns: columns.collect() }
    }

    /// Fails (`TABLE_DIFFERS`) where the table of the database is another.
    pub(super) async fn check(&self, connection: &DatabaseConnection) -> Result<()> {
        let backend = connection.get_database_backend();
        // Both find the table where statements find it, in whatever schema.
        let (text, table) = match backend {
            DbBackend::Postgres => (
                "SELECT CAST(attname AS text) AS name, format_type(atttypid, NULL) AS type, attnotnull AS required FROM pg_attribute \
                 WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
                format!("\"{}\"", self.name),
            ),
            _ => ("SELECT name, type, \"notnull\" AS required FROM pragma_table_info($1)", self.name.clone()),
        };
        let select = Statement::from_sql_and_values(backend, text, [table.into()]);
        let mut stored = HashMap::new();
        for row in connection.query_all_raw(select).await? {
            let (name, of): (String, String) = (row.try_get("", "name")?, row.try_get("", "type")?);
            stored.insert(name, (Class::named(&of), !row.try_get::<bool>("", "required")?));
        }
        match self.difference(&stored) {
            None => Ok(()),
            Some(difference) => {
                let Self { module, name, .. } = self;
                let message = format!(
                    "The module `{module}` and the table `{name}` differ: {difference}. Write a migration of the module that changes the \
                     table, or change the struct; a migration that was applied must not be changed."
                );
                Err(Error::caller("TABLE_DIFFERS", message))
            }
        }
    }

    fn difference(&self, stored: &HashMap<String, (Option<Class>, bool)>) -> Option<String> {
        if stored.is_empty() {
            return Some("no migration makes the table".to_owned());
        }
        for Column { name, class, nullable } in &self.columns {
            let Some((known, null)) = stored.get(name) else {
                return Some(format!("the table has no column `{name}`"));
            };
            if let (Some(class), Some(known)) = (class, known)
                && class != known
            {
                return Some(format!("the column `{name}` holds {known:?} and is given {class:?}"));
            }
            if *nullable && !null {
                return Some(format!("the column `{name}` is NOT NULL, and its field may have no value"));
            }
        }
        let is_filled = |name: &&String| self.columns.iter().any(|column| column.name == **name);
        let mut unknown: Vec<_> = stored.keys().filter(|name| !is_filled(name) && !stored[*name].1).collect();
        unknown.sort();
        unknown.first().map(|name| format!("nothing fills the column `{name}`, which is NOT NULL"))
    }
}
