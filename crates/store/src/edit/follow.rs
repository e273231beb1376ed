//! Following: in whatever a perspective shows, links have the slugs of today. Renaming relinks what can see the entry. What could not see
//! it follows when the entry comes into view, and what is written by a slug that was given up in secret gets a draft that follows.
use std::collections::{HashMap, HashSet};

use document::{Document, LinkTo};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    relink::{Anew, Moved, drop_drafts, guide, relink, relinked, write_anew},
    target::Target,
};
use crate::{
    ContentModel, Database, Perspective, Result,
    access::change::CommitStamp,
    database::transaction::Writer,
    entries::{
        slugs::given_up_in,
        state::{EntryKey, State, documents, pointed_at, states},
    },
    tables::entry,
    writer::{Import, pointers::Begins, summary::Mode},
};

/// Number of entries whose documents are held in memory at once.
const BATCH: usize = 100;
/// The message of drafts that get the slugs of today.
const MESSAGE: &str = "Links updated to current slugs";

/// Lets links follow after entries were published: those to what came into view, and those of what was published.
pub(crate) async fn follow_published(
    db: &Database,
    txn: Writer,
    content: &ContentModel,
    targets: &[Target],
    change: &CommitStamp,
) -> Result<Writer> {
    let is_shown = |target: &&Target| target.state.published.is_none();
    let shown: Vec<_> =
        targets.iter().filter(is_shown).map(|target| (target.state.kind, &target.state.entry)).collect();
    let mut import = following(txn, content, change);
    follow(&mut import, &shown, &[Mode::Publish, Mode::Draft]).await?;
    if db.has_renames() {
        let keys: Vec<_> = targets.iter().map(|target| (target.state.kind, target.state.entry.slug.clone())).collect();
        settle(&mut import, &keys).await?;
    }
    Ok(import.txn)
}

/// Lets the links of drafts follow that are made by withdrawing what was published.
pub(crate) async fn follow_withdrawn(
    db: &Database,
    txn: Writer,
    content: &ContentModel,
    keys: &[EntryKey],
    change: &CommitStamp,
) -> Result<Writer> {
    if !db.has_renames() {
        return Ok(txn);
    }
    let mut import = following(txn, content, change);
    settle(&mut import, keys).await?;
    Ok(import.txn)
}

/// Writes what follows, in a transaction that has begun.
fn following<'a>(txn: Writer, content: &'a ContentModel, change: &CommitStamp) -> Import<'a> {
    let mut import = Import::begun(txn, content, Mode::Draft, change.clone());
    import.relinks = true;
    import
}

impl Import<'_> {
    /// Lets links follow after files were written: those to what came into view, and those in the files.
    pub(crate) async fn follow_files(&mut self) -> Result<()> {
        let (appeared, mut unsettled) = (std::mem::take(&mut self.appeared), std::mem::take(&mut self.unsettled));
        if appeared.is_empty() && unsettled.is_empty() {
            return Ok(());
        }
        let (mode, message) = (self.mode, self.change.message.clone());
        let (summary, begins) = (std::mem::take(&mut self.summary), self.begins);
        (self.is_of_files, self.relinks) = (false, true);
        let states = pointed_at(&*self.txn, self.content, appeared).await?;
        let appeared: Vec<_> = states.values().map(|state| (state.kind, &state.entry)).collect();
        let modes = if mode == Mode::Publish { &[Mode::Publish, Mode::Draft][..] } else { &[Mode::Draft] };
        follow(self, &appeared, modes).await?;
        unsettled.sort_unstable();
        unsettled.dedup();
        settle(self, &unsettled).await?;
        (self.is_of_files, self.relinks) = (true, false);
        (self.mode, self.change.message, self.summary, self.begins) = (mode, message, summary, begins);
        Ok(())
    }

    /// Lets the links of drafts follow to an entry that comes back into view, which may have been renamed before.
    pub(crate) async fn follow_restored(&mut self, kind: &'static str, entry: &entry::Model) -> Result<()> {
        let (message, begins) = (self.change.message.clone(), self.begins);
        (self.relinks, self.begins) = (true, Begins::default());
        follow(self, &[(kind, entry)], &[Mode::Draft]).await?;
        (self.relinks, self.begins, self.change.message) = (false, begins, message);
        Ok(())
    }
}

/// Relinks what links to entries by slugs that they gave up.
async fn follow(import: &mut Import<'_>, seen: &[(&'static str, &entry::Model)], modes: &[Mode]) -> Result<()> {
    let content = import.content;
    for (kind, now) in seen {
        let Some(lineage) = now.lineage_id else { continue };
        let former = entry::Entity::find()
            .filter(entry::Column::LineageId.eq(lineage))
            .filter(entry::Column::Id.ne(now.id))
            .all(&*import.txn)
            .await?;
        for former in &former {
            let (from, to) = (former.slug.as_str(), now.slug.as_str());
            import.change.message = format!("Renamed {from} to {to}");
            for mode in modes {
                import.mode = *mode;
                relink(import, content, &Moved { entry: former.id, kind, from, to }).await?;
            }
        }
    }
    Ok(())
}

/// Brings what editors see of entries up to date: links by slugs that were given up get those of today, in a draft. A draft that only
/// followed what was published before follows what is published now.
async fn settle(import: &mut Import<'_>, keys: &[EntryKey]) -> Result<()> {
    let content = import.content;
    MESSAGE.clone_into(&mut import.change.message);
    import.mode = Mode::Draft;
    for keys in keys.chunks(BATCH) {
        let states = states(&*import.txn, keys).await?;
        let seen: Vec<(&EntryKey, &State)> = keys.iter().filter_map(|key| Some((key, states.get(key)?))).collect();
        let revisions = |state: &State| {
            let base = state.entry.draft_base_id.filter(|_| state.is_overtaken());
            [base, state.entry.published_revision_id, state.entry.draft_revision_id]
        };
        let asked: Vec<_> = seen
            .iter()
            .flat_map(|(key, state)| {
                revisions(state).into_iter().flatten().map(|revision| (key.0, key.1.as_str(), revision))
            })
            .collect();
        let documents = documents(&*import.txn, content, &asked).await?;
        let given_up = given_up_by(import, documents.values()).await?;
        let now = |link: &LinkTo| given_up.get(&(link.kind, link.slug.clone())).cloned();
        let (mut heads, mut copies, mut over) = (Vec::new(), Vec::new(), Vec::new());
        for (key, state) in seen {
            let [base, published, _] = revisions(state);
            let says = |id: Option<i64>| id.and_then(|id| documents.get(&id));
            let copy = match (says(base), &state.draft, published) {
                (Some(base), Some(draft), Some(published)) => {
                    let followed = relinked(content, base, now)?;
                    followed.is_some_and(|followed| followed.document.hash() == draft.hash).then_some(published)
                }
                _ => None,
            };
            let Some(before) = copy.or_else(|| state.head().map(|head| head.id)) else { continue };
            let Some(document) = documents.get(&before) else { continue };
            match (relinked(content, document, now)?, copy) {
                (Some(guide), None) => heads.push(Anew { key: key.clone(), before, guide }),
                (Some(guide), Some(_)) => copies.push(Anew { key: key.clone(), before, guide }),
                (None, Some(_)) => over.push(state.entry.id),
                (None, None) => {}
            }
        }
        drop_drafts(import, over).await?;
        for (begins, anew) in [(Begins::AsBefore, heads), (Begins::Published, copies)] {
            import.begins = begins;
            write_anew(import, anew, "its links were updated to current slugs").await?;
        }
    }
    Ok(())
}

/// The slugs by which these documents link and that were given up, with those of today, as far as editors see their entries.
async fn given_up_by(
    import: &Import<'_>,
    documents: impl Iterator<Item = &Document>,
) -> Result<HashMap<EntryKey, String>> {
    let mut asked = HashSet::new();
    for document in documents {
        let links = guide(import.content, document)?.links;
        asked.extend(links.into_iter().map(|link| (link.kind, link.slug)));
    }
    let asked: Vec<_> = asked.into_iter().collect();
    given_up_in(&*import.txn, Perspective::Draft, &asked, |_| false).await
}
