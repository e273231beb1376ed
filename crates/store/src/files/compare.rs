//! Files against the database: what an import of them would create and change, and what is in the database only.
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
};

use document::{CheckedDocument, Difference, Document, diff};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait,
    sea_query::{Alias, Expr, ExprTrait as _, IntoIden as _, JoinType, Query},
};
use tokio::task::spawn_blocking;

use super::{BATCH, check_files, report::Reports, source::Sources};
use crate::{
    ContentModel, Database, Error, Perspective, Result,
    entries::{
        listing::visible_after,
        state::{EntryKey, documents, states},
    },
    tables::{entry, revision},
    writer::{
        merge::{Verdict, Winner, known as known_to_imports},
        summary::Mode,
    },
};

/// State of an entry in the files beside its state in the database.
#[derive(Clone, Debug, PartialEq)]
pub enum Compared {
    /// It is in the files only.
    Created,
    /// It says something else in the files.
    Changed(Vec<Difference>),
    /// It says the same in both.
    Same,
    /// People changed it since its file was imported, and the file is as it was: an import leaves it.
    Kept(String, Vec<Difference>),
    /// People changed it since its file was imported, and the file was changed, too: an import refuses.
    Conflict(String, Vec<Difference>),
    /// It is in the database only.
    Missing,
}

/// Compares the documents of files and folders with what a perspective shows, and gives each entry to `sink`, in the order of the
/// files. Where one of the paths is a folder, entries of its kinds that stand in no file come last. Nothing is compared where an
/// error in a file would forbid its import.
pub async fn compare_files(
    db: &Database,
    content: &Arc<ContentModel>,
    paths: &[PathBuf],
    perspective: Perspective,
    mut sink: impl FnMut(&str, &str, Compared) -> Result<()> + Send,
) -> Result<Reports> {
    let (checking, asked) = (content.clone(), paths.to_owned());
    let checked = spawn_blocking(move || check_files(&checking, &asked, &|_, _| {})).await;
    let mut checked = checked.map_err(Error::internal)?;
    checked.look_up(db, perspective, &BTreeSet::new()).await?;
    let files = checked.files.clone();
    let reading = content.clone();
    let reports = spawn_blocking(move || checked.reports(&reading)).await.map_err(Error::internal)?;
    if reports.errors > 0 {
        return Ok(reports);
    }
    let mut seen: HashSet<EntryKey> = HashSet::new();
    let mut sources = Sources::new(&files);
    loop {
        let read = sources.by_ref().take(BATCH).map(|source| source.ok().and_then(|source| source.reread(content)));
        let guides: Option<Vec<CheckedDocument>> = read.collect();
        let guides =
            guides.ok_or_else(|| Error::caller("FILE_CHANGED", "A file changed while it was read. Try again."))?;
        if guides.is_empty() {
            break;
        }
        for (guide, compared) in compare(db, content, perspective, guides).await? {
            let key = (guide.document.kind, guide.document.slug);
            sink(key.0, &key.1, compared)?;
            seen.insert(key);
        }
    }
    if paths.iter().any(|path| path.is_dir()) {
        missing(db, perspective, &seen, sink).await?;
    }
    Ok(reports)
}

/// The number of documents in files and folders that an import would publish: of entries that are new to the store, and those whose
/// file was changed. 0 where the files have errors, or none of them is known to the store.
pub async fn changed_files(db: &Database, content: &Arc<ContentModel>, paths: &[PathBuf]) -> Result<usize> {
    let (mut changed, mut known, mut created) = (0, 0, Vec::new());
    compare_files(db, content, paths, Perspective::Published, |kind, slug, compared| {
        match compared {
            Compared::Changed(_) | Compared::Conflict(..) => (changed, known) = (changed + 1, known + 1),
            Compared::Same | Compared::Kept(..) => known += 1,
            Compared::Created => created.extend(content.kind(kind).map(|kind| (kind.name, slug.to_owned()))),
            Compared::Missing => {}
        }
        Ok(())
    })
    .await?;
    for keys in created.chunks(BATCH) {
        // What was withdrawn, archived or renamed is not new.
        let old = states(&**db, keys).await?.len();
        (changed, known) = (changed + keys.len() - old, known + old);
    }
    Ok(if known > 0 { changed } else { 0 })
}

async fn compare(
    db: &Database,
    content: &ContentModel,
    perspective: Perspective,
    guides: Vec<CheckedDocument>,
) -> Result<Vec<(CheckedDocument, Compared)>> {
    let keys: Vec<EntryKey> = guides.iter().map(|guide| (guide.document.kind, guide.document.slug.clone())).collect();
    let known = hashes(db, perspective, &keys).await?;
    // What an import would make of it is known for what an import can change.
    let mode = match perspective {
        Perspective::Published => Some(Mode::Publish),
        Perspective::Draft => Some(Mode::Draft),
        _ => None,
    };
    let in_store = known_to_imports(&**db, keys.iter().map(|(kind, slug)| (*kind, slug.as_str()))).await?;
    let mut compared = Vec::new();
    for (guide, key) in guides.into_iter().zip(keys) {
        let what = match known.get(&key) {
            None => Compared::Created,
            Some((_, hash)) if *hash == guide.document.hash() => Compared::Same,
            Some((revision, _)) => {
                let stored = documents(&**db, content, &[(key.0, &key.1, *revision)]).await?;
                let before = stored.get(revision).map(Document::fields).transpose()?.unwrap_or_default();
                let differences = diff(&before.into(), &guide.document.fields()?.into());
                let entry = mode.zip(in_store.get(&(key.0.to_owned(), key.1.clone())));
                let verdict = entry.map(|(mode, known)| {
                    (known.verdict(&guide.document.hash(), mode, Winner::Nobody), known.change(mode))
                });
                match verdict {
                    Some((Verdict::Keep | Verdict::Same, why)) => Compared::Kept(why, differences),
                    Some((Verdict::Conflict, why)) => Compared::Conflict(why, differences),
                    _ => Compared::Changed(differences),
                }
            }
        };
        compared.push((guide, what));
    }
    Ok(compared)
}

/// The visible revisions of entries, and their hashes.
async fn hashes(
    db: &Database,
    perspective: Perspective,
    keys: &[EntryKey],
) -> Result<HashMap<EntryKey, (i64, String)>> {
    let asked = keys.iter().fold(Condition::any(), |any, (kind, slug)| {
        any.add(entry::Column::Kind.eq(*kind).and(entry::Column::Slug.eq(slug.as_str())))
    });
    let visible = perspective.of_lists().revision_of(&entry::Entity.into_iden());
    let select = Query::select()
        .column((entry::Entity, entry::Column::Kind))
        .column((entry::Entity, entry::Column::Slug))
        .expr_as(Expr::col((revision::Entity, revision::Column::Id)), Alias::new("revision"))
        .column((revision::Entity, revision::Column::Hash))
        .from(entry::Entity)
        .join(JoinType::InnerJoin, revision::Entity, Expr::col((revision::Entity, revision::Column::Id)).eq(visible))
        .cond_where(asked)
        .take();
    let mut hashes = HashMap::new();
    for row in db.query_all(&select).await? {
        let (kind, slug): (String, String) = (row.try_get("", "kind")?, row.try_get("", "slug")?);
        let Some((kind, _)) = keys.iter().find(|(known, _)| *known == kind) else { continue };
        hashes.insert((*kind, slug), (row.try_get("", "revision")?, row.try_get("", "hash")?));
    }
    Ok(hashes)
}

/// The entries of the kinds that were seen which were not.
async fn missing(
    db: &Database,
    perspective: Perspective,
    seen: &HashSet<EntryKey>,
    mut sink: impl FnMut(&str, &str, Compared) -> Result<()> + Send,
) -> Result<()> {
    let kinds: BTreeSet<&'static str> = seen.iter().map(|(kind, _)| *kind).collect();
    for kind in kinds {
        let mut after = String::new();
        loop {
            let page = visible_after(db, perspective, kind, &after).await?;
            let Some((last, _)) = page.last() else { break };
            after.clone_from(last);
            for (slug, _) in page {
                if !seen.contains(&(kind, slug.clone())) {
                    sink(kind, &slug, Compared::Missing)?;
                }
            }
        }
    }
    Ok(())
}
