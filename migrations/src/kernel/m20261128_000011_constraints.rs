//! Constraints for what the program kept to so far: pointers lead to revisions of their own entry, an entry has one open
//! publication, a lineage numbers its revisions once, and a delivery tells of something that there is.
//!
//! On SQLite these are triggers: a table there gets a foreign key only by being made anew, under the feet of all that refer to it, and
//! foreign keys hold only on connections that ask for them, which the command line of SQLite does not.
use sea_orm_migration::{
    prelude::*,
    sea_orm::{DbBackend, Statement},
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// Number of rows that break a rule that are named.
const NAMED: usize = 5;

/// A rule that each row keeps.
struct Rule {
    name: &'static str,
    table: &'static str,
    /// The columns that it is about.
    columns: &'static str,
    /// The columns by which a row is named.
    key: &'static str,
    /// Holds for a row `new` that breaks it.
    broken: &'static str,
    /// Fault of such a row.
    says: &'static str,
    /// Constraint of Postgres instead of a trigger; it has a trigger where this is empty.
    postgres: &'static str,
}

const RULES: [Rule; 14] = [
    Rule {
        name: "entry_published_revision",
        table: "entry",
        columns: "published_revision_id",
        key: "id",
        broken: "new.published_revision_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM revision r WHERE r.id = new.published_revision_id AND r.entry_id = new.id)",
        says: "its published revision is none of its own",
        postgres: "FOREIGN KEY (published_revision_id, id) REFERENCES revision (id, entry_id)",
    },
    Rule {
        name: "entry_draft_revision",
        table: "entry",
        columns: "draft_revision_id",
        key: "id",
        broken: "new.draft_revision_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM revision r WHERE r.id = new.draft_revision_id AND r.entry_id = new.id)",
        says: "its draft is none of its own revisions",
        postgres: "FOREIGN KEY (draft_revision_id, id) REFERENCES revision (id, entry_id)",
    },
    Rule {
        name: "entry_archived",
        table: "entry",
        columns: "archived_at, published_revision_id, draft_revision_id",
        key: "id",
        broken: "new.archived_at IS NOT NULL AND (new.published_revision_id IS NOT NULL OR new.draft_revision_id IS NOT NULL)",
        says: "it was put away and has a published revision or a draft",
        postgres: "CHECK (archived_at IS NULL OR (published_revision_id IS NULL AND draft_revision_id IS NULL))",
    },
    Rule {
        name: "entry_lineage",
        table: "entry",
        columns: "lineage_id",
        key: "id",
        broken: "new.lineage_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.id = new.lineage_id)",
        says: "the entry that its lineage begins with is not there",
        postgres: "FOREIGN KEY (lineage_id) REFERENCES entry (id)",
    },
    Rule {
        name: "entry_renamed_to",
        table: "entry",
        columns: "renamed_to",
        key: "id",
        broken: "new.renamed_to IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.id = new.renamed_to)",
        says: "the entry that it was renamed to is not there",
        postgres: "FOREIGN KEY (renamed_to) REFERENCES entry (id)",
    },
    Rule {
        name: "entry_renamed_within_lineage",
        table: "entry",
        columns: "renamed_to, lineage_id",
        key: "id",
        broken: "new.renamed_to IS NOT NULL AND (new.lineage_id IS NULL OR new.renamed_to = new.id)",
        says: "it was renamed to itself, or has no lineage",
        postgres: "CHECK (renamed_to IS NULL OR (lineage_id IS NOT NULL AND renamed_to <> id))",
    },
    Rule {
        name: "publication_of_entry",
        table: "publication",
        columns: "revision_id, entry_id",
        key: "id",
        broken: "new.revision_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM revision r WHERE r.id = new.revision_id AND r.entry_id = new.entry_id)",
        says: "its revision is none of its entry",
        postgres: "FOREIGN KEY (revision_id, entry_id) REFERENCES revision (id, entry_id)",
    },
    Rule {
        name: "release_entry_of_entry",
        table: "release_entry",
        columns: "revision_id, entry_id",
        key: "release_id || '/' || new.entry_id",
        broken: "NOT EXISTS (SELECT 1 FROM revision r WHERE r.id = new.revision_id AND r.entry_id = new.entry_id)",
        says: "its revision is none of its entry",
        postgres: "FOREIGN KEY (revision_id, entry_id) REFERENCES revision (id, entry_id)",
    },
    Rule {
        name: "release_publication",
        table: "release",
        columns: "publication_id",
        key: "id",
        broken: "new.publication_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM publication p WHERE p.id = new.publication_id)",
        says: "its publication is not there",
        postgres: "FOREIGN KEY (publication_id) REFERENCES publication (id)",
    },
    Rule {
        name: "delivery_publication",
        table: "delivery",
        columns: "publication_id",
        key: "id",
        broken: "new.publication_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM publication p WHERE p.id = new.publication_id)",
        says: "the publication that it tells of is not there",
        postgres: "FOREIGN KEY (publication_id) REFERENCES publication (id)",
    },
    Rule {
        name: "delivery_release",
        table: "delivery",
        columns: "release_id",
        key: "id",
        broken: "new.release_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM release r WHERE r.id = new.release_id)",
        says: "the release that it tells of is not there",
        postgres: "FOREIGN KEY (release_id) REFERENCES release (id)",
    },
    Rule {
        name: "delivery_subject",
        table: "delivery",
        columns: "publication_id, release_id",
        key: "id",
        broken: "(new.publication_id IS NULL) = (new.release_id IS NULL)",
        says: "it tells of a publication and of a release, or of neither",
        postgres: "CHECK ((publication_id IS NULL) <> (release_id IS NULL))",
    },
    Rule {
        name: "revision_number",
        table: "revision",
        columns: "number, entry_id",
        key: "id",
        broken: "new.number < 1 OR EXISTS (SELECT 1 FROM entry mine \
                 JOIN entry other ON other.lineage_id = mine.lineage_id AND other.id <> mine.id \
                 JOIN revision r ON r.entry_id = other.id AND r.number = new.number WHERE mine.id = new.entry_id)",
        says: "its number is below 1, or another revision of its lineage has it",
        postgres: "",
    },
    Rule {
        name: "entry_numbers_in_lineage",
        table: "entry",
        columns: "lineage_id",
        key: "id",
        broken: "new.lineage_id IS NOT NULL AND EXISTS (SELECT 1 FROM revision mine \
                 JOIN entry other ON other.lineage_id = new.lineage_id AND other.id <> new.id \
                 JOIN revision r ON r.entry_id = other.id AND r.number = mine.number WHERE mine.entry_id = new.id)",
        says: "one of its revisions has the number of another of its lineage",
        postgres: "",
    },
];

/// Unique things: the name, the table, the columns, the rows that it holds for, and the condition that a row `new`
/// breaks it.
const ONCE: [(&str, &str, &str, &str, &str); 3] = [
    (
        "publication_open",
        "publication",
        "entry_id",
        "retired_at IS NULL",
        "new.retired_at IS NULL AND EXISTS (SELECT 1 FROM publication o WHERE o.entry_id = new.entry_id AND o.retired_at IS NULL AND o.id <> new.id)",
    ),
    (
        "delivery_of_publication",
        "delivery",
        "webhook_id, publication_id",
        "publication_id IS NOT NULL",
        "EXISTS (SELECT 1 FROM delivery o WHERE o.webhook_id = new.webhook_id AND o.publication_id = new.publication_id AND o.id <> new.id)",
    ),
    (
        "delivery_of_release",
        "delivery",
        "webhook_id, release_id",
        "release_id IS NOT NULL",
        "EXISTS (SELECT 1 FROM delivery o WHERE o.webhook_id = new.webhook_id AND o.release_id = new.release_id AND o.id <> new.id)",
    ),
];

/// Rows that SQLite refuses to take away: the table, and the condition that something refers to its row `old`.
const REFERRED: [(&str, &str); 4] = [
    (
        "revision",
        "EXISTS (SELECT 1 FROM entry e WHERE e.published_revision_id = old.id OR e.draft_revision_id = old.id)",
    ),
    (
        "publication",
        "EXISTS (SELECT 1 FROM delivery d WHERE d.publication_id = old.id) OR EXISTS (SELECT 1 FROM release r WHERE r.publication_id = old.id)",
    ),
    ("release", "EXISTS (SELECT 1 FROM delivery d WHERE d.release_id = old.id)"),
    (
        "entry",
        "EXISTS (SELECT 1 FROM entry e WHERE (e.lineage_id = old.id OR e.renamed_to = old.id) AND e.id <> old.id)",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        refuse_what_is_broken(manager).await?;
        let db = manager.get_connection();
        for (name, table, columns, holds_for, _) in ONCE {
            db.execute_unprepared(&format!("CREATE UNIQUE INDEX {name} ON {table} ({columns}) WHERE {holds_for}"))
                .await?;
        }
        if manager.get_database_backend() == DbBackend::Sqlite {
            return triggers(db).await;
        }
        // What a foreign key over both columns needs.
        db.execute_unprepared("CREATE UNIQUE INDEX revision_of_entry ON revision (id, entry_id)").await?;
        for rule in RULES {
            postgres(db, &rule).await?;
        }
        Ok(())
    }
}

/// Looks for rows that break the rules already: names them, and changes nothing.
async fn refuse_what_is_broken(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let rules = RULES.iter().map(|rule| (rule.table, rule.key, rule.broken, rule.says));
    let once = ONCE.iter().map(|(_, table, _, _, broken)| (*table, "id", *broken, "it stands there twice"));
    let mut found = Vec::new();
    for (table, key, broken, says) in rules.chain(once) {
        let sql =
            format!("SELECT CAST(new.{key} AS TEXT) FROM {table} AS new WHERE {broken} ORDER BY 1 LIMIT {}", NAMED + 1);
        let statement = Statement::from_string(manager.get_database_backend(), sql);
        let rows = manager.get_connection().query_all_raw(statement).await?;
        let mut rows: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
        if rows.len() > NAMED {
            "others".clone_into(&mut rows[NAMED]);
        }
        if !rows.is_empty() {
            found.push(format!("{table} {} ({says})", rows.join(", ")));
        }
    }
    if found.is_empty() { Ok(()) } else { Err(DbErr::Migration(found.join("; "))) }
}

async fn triggers(db: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    for Rule { name, table, columns, broken, says, .. } in RULES {
        for (event, when) in [("insert", "INSERT".to_owned()), ("update", format!("UPDATE OF {columns}"))] {
            let sql = format!(
                "CREATE TRIGGER {name}_{event} AFTER {when} ON {table} WHEN {broken} \
                 BEGIN SELECT RAISE(ABORT, 'constraint {name}: {says}'); END"
            );
            db.execute_unprepared(&sql).await?;
        }
    }
    for (table, referred) in REFERRED {
        let sql = format!(
            "CREATE TRIGGER {table}_referred BEFORE DELETE ON {table} WHEN {referred} \
             BEGIN SELECT RAISE(ABORT, 'constraint {table}_referred: something refers to it'); END"
        );
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}

async fn postgres(db: &SchemaManagerConnection<'_>, rule: &Rule) -> Result<(), DbErr> {
    let Rule { name, table, columns, broken, says, postgres, .. } = rule;
    if !postgres.is_empty() {
        db.execute_unprepared(&format!("ALTER TABLE {table} ADD CONSTRAINT {name} {postgres}")).await?;
        return Ok(());
    }
    let function = format!(
        "CREATE FUNCTION {name}_holds() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {broken} THEN \
         RAISE EXCEPTION 'constraint {name}: {says}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NULL; END $$"
    );
    db.execute_unprepared(&function).await?;
    let trigger = format!(
        "CREATE TRIGGER {name} AFTER INSERT OR UPDATE OF {columns} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}_holds()"
    );
    db.execute_unprepared(&trigger).await?;
    Ok(())
}
