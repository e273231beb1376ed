//! Migrations: each module's tables have a history of their own, so that a module can join or leave the list at any time.
use std::{collections::BTreeSet, time::Duration};

use document::Clock;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, DynIden,
    sea_query::{Alias, Expr, IntoIden, Query},
};
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf};
use tokio::time::timeout;

use super::{table::TableSpec, transaction};
use crate::{Database, Error, Failure, Result};

/// Time that migrations wait for another process that writes until the log says so.
const QUIET: Duration = Duration::from_secs(1);
/// Time that they wait for it then.
const PATIENCE: Duration = Duration::from_secs(35);

/// The message where no table can be made.
const NO_SCHEMA: &str = "The database has no schema that this user may create tables in. Create one, such as `CREATE SCHEMA public`, \
    and grant USAGE and CREATE on it.";

/// Beginning of the name of each table that holds the history of a module.
pub(crate) const HISTORY: &str = "migration_";

/// The names of the migrations that were applied, for each module of the list.
pub(crate) type Applied = Vec<BTreeSet<String>>;

/// A module's migrations, in the order of time.
pub type MigrationFiles = fn() -> Vec<Box<dyn MigrationTrait>>;

/// The tables of all modules in the list.
pub struct Migrations {
    modules: Vec<OfModule>,
    tables: Vec<TableSpec>,
    clock: Clock,
}

struct OfModule {
    module: &'static str,
    files: MigrationFiles,
}

impl Migrations {
    /// The migrations of these modules, in this order, and the tables that the modules find afterwards.
    pub fn new(modules: Vec<(&'static str, MigrationFiles)>, tables: Vec<TableSpec>, clock: Clock) -> Self {
        let modules = modules.into_iter().map(|(module, files)| OfModule { module, files }).collect();
        Self { modules, tables, clock }
    }

    /// Brings the database up to date, all or nothing. Where it is, this only reads, and waits for nobody. Processes that start
    /// together take turns.
    pub async fn up(&self, connection: DatabaseConnection) -> Result<Database> {
        if self.is_due(&connection).await? {
            self.migrate(&connection).await?;
        }
        for table in &self.tables {
            table.check(&connection).await?;
        }
        Database::new(connection, self.clock.clone()).await
    }

    /// Looks for migrations that were not applied; an error (`DATABASE_NEWER`) where some were that this program does not know.
    async fn is_due(&self, connection: &DatabaseConnection) -> Result<bool> {
        let applied = self.applied(connection).await?;
        if let Some((module, newer)) = self.unknown(&applied) {
            let message = format!(
                "The database was set up by a newer version of CareerQL: it has the migration `{newer}` of the module `{module}`, \
                 which this version does not know. Start that version or a newer one, or restore a backup from before."
            );
            return Err(Error::caller("DATABASE_NEWER", message));
        }
        Ok(self.is_behind(&applied))
    }

    /// The migrations of each module that were applied to a database.
    pub(crate) async fn applied(&self, connection: &DatabaseConnection) -> Result<Applied> {
        let mut applied = Applied::new();
        for module in &self.modules {
            applied.push(module.applied(connection).await?);
        }
        Ok(applied)
    }

    /// A migration that was applied and that this program does not know, with its module.
    pub(crate) fn unknown(&self, applied: &Applied) -> Option<(&'static str, String)> {
        self.modules.iter().zip(applied).find_map(|(module, applied)| {
            let unknown = applied.difference(&module.names()).max().cloned();
            unknown.map(|name| (module.module, name))
        })
    }

    /// Tells whether there are migrations that were not applied.
    pub(crate) fn is_behind(&self, applied: &Applied) -> bool {
        self.modules.iter().zip(applied).any(|(module, applied)| applied.len() < module.names().len())
    }

    /// Makes tables like those of a database to which these migrations were applied.
    pub(crate) async fn up_to(&self, applied: &Applied, connection: &DatabaseConnection) -> Result<()> {
        let txn = begin(connection).await?;
        for (module, applied) in self.modules.iter().zip(applied) {
            if !applied.is_empty() {
                module.up(&txn, u32::try_from(applied.len()).ok()).await.map_err(hindered)?;
            }
        }
        txn.commit().await.map_err(hindered)
    }

    /// Tells whether a table with the history of a module is that of a module in the list.
    pub(crate) fn has_history(&self, table: &str) -> bool {
        self.modules.iter().any(|module| module.history() == table)
    }

    /// The clock by which changes are dated.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    async fn migrate(&self, connection: &DatabaseConnection) -> Result<()> {
        let txn = begin(connection).await?;
        for module in &self.modules {
            module.up(&txn, None).await.map_err(hindered)?;
        }
        txn.commit().await.map_err(hindered)
    }
}

impl OfModule {
    /// The names of its migrations.
    fn names(&self) -> BTreeSet<String> {
        self.migrations().iter().map(|file| file.name().to_owned()).collect()
    }

    /// The name of the table with its history.
    fn history(&self) -> String {
        format!("{HISTORY}{}", self.module.replace('-', "_"))
    }

    /// The names of the migrations that were applied; none where their table is missing.
    async fn applied(&self, connection: &DatabaseConnection) -> Result<BTreeSet<String>> {
        let version = Alias::new("version");
        let select =
            Query::select().expr_as(Expr::col(version.clone()), version).from(self.migration_table_name()).take();
        match connection.query_all(&select).await {
            Ok(rows) => Ok(rows.iter().map(|row| row.try_get("", "version")).collect::<Result<_, _>>()?),
            Err(cause) if Failure::of(&cause) == Some(Failure::Missing) => Ok(BTreeSet::new()),
            Err(cause) => Err(cause.into()),
        }
    }
}

/// Begins the transaction of the migrations once no other process writes.
async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let mut begun = std::pin::pin!(transaction::begin_on(connection));
    let done = if let Ok(done) = timeout(QUIET, &mut begun).await {
        done
    } else {
        tracing::warn!("the tables have to be brought up to date; waiting for another process that writes");
        timeout(PATIENCE, begun).await.map_err(|_| busy())?
    };
    done.map_err(hindered)
}

/// Why the tables cannot be made or changed, with what to do.
fn hindered(cause: DbErr) -> Error {
    let (code, message) = match Failure::of(&cause) {
        Some(Failure::Busy) => return busy(),
        Some(Failure::ReadOnly) => (
            "DATABASE_READ_ONLY",
            "The tables of the database have to be created or brought up to date, and the database is read-only here. \
             Run `careerql migrate` of this version where it can be written, then start again."
                .to_owned(),
        ),
        Some(Failure::Denied) => (
            "DATABASE_DENIED",
            "The user of the database may not create tables in its schema. Grant it: `GRANT USAGE, CREATE ON SCHEMA public TO \
             USER`, or run `careerql migrate` as a user who may."
                .to_owned(),
        ),
        _ => match (&cause, foreign(&cause)) {
            (DbErr::Migration(rows), _) => ("DATABASE_INCONSISTENT", broken(rows)),
            (_, Some(message)) => ("DATABASE_FOREIGN", message),
            (_, None) => return cause.into(),
        },
    };
    tracing::debug!(%cause, "the tables cannot be brought up to date");
    Error::caller(code, message)
}

fn busy() -> Error {
    let message = "The tables of the database have to be brought up to date, and another process is writing to it. Try again when \
        it is done.";
    Error::caller("DATABASE_BUSY", message)
}

/// The message about tables or indexes that are there already; none where that is not the cause.
fn foreign(cause: &DbErr) -> Option<String> {
    let text = cause.to_string();
    if Failure::of(cause) == Some(Failure::Missing) {
        let has_schema = !text.contains("no schema");
        return Some(if has_schema { of_others(None) } else { NO_SCHEMA.to_owned() });
    }
    let name = text.split("already exists").next().filter(|before| before.len() < text.len())?;
    // `relation "entry" already exists` on Postgres, `table "entry" already exists` on SQLite.
    Some(of_others(name.split(['"', '`']).rev().nth(1)))
}

fn broken(rows: &str) -> String {
    format!(
        "The database holds rows that contradict each other, and nothing was changed: {rows}. Restore a backup from before, or \
         correct these rows, then run `careerql migrate` again."
    )
}

fn of_others(name: Option<&str>) -> String {
    let name = name.map(|name| format!(", such as `{name}`")).unwrap_or_default();
    format!(
        "The database has tables of another program with the same names as those of CareerQL{name}. Name a database or a schema that \
         is empty; nothing was changed."
    )
}

impl MigratorTraitSelf for OfModule {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        (self.files)()
    }

    fn migration_table_name(&self) -> DynIden {
        Alias::new(self.history()).into_iden()
    }
}
