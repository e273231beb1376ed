//! The content version that this process knows, and how it notices that the past behind it is another: a backup was restored.
//!
//! Numbers of publications and of revisions are used again after that. So the rows behind the last known ones are looked at, too:
//! where they are gone or not what they were, nothing that was remembered holds any more.
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::Result;

/// The content version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Version {
    /// The largest id of the publications and withdrawals: it grows with each.
    pub number: i64,
    /// The count of pasts since the start of the process. What was read in another holds no more.
    pub past: u32,
    /// The count of logs since the start of the process. One that was replaced tells nothing about what follows.
    pub log: u32,
}

/// State of the database as the process knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) version: Version,
    marks: Marks,
}

/// The last rows and the shape of the tables: they tell one past from another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Marks {
    publication: Option<String>,
    revision: i64,
    revised: Option<String>,
    tables: i64,
}

impl Known {
    /// Forgets the past: it is another from now on.
    pub(crate) fn forget(&mut self) {
        self.version.past += 1;
        self.version.log += 1;
    }
}

/// State of the database as it was read, and as it was known before.
pub(crate) struct News {
    pub(crate) has_renames: bool,
    pub(crate) known: Known,
    pub(crate) base: Known,
}

/// The newest publication and the newest revision, and what became of those that are known.
const SELECT: &str = "SELECT \
    coalesce((SELECT max(id) FROM publication), 0) AS number, \
    (SELECT PUBLICATION FROM publication WHERE id = (SELECT max(id) FROM publication)) AS publication, \
    (SELECT PUBLICATION FROM publication WHERE id = $1) AS known_publication, \
    coalesce((SELECT max(id) FROM revision), 0) AS revision, \
    (SELECT REVISION FROM revision WHERE id = (SELECT max(id) FROM revision)) AS revised, \
    (SELECT REVISION FROM revision WHERE id = $2) AS known_revised, \
    (SELECT count(*) FROM entry WHERE renamed_to IS NOT NULL) AS renamed, \
    TABLES AS tables";
const PUBLICATION: &str = "CAST(entry_id AS TEXT) || ' ' || coalesce(CAST(revision_id AS TEXT), '') || ' ' || \
    CAST(published_at AS TEXT)";
const REVISION: &str = "CAST(entry_id AS TEXT) || ' ' || hash || ' ' || CAST(created_at AS TEXT)";
/// Grows when tables are made anew, also by `.restore`.
const SQLITE_TABLES: &str = "(SELECT schema_version FROM pragma_schema_version)";
/// Foreign keys are the last that a backup brings back: what was read before may have been half there.
const POSTGRES_TABLES: &str = "coalesce((SELECT max(CAST(oid AS bigint)) FROM pg_constraint), 0)";

impl News {
    /// Reads on this connection.
    pub(crate) async fn read(db: &impl ConnectionTrait, base: Known) -> Result<Self> {
        let backend = db.get_database_backend();
        let tables = if backend == DbBackend::Postgres { POSTGRES_TABLES } else { SQLITE_TABLES };
        let sql = SELECT.replace("PUBLICATION", PUBLICATION).replace("REVISION", REVISION).replace("TABLES", tables);
        let values = [base.version.number.into(), base.marks.revision.into()];
        let row = db.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("the newest publication".to_owned()))?;
        let text = |name: &str| row.try_get::<Option<String>>("", name);
        let number = |name: &str| row.try_get::<i64>("", name);
        let marks = Marks {
            publication: text("publication")?,
            revision: number("revision")?,
            revised: text("revised")?,
            tables: number("tables")?,
        };
        let had = &base.marks;
        let is_new_log = number("number")? < base.version.number
            || (base.version.number > 0 && text("known_publication")? != had.publication);
        let is_new_past = is_new_log
            || marks.revision < had.revision
            || (had.revision > 0 && text("known_revised")? != had.revised)
            || (had.tables > 0 && marks.tables != had.tables);
        let version = Version {
            number: number("number")?,
            past: base.version.past + u32::from(is_new_past),
            log: base.version.log + u32::from(is_new_log),
        };
        Ok(Self { has_renames: number("renamed")? > 0, known: Known { version, marks }, base })
    }

    /// Takes it over where nothing else was learnt since it was asked for; says whether it is known now.
    pub(crate) fn learn(&self, known: &tokio::sync::watch::Sender<Known>) -> bool {
        let mut is_known = true;
        known.send_if_modified(|known| {
            if *known != self.base {
                is_known = *known == self.known;
                return false;
            }
            if self.known.version.past != known.version.past {
                tracing::warn!("the database has another history: a backup was restored, or its tables were recreated");
            }
            let is_other = known.version != self.known.version;
            known.clone_from(&self.known);
            is_other
        });
        is_known
    }
}
