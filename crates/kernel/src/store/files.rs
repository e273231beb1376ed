//! Files of documents: found, read and checked together, so that one run reports every problem of all of them.
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt, fs, io,
    path::{Path as FilePath, PathBuf},
};

use super::{Database, import::visible};
use crate::{
    Content, Perspective, Result,
    document::{self, Finding, Guide, LinkTo, Path, Severity, Tree},
    path,
};

/// A finding with its file and place: one line for an editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The file, as it was named.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1.
    pub column: u64,
    /// What is wrong there.
    pub finding: Finding,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { severity, rule, path, message } = &self.finding;
        write!(f, "{}:{}:{}: {severity}[{rule}] ", self.file.display(), self.line, self.column)?;
        if !path.0.is_empty() {
            write!(f, "{path}: ")?;
        }
        f.write_str(message)
    }
}

/// The documents of all files and what is wrong with them.
#[derive(Default)]
pub struct Checked {
    /// The documents whose header could be read.
    pub guides: Vec<Guide>,
    /// How many files were read.
    pub files: usize,
    reports: Vec<Report>,
    /// Links to entries that no file holds, with their place.
    unresolved: Vec<(LinkTo, Report)>,
}

impl Checked {
    /// All reports in the order of files and lines. A link that leads to none of the files counts as broken.
    pub fn reports(self) -> (Vec<Guide>, Vec<Report>) {
        let mut reports = self.reports;
        reports.extend(self.unresolved.into_iter().map(|(_, report)| report));
        reports.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        (self.guides, reports)
    }

    /// The same, where links may also lead to what the database shows in a perspective.
    pub async fn reports_beside(
        mut self,
        db: &Database,
        perspective: Perspective,
    ) -> Result<(Vec<Guide>, Vec<Report>)> {
        let mut held = HashSet::new();
        let asked: BTreeSet<_> = self.unresolved.iter().map(|(link, _)| (link.kind, link.slug.clone())).collect();
        for some in asked.into_iter().collect::<Vec<_>>().chunks(500) {
            held.extend(visible(&**db, perspective, some).await?);
        }
        self.unresolved.retain(|(link, _)| !held.contains(&(link.kind.to_owned(), link.slug.clone())));
        Ok(self.reports())
    }
}

/// Reads and checks all documents in these files and folders (their `.yaml` and `.yml` files, at any depth).
pub fn check_files(content: &Content, paths: &[PathBuf]) -> Checked {
    let mut run = Run { content, checked: Checked::default(), places: HashMap::new(), links: Vec::new() };
    for path in paths {
        match documents(path) {
            Ok(files) if files.is_empty() => {
                run.report(path, (1, 1), error("no-documents", "there is no .yaml file in this folder"));
            }
            Ok(files) => files.iter().for_each(|file| run.file(file)),
            Err(cause) => run.report(path, (1, 1), unreadable(&cause)),
        }
    }
    run.links();
    run.checked
}

/// The files that hold documents, in the order of their names.
fn documents(path: &FilePath) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        let is_hidden = entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_hidden {
            continue;
        }
        if entry.is_dir() {
            files.extend(documents(&entry)?);
        } else if entry.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(entry);
        }
    }
    Ok(files)
}

fn error(rule: &'static str, message: impl Into<String>) -> Finding {
    Finding { severity: Severity::Error, rule, path: Path::default(), message: message.into() }
}

fn unreadable(cause: &io::Error) -> Finding {
    let why = match cause.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "this process may not read it".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text; save it as UTF-8".to_owned(),
        _ => cause.to_string(),
    };
    error("unreadable-file", why)
}

struct Run<'a> {
    content: &'a Content,
    checked: Checked,
    /// Where each entry's document stands.
    places: HashMap<(&'static str, String), PathBuf>,
    links: Vec<(LinkTo, PathBuf, (u64, u64))>,
}

impl Run<'_> {
    fn report(&mut self, file: &FilePath, (line, column): (u64, u64), finding: Finding) {
        self.checked.reports.push(Report { file: file.to_owned(), line, column, finding });
    }

    fn file(&mut self, file: &FilePath) {
        self.checked.files += 1;
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(cause) => return self.report(file, (1, 1), unreadable(&cause)),
        };
        match document::parse(&text) {
            Ok(tree) => self.document(file, &tree),
            Err((finding, line, column)) => self.report(file, (line, column), finding),
        }
    }

    fn document(&mut self, file: &FilePath, tree: &Tree) {
        let (guide, findings) = document::read(self.content, tree);
        for finding in findings {
            self.report(file, tree.locate(&finding.path), finding);
        }
        let Some(guide) = guide else { return };
        let key = (guide.document.kind, guide.document.slug.clone());
        if let Some(first) = self.places.get(&key) {
            let message = format!(
                "the {} `{}` stands in {} already; give one of them another slug",
                key.0,
                key.1,
                first.display()
            );
            let path = path!["slug"];
            let finding = Finding { path: path.clone(), ..error("duplicate-document", message) };
            return self.report(file, tree.locate(&path), finding);
        }
        self.places.insert(key, file.to_owned());
        let links = guide.links.iter().map(|link| (link.clone(), file.to_owned(), tree.locate(&link.path)));
        self.links.extend(links);
        self.checked.guides.push(guide);
    }

    /// Links that lead neither to a checked document nor to a file beside it that was not named.
    fn links(&mut self) {
        for (link, file, (line, column)) in std::mem::take(&mut self.links) {
            let Some(kind) = self.content.kind(link.kind) else { continue };
            let key = (link.kind, link.slug.clone());
            if self.places.contains_key(&key) || stands_beside(&file, kind.folder, &link.slug) {
                continue;
            }
            let Some(finding) = link.broken(self.content) else { continue };
            self.checked.unresolved.push((link, Report { file, line, column, finding }));
        }
    }
}

/// Whether the content folder of `file` (`seed` for `seed/careers/nurse.yaml`) holds this entry's file.
fn stands_beside(file: &FilePath, folder: &str, slug: &str) -> bool {
    let root = file.parent().map(|parent| parent.join("..").join(folder));
    root.is_some_and(|folder| ["yaml", "yml"].iter().any(|ending| folder.join(format!("{slug}.{ending}")).is_file()))
}
