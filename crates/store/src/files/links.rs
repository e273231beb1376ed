//! Links between the documents of files: what leads nowhere when all of them were read.
use std::{
    collections::{BTreeMap, HashMap},
    path::{Path as FilePath, PathBuf},
};

use document::{LinkTo, Path};

use super::{
    report::{Report, Reports},
    source::{Source, Start, YAML},
};
use crate::ContentModel;

/// Maximum number of links to the same missing entry that are kept with their places; the others are counted.
const PLACES: usize = 100;

/// A kind and a slug.
pub(crate) type Key = (&'static str, Box<str>);

/// The links that lead to no document that was read so far.
#[derive(Default)]
pub(crate) struct Links(BTreeMap<Key, PendingLink>);

/// The links that wait for one entry.
#[derive(Default)]
struct PendingLink {
    places: Vec<LinkAt>,
    /// Number of further links, by file.
    more: Vec<(usize, usize)>,
    /// Those that lead to files which stand beside.
    beside: Vec<LinkAt>,
    /// The slug that the entry has now, where it gave this one up.
    now: Option<String>,
}

/// Place of a link: its line and column are looked up when they are told.
struct LinkAt {
    /// The kind of the document that has it.
    kind: &'static str,
    file: usize,
    start: Start,
    path: Path,
}

impl Links {
    /// Notes a link of a document of this kind.
    pub(crate) fn wait(&mut self, kind: &'static str, source: &Source, link: LinkTo) {
        let waiting = self.0.entry((link.kind, link.slug.into())).or_default();
        if waiting.places.len() < PLACES {
            waiting.places.push(LinkAt { kind, file: source.file, start: source.start, path: link.path });
            return;
        }
        match waiting.more.last_mut() {
            Some((file, count)) if *file == source.file => *count += 1,
            _ => waiting.more.push((source.file, 1)),
        }
    }

    /// Targets of the links that are still waiting.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Key> {
        self.0.keys()
    }

    /// The entry is there: links to it lead somewhere.
    pub(crate) fn found(&mut self, key: &Key) {
        self.0.remove(key);
    }

    /// The entry has another slug now.
    pub(crate) fn renamed(&mut self, key: &Key, now: String) {
        if let Some(waiting) = self.0.get_mut(key) {
            waiting.now = Some(now);
        }
    }

    /// Links to files that stand beside those that were read lead somewhere, unless their entries have other slugs by now.
    pub(crate) fn look_beside(&mut self, content: &ContentModel, files: &[PathBuf]) {
        for ((kind, slug), waiting) in &mut self.0 {
            let Some(folder) = content.kind(kind).map(|kind| kind.folder) else { continue };
            // Files of one folder have the same neighbours.
            let mut known: HashMap<Option<&FilePath>, bool> = HashMap::new();
            let mut leads_nowhere = |file: usize| {
                let parent = files.get(file).and_then(|file| file.parent());
                !*known.entry(parent).or_insert_with(|| stands_beside(parent, folder, slug))
            };
            let places = std::mem::take(&mut waiting.places).into_iter();
            (waiting.places, waiting.beside) = places.partition(|link| leads_nowhere(link.file));
            waiting.more.retain(|(file, _)| leads_nowhere(*file));
        }
    }

    /// Reports what is left as broken.
    pub(crate) fn report(self, content: &ContentModel, files: &[PathBuf], reports: &mut Reports) {
        for ((kind, slug), waiting) in self.0 {
            let beside = waiting.beside.into_iter().filter(|_| waiting.now.is_some());
            for LinkAt { kind: owner, file, start, path } in waiting.places.into_iter().chain(beside) {
                let to = LinkTo { kind, slug: slug.to_string(), path };
                let broken = waiting.now.as_ref().map_or_else(|| content.broken(&to), |now| Some(to.renamed(now)));
                let Some(finding) = broken else { continue };
                if !reports.has_room(finding.is_error()) {
                    reports.count(finding.is_error(), 1);
                    continue;
                }
                let source = Source::again(files, file, start);
                let (line, column) = source.map_or((1, 1), |source| source.place(&finding.path));
                let leads_to = Some((kind, slug.to_string()));
                let file = files[file].clone();
                reports.push(Report { kind: Some(owner), file, line, column, finding, leads_to });
            }
            let is_error = waiting.now.is_some()
                || content.kind(kind).is_some_and(|kind| kind.broken_link == document::Severity::Error);
            reports.count(is_error, waiting.more.iter().map(|(_, count)| count).sum());
        }
    }
}

/// Tells whether the content folder of a file (`seed` for `seed/careers/nurse.yaml`) holds this entry's file.
fn stands_beside(parent: Option<&FilePath>, folder: &str, slug: &str) -> bool {
    let folder = parent.map(|parent| parent.join("..").join(folder));
    folder.is_some_and(|folder| YAML.iter().any(|ending| folder.join(format!("{slug}.{ending}")).is_file()))
}
