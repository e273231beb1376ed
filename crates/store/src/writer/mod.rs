//! The writer of an import: batches of documents, a handful of statements for each, all in one transaction.
pub(crate) mod merge;
mod plan;
pub(crate) mod pointers;
pub(crate) mod summary;
pub(crate) mod with_rows;

use std::collections::{HashMap, HashSet};

use document::{CheckedDocument, Entry, Finding};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, Query},
};

pub(super) use self::plan::Conflict;
use self::{
    merge::{LastImport, Winner, known},
    plan::Plan,
    pointers::Begins,
    summary::{Imported, Mode, Summary},
};
use crate::{
    ChangeInfo, ContentModel, Database, Error, Result, Rows,
    access::{
        audit::{self, Action, AuditEntry},
        change::CommitStamp,
    },
    database::transaction::{self, Writer},
    entries::{hierarchy::WaysUp, slugs::all_former_slugs, state::EntryKey},
    tables::{
        entry, publication,
        publication::{announce, begin, retire},
        revision, section, unlisted,
    },
};

/// A checked document and its hash.
pub(crate) struct Hashed<G> {
    pub(crate) guide: G,
    pub(crate) hash: String,
    /// The file and the line where it begins, where it comes from one.
    pub(crate) at: Option<(usize, u64)>,
}

impl<G: AsRef<CheckedDocument>> From<G> for Hashed<G> {
    fn from(guide: G) -> Self {
        let hash = guide.as_ref().document.hash();
        Self { guide, hash, at: None }
    }
}

/// An import that has begun. Dropped before [`commit`](Self::commit), it leaves no trace.
pub(crate) struct Import<'a> {
    pub(crate) txn: Writer,
    pub(crate) content: &'a ContentModel,
    pub(crate) mode: Mode,
    pub(crate) change: CommitStamp,
    /// The number after which the revisions of an entry are numbered, where it has none or fewer.
    pub(crate) after: i32,
    pub(crate) is_of_files: bool,
    /// Side whose content stays where people changed an entry since the last import of files.
    pub(crate) winner: Winner,
    /// The entries for which nobody's does. Nothing more is written then.
    pub(crate) conflicts: Vec<Conflict>,
    /// Base of the drafts.
    pub(crate) begins: Begins,
    /// Tells whether its revisions say what those before them said, with other slugs in links.
    pub(crate) relinks: bool,
    /// The slugs that entries gave up, of all kinds: links by them may be stored by an import of files.
    pub(crate) former: HashSet<String>,
    /// The entries whose drafts may have to follow what was written.
    pub(crate) unsettled: Vec<EntryKey>,
    /// The entries with a former slug that came into view.
    pub(crate) appeared: Vec<i64>,
    pub(crate) rows: Rows,
    /// The documents that were written of kinds with a hierarchy, each with its file and line.
    hierarchical: HashMap<EntryKey, Option<(usize, u64)>>,
    pub(crate) summary: Summary,
}

impl<'a> Import<'a> {
    /// Waits for other writers, and begins.
    pub(crate) async fn begin(
        db: &Database,
        content: &'a ContentModel,
        mode: Mode,
        change: &ChangeInfo,
    ) -> Result<Self> {
        let import = Self::on(transaction::begin_bulk(db).await?, content, mode, change).await?;
        let former = if db.has_renames() { all_former_slugs(&*import.txn).await? } else { HashSet::new() };
        Ok(Self { is_of_files: true, former, ..import })
    }

    /// Goes on in a transaction that has begun.
    pub(crate) async fn on(txn: Writer, content: &'a ContentModel, mode: Mode, change: &ChangeInfo) -> Result<Self> {
        let change = change.begun(&txn).await?;
        Ok(Self::begun(txn, content, mode, change))
    }

    /// The same, where the change has begun, too.
    pub(crate) fn begun(txn: Writer, content: &'a ContentModel, mode: Mode, change: CommitStamp) -> Self {
        Self {
            txn,
            content,
            mode,
            change,
            after: 0,
            is_of_files: false,
            winner: Winner::default(),
            conflicts: Vec::new(),
            begins: Begins::default(),
            relinks: false,
            former: HashSet::new(),
            unsettled: Vec::new(),
            appeared: Vec::new(),
            rows: Rows::default(),
            hierarchical: HashMap::new(),
            summary: Summary::default(),
        }
    }

    /// Makes it all visible at once.
    pub(crate) async fn commit(mut self, db: &Database) -> Result<Summary> {
        self.flush().await?;
        self.follow_files().await?;
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

    /// Publishes at its end what took a while to write: in between, nobody saw it.
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
        audit::record(&self.txn, &self.change, [AuditEntry { details, ..AuditEntry::of(Action::Imported) }]).await
    }

    /// Writes the rows that are collected.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        Ok(self.rows.write(&self.txn).await?)
    }

    /// Finds what was written and leads round in a circle with what else the import's readers will see.
    pub(crate) async fn find_loops(&mut self) -> Result<()> {
        self.flush().await?;
        for (kind, spec) in &self.content.hierarchies {
            let of: HashSet<_> =
                self.hierarchical.keys().filter(|(of, _)| of == kind).map(|(_, slug)| slug.as_str()).collect();
            if of.is_empty() {
                continue;
            }
            let ways = WaysUp::read(&*self.txn, kind, spec, self.mode.perspective()).await?;
            for (slug, Finding { rule, path, message, .. }) in ways.loops(spec, &of) {
                let message = format!("the {kind} `{slug}`, {path}: {message}");
                let at = self.hierarchical.get(&(*kind, slug)).copied().flatten();
                self.conflicts.push(Conflict { at, rule, message });
            }
        }
        Ok(())
    }

    /// Writes documents, of which no two have the same kind and slug, nor one with a document before [`flush`](Self::flush).
    /// Most of their rows are written with those of the next documents, while these are projected.
    pub(crate) async fn write<G: AsRef<CheckedDocument>>(&mut self, batch: &[Hashed<G>]) -> Result<()> {
        let known = self.known(batch).await?;
        let fresh = batch.iter().map(|hashed| hashed.guide.as_ref()).filter(|guide| !known.contains_key(&key(guide)));
        let mut ids = self.create(fresh.collect()).await?;
        let existing: Vec<i64> = known.values().map(|known| known.id).collect();
        let mut plans = Vec::with_capacity(batch.len());
        for hashed in batch {
            let guide = hashed.guide.as_ref();
            let (plan, outcome) = if let Some(known) = known.get(&key(guide)) {
                self.refuse_renamed(known).await?;
                let (plan, outcome) = self.plan(known, hashed);
                self.note_appeared(known, &plan);
                (plan, outcome)
            } else {
                let entry = ids.remove(&key(guide)).ok_or_else(|| Error::internal("a new entry has no id"))?;
                (Plan::Write { entry, number: self.after + 1 }, Imported::Created)
            };
            self.note_unsettled(guide, known.get(&key(guide)));
            if self.content.hierarchies.contains_key(guide.document.kind) {
                self.hierarchical.insert((guide.document.kind, guide.document.slug.clone()), hashed.at);
            }
            self.summary.add(guide.document.kind, &guide.document.slug, outcome);
            plans.push(plan);
        }
        if !self.conflicts.is_empty() {
            return Ok(());
        }
        let revisions = self.revise(batch, &plans).await?;
        self.point(&plans, &revisions, existing).await
    }

    /// States of these documents in the store: one statement.
    async fn known<G: AsRef<CheckedDocument>>(
        &self,
        batch: &[Hashed<G>],
    ) -> Result<HashMap<(String, String), LastImport>> {
        let documents = batch.iter().map(|hashed| &hashed.guide.as_ref().document);
        known(&*self.txn, documents.map(|document| (document.kind, document.slug.as_str()))).await
    }

    /// New entries, which point nowhere yet: their ids.
    async fn create(&self, guides: Vec<&CheckedDocument>) -> Result<HashMap<(String, String), i64>> {
        use entry::Column::{Id, Kind, Slug};
        if guides.is_empty() {
            return Ok(HashMap::new());
        }
        let mut insert = Query::insert();
        insert.into_table(entry::Entity).columns([Kind, Slug]);
        for CheckedDocument { document, .. } in guides {
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

    /// Writes a revision of an entry that nothing points at yet: its id.
    pub(crate) async fn revise_apart(&mut self, entry: i64, number: i32, guide: Box<CheckedDocument>) -> Result<i64> {
        let revisions = self.revise(&[Hashed::from(guide)], &[Plan::Write { entry, number }]).await?;
        self.flush().await?;
        revisions.get(&entry).copied().ok_or_else(|| Error::internal("a new revision has no id"))
    }

    /// Writes the revisions that are planned, their sections, and the rows of the modules: their ids by entry.
    async fn revise<G: AsRef<CheckedDocument>>(
        &mut self,
        batch: &[Hashed<G>],
        plans: &[Plan],
    ) -> Result<HashMap<i64, i64>> {
        use revision::Column::{Author, CreatedAt, EntryId, Hash, Id, Message, Number};
        let mut insert = Query::insert();
        insert.into_table(revision::Entity).columns([EntryId, Number, Hash, Author, Message, CreatedAt]);
        let mut planned = Vec::new();
        for (Hashed { guide, hash, .. }, plan) in batch.iter().zip(plans) {
            let Plan::Write { entry, number } = plan else { continue };
            let CommitStamp { author, message, at, .. } = &self.change;
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
        let (mut written, mut drafts, mut same, mut begun) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for plan in plans {
            match plan {
                Plan::Nothing => {}
                Plan::Same { entry } => same.push(*entry),
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
        self.update(written, self.pointers()).await?;
        self.update(drafts, self.published_drafts()).await?;
        if self.is_of_files {
            self.note_same(same).await?;
        }
        if self.mode == Mode::Publish {
            let is_begun: HashSet<_> = begun.iter().map(|(entry, _)| *entry).collect();
            let existing = existing.into_iter().filter(|id| is_begun.contains(id)).collect();
            let before = retire(&self.txn, existing, self.change.at).await?;
            for (entry, revision) in begun {
                self.rows.insert(begin(entry, Some(revision), self.change.at, before.get(&entry)));
            }
        }
        Ok(())
    }

    /// Sets pointers of entries.
    pub(crate) async fn update(
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
fn project(content: &ContentModel, guide: &CheckedDocument, entry: i64, revision: i64, rows: &mut Rows) -> Result<()> {
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
    if content.listed.get(kind.name).is_some_and(|is_listed| !is_listed(guide)) {
        rows.insert(unlisted::ActiveModel { revision_id: Set(revision) });
    }
    let entry = Entry::new(document.kind, entry, document.slug.clone(), revision);
    for project in content.projects.get(kind.name).into_iter().flatten() {
        project(guide, &entry, rows);
    }
    Ok(())
}

fn key(guide: &CheckedDocument) -> (String, String) {
    (guide.document.kind.to_owned(), guide.document.slug.clone())
}
