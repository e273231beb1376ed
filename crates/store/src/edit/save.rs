//! Saving: a document becomes the draft of its entry, where nobody else has saved another in between.
use document::CheckedDocument;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::relink::up_to_date;
use crate::{
    ChangeInfo, ContentModel, Database, Error, Principal, Result, Scope,
    access::audit::{self, Action, AuditEntry},
    database::{
        save_throttle::SaveSlot,
        transaction::{self, Writer},
    },
    entries::{
        slugs::renamed_to,
        state::{State, documents, revision, state},
    },
    tables::revision,
    writer::{Import, pointers::Begins, summary::Mode},
};

/// Outcome for a document that was to be saved.
pub enum Saved {
    /// It is the entry's draft from now on.
    Drafted(State),
    /// It says what the draft says already, or, where there is none, what is published.
    Unchanged(State),
    /// Somebody has saved another revision since the one that this document began with.
    Conflict {
        /// Revision that the document began with, where there is one.
        base: Option<revision::Model>,
        /// Revision that the entry holds now; none where there is no entry.
        latest: Option<revision::Model>,
    },
    /// The entry was put away.
    Archived,
    /// The entry has this slug now.
    Renamed(String),
}

/// Waits for the turn to save, and begins a transaction in it: one wait, whose time counts from here.
async fn begin(db: &Database) -> Result<(SaveSlot, Writer)> {
    let (until, waiting) = (db.patience(), db.writers().wait());
    let turn = db.turn_to_save(until, &waiting).await?;
    Ok((turn, transaction::begin_by(db, until, &waiting).await?))
}

/// Saves a document without errors as the draft of its entry. `base` is the number of the revision that it began with, and
/// none for a new entry. Links by slugs that were given up get those that the entries have now.
pub async fn save(
    db: &Database,
    content: &ContentModel,
    guide: &CheckedDocument,
    base: Option<i32>,
    caller: &Principal,
    change: &ChangeInfo,
) -> Result<Saved> {
    let (_turn, txn) = begin(db).await?;
    let current = up_to_date(&*txn, content, guide).await?;
    let guide = current.as_deref().unwrap_or(guide);
    let (kind, slug) = (guide.document.kind, guide.document.slug.as_str());
    let known = state(&*txn, kind, slug).await?;
    if let Some(now) = known.as_ref().and_then(|known| known.entry.renamed_to) {
        return renamed(&*txn, now).await;
    }
    let head = known.as_ref().and_then(State::head);
    if let Some(state) = known.as_ref().filter(|_| head.is_some_and(|head| head.hash == guide.document.hash())) {
        let state = state.clone();
        return if begins(&state, base) == Begins::Published && state.is_overtaken() {
            go_on(db, txn, state, change).await
        } else {
            Ok(Saved::Unchanged(state))
        };
    }
    let newest = known.as_ref().and_then(State::newest);
    if let Some(state) = known.as_ref().filter(|_| newest.map(|newest| newest.number) != base) {
        let base = match base {
            Some(base) => revision(&*txn, &state.entry, base).await?,
            None => None,
        };
        return Ok(match newest {
            None => Saved::Archived,
            newest => Saved::Conflict { base, latest: newest.cloned() },
        });
    }
    if known.is_none() && base.is_some() {
        return Ok(Saved::Conflict { base: None, latest: None });
    }
    if known.as_ref().is_some_and(|state| state.entry.archived_at.is_some()) {
        return Ok(Saved::Archived);
    }
    let head = head.map(|head| (head.id, slug));
    may_write(&*txn, content, guide, head, caller).await?;
    let begins = known.as_ref().map_or_else(Begins::default, |known| begins(known, base));
    let mut import = Import::on(txn, content, Mode::Draft, change).await?;
    import.begins = begins;
    write(db, content, guide, Action::Saved, import, None).await
}

/// Base of a draft that begins with the revision of this number.
fn begins(state: &State, base: Option<i32>) -> Begins {
    let published = state.published.as_ref().map(|published| published.number);
    if base.is_some() && base == published { Begins::Published } else { Begins::AsBefore }
}

/// Bases the draft on what is published now: whoever saved it has seen both, and changed nothing.
async fn go_on(db: &Database, txn: transaction::Writer, mut state: State, change: &ChangeInfo) -> Result<Saved> {
    let change = change.begun(&txn).await?;
    let mut entry = state.entry.clone().into_active_model();
    entry.draft_base_id = Set(state.entry.published_revision_id);
    state.entry = entry.update(&*txn).await?;
    let (draft, published) = (state.draft.as_ref(), state.published.as_ref());
    let details = published.map(|published| format!("it is now based on revision {}", published.number));
    let deed = AuditEntry::to(Action::Saved, state.kind, &state.entry.slug, draft.map(|draft| draft.number));
    audit::record(&txn, &change, [AuditEntry { details: details.unwrap_or_default(), ..deed }]).await?;
    let news = db.news(&*txn).await?;
    txn.commit().await?;
    db.learn(&news).await;
    Ok(Saved::Unchanged(state))
}

/// Makes the content of an older revision the draft, with links by the slugs that entries have now. An entry that was put away comes
/// back.
pub async fn restore(
    db: &Database,
    content: &ContentModel,
    guide: &CheckedDocument,
    base: Option<i32>,
    caller: &Principal,
    change: &ChangeInfo,
) -> Result<Saved> {
    let (_turn, txn) = begin(db).await?;
    let current = up_to_date(&*txn, content, guide).await?;
    let guide = current.as_deref().unwrap_or(guide);
    let (kind, slug) = (guide.document.kind, guide.document.slug.as_str());
    let Some(known) = state(&*txn, kind, slug).await? else {
        return Ok(Saved::Conflict { base: None, latest: None });
    };
    if let Some(now) = known.entry.renamed_to {
        return renamed(&*txn, now).await;
    }
    let head = known.head();
    if head.is_some_and(|head| head.hash == guide.document.hash()) {
        return Ok(Saved::Unchanged(known));
    }
    let newest = known.newest();
    if let Some(number) = base.filter(|base| newest.is_some_and(|newest| newest.number != *base)) {
        let base = revision(&*txn, &known.entry, number).await?;
        return Ok(Saved::Conflict { base, latest: newest.cloned() });
    }
    may_write(&*txn, content, guide, head.map(|head| (head.id, slug)), caller).await?;
    let is_back = known.head().is_none();
    let begins = begins(&known, base);
    let mut import = Import::on(txn, content, Mode::Draft, change).await?;
    import.begins = begins;
    write(db, content, guide, Action::Restored, import, Some(&known).filter(|_| is_back)).await
}

async fn renamed(txn: &impl sea_orm::ConnectionTrait, now: i64) -> Result<Saved> {
    Ok(Saved::Renamed(renamed_to(txn, vec![now]).await?.remove(&now).unwrap_or_default()))
}

async fn write(
    db: &Database,
    content: &ContentModel,
    guide: &CheckedDocument,
    action: Action,
    mut import: Import<'_>,
    back: Option<&State>,
) -> Result<Saved> {
    let (kind, slug) = (guide.document.kind, guide.document.slug.as_str());
    import.write(&[guide.into()]).await?;
    import.flush().await?;
    if let Some(back) = back {
        import.follow_restored(back.kind, &back.entry).await?;
    }
    let lost = || Error::internal(format!("the {kind} `{slug}` was saved and is not there"));
    let saved = state(&*import.txn, content.kind(kind).ok_or_else(lost)?.name, slug).await?.ok_or_else(lost)?;
    let number = saved.draft.as_ref().map(|draft| draft.number);
    audit::record(&import.txn, &import.change, [AuditEntry::to(action, kind, slug, number)]).await?;
    import.commit(db).await?;
    Ok(Saved::Drafted(saved))
}

/// Refuses where a section differs from that of the head and belongs to a module that the caller may not write.
async fn may_write(
    txn: &impl sea_orm::ConnectionTrait,
    content: &ContentModel,
    guide: &CheckedDocument,
    head: Option<(i64, &str)>,
    caller: &Principal,
) -> Result<()> {
    let document = &guide.document;
    let before = match head {
        Some((head, slug)) => documents(txn, content, &[(document.kind, slug, head)]).await?.remove(&head),
        None => None,
    };
    let Some(kind) = content.kind(document.kind) else { return Ok(()) };
    let body = |sections: &[(&'static str, String)], name| {
        sections.iter().find(|(known, _)| *known == name).map(|(_, body)| body.clone())
    };
    let changed = kind.sections.iter().filter(|spec| {
        let before = before.as_ref().and_then(|before| body(&before.sections, spec.name));
        before != body(&document.sections, spec.name)
    });
    for spec in changed {
        caller.require(&Scope::Write(Some(spec.module.to_owned())))?;
    }
    Ok(())
}
