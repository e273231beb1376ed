//! Sources of documents: YAML files of one document each, JSON Lines files of one in each line, and folders of both.
use std::{
    fs::{self, File},
    hash::{DefaultHasher, Hasher},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::{Path as FilePath, PathBuf},
    str::Utf8Error,
};

use document::{self, CheckedDocument, Finding, Path, Severity, Tree};

use crate::ContentModel;

/// The endings of files with one document.
pub(crate) const YAML: [&str; 3] = ["yaml", "yml", "json"];
/// The endings of files with a document in each line.
const JSON_LINES: [&str; 2] = ["jsonl", "ndjson"];

/// Format in which a file writes documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Yaml,
    JsonLines,
}

impl Format {
    /// By the ending of its name; YAML where that says nothing.
    fn of(path: &FilePath) -> Self {
        if has_ending(path, &JSON_LINES) { Self::JsonLines } else { Self::Yaml }
    }
}

fn has_ending(path: &FilePath, endings: &[&str]) -> bool {
    path.extension().is_some_and(|extension| endings.iter().any(|ending| extension.eq_ignore_ascii_case(ending)))
}

/// A line and a column, from 1.
pub(crate) type Place = (u64, u64);

/// Finding at a place of a file.
pub(crate) type Found = (Place, Finding);

/// One document of a file, as text.
pub(crate) struct Source {
    /// The file, by its place in the list of files.
    pub(crate) file: usize,
    /// Offset of its text in the file.
    pub(crate) start: Start,
    format: Format,
    text: String,
}

/// Offset of the text of a document.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Start {
    /// The line, from 0.
    line: u64,
    /// The byte.
    byte: u64,
}

impl Start {
    /// The line, from 1.
    pub(crate) fn line(self) -> u64 {
        self.line + 1
    }
}

impl Source {
    /// Reads and checks the document. What is found has its place in the file.
    pub(crate) fn read(&self, content: &ContentModel) -> (Option<CheckedDocument>, Vec<Found>) {
        let parsed = match self.format {
            Format::Yaml => document::parse(&self.text),
            Format::JsonLines => document::parse_json(&self.text),
        };
        let tree = match parsed {
            Ok(tree) => tree,
            Err((finding, line, column)) => return (None, vec![((self.start.line + line, column), finding)]),
        };
        let (guide, findings) = document::read_file(content, &tree);
        if findings.is_empty() {
            return (guide, Vec::new());
        }
        let (tree, findings) = self.with_places(content, tree, findings);
        (guide, findings.into_iter().map(|finding| (self.locate(&tree, &finding.path), finding)).collect())
    }

    /// Reads the document once more, after its check; none where it is another by now.
    pub(crate) fn reread(&self, content: &ContentModel) -> Option<CheckedDocument> {
        if self.format == Format::JsonLines
            && let Some(guide) = document::reread_file(content, &self.text)
        {
            return Some(guide);
        }
        let (guide, found) = self.read(content);
        guide.filter(|_| found.iter().all(|(_, finding)| !finding.is_error()))
    }

    /// The place of a path in the file.
    pub(crate) fn place(&self, path: &Path) -> Place {
        match document::parse(&self.text) {
            Ok(tree) => self.locate(&tree, path),
            Err(_) => self.beginning(),
        }
    }

    /// JSON is read without places; being YAML, it is read again where they are needed, also within messages.
    fn with_places(&self, content: &ContentModel, tree: Tree, findings: Vec<Finding>) -> (Tree, Vec<Finding>) {
        let placed = match self.format {
            Format::Yaml => None,
            Format::JsonLines => document::parse(&self.text).ok(),
        };
        let Some(placed) = placed else { return (tree, findings) };
        let again = document::read_file(content, &placed).1;
        (placed, if again.len() == findings.len() { again } else { findings })
    }

    fn locate(&self, tree: &Tree, path: &Path) -> Place {
        match tree.locate(path) {
            (0, _) => self.beginning(),
            (line, column) => (self.start.line + line, column),
        }
    }

    fn beginning(&self) -> Place {
        (self.start.line + 1, 1)
    }

    /// Reads the document that begins there once more; none where the file cannot be read any more.
    pub(crate) fn again(files: &[PathBuf], file: usize, start: Start) -> Option<Self> {
        let path = files.get(file)?;
        let mut reader = BufReader::new(File::open(path).ok()?);
        reader.seek(SeekFrom::Start(start.byte)).ok()?;
        let format = Format::of(path);
        let mut bytes = Vec::new();
        match format {
            Format::Yaml => reader.read_to_end(&mut bytes).ok()?,
            Format::JsonLines => reader.read_until(b'\n', &mut bytes).ok()?,
        };
        Some(Self { file, start, format, text: text(&bytes).ok()?.to_owned() })
    }
}

/// The documents of files, one after the other.
pub(crate) struct Sources<'a> {
    files: &'a [PathBuf],
    /// The file that is read, and what is left of it.
    lines: Option<Lines>,
    next: usize,
    /// Digest of each file, as far as they were read.
    pub(crate) digests: Vec<u64>,
}

struct Lines {
    reader: BufReader<File>,
    digest: DefaultHasher,
    next: Start,
}

impl<'a> Sources<'a> {
    pub(crate) fn new(files: &'a [PathBuf]) -> Self {
        Self { files, lines: None, next: 0, digests: Vec::new() }
    }

    /// The next document of a file with a document in each line.
    fn line(&mut self) -> Option<Result<Source, (usize, Found)>> {
        loop {
            let lines = self.lines.as_mut()?;
            let file = self.next - 1;
            let mut bytes = Vec::new();
            let start = lines.next;
            let read = lines.reader.read_until(b'\n', &mut bytes);
            if let Err(cause) = &read {
                let found = ((start.line + 1, 1), unreadable(cause));
                self.end();
                return Some(Err((file, found)));
            }
            if bytes.is_empty() {
                self.end();
                return None;
            }
            lines.digest.write(&bytes);
            lines.next = Start { line: start.line + 1, byte: start.byte + bytes.len() as u64 };
            match text(&bytes).map(str::trim) {
                Ok("") => {}
                Ok(line) if line.starts_with('[') || line == "{" => {
                    let found = ((start.line + 1, 1), not_lines(line));
                    self.end();
                    return Some(Err((file, found)));
                }
                Ok(line) => return Some(Ok(Source { file, start, format: Format::JsonLines, text: line.to_owned() })),
                Err(_) => {
                    let found = ((start.line + 1, 1), no_text(&bytes));
                    self.end();
                    return Some(Err((file, found)));
                }
            }
        }
    }

    /// The document of a file with one.
    fn whole(&mut self, path: &FilePath) -> Result<Source, (usize, Found)> {
        let file = self.next - 1;
        let read = fs::read(path);
        let mut digest = DefaultHasher::new();
        digest.write(read.as_deref().unwrap_or_default());
        self.digests.push(digest.finish());
        let finding = match read.as_deref().map(text) {
            Ok(Ok(text)) => {
                return Ok(Source { file, start: Start::default(), format: Format::Yaml, text: text.to_owned() });
            }
            Ok(Err(_)) => no_text(read.as_deref().unwrap_or_default()),
            Err(cause) => unreadable(cause),
        };
        Err((file, ((1, 1), finding)))
    }

    fn end(&mut self) {
        if let Some(lines) = self.lines.take() {
            self.digests.push(lines.digest.finish());
        }
    }
}

impl Iterator for Sources<'_> {
    /// A document, or the file and what is wrong there.
    type Item = Result<Source, (usize, Found)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(line) = self.line() {
                return Some(line);
            }
            let path = self.files.get(self.next)?;
            self.next += 1;
            if let Some(finding) = other_type(path) {
                self.digests.push(DefaultHasher::new().finish());
                return Some(Err((self.next - 1, ((1, 1), finding))));
            }
            if Format::of(path) == Format::Yaml {
                return Some(self.whole(path));
            }
            match File::open(path) {
                Ok(file) => {
                    let (reader, digest) = (BufReader::with_capacity(1 << 16, file), DefaultHasher::new());
                    self.lines = Some(Lines { reader, digest, next: Start::default() });
                }
                Err(cause) => {
                    self.digests.push(DefaultHasher::new().finish());
                    return Some(Err((self.next - 1, ((1, 1), unreadable(&cause)))));
                }
            }
        }
    }
}

/// The text of these bytes, without the mark that some programs put before it.
fn text(bytes: &[u8]) -> Result<&str, Utf8Error> {
    std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

/// The files that hold documents, in the order of their names.
pub fn documents(path: &FilePath) -> io::Result<Vec<PathBuf>> {
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
        } else if has_ending(&entry, &YAML) || has_ending(&entry, &JSON_LINES) {
            files.push(entry);
        }
    }
    Ok(files)
}

/// A finding about a file as a whole.
pub(crate) fn error(rule: &'static str, message: impl Into<String>) -> Finding {
    Finding { severity: Severity::Error, rule, path: Path::default(), message: message.into() }
}

pub(crate) fn unreadable(cause: &io::Error) -> Finding {
    let why = match cause.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "this process may not read it".to_owned(),
        _ => cause.to_string(),
    };
    error("unreadable-file", why)
}

fn no_text(bytes: &[u8]) -> Finding {
    let is_utf_16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let read = if is_utf_16 { "it is UTF-16 text" } else { "it is not UTF-8 text" };
    error("unreadable-file", format!("{read}; save it as UTF-8"))
}

/// Finding about a line that begins an array, or a document of several lines.
fn not_lines(line: &str) -> Finding {
    let read = if line.starts_with('[') { "an array" } else { "a document of several lines" };
    let message = format!(
        "this begins {read}, and a JSON Lines file has a document in each line, without brackets and commas around them; a .json file \
         holds one document"
    );
    error("json", message)
}

/// The kinds of files that hold documents.
pub(crate) const TYPES: &str =
    "a .yaml, .yml or .json file holds one document, a .jsonl or .ndjson file one in each line";

/// Finding about a file of another type. One without an ending, such as a pipe, is read as YAML.
fn other_type(path: &FilePath) -> Option<Finding> {
    let ending = path.extension()?.to_string_lossy();
    let is_known = has_ending(path, &YAML) || has_ending(path, &JSON_LINES);
    let message = format!("a .{ending} file is not read: {TYPES}");
    (!is_known).then(|| error("unreadable-file", message))
}
