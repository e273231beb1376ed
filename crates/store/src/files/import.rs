//! Import: documents become drafts or publications, all of them or none.
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use document::{CheckedDocument, Finding, Severity, path};
use rayon::prelude::*;
use sea_orm::{EntityTrait, PaginatorTrait, QuerySelect};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{
    BATCH, Checked, Progress, Step, check_files,
    report::{Report, Reports},
    source::Sources,
};
use crate::{
    ChangeInfo, ContentModel, Database, Error, Result,
    tables::entry,
    writer::{
        Conflict, Hashed, Import,
        merge::Winner,
        summary::{Mode, Summary},
    },
};

/// Number of batches that wait for the database while others are read.
const AHEAD: usize = 1;

/// Tells whether the database holds no entry yet.
pub async fn is_empty(db: &Database) -> Result<bool> {
    Ok(entry::Entity::find().limit(1).count(&**db).await? == 0)
}

/// Imports documents that were checked and have no errors, in one transaction.
pub async fn import(
    db: &Database,
    content: &ContentModel,
    guides: &[CheckedDocument],
    mode: Mode,
    change: &ChangeInfo,
) -> Result<Summary> {
    let mut import = Import::begin(db, content, mode, change).await?;
    let (mut batch, mut keys): (Vec<Hashed<&CheckedDocument>>, HashSet<_>) = (Vec::new(), HashSet::new());
    for guide in guides {
        let key = (guide.document.kind, guide.document.slug.as_str());
        let is_again = !keys.insert(key);
        if batch.len() == BATCH || is_again {
            import.write(&batch).await?;
            batch.clear();
        }
        if is_again {
            // What follows it is about rows that must be there by then.
            import.flush().await?;
            keys = HashSet::from([key]);
        }
        batch.push(guide.into());
    }
    import.write(&batch).await?;
    import.find_loops().await?;
    if let Some(conflict) = import.conflicts.first() {
        return Err(Error::caller("IMPORT_CONFLICT", conflict.message.clone()));
    }
    import.commit(db).await
}

/// Imports the documents of files and folders in one transaction: checks them all, and where none has an error, reads them
/// again and writes them. Memory does not grow with their number, but for their keys. No summary where an error forbids it; a file
/// that changes in between is one (`FILE_CHANGED`).
pub async fn import_files(
    db: &Database,
    content: &Arc<ContentModel>,
    paths: &[PathBuf],
    mode: Mode,
    change: &ChangeInfo,
    progress: Arc<Progress<'static>>,
) -> Result<(Option<Summary>, Reports)> {
    import_files_with(db, content, paths, (mode, Others::Stay, Winner::Nobody), change, progress).await
}

/// Publishes the documents of files and folders as [`import_files`] does, and withdraws what is published of their kinds beside
/// them, where it came from files.
pub async fn mirror_files(
    db: &Database,
    content: &Arc<ContentModel>,
    paths: &[PathBuf],
    change: &ChangeInfo,
    progress: Arc<Progress<'static>>,
) -> Result<(Option<Summary>, Reports)> {
    let how = (Mode::Publish, Others::Withdrawn, Winner::Nobody);
    import_files_with(db, content, paths, how, change, progress).await
}

/// Treatment of published entries of the kinds in the files that stand in none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They stay as they are.
    Stay,
    /// They are withdrawn, where they came from files.
    Withdrawn,
}

/// Imports documents as [`import_files`] does, and says what becomes of entries that people changed and of those that stand in no
/// file. Conflicts are errors (`changed-since-import`).
pub async fn import_files_with(
    db: &Database,
    content: &Arc<ContentModel>,
    paths: &[PathBuf],
    (mode, others, winner): (Mode, Others, Winner),
    change: &ChangeInfo,
    progress: Arc<Progress<'static>>,
) -> Result<(Option<Summary>, Reports)> {
    let (checking, asked, told) = (content.clone(), paths.to_owned(), progress.clone());
    let checked = spawn_blocking(move || check_files(&checking, &asked, &*told)).await;
    let mut checked = checked.map_err(Error::internal)?;
    // What will be withdrawn is nothing that links may lead to.
    let without = if others == Others::Withdrawn { checked.kinds.clone() } else { BTreeSet::new() };
    checked.look_up(db, mode.perspective(), &without).await?;
    let again = Again { files: checked.files.clone(), digests: checked.digests.clone() };
    let mut reports = report(checked, content).await?;
    if reports.errors > 0 {
        return Ok((None, reports));
    }
    let files = again.files.clone();
    let (summary, conflicts) = again.import(db, content, (mode, others, winner), change, &*progress).await?;
    for Conflict { at, rule, message } in conflicts {
        let (file, line) = at.map_or((paths[0].clone(), 1), |(file, line)| (files[file].clone(), line));
        let severity = Severity::Error;
        let finding = Finding { severity, rule, path: path![], message };
        reports.push(Report { kind: None, file, line, column: 1, finding, leads_to: None });
    }
    Ok((summary, reports.sorted()))
}

async fn report(checked: Checked, content: &Arc<ContentModel>) -> Result<Reports> {
    let content = content.clone();
    spawn_blocking(move || checked.reports(&content)).await.map_err(Error::internal)
}

/// Files that were checked, and what they held.
struct Again {
    files: Vec<PathBuf>,
    digests: Vec<u64>,
}

type Batch = Vec<Hashed<Box<CheckedDocument>>>;

impl Again {
    /// Reads on other threads while the database writes.
    async fn import(
        self,
        db: &Database,
        content: &Arc<ContentModel>,
        (mode, others, winner): (Mode, Others, Winner),
        change: &ChangeInfo,
        progress: &Progress<'_>,
    ) -> Result<(Option<Summary>, Vec<Conflict>)> {
        let (sender, mut batches) = mpsc::channel(AHEAD);
        let reading = content.clone();
        let reader = spawn_blocking(move || self.read(&reading, &sender));
        let mut import = Import::begin(db, content, mode, change).await?;
        import.winner = winner;
        let mut seen: BTreeMap<&'static str, HashSet<Box<str>>> = BTreeMap::new();
        while let Some(batch) = batches.recv().await {
            if others == Others::Withdrawn {
                for Hashed { guide, .. } in &batch {
                    seen.entry(guide.document.kind).or_default().insert(guide.document.slug.as_str().into());
                }
            }
            import.write::<Box<CheckedDocument>>(&batch).await?;
            progress(Step::Written, batch.len());
        }
        reader.await.map_err(Error::internal)??;
        for (kind, slugs) in seen {
            import.withdraw_others(kind, &slugs).await?;
        }
        import.find_loops().await?;
        if !import.conflicts.is_empty() {
            return Ok((None, import.conflicts));
        }
        Ok((Some(import.commit(db).await?), Vec::new()))
    }

    /// Sends all documents, as long as somebody writes them.
    fn read(&self, content: &ContentModel, batches: &mpsc::Sender<Batch>) -> Result<()> {
        let mut sources = Sources::new(&self.files);
        loop {
            let batch: Vec<_> = sources.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            let read = batch.into_par_iter().map(|source| {
                let source = source.map_err(|(file, _)| self.changed(file))?;
                let guide = source.reread(content).ok_or_else(|| self.changed(source.file))?;
                Ok(Hashed { at: Some((source.file, source.start.line())), ..Hashed::from(Box::new(guide)) })
            });
            if batches.blocking_send(read.collect::<Result<_>>()?).is_err() {
                return Ok(());
            }
        }
        let changed = self.digests.iter().zip(&sources.digests).position(|(before, now)| before != now);
        changed.map_or(Ok(()), |file| Err(self.changed(file)))
    }

    fn changed(&self, file: usize) -> Error {
        let file = self.files.get(file).map_or_else(|| Path::new("").display(), |file| file.display());
        let message = format!("{file} changed while it was imported; nothing was imported. Try again.");
        Error::caller("FILE_CHANGED", message)
    }
}
