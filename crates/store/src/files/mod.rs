//! Files of documents: checked together, so that one run reports every problem of all of them. No document is kept: what
//! stays is where each stands and which links wait for others.
pub(crate) mod compare;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod leftover;
pub(crate) mod links;
pub(crate) mod prune;
pub(crate) mod report;
pub(crate) mod source;

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path as FilePath, PathBuf},
};

use document::{CheckedDocument, Finding, path};
use rayon::prelude::*;

use self::{
    links::{Key, Links},
    report::{Report, Reports},
    source::{Found, Source, Sources, Start, TYPES, documents, error, unreadable},
};
use crate::{
    ContentModel, Database, Perspective, Result,
    entries::{
        hierarchy::WaysUp,
        slugs::{given_up_in, visible},
        state::EntryKey,
    },
};

/// Number of documents that are read at once, by all cores.
pub(crate) const BATCH: usize = 250;
/// Number of links that one statement asks the database about.
const ASKED: usize = 500;

/// Told how many more documents were checked or written: for a progress bar.
pub type Progress<'a> = dyn Fn(Step, usize) + Send + Sync + 'a;

/// Step of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It reads and checks.
    Checked,
    /// It reads again and writes.
    Written,
}

/// Problems of the documents of files.
#[derive(Default)]
pub struct Checked {
    /// Number of documents that were read.
    pub documents: usize,
    pub(crate) files: Vec<PathBuf>,
    /// The kinds of the documents.
    pub(crate) kinds: BTreeSet<&'static str>,
    /// Digest of each file.
    pub(crate) digests: Vec<u64>,
    reports: Reports,
    links: Links,
    /// The file that holds each entry's document.
    places: HashMap<Key, usize>,
}

impl Checked {
    /// Number of files that were read.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// All reports. A link that leads to none of the files counts as broken.
    pub fn reports(self, content: &ContentModel) -> Reports {
        let mut reports = self.reports;
        self.links.report(content, &self.files, &mut reports);
        reports.sorted()
    }

    /// Links may also lead to what the database shows in a perspective, but for entries of these kinds; by the slugs that entries have
    /// now, where it shows them or the files hold them.
    pub async fn look_up(
        &mut self,
        db: &Database,
        perspective: Perspective,
        without: &BTreeSet<&'static str>,
    ) -> Result<()> {
        let asked: Vec<_> = self.links.targets().map(|(kind, slug)| (*kind, slug.to_string())).collect();
        for some in asked.chunks(ASKED) {
            let stands = |(kind, slug): &EntryKey| self.places.contains_key(&(*kind, slug.as_str().into()));
            let mut given_up =
                if db.has_renames() { given_up_in(&**db, perspective, some, stands).await? } else { HashMap::new() };
            given_up.retain(|(kind, _), now| !without.contains(kind) || stands(&(*kind, now.clone())));
            let some: Vec<_> = some.iter().filter(|(kind, _)| !without.contains(kind)).cloned().collect();
            for (kind, slug) in visible(&**db, perspective, &some).await? {
                if let Some((kind, _)) = some.iter().find(|(asked, _)| *asked == kind)
                    && !given_up.contains_key(&(*kind, slug.clone()))
                {
                    self.links.found(&(kind, slug.into()));
                }
            }
            for ((kind, slug), now) in given_up {
                self.links.renamed(&(kind, slug.into()), now);
            }
        }
        Ok(())
    }
}

/// Reads and checks all documents in these files and folders: one in a `.yaml`, `.yml` or `.json` file, one in each line of a `.jsonl`
/// or `.ndjson` file; in folders at any depth.
pub fn check_files(content: &ContentModel, paths: &[PathBuf], progress: &Progress<'_>) -> Checked {
    let mut run = Run { content, checked: Checked::default(), hierarchies: HashMap::new() };
    let mut files = Vec::new();
    for path in paths {
        match documents(path) {
            Ok(found) if found.is_empty() => {
                let message = format!("there is no document in this folder: {TYPES}");
                run.report(None, path, ((1, 1), error("no-documents", message)));
            }
            Ok(found) => files.extend(found),
            Err(cause) => run.report(None, path, ((1, 1), unreadable(&cause))),
        }
    }
    run.checked.files = files;
    run.documents(progress);
    run.loops();
    run.checked.links.look_beside(content, &run.checked.files);
    run.checked
}

struct Run<'a> {
    content: &'a ContentModel,
    checked: Checked,
    hierarchies: HashMap<&'static str, HierarchyOfFiles>,
}

/// The hierarchy of the documents of a kind, and their places.
#[derive(Default)]
struct HierarchyOfFiles {
    ways: WaysUp,
    places: HashMap<String, (usize, Start)>,
}

/// Outcome of the check of one document.
struct Outcome {
    source: Source,
    document: Option<CheckedDocument>,
    found: Vec<Found>,
}

impl Outcome {
    fn of(source: Source, content: &ContentModel) -> Self {
        let (document, found) = source.read(content);
        Self { source, document, found }
    }
}

impl Run<'_> {
    fn report(&mut self, kind: Option<&'static str>, file: &FilePath, ((line, column), finding): Found) {
        self.checked.reports.push(Report { kind, file: file.to_owned(), line, column, finding, leads_to: None });
    }

    fn documents(&mut self, progress: &Progress<'_>) {
        let (files, content) = (std::mem::take(&mut self.checked.files), self.content);
        let mut sources = Sources::new(&files);
        loop {
            let batch: Vec<_> = sources.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            let outcomes: Vec<_> =
                batch.into_par_iter().map(|source| source.map(|source| Outcome::of(source, content))).collect();
            progress(Step::Checked, outcomes.len());
            for outcome in outcomes {
                match outcome {
                    Ok(outcome) => self.document(&files, outcome),
                    Err((file, found)) => self.report(None, &files[file], found),
                }
            }
        }
        self.checked.digests = sources.digests;
        self.checked.files = files;
    }

    /// Reports documents that lead round in a circle among themselves.
    fn loops(&mut self) {
        let files = std::mem::take(&mut self.checked.files);
        for (kind, HierarchyOfFiles { ways, places }) in std::mem::take(&mut self.hierarchies) {
            let Some(spec) = self.content.hierarchies.get(kind) else { continue };
            for (slug, finding) in ways.loops(spec, &places.keys().map(String::as_str).collect()) {
                let Some(&(file, start)) = places.get(&slug) else { continue };
                let place = Source::again(&files, file, start).map_or((1, 1), |source| source.place(&finding.path));
                self.report(Some(kind), &files[file], (place, finding));
            }
        }
        self.checked.files = files;
    }

    fn document(&mut self, files: &[PathBuf], Outcome { source, document, found }: Outcome) {
        self.checked.documents += 1;
        let kind = document.as_ref().map(|guide| guide.document.kind);
        for found in found {
            self.report(kind, &files[source.file], found);
        }
        let Some(guide) = document else { return };
        let key: Key = (guide.document.kind, guide.document.slug.as_str().into());
        if let Some(first) = self.checked.places.get(&key) {
            let (kind, slug, first) = (key.0, &key.1, files[*first].display());
            let message = format!("the {kind} `{slug}` is already in {first}; give one of them another slug");
            let path = path!["slug"];
            let found = (source.place(&path), Finding { path, ..error("duplicate-document", message) });
            return self.report(Some(kind), &files[source.file], found);
        }
        if let Some(spec) = self.content.hierarchies.get(key.0) {
            let hierarchy = self.hierarchies.entry(key.0).or_default();
            hierarchy.ways.note(spec, &guide);
            hierarchy.places.insert(guide.document.slug.clone(), (source.file, source.start));
        }
        self.checked.links.found(&key);
        let kind = key.0;
        self.checked.kinds.insert(kind);
        self.checked.places.insert(key, source.file);
        for link in guide.links {
            let key = (link.kind, link.slug.as_str().into());
            if !self.checked.places.contains_key(&key) {
                self.checked.links.wait(kind, &source, link);
            }
        }
    }
}
