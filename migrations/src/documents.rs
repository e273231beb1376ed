//! Stored documents in a new shape, and entries that take over what others said. The rules of storage stand here a second time: a
//! migration of the past must not change with the code.
use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait as _, DbErr, prelude::DateTimeUtc},
    sea_query::{self, Expr, ExprTrait as _, InsertStatement, Order, Query, SelectStatement, UpdateStatement},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::table::name;

/// Number of sections that are held in memory at once.
const BATCH: u64 = 500;

/// Time for which something was said: by whom it was drafted first, and when the world saw it.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// Creation of the first revision that says it.
    pub created_at: DateTimeUtc,
    /// Its first publication, where it had one.
    pub published_at: Option<DateTimeUtc>,
    /// End of its last publication; none where it is published, or never was.
    pub retired_at: Option<DateTimeUtc>,
}

impl Said {
    /// Tells whether the world sees it now.
    pub fn is_published(self) -> bool {
        self.published_at.is_some() && self.retired_at.is_none()
    }

    /// The time of both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let published_at = self.published_at.into_iter().chain(other.published_at).min();
        let retired_at = Ord::max(self.retired_at, other.retired_at);
        let retired_at = retired_at.filter(|_| !self.is_published() && !other.is_published());
        Self { created_at: Ord::min(self.created_at, other.created_at), published_at, retired_at }
    }
}

/// A section of one revision.
pub struct StoredSection {
    /// The revision.
    pub revision: i64,
    /// Its content.
    pub body: Value,
    /// The time of the revision.
    pub said: Said,
}

/// Gives the section of this name in all revisions of a kind its new shape, and the revisions their new hashes. `change` may ask
/// for updates of other tables.
pub async fn reshape_section(
    manager: &SchemaManager<'_>,
    (kind, section): (&str, &str),
    mut change: impl FnMut(&mut StoredSection) -> Vec<UpdateStatement>,
) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let mut after = i64::MIN;
    loop {
        let rows = db.query_all(&select((kind, section), after)).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            let text: String = row.try_get("", "body")?;
            let mut stored = StoredSection {
                revision: row.try_get("", "revision_id")?,
                body: serde_json::from_str(&text).map_err(|error| DbErr::Custom(error.to_string()))?,
                said: Said {
                    created_at: row.try_get("", "created_at")?,
                    published_at: row.try_get("", "published_at")?,
                    retired_at: row.try_get("", "retired_at")?,
                },
            };
            after = stored.revision;
            for update in change(&mut stored) {
                db.execute(&update).await?;
            }
            let body = stored.body.to_string();
            if body != text {
                store(manager, after, section, body).await?;
                let slug: String = row.try_get("", "slug")?;
                rehash(manager, after, kind, &slug).await?;
            }
        }
    }
}

fn select((kind, section): (&str, &str), after: i64) -> SelectStatement {
    let column = |table: &str, column: &str| Expr::col((name(table), name(column)));
    let of_revision = || {
        let of = column("publication", "entry_id").eq(column("entry", "id"));
        of.and(column("publication", "revision_id").eq(column("revision", "id")))
    };
    let published = || Query::select().from(name("publication")).and_where(of_revision()).take();
    let first = published().expr(column("publication", "published_at").min()).take();
    // Where one of its publications lasts, it has no end.
    let open = published().expr(Expr::val(1)).and_where(column("publication", "retired_at").is_null()).take();
    let last = published().expr(column("publication", "retired_at").max()).take();
    let sub = |select: SelectStatement| Expr::SubQuery(None, Box::new(select.into()));
    Query::select()
        .column((name("section"), name("revision_id")))
        .column((name("section"), name("body")))
        .column((name("entry"), name("slug")))
        .column((name("revision"), name("created_at")))
        .expr_as(sub(first), name("published_at"))
        .expr_as(Expr::case(Expr::exists(open).not(), sub(last)), name("retired_at"))
        .from(name("section"))
        .inner_join(name("revision"), column("revision", "id").eq(column("section", "revision_id")))
        .inner_join(name("entry"), column("entry", "id").eq(column("revision", "entry_id")))
        .and_where(column("section", "name").eq(section))
        .and_where(column("entry", "kind").eq(kind))
        .and_where(column("section", "revision_id").gt(after))
        .order_by((name("section"), name("revision_id")), Order::Asc)
        .limit(BATCH)
        .take()
}

async fn store(manager: &SchemaManager<'_>, revision: i64, section: &str, body: String) -> Result<(), DbErr> {
    let update = Query::update()
        .table(name("section"))
        .value(name("body"), body)
        .and_where(Expr::col(name("revision_id")).eq(revision))
        .and_where(Expr::col(name("name")).eq(section))
        .take();
    manager.get_connection().execute(&update).await.map(|_| ())
}

/// Gives a revision the hash of the sections that it has now.
async fn rehash(manager: &SchemaManager<'_>, revision: i64, kind: &str, slug: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let select = Query::select()
        .from(name("section"))
        .columns(["name", "body"].map(name))
        .and_where(Expr::col(name("revision_id")).eq(revision))
        .take();
    let rows = db.query_all(&select).await?;
    let mut sections: Vec<(String, String)> = rows
        .iter()
        .map(|row| Ok((row.try_get("", "name")?, row.try_get("", "body")?)))
        .collect::<Result<_, DbErr>>()?;
    sections.sort_unstable();
    let update = Query::update()
        .table(name("revision"))
        .value(name("hash"), hash(kind, slug, &sections))
        .and_where(Expr::col(name("id")).eq(revision))
        .take();
    db.execute(&update).await.map(|_| ())
}

/// SHA-256 over the kind, the slug and the sections of a document, each with its length before it, in hexadecimal.
fn hash(kind: &str, slug: &str, sections: &[(String, String)]) -> String {
    let mut hash = Sha256::new();
    let sections = sections.iter().flat_map(|(name, body)| [name.as_str(), body.as_str()]);
    for part in [kind, slug].into_iter().chain(sections) {
        hash.update(u64::try_from(part.len()).unwrap_or_default().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().fold(String::with_capacity(64), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Entry that takes over what documents of another kind said.
pub struct NewEntry {
    /// The kind.
    pub kind: &'static str,
    /// The slug.
    pub slug: String,
    /// The section that holds all its content.
    pub section: &'static str,
    /// Its content, in canonical form: no nulls, no empty lists.
    pub body: Value,
    /// Its content as a draft, where drafts say more than was ever published.
    pub draft: Option<Value>,
    /// Reason for its creation, shown in its history.
    pub message: &'static str,
    /// The time for which it was said: it is published for as long.
    pub said: Said,
}

impl NewEntry {
    /// Creates it, unless there is one of its kind and slug: the ids of the entry and of its revisions, that of the draft last. It counts as
    /// imported: nobody edited it, so a file may say otherwise.
    pub async fn create(self, manager: &SchemaManager<'_>) -> Result<Option<(i64, Vec<i64>)>, DbErr> {
        let db = manager.get_connection();
        let known = Query::select()
            .from(name("entry"))
            .column(name("id"))
            .and_where(Expr::col(name("kind")).eq(self.kind))
            .and_where(Expr::col(name("slug")).eq(self.slug.as_str()))
            .take();
        if db.query_one(&known).await?.is_some() {
            return Ok(None);
        }
        let entry = insert(manager, "entry", [("kind", self.kind.into()), ("slug", self.slug.as_str().into())]).await?;
        let first = self.revise(manager, entry, 1, &self.body).await?;
        self.publish(manager, entry, first).await?;
        let mut revisions = vec![first];
        if let Some(draft) = &self.draft {
            let draft = self.revise(manager, entry, 2, draft).await?;
            let base = self.said.is_published().then_some(first);
            point(
                manager,
                entry,
                [("draft_revision_id", Some(draft)), ("imported_draft_id", Some(draft)), ("draft_base_id", base)],
            )
            .await?;
            revisions.push(draft);
        }
        Ok(Some((entry, revisions)))
    }

    /// Writes a revision: its id.
    async fn revise(&self, manager: &SchemaManager<'_>, entry: i64, number: i32, body: &Value) -> Result<i64, DbErr> {
        let body = body.to_string();
        let hash = hash(self.kind, &self.slug, &[(self.section.to_owned(), body.clone())]);
        let revision = [
            ("entry_id", entry.into()),
            ("number", number.into()),
            ("hash", hash.into()),
            ("author", "CareerQL".into()),
            ("message", self.message.into()),
            ("created_at", self.said.created_at.into()),
        ];
        let revision = insert(manager, "revision", revision).await?;
        let section = [("revision_id", revision.into()), ("name", self.section.into()), ("body", body.into())];
        manager.get_connection().execute(&inserted("section", section)).await?;
        Ok(revision)
    }

    /// Publishes it for the time in which it was said; what the world does not see is a draft.
    async fn publish(&self, manager: &SchemaManager<'_>, entry: i64, revision: i64) -> Result<(), DbErr> {
        let Said { published_at, retired_at, .. } = self.said;
        if let Some(published_at) = published_at {
            let of_entry = || [("entry_id", entry.into())];
            let publication = of_entry().into_iter().chain([
                ("revision_id", revision.into()),
                ("published_at", published_at.into()),
                ("retired_at", retired_at.into()),
            ]);
            let first = insert(manager, "publication", publication).await?;
            if let Some(withdrawn_at) = retired_at {
                let withdrawal =
                    of_entry().into_iter().chain([("published_at", withdrawn_at.into()), ("first_id", first.into())]);
                insert(manager, "publication", withdrawal).await?;
            }
        }
        let (pointer, imported) = if self.said.is_published() {
            ("published_revision_id", "imported_published_id")
        } else {
            ("draft_revision_id", "imported_draft_id")
        };
        point(manager, entry, [(pointer, Some(revision)), (imported, Some(revision))]).await
    }
}

/// Sets pointers of an entry.
async fn point<const N: usize>(
    manager: &SchemaManager<'_>,
    entry: i64,
    pointers: [(&str, Option<i64>); N],
) -> Result<(), DbErr> {
    let values = pointers.map(|(pointer, revision)| (name(pointer), revision.into()));
    let update = Query::update().table(name("entry")).values(values).and_where(Expr::col(name("id")).eq(entry)).take();
    manager.get_connection().execute(&update).await.map(|_| ())
}

fn inserted<'a>(table: &str, values: impl IntoIterator<Item = (&'a str, sea_query::Value)>) -> InsertStatement {
    let (columns, values): (Vec<_>, Vec<_>) =
        values.into_iter().map(|(column, value)| (name(column), Expr::val(value))).unzip();
    Query::insert().into_table(name(table)).columns(columns).values_panic(values).take()
}

/// Inserts a row: its id.
async fn insert<'a>(
    manager: &SchemaManager<'_>,
    table: &str,
    values: impl IntoIterator<Item = (&'a str, sea_query::Value)>,
) -> Result<i64, DbErr> {
    let insert = inserted(table, values).returning_col(name("id")).take();
    let row = manager.get_connection().query_one(&insert).await?;
    row.ok_or_else(|| DbErr::RecordNotInserted)?.try_get("", "id")
}
