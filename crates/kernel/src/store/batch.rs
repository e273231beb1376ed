//! The writer of an import: batches of documents, a handful of statements for each, all in one transaction.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter,
    sea_query::{Alias, Condition, Expr, ExprTrait as _, JoinType, Query, SelectStatement},
};

use super::{
    Change, Database, Rows,
    audit::{self, Action, Deed},
    change::Begun,
    entry,
    import::{Imported, Mode, Summary},
    publication,
    publish::{announce, begin, retire},
    rename::renamed_to,
    revision, section,
    transaction::{self, Writer},
};
use crate::{Content, Entry, Error, Result, document::Guide};

/// A checked document and its hash.
pub(super) struct Hashed<G> {
    pub(super) guide: G,
    pub(super) hash: String,
}

impl<G: AsRef<Guide>> From<G> for Hashed<G> {
    fn from(guide: G) -> Self {
        let hash = guide.as_ref().document.hash();
        Self { guide, hash }
    }
}

/// An import that has begun. Dropped before [`commit`](Self::commit), it leaves no trace.
pub(super) struct Import<'a> {
    pub(super) txn: Writer,
    content: &'a Content,
    pub(super) mode: Mode,
    pub(super) change: Begun,
    /// The number after which the revisions of an entry are numbered, where it has none or fewer.
    pub(super) after: i32,
    is_of_files: bool,
    pub(super) rows: Rows,
    pub(super) summary: Summary,
}

/// What the store holds of a document already.
#[derive(FromQueryResult)]
struct Known {
    id: i64,
    kind: String,
    slug: String,
    draft_revision_id: Option<i64>,
    renamed_to: Option<i64>,
    published_hash: Option<String>,
    draft_hash: Option<String>,
    last_number: Option<i32>,
}

/// What a document becomes.
enum Plan {
    /// It is there already.
    Nothing,
    /// The draft of this entry says the same: it is published.
    PublishDraft { entry: i64, revision: i64 },
    /// A new revision of this entry.
    Write { entry: i64, number: i32 },
}

impl<'a> Import<'a> {
    /// Waits for other writers, and begins.
    pub(super) async fn begin(db: &Database, content: &'a Content, mode: Mode, change: &Change) -> Result<Self> {
        let import = Self::on(transaction::begin_bulk(db).await?, content, mode, change).await?;
        Ok(Self { is_of_files: true, ..import })
    }

    /// Goes on in a transaction that has begun.
    pub(super) async fn on(txn: Writer, content: &'a Content, mode: Mode, change: &Change) -> Result<Self> {
        let change = change.begun(&*txn).await?;
        Ok(Self {
            txn,
            content,
            mode,
            change,
            after: 0,
            is_of_files: false,
            rows: Rows::default(),
            summary: Summary::default(),
        })
    }

    /// Makes it all visible at once.
    pub(super) async fn commit(mut self, db: &Database) -> Result<Summary> {
        self.flush().await?;
        if self.is_of_files && self.mode == Mode::Publish {
            self.restamp().await?;
        }
        self.record().await?;
        if self.mode == Mode::Publish {
            announce(&self.txn).await?;
            self.change.has_come().await;
        }
        let news = db.news(&*self.txn).await?;
        transaction::commit_bulk(self.txn).await?;
        db.learn(&news).await;
        Ok(self.summary)
    }

    /// What was written for a while is published when it is done: in between, nobody saw it.
    async fn restamp(&mut self) -> Result<()> {
        use publication::Column::{PublishedAt, RetiredAt};
        let Some(now) = self.change.moment() else { return Ok(()) };
        for column in [PublishedAt, RetiredAt] {
            let of_this = publication::Entity::update_many().filter(column.eq(self.change.at));
            of_this.col_expr(column, Expr::val(now)).exec(&*self.txn).await?;
        }
        self.change.at = now;
        Ok(())
    }

    /// Records an import of files, which is not recorded entry by entry.
    async fn record(&self) -> Result<()> {
        if !self.is_of_files {
            return Ok(());
        }
        let [created, updated, withdrawn] =
            [Imported::Created, Imported::Updated, Imported::Withdrawn].map(|outcome| self.summary.count(outcome));
        if created + updated + withdrawn == 0 {
            return Ok(());
        }
        let state = if self.mode == Mode::Publish { "published" } else { "drafts" };
        let others = if withdrawn > 0 { format!(", {withdrawn} withdrawn") } else { String::new() };
        let details = format!("{created} created, {updated} updated ({state}){others}");
        audit::record(&self.txn, &self.change, [Deed { details, ..Deed::of(Action::Imported) }]).await
    }

    /// Writes the rows that are collected.
    pub(super) async fn flush(&mut self) -> Result<()> {
        Ok(self.rows.write(&self.txn).await?)
    }

    /// Writes documents, of which no two have the same kind and slug, nor one with a document before [`flush`](Self::flush).
    /// Most of their rows are written with those of the next documents, while these are projected.
    pub(super) async fn write<G: AsRef<Guide>>(&mut self, batch: &[Hashed<G>]) -> Result<()> {
        let known = self.known(batch).await?;
        let fresh = batch.iter().map(|hashed| hashed.guide.as_ref()).filter(|guide| !known.contains_key(&key(guide)));
        let mut ids = self.create(fresh.collect()).await?;
        let existing: Vec<i64> = known.values().map(|known| known.id).collect();
        let mut plans = Vec::with_capacity(batch.len());
        for Hashed { guide, hash } in batch {
            let guide = guide.as_ref();
            let (plan, outcome) = if let Some(known) = known.get(&key(guide)) {
                self.refuse_renamed(known).await?;
                self.plan(known, hash)
            } else {
                let entry = ids.remove(&key(guide)).ok_or_else(|| Error::internal("a new entry has no id"))?;
                (Plan::Write { entry, number: self.after + 1 }, Imported::Created)
            };
            self.summary.add(guide.document.kind, &guide.document.slug, outcome);
            plans.push(plan);
        }
        let revisions = self.revise(batch, &plans).await?;
        self.point(&plans, &revisions, existing).await
    }

    /// What the store holds of these documents: one statement.
    async fn known<G: AsRef<Guide>>(&self, batch: &[Hashed<G>]) -> Result<HashMap<(String, String), Known>> {
        let mut slugs: HashMap<&'static str, Vec<&str>> = HashMap::new();
        for Hashed { guide, .. } in batch {
            let document = &guide.as_ref().document;
            slugs.entry(document.kind).or_default().push(&document.slug);
        }
        let asked = slugs.into_iter().fold(Condition::any(), |any, (kind, slugs)| {
            any.add(entry::Column::Kind.eq(kind).and(entry::Column::Slug.is_in(slugs)))
        });
        let rows = self.txn.query_all(&known(asked)).await?;
        let rows = rows.iter().map(|row| {
            let known = Known::from_query_result(row, "")?;
            Ok(((known.kind.clone(), known.slug.clone()), known))
        });
        rows.collect()
    }

    /// New entries, which point nowhere yet: their ids.
    async fn create(&self, guides: Vec<&Guide>) -> Result<HashMap<(String, String), i64>> {
        use entry::Column::{Id, Kind, Slug};
        if guides.is_empty() {
            return Ok(HashMap::new());
        }
        let mut insert = Query::insert();
        insert.into_table(entry::Entity).columns([Kind, Slug]);
        for Guide { document, .. } in guides {
            insert.values_panic([document.kind.into(), document.slug.as_str().into()]);
        }
        insert.returning(Query::returning().columns([Id, Kind, Slug]));
        let rows = self.txn.query_all(&insert).await?;
        let ids = rows.iter().map(|row| {
            let key = (row.try_get("", "kind")?, row.try_get("", "slug")?);
            Ok((key, row.try_get("", "id")?))
        });
        ids.collect()
    }

    /// A slug that was given up is not taken up again, but by renaming.
    async fn refuse_renamed(&self, known: &Known) -> Result<()> {
        let Some(now) = known.renamed_to.filter(|_| self.after == 0) else { return Ok(()) };
        let slugs = renamed_to(&*self.txn, vec![now]).await?;
        let (kind, slug) = (&known.kind, &known.slug);
        let now = slugs.get(&now).map(String::as_str).unwrap_or_default();
        Err(Error::caller(
            "RENAMED",
            format!("The {kind} `{slug}` was renamed to `{now}`. Use that slug; nothing was written."),
        ))
    }

    /// What becomes of a document whose entry exists.
    fn plan(&self, known: &Known, hash: &str) -> (Plan, Imported) {
        let is_published = known.published_hash.as_deref() == Some(hash);
        let draft = known.draft_revision_id.filter(|_| known.draft_hash.as_deref() == Some(hash));
        let is_current = match self.mode {
            Mode::Draft if known.draft_revision_id.is_some() => draft.is_some(),
            Mode::Draft | Mode::Publish => is_published,
        };
        let plan = match draft {
            _ if is_current => return (Plan::Nothing, Imported::Unchanged),
            Some(revision) => Plan::PublishDraft { entry: known.id, revision },
            None => {
                Plan::Write { entry: known.id, number: Ord::max(known.last_number.unwrap_or_default(), self.after) + 1 }
            }
        };
        (plan, Imported::Updated)
    }

    /// Writes the revisions that are planned, their sections, and the rows of the modules: their ids by entry.
    async fn revise<G: AsRef<Guide>>(&mut self, batch: &[Hashed<G>], plans: &[Plan]) -> Result<HashMap<i64, i64>> {
        use revision::Column::{Author, CreatedAt, EntryId, Hash, Id, Message, Number};
        let mut insert = Query::insert();
        insert.into_table(revision::Entity).columns([EntryId, Number, Hash, Author, Message, CreatedAt]);
        let mut planned = Vec::new();
        for (Hashed { guide, hash }, plan) in batch.iter().zip(plans) {
            let Plan::Write { entry, number } = plan else { continue };
            let Begun { author, message, at, .. } = &self.change;
            insert.values_panic([
                (*entry).into(),
                (*number).into(),
                hash.as_str().into(),
                author.as_str().into(),
                message.as_str().into(),
                (*at).into(),
            ]);
            planned.push((*entry, guide.as_ref()));
        }
        if planned.is_empty() {
            return Ok(HashMap::new());
        }
        insert.returning(Query::returning().columns([Id, EntryId]));
        let rows = self.txn.query_all(&insert).await?;
        let revisions = rows.iter().map(|row| Ok((row.try_get("", "entry_id")?, row.try_get("", "id")?)));
        let revisions = revisions.collect::<Result<HashMap<i64, i64>>>()?;
        let projected = async {
            let mut rows = Rows::default();
            for (entry, guide) in planned {
                let revision = revisions.get(&entry).ok_or_else(|| Error::internal("a new revision has no id"))?;
                project(self.content, guide, entry, *revision, &mut rows)?;
                // The statements that are written meanwhile go on.
                tokio::task::yield_now().await;
            }
            Ok::<_, Error>(rows)
        };
        let (written, projected) = tokio::join!(self.rows.write_full(&self.txn), projected);
        written?;
        self.rows.append(projected?);
        Ok(revisions)
    }

    /// Points the entries at their revisions and, in an import that publishes, ends what was published and begins what is.
    async fn point(&mut self, plans: &[Plan], revisions: &HashMap<i64, i64>, existing: Vec<i64>) -> Result<()> {
        let (mut written, mut drafts, mut begun) = (Vec::new(), Vec::new(), Vec::new());
        for plan in plans {
            match plan {
                Plan::Nothing => {}
                Plan::PublishDraft { entry, revision } => {
                    drafts.push(*entry);
                    begun.push((*entry, *revision));
                }
                Plan::Write { entry, .. } => {
                    written.push(*entry);
                    begun.extend(revisions.get(entry).map(|revision| (*entry, *revision)));
                }
            }
        }
        let column = match self.mode {
            Mode::Draft => entry::Column::DraftRevisionId,
            Mode::Publish => entry::Column::PublishedRevisionId,
        };
        let not_archived = (entry::Column::ArchivedAt, Expr::val(None::<DateTime<Utc>>));
        self.update(written, [(column, last_revision()), not_archived]).await?;
        let draft = Expr::col(entry::Column::DraftRevisionId);
        let none = Expr::val(None::<i64>);
        let published = [(entry::Column::PublishedRevisionId, draft), (entry::Column::DraftRevisionId, none)];
        self.update(drafts, published).await?;
        if self.mode == Mode::Publish {
            let is_begun: std::collections::HashSet<_> = begun.iter().map(|(entry, _)| *entry).collect();
            retire(&self.txn, existing.into_iter().filter(|id| is_begun.contains(id)).collect(), self.change.at)
                .await?;
            for (entry, revision) in begun {
                self.rows.insert(begin(entry, Some(revision), self.change.at));
            }
        }
        Ok(())
    }

    /// Sets pointers of entries.
    pub(super) async fn update(
        &self,
        entries: Vec<i64>,
        set: impl IntoIterator<Item = (entry::Column, Expr)>,
    ) -> Result<()> {
        if !entries.is_empty() {
            let mut update = entry::Entity::update_many().filter(entry::Column::Id.is_in(entries));
            for (column, value) in set {
                update = update.col_expr(column, value);
            }
            update.exec(&*self.txn).await?;
        }
        Ok(())
    }
}

/// Collects the sections of a revision and the rows of the modules.
fn project(content: &Content, guide: &Guide, entry: i64, revision: i64, rows: &mut Rows) -> Result<()> {
    let document = &guide.document;
    for (name, body) in &document.sections {
        rows.insert(section::ActiveModel {
            revision_id: Set(revision),
            name: Set((*name).to_owned()),
            body: Set(body.clone()),
        });
    }
    let kind = content.kind(document.kind);
    let kind = kind.ok_or_else(|| Error::internal(format!("no module in the list owns `{}`", document.kind)))?;
    let entry = Entry::new(document.kind, entry, document.slug.clone(), revision);
    for project in &kind.projects {
        project(guide, &entry, rows);
    }
    Ok(())
}

fn key(guide: &Guide) -> (String, String) {
    (guide.document.kind.to_owned(), guide.document.slug.clone())
}

/// Entries with the hashes of what they point at and the number of their last revision.
fn known(asked: Condition) -> SelectStatement {
    use entry::Column::{DraftRevisionId, Id, Kind, RenamedTo, Slug};
    let (published, draft) = (Alias::new("published"), Alias::new("draft"));
    let mut select = Query::select();
    select.from(entry::Entity).cond_where(asked);
    for column in [Id, Kind, Slug, DraftRevisionId, RenamedTo] {
        select.column((entry::Entity, column));
    }
    for (alias, pointer, hash) in [
        (published, entry::Column::PublishedRevisionId, "published_hash"),
        (draft, entry::Column::DraftRevisionId, "draft_hash"),
    ] {
        let pointed = Expr::col((alias.clone(), revision::Column::Id)).eq(Expr::col((entry::Entity, pointer)));
        select.expr_as(Expr::col((alias.clone(), revision::Column::Hash)), Alias::new(hash));
        select.join_as(JoinType::LeftJoin, revision::Entity, alias, pointed);
    }
    select.expr_as(of_last_revision(revision::Column::Number), Alias::new("last_number")).take()
}

/// The last revision of the entry.
fn last_revision() -> Expr {
    of_last_revision(revision::Column::Id)
}

/// A column of the last revision of the entry.
fn of_last_revision(column: revision::Column) -> Expr {
    let last = Query::select()
        .column((revision::Entity, column))
        .from(revision::Entity)
        .and_where(revision::Column::EntryId.into_expr().eq(Expr::col((entry::Entity, entry::Column::Id))))
        .order_by(revision::Column::Number, sea_orm::sea_query::Order::Desc)
        .limit(1)
        .take();
    Expr::SubQuery(None, Box::new(last.into()))
}
