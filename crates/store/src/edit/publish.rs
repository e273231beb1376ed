//! Publishing: revisions become what the world sees, many at once or none; and entries are withdrawn and put away.
use std::collections::{HashMap, HashSet};

use document::{CheckedDocument, Document, Finding, read_stored};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, IntoActiveModel};

use super::{
    follow::{follow_published, follow_withdrawn},
    held::take_over,
    overtaken::{is_not, overtaken},
};
use crate::{
    ChangeInfo, ContentModel, Database, Perspective, Result,
    access::{
        audit::{self, Action, AuditEntry},
        change::CommitStamp,
        preview_link::revoke_of,
    },
    database::transaction::{self, Transaction, Writer},
    edit::{publish_error::PublishError, target::Target},
    entries::{
        hierarchy::WaysUp,
        slugs::{given_up_in, visible},
        state::{EntryKey, State, documents, revision as numbered, states},
    },
    tables::{
        publication::{announce, begin, retire},
        release::holding,
        revision,
    },
};

/// Number of documents that are held in memory at once.
const BATCH: usize = 100;

/// Entry that is to be published.
#[derive(Clone, Debug)]
pub struct ToPublish {
    /// The entry.
    pub key: EntryKey,
    /// The number of the revision; the draft where there is none.
    pub revision: Option<i32>,
    /// The number of the published revision that it knowingly replaces, 0 where nothing is published.
    pub over: Option<i32>,
}

/// Outcome for entries: all of them changed, or none. Each problem has the place of its entry in the list.
#[derive(Debug, Default)]
pub struct Done {
    /// The entries as they are now; empty where a problem hinders.
    pub states: Vec<State>,
    /// Problems that hinder.
    pub problems: Vec<(usize, PublishError)>,
    /// Further findings of the check.
    pub warnings: Vec<(usize, Finding)>,
}

/// Publishes entries, all or none.
pub async fn publish(db: &Database, content: &ContentModel, items: &[ToPublish], change: &ChangeInfo) -> Result<Done> {
    let txn = transaction::begin(db).await?;
    let (targets, mut done) = targets(&txn, items).await?;
    check(&txn, content, &targets, &mut done).await?;
    if !done.problems.is_empty() {
        return Ok(done);
    }
    let change = change.begun(&txn).await?;
    publish_targets(&txn, &targets, &change).await?;
    let txn = follow_published(db, txn, content, &targets, &change).await?;
    done.states = finish(db, txn, items.iter().map(|item| item.key.clone()).collect(), &change).await?;
    Ok(done)
}

async fn targets(txn: &Writer, items: &[ToPublish]) -> Result<(Vec<Target>, Done)> {
    let keys: Vec<_> = items.iter().map(|item| item.key.clone()).collect();
    let (mut states, mut done) = (states(&**txn, &keys).await?, Done::default());
    let (mut targets, mut seen) = (Vec::new(), HashSet::new());
    for (index, item) in items.iter().enumerate() {
        if !seen.insert(&item.key) {
            done.problems.push((index, PublishError::Twice));
            continue;
        }
        let Some(state) = states.remove(&item.key).filter(State::is_current) else {
            done.problems.push((index, PublishError::NotFound));
            continue;
        };
        let found = match item.revision {
            Some(number) => of_entry(&**txn, &state, number).await?,
            None => state.head().cloned().ok_or(PublishError::NoDraft),
        };
        let found = match found {
            Ok(revision) => match stale(txn, &state, &revision, item.over).await? {
                Some(problem) => Err(problem),
                None => Ok(revision),
            },
            Err(problem) => Err(problem),
        };
        match found {
            Ok(revision) => targets.push(Target { index, state, revision }),
            Err(problem) => done.problems.push((index, problem)),
        }
    }
    Ok((targets, done))
}

/// Problem of a revision that began with something else than what is published. Whoever names one of the past goes
/// back to it knowingly.
async fn stale(
    txn: &Transaction,
    state: &State,
    revision: &revision::Model,
    over: Option<i32>,
) -> Result<Option<PublishError>> {
    let is_draft = state.draft.as_ref().is_some_and(|draft| draft.id == revision.id);
    match over {
        Some(over) => Ok(is_not(state, revision, over)),
        None if is_draft => overtaken(txn, state, revision, state.entry.draft_base_id).await,
        None => Ok(None),
    }
}

/// The revision of an entry with this number. Those from before it was renamed belong to the entry that it was.
pub(crate) async fn of_entry(
    db: &impl ConnectionTrait,
    state: &State,
    number: i32,
) -> Result<Result<revision::Model, PublishError>> {
    Ok(match numbered(db, &state.entry, number).await? {
        None => Err(PublishError::NotFound),
        Some(found) if found.entry_id != state.entry.id => Err(PublishError::UnderOtherSlug),
        Some(found) => Ok(found),
    })
}

/// Runs the check over the documents. Links may lead to what is published and to what is published together with them, by the
/// slugs that they have now.
pub(crate) async fn check(
    txn: &Transaction,
    content: &ContentModel,
    targets: &[Target],
    done: &mut Done,
) -> Result<()> {
    let together: HashSet<(&str, &str)> =
        targets.iter().map(|target| (target.state.kind, target.state.entry.slug.as_str())).collect();
    let mut ways = HashMap::new();
    for targets in targets.chunks(BATCH) {
        let asked: Vec<_> = targets
            .iter()
            .map(|target| (target.state.kind, target.state.entry.slug.as_str(), target.revision.id))
            .collect();
        let documents = documents(txn, content, &asked).await?;
        for target in targets {
            let Some(document) = documents.get(&target.revision.id) else { continue };
            let (guide, found) = findings(txn, content, document, &together).await?;
            let (errors, warnings): (Vec<_>, Vec<_>) = found.into_iter().partition(Finding::is_error);
            note_ways(txn, content, guide, &mut ways).await?;
            done.problems.extend(errors.into_iter().map(|finding| (target.index, PublishError::Found(finding))));
            done.warnings.extend(warnings.into_iter().map(|finding| (target.index, finding)));
        }
    }
    for (kind, ways) in ways {
        let Some(spec) = content.hierarchies.get(kind) else { continue };
        let of_kind = || targets.iter().filter(|target| target.state.kind == kind);
        let of = of_kind().map(|target| target.state.entry.slug.as_str()).collect();
        for (slug, finding) in ways.loops(spec, &of) {
            let target = of_kind().find(|target| target.state.entry.slug == slug);
            done.problems.extend(target.map(|target| (target.index, PublishError::Found(finding))));
        }
    }
    Ok(())
}

/// Notes where a document of a hierarchy leads, beside what is published of its kind.
async fn note_ways(
    txn: &Transaction,
    content: &ContentModel,
    guide: Option<CheckedDocument>,
    ways: &mut HashMap<&'static str, WaysUp>,
) -> Result<()> {
    let Some(guide) = guide else { return Ok(()) };
    let kind = guide.document.kind;
    let Some(spec) = content.hierarchies.get(kind) else { return Ok(()) };
    if !ways.contains_key(kind) {
        ways.insert(kind, WaysUp::read(txn, kind, spec, Perspective::Published).await?);
    }
    if let Some(ways) = ways.get_mut(kind) {
        ways.note(spec, &guide);
    }
    Ok(())
}

async fn findings(
    txn: &Transaction,
    content: &ContentModel,
    document: &Document,
    together: &HashSet<(&str, &str)>,
) -> Result<(Option<CheckedDocument>, Vec<Finding>)> {
    let (guide, mut findings) = read_stored(content, document)?;
    let links = guide.as_ref().map_or(&[][..], |guide| &guide.links);
    let elsewhere = links.iter().filter(|link| !together.contains(&(link.kind, link.slug.as_str())));
    let mut asked: Vec<EntryKey> = elsewhere.map(|link| (link.kind, link.slug.clone())).collect();
    asked.sort_unstable();
    asked.dedup();
    let mut known = HashSet::new();
    for some in asked.chunks(BATCH) {
        known.extend(visible(txn, Perspective::Published, some).await?);
    }
    let leads_nowhere = |link: &&document::LinkTo| {
        !together.contains(&(link.kind, link.slug.as_str()))
            && !known.contains(&(link.kind.to_owned(), link.slug.clone()))
    };
    let is_published_too = |(kind, slug): &EntryKey| together.contains(&(*kind, slug.as_str()));
    let given_up = given_up_in(txn, Perspective::Published, &asked, is_published_too).await?;
    findings.extend(links.iter().filter_map(|link| match given_up.get(&(link.kind, link.slug.clone())) {
        Some(now) => Some(link.renamed(now)),
        None => Some(link).filter(leads_nowhere).and_then(|link| content.broken(link)),
    }));
    Ok((guide, findings))
}

/// Moves the pointers.
pub(crate) async fn publish_targets(txn: &Transaction, targets: &[Target], change: &CommitStamp) -> Result<()> {
    let new: Vec<_> = targets.iter().filter(|target| target.is_new()).collect();
    let before = retire(txn, new.iter().map(|target| target.state.entry.id).collect(), change.at).await?;
    for target in &new {
        let was = target.state.entry.clone();
        let draft = was.draft_revision_id.filter(|draft| *draft != target.revision.id);
        let base = draft.and_then(|_| target.base_of_draft());
        let (id, mut entry) = (was.id, was.into_active_model());
        entry.published_revision_id = Set(Some(target.revision.id));
        entry.draft_revision_id = Set(draft);
        entry.draft_base_id = Set(base);
        entry.archived_at = Set(None);
        entry.update(txn).await?;
        begin(id, Some(target.revision.id), change.at, before.get(&id)).insert(txn).await?;
    }
    take_over(txn, &new).await?;
    let deeds = new.iter().map(|target| {
        let (kind, slug) = (target.state.kind, &target.state.entry.slug);
        AuditEntry::to(Action::Published, kind, slug, Some(target.revision.number))
    });
    audit::record(txn, change, deeds).await
}

/// Withdraws what is published of entries, all or none. The revision stays: it is the draft, where there is no newer one.
pub async fn withdraw(db: &Database, content: &ContentModel, keys: &[EntryKey], change: &ChangeInfo) -> Result<Done> {
    put_away(db, content, keys, change, Action::Unpublished).await
}

/// Puts entries away, all or none: nothing of them is visible, to editors neither, and all revisions stay.
pub async fn archive(db: &Database, content: &ContentModel, keys: &[EntryKey], change: &ChangeInfo) -> Result<Done> {
    put_away(db, content, keys, change, Action::Archived).await
}

async fn put_away(
    db: &Database,
    content: &ContentModel,
    keys: &[EntryKey],
    change: &ChangeInfo,
    action: Action,
) -> Result<Done> {
    let txn = transaction::begin(db).await?;
    let states = states(&*txn, keys).await?;
    let mut problems = problems(keys, &states, action);
    if action == Action::Archived {
        let held = holding(&*txn, states.values().map(|state| state.entry.id).collect()).await?;
        let held = keys.iter().enumerate().filter_map(|(index, key)| {
            Some((index, PublishError::InRelease(held.get(&states.get(key)?.entry.id)?.clone())))
        });
        problems.extend(held);
    }
    if !problems.is_empty() {
        return Ok(Done { problems, ..Done::default() });
    }
    let change = change.begun(&txn).await?;
    let published = states.values().filter(|state| state.published.is_some()).map(|state| state.entry.id);
    let before = retire(&txn, published.collect(), change.at).await?;
    if action == Action::Archived {
        revoke_of(&txn, states.values().map(|state| state.entry.id).collect(), change.at).await?;
    }
    for key in keys {
        let Some(State { entry: was, .. }) = states.get(key) else { continue };
        if was.published_revision_id.is_some() {
            begin(was.id, None, change.at, before.get(&was.id)).insert(&*txn).await?;
        }
        let draft = was.draft_revision_id.or(was.published_revision_id).filter(|_| action == Action::Unpublished);
        let mut entry = was.clone().into_active_model();
        entry.published_revision_id = Set(None);
        entry.draft_revision_id = Set(draft);
        entry.draft_base_id = Set(was.draft_base_id.filter(|_| draft.is_some()));
        entry.archived_at = Set((action == Action::Archived).then_some(change.at));
        entry.update(&*txn).await?;
    }
    let deeds = keys.iter().map(|(kind, slug)| AuditEntry::to(action, kind, slug, None));
    audit::record(&txn, &change, deeds).await?;
    let txn = follow_withdrawn(db, txn, content, keys, &change).await?;
    let states = finish(db, txn, keys.to_vec(), &change).await?;
    Ok(Done { states, ..Done::default() })
}

fn problems(keys: &[EntryKey], states: &HashMap<EntryKey, State>, action: Action) -> Vec<(usize, PublishError)> {
    let mut seen = HashSet::new();
    let problem = |key: &EntryKey| match states.get(key) {
        _ if !seen.insert(key.clone()) => Some(PublishError::Twice),
        None => Some(PublishError::NotFound),
        Some(state) if !state.is_current() => Some(PublishError::NotFound),
        Some(state) if action == Action::Unpublished && state.published.is_none() => Some(PublishError::NotPublished),
        Some(state) if state.entry.archived_at.is_some() => Some(PublishError::Archived),
        Some(_) => None,
    };
    keys.iter().map(problem).enumerate().filter_map(|(index, problem)| Some((index, problem?))).collect()
}

/// Makes it visible at once, here and in other processes. The entries as they are then.
pub(crate) async fn finish(
    db: &Database,
    txn: Writer,
    keys: Vec<EntryKey>,
    change: &CommitStamp,
) -> Result<Vec<State>> {
    announce(&txn).await?;
    let mut states = states(&*txn, &keys).await?;
    change.has_come().await;
    let news = db.news(&*txn).await?;
    txn.commit().await?;
    db.learn(&news).await;
    Ok(keys.iter().filter_map(|key| states.remove(key)).collect())
}
