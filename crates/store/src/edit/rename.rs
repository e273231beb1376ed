//! Renaming: an entry gets another slug, and what links to it follows. What was published under the old slug stays as it was for
//! those who look at the past; its lineage leads from any of its slugs to the one that is visible.

use document::{CheckedDocument, Document, scalar::is_slug};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{
    held::relink_held,
    publish_error::PublishError,
    relink::{Moved, guide, relink, relinked},
};
use crate::{
    ChangeInfo, ContentModel, Database, Error, Result,
    access::audit::{self, Action, AuditEntry},
    database::transaction,
    entries::{
        slugs::last_number,
        state::{EntryKey, State, documents, state, states},
    },
    tables::{
        entry,
        publication::{begin, follow, retire},
        release::holding,
    },
    writer::{Import, summary::Mode},
};

/// Outcome for an entry that was to be renamed.
pub enum Renamed {
    /// It has the new slug, and these entries link to that.
    Done(Box<State>, Vec<State>),
    /// There is none of the old slug.
    NotFound,
    /// There is one of the new slug.
    Taken,
    /// A module knows it by its slug.
    Fixed,
    /// It was put away.
    Archived,
    /// A release that is not published yet holds it.
    InRelease(String),
    /// With its new slug, links that lead up would lead round in a circle.
    Loop(String),
}

impl Renamed {
    /// Why it was not renamed: the argument that hinders, a stable code, and what to say.
    pub fn hindrance(&self, (kind, from): &EntryKey, to: &str) -> Option<(&'static str, &'static str, String)> {
        match self {
            Self::Done(..) => None,
            Self::NotFound => Some(("slug", "NOT_FOUND", format!("there is no {kind} `{from}`"))),
            Self::Fixed => Some((
                "slug",
                "FIXED_SLUG",
                format!(
                    "figures are found by the slug of the {kind} `{from}`, which it has to keep; its title may change"
                ),
            )),
            Self::Archived => Some((
                "slug",
                "ARCHIVED",
                format!("the {kind} `{from}` is archived; restore one of its revisions first"),
            )),
            Self::InRelease(name) => {
                let (_, message) = PublishError::InRelease(name.clone()).code_and_message(&(*kind, from.clone()));
                Some(("slug", "IN_RELEASE", message))
            }
            Self::Loop(message) => Some(("to", "hierarchy-loop", message.clone())),
            Self::Taken => Some(("to", "TAKEN", format!("another {kind} has or had the slug `{to}`"))),
        }
    }
}

/// Renames an entry, for commands: how many entries link to it, with the new slug by now. An error where something hinders.
pub async fn rename_entry(
    db: &Database,
    content: &ContentModel,
    kind: &'static str,
    from: &str,
    to: &str,
    change: &ChangeInfo,
) -> Result<usize> {
    if !is_slug(to) {
        let message = format!(
            "`{to}` is not a valid slug: expected lower-case letters and digits, joined by single hyphens, such as `first-steps-2`."
        );
        return Err(Error::caller("BAD_SLUG", message));
    }
    let key = (kind, from.to_owned());
    let renamed = rename(db, content, &key, to, change).await?;
    match (renamed.hindrance(&key, to), renamed) {
        (Some((_, code, message)), _) => Err(Error::caller(code, message)),
        (None, Renamed::Done(_, followed)) => Ok(followed.len()),
        (None, _) => Ok(0),
    }
}

/// Gives an entry another slug, in one transaction with all that links to it. Its revisions are numbered on.
pub async fn rename(
    db: &Database,
    content: &ContentModel,
    (kind, from): &EntryKey,
    to: &str,
    change: &ChangeInfo,
) -> Result<Renamed> {
    let txn = transaction::begin(db).await?;
    let Some(old) = state(&*txn, kind, from).await?.filter(|old| old.entry.renamed_to.is_none()) else {
        return Ok(Renamed::NotFound);
    };
    if content.kinds.fixed_slugs.contains(&(*kind, from.as_str())) {
        return Ok(Renamed::Fixed);
    }
    if old.entry.archived_at.is_some() {
        return Ok(Renamed::Archived);
    }
    if let Some(release) = holding(&*txn, vec![old.entry.id]).await?.remove(&old.entry.id) {
        return Ok(Renamed::InRelease(release));
    }
    let lineage = old.entry.lineage_id.unwrap_or(old.entry.id);
    if let Some(target) = state(&*txn, kind, to).await?
        && (target.entry.lineage_id != Some(lineage) || to == from)
    {
        return Ok(Renamed::Taken);
    }
    let last = last_number(&*txn, &old.entry).await?;
    let mut import = Import::on(txn, content, Mode::Publish, change).await?;
    import.change.message =
        if change.message.is_empty() { format!("Renamed {from} to {to}") } else { change.message.clone() };
    import.relinks = true;
    let moved = Moved { entry: old.entry.id, kind, from, to };
    let mut followed = Vec::new();
    for (mode, head) in [(Mode::Publish, &old.published), (Mode::Draft, &old.draft)] {
        import.mode = mode;
        if let Some(head) = head {
            import.after = last + i32::from(mode == Mode::Draft && old.published.is_some());
            import.write(&[under(content, &import, &moved, head.id).await?.into()]).await?;
            import.flush().await?;
            import.after = 0;
        }
        // Where the world does not see the entry, it does not hear of its new slug: what is published and links to it is drafted anew.
        if mode == Mode::Draft || old.published.is_some() {
            followed.extend(relink(&mut import, content, &moved).await?);
        }
    }
    relink_held(&mut import, content, &moved).await?;
    followed.sort_unstable();
    followed.dedup();
    leave(&import, old, lineage, to).await?;
    let details = format!("it was {from}; {} entries link to it", followed.len());
    let deed = AuditEntry { details, ..AuditEntry::to(Action::Renamed, kind, to, None) };
    audit::record(&import.txn, &import.change, [deed]).await?;
    let renamed = state(&*import.txn, kind, to).await?;
    let mut states = states(&*import.txn, &followed).await?;
    import.mode = Mode::Publish;
    import.find_loops().await?;
    if let Some(conflict) = import.conflicts.first() {
        return Ok(Renamed::Loop(conflict.message.clone()));
    }
    let renamed = renamed.ok_or_else(|| Error::internal("an entry was renamed and is not there"))?;
    import.commit(db).await?;
    Ok(Renamed::Done(Box::new(renamed), followed.iter().filter_map(|key| states.remove(key)).collect()))
}

/// The document of a revision, under its new slug.
async fn under(
    content: &ContentModel,
    import: &Import<'_>,
    moved: &Moved<'_>,
    revision: i64,
) -> Result<Box<CheckedDocument>> {
    let mut documents = documents(&*import.txn, content, &[(moved.kind, moved.from, revision)]).await?;
    let document = documents.remove(&revision).ok_or_else(|| Error::internal("a revision has no document"))?;
    let document = Document { slug: moved.to.to_owned(), ..document };
    // It may link to itself.
    match relinked(content, &document, |link| moved.now(link))? {
        Some(relinked) => Ok(relinked),
        None => guide(content, &document),
    }
}

/// Withdraws what was published under the old slug, and joins old and new in one lineage.
async fn leave(import: &Import<'_>, old: State, lineage: i64, to: &str) -> Result<()> {
    let txn = &*import.txn;
    let at = import.change.at;
    let new = state(txn, old.kind, to).await?.ok_or_else(|| Error::internal("the new entry is not there"))?;
    let new_id = new.entry.id;
    if old.published.is_some() {
        let before = retire(txn, vec![old.entry.id], at).await?.remove(&old.entry.id);
        begin(old.entry.id, None, at, before.as_ref()).insert(txn).await?;
        if let Some(before) = &before {
            follow(txn, new_id, before).await?;
        }
    }
    let was = old.entry.clone();
    let follows = |pointer: Option<i64>| match pointer {
        Some(_) if pointer == was.published_revision_id => new.entry.published_revision_id,
        Some(_) if pointer == was.draft_revision_id => new.entry.draft_revision_id,
        pointer => pointer,
    };
    let pointers = [was.draft_base_id, was.imported_published_id, was.imported_draft_id].map(follows);
    let mut left = old.entry.into_active_model();
    left.draft_base_id = Set(None);
    left.published_revision_id = Set(None);
    left.draft_revision_id = Set(None);
    left.lineage_id = Set(Some(lineage));
    left.renamed_at = Set(left.renamed_at.take().flatten().or(Some(at)));
    left.update(txn).await?;
    let mut joined = new.entry.into_active_model();
    joined.lineage_id = Set(Some(lineage));
    let [base, published, draft] = pointers;
    joined.draft_base_id = Set(base);
    joined.imported_published_id = Set(published);
    joined.imported_draft_id = Set(draft);
    joined.update(txn).await?;
    for (of, to) in [(entry::Column::Id.ne(new_id), Some(new_id)), (entry::Column::Id.eq(new_id), None)] {
        entry::Entity::update_many()
            .col_expr(entry::Column::RenamedTo, to.into())
            .filter(entry::Column::LineageId.eq(lineage))
            .filter(of)
            .exec(txn)
            .await?;
    }
    Ok(())
}
