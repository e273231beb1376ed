//! `publish`, `unpublish`, `archive` and `restore`, for entries of every kind.
use async_graphql::{Context, InputObject, Object, SimpleObject};
use document::{Finding, path, read_stored};
use store::{self, ChangeInfo, Done, EntryKey, Renamed, Saved, State, ToPublish, documents, state};

use super::{
    MutationRoot,
    entry::EditorEntry,
    payload::{UserError, kind_of},
    save_outcome::SaveOutcome,
};
use crate::{
    Error, Principal, Result, Scope, Slug,
    input::FindingObject,
    open::EntryKind,
    request::{Loaders, request},
};

/// Maximum number of entries of one mutation.
const MAX_ENTRIES: usize = 500;

/// An entry, by its kind and slug.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct EntryKeyInput {
    /// Its kind.
    kind: EntryKind,
    /// Its slug.
    slug: Slug,
}

/// Revision of an entry to publish.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct PublishInput {
    /// The kind of the entry.
    kind: EntryKind,
    /// The slug of the entry.
    slug: Slug,
    /// The number of the revision; the draft if omitted.
    revision: Option<i32>,
    /// The number of the published revision that it deliberately replaces; 0 if nothing is published. If omitted, a draft is refused
    /// (`CONFLICT`) when another revision than the one it began with is published by now.
    over_published: Option<i32>,
}

/// Result of a mutation of entries: all of them changed, or none.
#[derive(SimpleObject)]
pub(crate) struct EntriesPayload {
    /// The entries as they are now; empty if nothing was changed.
    entries: Vec<EditorEntry>,
    /// Errors that prevented the mutation; empty on success.
    errors: Vec<UserError>,
    /// Further findings of the check, if the caller may read drafts.
    warnings: Vec<EntryFinding>,
}

/// Finding of the check for one entry.
#[derive(SimpleObject)]
pub(crate) struct EntryFinding {
    /// The kind of the entry.
    kind: EntryKind,
    /// The slug of the entry.
    slug: String,
    /// Finding in the document of the entry.
    finding: FindingObject,
}

/// Result of restoring a revision.
#[derive(SimpleObject)]
pub(crate) struct RestorePayload {
    /// The entry as it is now; null if nothing was restored.
    entry: Option<EditorEntry>,
    /// Result of saving the old content as the newest revision.
    #[graphql(flatten)]
    outcome: SaveOutcome,
}

/// Fields that the kernel adds to the root of mutations.
#[derive(Default)]
pub(crate) struct PublishMutations;

impl From<&MutationRoot> for PublishMutations {
    fn from(_: &MutationRoot) -> Self {
        Self
    }
}

#[Object]
impl PublishMutations {
    /// Publishes revisions of entries, all of them at once or none. Each is checked: an error in one refuses them all, warnings
    /// are returned. Links may lead to what is published together. A draft is published if nobody has published or withdrawn anything
    /// of its entry since it was begun, or if `overPublished` names what it replaces (otherwise `CONFLICT`). Needs the scope
    /// `publish`.
    #[graphql(requires_scopes = "publish")]
    async fn publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The entries to publish: up to 500.")] entries: Vec<PublishInput>,
        #[graphql(desc = "Author of the publication; the name of the token if omitted.")] author: Option<String>,
    ) -> Result<Option<EntriesPayload>> {
        let loaders = allowed(ctx, entries.len())?;
        let items = PublishInput::items(loaders, &entries)?;
        let keys: Vec<_> = items.iter().map(|item| item.key.clone()).collect();
        let change = ChangeInfo::by(loaders.caller(), author, None);
        let done = store::publish(loaders.database(), loaders.content(), &items, &change).await?;
        Ok(Some(EntriesPayload::of(done, &keys, loaders.caller())))
    }

    /// Withdraws the published revisions of entries, all of them at once or none. They stay as drafts unless there are newer ones.
    /// Needs the scope `publish`.
    #[graphql(requires_scopes = "publish")]
    async fn unpublish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The entries to withdraw: up to 500.")] entries: Vec<EntryKeyInput>,
        #[graphql(desc = "Author of the withdrawal; the name of the token if omitted.")] author: Option<String>,
    ) -> Result<Option<EntriesPayload>> {
        let loaders = allowed(ctx, entries.len())?;
        let keys = EntryKeyInput::keys(loaders, &entries)?;
        let change = ChangeInfo::by(loaders.caller(), author, None);
        let done = store::withdraw(loaders.database(), loaders.content(), &keys, &change).await?;
        Ok(Some(EntriesPayload::of(done, &keys, loaders.caller())))
    }

    /// Archives entries, all of them at once or none: they are withdrawn, and editors no longer see them either. Their
    /// revisions stay; `restore` brings them back. Needs the scope `publish`.
    #[graphql(requires_scopes = "publish")]
    async fn archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The entries to archive: up to 500.")] entries: Vec<EntryKeyInput>,
        #[graphql(desc = "Author of the change; the name of the token if omitted.")] author: Option<String>,
    ) -> Result<Option<EntriesPayload>> {
        let loaders = allowed(ctx, entries.len())?;
        let keys = EntryKeyInput::keys(loaders, &entries)?;
        let change = ChangeInfo::by(loaders.caller(), author, None);
        let done = store::archive(loaders.database(), loaders.content(), &keys, &change).await?;
        Ok(Some(EntriesPayload::of(done, &keys, loaders.caller())))
    }

    /// Gives an entry another slug. In the same transaction, all that links to it gets a new revision with the new slug, published
    /// if the old one was, and the old slug leads to the new one. Revision numbers continue. Needs the scope `publish`.
    #[graphql(requires_scopes = "publish")]
    async fn rename(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The kind of the entry.")] kind: EntryKind,
        #[graphql(desc = "The slug of the entry.")] slug: Slug,
        #[graphql(desc = "The new slug, which no other entry of the kind has or had.")] to: Slug,
        #[graphql(desc = "Author of the change; the name of the token if omitted.")] author: Option<String>,
    ) -> Result<Option<RenamePayload>> {
        let loaders = allowed(ctx, 1)?;
        let key = key(loaders, &kind, &slug)?;
        let change = ChangeInfo::by(loaders.caller(), author, None);
        let renamed = store::rename(loaders.database(), loaders.content(), &key, &to, &change).await?;
        Ok(Some(RenamePayload::of(renamed, &key, &to, loaders.caller())))
    }

    /// Makes the content of an older revision the draft, as a new revision. The published revision stays. Needs the scope
    /// `write` for the modules whose sections change.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    #[graphql(requires_scopes = "write")]
    async fn restore(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The kind of the entry.")] kind: EntryKind,
        #[graphql(desc = "The slug of the entry.")] slug: Slug,
        #[graphql(desc = "The number of the revision to restore.")] revision: i32,
        #[graphql(
            desc = "The number of the newest revision that the editor has seen. If somebody has saved another one since, \
                    nothing is restored (`CONFLICT`). Not checked if omitted."
        )]
        base_revision: Option<i32>,
        #[graphql(desc = "Author of the revision; the name of the token if omitted.")] author: Option<String>,
        #[graphql(desc = "Reason, in one line; the number of the old revision if omitted.")] message: Option<String>,
    ) -> Result<Option<RestorePayload>> {
        let loaders = request(ctx);
        loaders.caller().may_write_something()?;
        let key = key(loaders, &kind, &slug)?;
        let message = message.or_else(|| Some(format!("Restored revision {revision}")));
        let change = ChangeInfo::by(loaders.caller(), author, message);
        restore(loaders, key, revision, base_revision, &change).await.map(Some)
    }
}

/// Result of renaming an entry.
#[derive(Default, SimpleObject)]
pub(crate) struct RenamePayload {
    /// The entry under its new slug; null if nothing was renamed.
    entry: Option<EditorEntry>,
    /// The entries that link to it, with the new slug in a new revision of each. Unpublished ones are listed only for callers who may
    /// read drafts.
    relinked: Vec<EditorEntry>,
    /// Errors that prevented the mutation; empty on success.
    errors: Vec<UserError>,
}

/// The request, where its caller may publish that many entries.
pub(super) fn allowed<'a>(ctx: &Context<'a>, entries: usize) -> Result<&'a Loaders> {
    let loaders = request(ctx);
    loaders.caller().require(&Scope::Publish)?;
    if entries > MAX_ENTRIES {
        let message = format!("`entries` has {entries} entries; at most {MAX_ENTRIES} can be changed at once.");
        return Err(Error::caller("TOO_MANY_ENTRIES", message));
    }
    Ok(loaders)
}

fn key(loaders: &Loaders, kind: &EntryKind, slug: &Slug) -> Result<EntryKey> {
    let kind = kind_of(loaders.content(), kind).ok_or_else(|| Error::internal("an unknown kind was let through"))?;
    Ok((kind, slug.to_string()))
}

fn keys<'a>(loaders: &Loaders, entries: impl Iterator<Item = (&'a EntryKind, &'a Slug)>) -> Result<Vec<EntryKey>> {
    entries.map(|(kind, slug)| key(loaders, kind, slug)).collect()
}

impl RenamePayload {
    fn of(renamed: Renamed, key: &EntryKey, to: &str, caller: &Principal) -> Self {
        if let Some((at, code, message)) = renamed.hindrance(key, to) {
            return Self { errors: vec![UserError::new(&path![at], code, message)], ..Self::default() };
        }
        let Renamed::Done(state, relinked) = renamed else { return Self::default() };
        let is_told = |state: &State| state.published.is_some() || caller.may(&Scope::ReadDrafts);
        let relinked = relinked.into_iter().filter(is_told).map(EditorEntry).collect();
        Self { entry: Some(EditorEntry(*state)), relinked, errors: Vec::new() }
    }
}

impl PublishInput {
    /// Revisions that are to be published.
    pub(super) fn items(loaders: &Loaders, entries: &[Self]) -> Result<Vec<ToPublish>> {
        let keys = keys(loaders, entries.iter().map(|entry| (&entry.kind, &entry.slug)))?;
        let items = keys.into_iter().zip(entries);
        Ok(items
            .map(|(key, Self { revision, over_published, .. })| ToPublish {
                key,
                revision: *revision,
                over: *over_published,
            })
            .collect())
    }
}

impl EntryKeyInput {
    /// The entries.
    pub(super) fn keys(loaders: &Loaders, entries: &[Self]) -> Result<Vec<EntryKey>> {
        keys(loaders, entries.iter().map(|entry| (&entry.kind, &entry.slug)))
    }
}

impl EntryFinding {
    /// Those that the caller may hear of: findings quote what was drafted.
    pub(super) fn of_all(warnings: Vec<(usize, Finding)>, keys: &[EntryKey], caller: &Principal) -> Vec<Self> {
        let told = warnings.into_iter().filter(|_| caller.may(&Scope::ReadDrafts));
        told.map(|(index, finding)| Self::new(&keys[index], finding)).collect()
    }

    pub(super) fn new((kind, slug): &EntryKey, finding: Finding) -> Self {
        Self { kind: EntryKind::of(kind), slug: slug.clone(), finding: FindingObject::new(kind, finding) }
    }
}

impl EntriesPayload {
    fn of(done: Done, keys: &[EntryKey], caller: &Principal) -> Self {
        let errors = UserError::of_all(&done.problems, keys, caller).into_iter();
        let warnings = EntryFinding::of_all(done.warnings, keys, caller).into_iter();
        Self {
            entries: done.states.into_iter().map(EditorEntry).collect(),
            errors: errors.collect(),
            warnings: warnings.collect(),
        }
    }
}

async fn restore(
    loaders: &Loaders,
    key: EntryKey,
    number: i32,
    base: Option<i32>,
    change: &ChangeInfo,
) -> Result<RestorePayload> {
    let (db, content) = (loaders.database(), loaders.content());
    let refused = |errors| RestorePayload { entry: None, outcome: SaveOutcome::refused(errors) };
    let revision = match state(&**db, key.0, &key.1).await? {
        Some(state) => store::numbered(&**db, &state.entry, number).await?,
        None => None,
    };
    let Some(revision) = revision else {
        let message = format!("there is no revision {number} of a {} `{}`", key.0, key.1);
        return Ok(refused(vec![UserError::new(&path!["revision"], "NOT_FOUND", message)]));
    };
    let documents = documents(&**db, content, &[(key.0, &key.1, revision.id)]).await?;
    let document = documents.get(&revision.id).ok_or_else(|| Error::internal("a revision has no document"))?;
    let (guide, findings) = read_stored(content, document)?;
    let mut errors: Vec<_> =
        findings.iter().filter(|finding| finding.is_error()).cloned().map(UserError::from).collect();
    if !errors.is_empty() && !loaders.caller().may(&Scope::ReadDrafts) {
        let message = "that revision has errors by the current rules; with the scope `read-drafts` you can see them";
        errors = vec![UserError::new(&path!["revision"], "CHECK_FAILED", message)];
    }
    let Some(guide) = guide.filter(|_| errors.is_empty()) else { return Ok(refused(errors)) };
    let saved = store::restore(db, content, &guide, base, loaders.caller(), change).await?;
    let outcome = SaveOutcome::of(&saved, &key, base, loaders.caller());
    // What is stored by now is not read again: that could fail.
    let entry = match saved {
        Saved::Drafted(state) | Saved::Unchanged(state) => Some(EditorEntry(state)),
        Saved::Conflict { .. } | Saved::Archived | Saved::Renamed(_) => None,
    };
    Ok(RestorePayload { entry, outcome })
}
