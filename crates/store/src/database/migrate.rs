//! Migrations: each module's tables have a history of their own, so that a module can join or leave the list at any time.
use std::{collections::HashSet, time::Duration};

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
        let mut is_due = false;
        for module in &self.modules {
            let applied = module.applied(connection).await?;
            let known: HashSet<String> = module.migrations().iter().map(|file| file.name().to_owned()).collect();
            if let Some(newer) = applied.difference(&known).max() {
                let message = format!(
                    "The database was set up by a newer version of CareerQL: it has the migration `{newer}` of the module `{}`, \
                     which this version does not know. Start that version or a newer one, or restore a backup from before.",
                    module.module
                );
                return Err(Error::caller("DATABASE_NEWER", message));
            }
            is_due |= applied.len() < known.len();
        }
        Ok(is_due)
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
    /// The names of the migrations that were applied; none where their table is missing.
    async fn applied(&self, connection: &DatabaseConnection) -> Result<HashSet<String>> {
        let version = Alias::new("version");
        let select =
            Query::select().expr_as(Expr::col(version.clone()), version).from(self.migration_table_name()).take();
        match connection.query_all(&select).await {
            Ok(rows) => Ok(rows.iter().map(|row| row.try_get("", "version")).collect::<Result<_, _>>()?),
            Err(cause) if Failure::of(&cause) == Some(Failure::Missing) => Ok(HashSet::new()),
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
        Alias::new(format!("migration_{}", self.module.replace('-', "_"))).into_iden()
    }
}
