//! Files of a release: single files, folders, and zip archives of them; `.zst` is decompressed on the way.
mod archive;
mod bounded;
mod delimited;
mod found;
mod number;
mod records;
mod workbook;
mod zstandard;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};

use self::{
    archive::Entry,
    bounded::{Bounded, too_large},
    zstandard::Frames,
};
pub use self::{
    delimited::{Column, Record, Records},
    number::{decimal, grouped_decimal},
};
use crate::{Fault, Place};

/// Maximum size of a file, uncompressed. The largest that publishers offer has 40 MB.
const MAX_FILE: u64 = 256 << 20;
/// Maximum size of all files of a release, uncompressed.
const MAX_RELEASE: u64 = 1 << 30;
/// Maximum number of files of a release. O*NET has 45.
const MAX_FILES: usize = 1_000;
/// Maximum size of a file that is read as a whole, such as a manifest.
const MAX_TEXT: u64 = 4 << 20;

/// Endings of the files that releases have, without `.zst`. Others lie beside them.
const ENDINGS: [&str; 5] = ["csv", "json", "tsv", "txt", "xlsx"];

/// The files of a release, by their names without folder and `.zst`.
#[derive(Debug, Default)]
pub struct InputFiles {
    files: BTreeMap<String, InputFile>,
    bytes: u64,
    /// Digests of the files and archives as they lie there: those of compressed ones cost less than those of their content.
    stored: BTreeMap<PathBuf, String>,
}

/// A file of a release.
#[derive(Debug)]
pub struct InputFile {
    /// Its name, without folder and `.zst`.
    pub name: String,
    /// Its name as faults tell it: with `.zst`, and after the name of its archive, as in `oews.zip/oe25/national.csv`.
    pub shown: Arc<str>,
    source: FileSource,
    /// Its size in bytes, uncompressed.
    pub bytes: u64,
    /// Its SHA-256 digest, uncompressed, in hexadecimal.
    pub sha256: String,
    /// True where its last byte does not end a line.
    is_unended: bool,
}

/// The place a file is read from.
#[derive(Clone, Debug)]
struct FileSource {
    path: PathBuf,
    /// The file of the archive, where the path is that of one.
    entry: Option<Entry>,
}

impl InputFiles {
    /// Finds the files that these paths name: files, folders (their own files and those one level below), and zip archives. Each is read once,
    /// for its size and its digest.
    pub fn open(paths: &[PathBuf]) -> Result<Self, Fault> {
        let mut files = Self::default();
        for path in found::files(paths)? {
            let name = file_name(&path);
            if has_ending(&path, "zip") || has_ending(&path, "zst") {
                let stored = stored_digest(&path).map_err(|cause| unreadable(&name, &cause))?;
                files.stored.insert(path.clone(), stored);
            }
            if has_ending(&path, "zip") {
                let archive = File::open(&path).map_err(|cause| unreadable(&name, &cause))?;
                let entries = archive::entries(&name, BufReader::new(archive))?;
                for entry in entries.into_iter().filter(|entry| is_of_release(&entry.name)) {
                    let shown = format!("{name}/{}", entry.name);
                    files.add(shown, FileSource { path: path.clone(), entry: Some(entry) })?;
                }
            } else {
                files.add(name, FileSource { path, entry: None })?;
            }
        }
        if files.files.is_empty() {
            let shown = paths.first().map(|path| path.display().to_string()).unwrap_or_default();
            return Err(Fault::of_file(
                "no-files",
                &shown,
                "there is no file here; name the files of the release, or their folder",
            ));
        }
        Ok(files)
    }

    fn add(&mut self, shown: String, source: FileSource) -> Result<(), Fault> {
        let name = archive::last(&shown);
        let name = if has_ending(name, "zst") { &name[..name.len() - ".zst".len()] } else { name }.to_owned();
        let mut file = InputFile {
            name: name.clone(),
            shown: shown.into(),
            source,
            bytes: 0,
            sha256: String::new(),
            is_unended: false,
        };
        let content = digest(file.open(MAX_FILE)?).map_err(|cause| file.unreadable(&cause))?;
        (file.bytes, file.sha256) = (content.bytes, content.sha256);
        file.is_unended = content.last.is_some_and(|last| last != b'\n');
        self.bytes += file.bytes;
        if self.bytes > MAX_RELEASE || self.files.len() == MAX_FILES {
            let most = MAX_RELEASE >> 20;
            let message = format!(
                "with it, there are more than {MAX_FILES} files or {most} MiB, which no release is; name only the files of the release"
            );
            return Err(file.fault("unreadable-file", message));
        }
        if let Some(first) = self.files.get(&name) {
            if first.sha256 == file.sha256 {
                return Ok(());
            }
            let message = format!(
                "a file of this name is given twice, the other as `{}`, and the two differ; name only the files of one release",
                first.shown
            );
            return Err(file.fault("duplicate-file", message));
        }
        self.stored.entry(file.source.path.clone()).or_insert_with(|| file.sha256.clone());
        self.files.insert(name, file);
        Ok(())
    }

    /// Fails where one is not the file any more that was opened.
    pub(crate) fn ensure_unchanged(&self) -> Result<(), Fault> {
        self.stored.iter().try_for_each(|(path, known)| {
            let name = file_name(path);
            let stored = stored_digest(path).map_err(|cause| unreadable(&name, &cause))?;
            let changed = || Fault::of_file("changed-file", &name, "it has other content now");
            if stored == *known { Ok(()) } else { Err(changed()) }
        })
    }

    /// All files, by name.
    pub fn all(&self) -> impl Iterator<Item = &InputFile> {
        self.files.values()
    }

    /// The file of one of these names, the first that is there.
    pub fn find(&self, names: &[&str]) -> Option<&InputFile> {
        names.iter().find_map(|name| self.files.get(*name))
    }

    /// The same, which must be there.
    pub fn required(&self, names: &[&str]) -> Result<&InputFile, Fault> {
        if let Some(file) = self.single(|name| names.contains(&name))? {
            return Ok(file);
        }
        let asked = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
        let known = self.files.keys().take(10).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let message = format!("the release has no file {asked}; the files given are {known}");
        Err(Fault::of_file("unknown-layout", names.first().unwrap_or(&""), message))
    }

    /// The one file whose name a condition admits, where there is one; a fault where there are several, as of two releases.
    pub fn single(&self, admits: impl Fn(&str) -> bool) -> Result<Option<&InputFile>, Fault> {
        match self.matching(admits)[..] {
            [] => Ok(None),
            [file] => Ok(Some(file)),
            [one, other, ..] => {
                let message = format!(
                    "`{}` is such a file as well, so files of two releases are given; name those of one",
                    one.shown
                );
                Err(other.fault("mixed-releases", message))
            }
        }
    }

    /// The files whose names a condition admits.
    pub fn matching(&self, admits: impl Fn(&str) -> bool) -> Vec<&InputFile> {
        self.files.values().filter(|file| admits(&file.name)).collect()
    }
}

impl InputFile {
    /// Its content, of at most so many bytes.
    fn open(&self, limit: u64) -> Result<Box<dyn Read + Send>, Fault> {
        let opened = || -> io::Result<Box<dyn Read + Send>> {
            let file = BufReader::with_capacity(256 << 10, File::open(&self.source.path)?);
            let content: Box<dyn Read + Send> = match &self.source.entry {
                Some(entry) => entry.open(file)?,
                None => Box::new(file),
            };
            let is_compressed = has_ending(&*self.shown, "zst");
            Ok(if is_compressed { Box::new(Frames::new(BufReader::new(content))) } else { content })
        };
        let content = opened().map_err(|cause| self.unreadable(&cause))?;
        Ok(Box::new(Bounded::new(content, limit)))
    }

    fn content(&self, limit: u64) -> Result<Vec<u8>, Fault> {
        let mut content = Vec::new();
        self.open(limit)?.read_to_end(&mut content).map_err(|cause| self.unreadable(&cause))?;
        Ok(content)
    }

    /// Its content as text.
    pub fn text(&self) -> Result<String, Fault> {
        String::from_utf8(self.content(MAX_TEXT)?).map_err(|cause| {
            let valid = &cause.as_bytes()[..cause.utf8_error().valid_up_to()];
            let line = valid.split(|byte| *byte == b'\n').count() as u64;
            records::not_utf8(self, line, cause.as_bytes())
        })
    }

    /// A fault of the file as a whole.
    pub fn fault(&self, rule: &'static str, message: impl Into<String>) -> Fault {
        Fault::of_file(rule, &self.shown, message)
    }

    /// A place in the file, by its line and field, from 1.
    pub fn place(&self, line: u64, column: usize) -> Place {
        Place { file: self.shown.clone(), line, column }
    }

    /// Rule `empty-table`: the fault of a file that names columns, and has no row.
    pub fn without_rows(&self) -> Fault {
        self.fault("empty-table", "the file names columns and has no rows; it may be cut off")
    }

    fn unreadable(&self, cause: &io::Error) -> Fault {
        unreadable(&self.shown, cause)
    }

    /// Tells whether it is a table of text whose last line does not end, as if it were cut off.
    pub(crate) fn is_unended(&self) -> bool {
        self.is_unended && ["csv", "tsv", "txt"].iter().any(|ending| self.has_ending(ending))
    }

    /// Tells whether its name has this ending.
    pub fn has_ending(&self, ending: &str) -> bool {
        has_ending(&self.name, ending)
    }
}

/// Digest of a file or an archive as it lies there.
fn stored_digest(path: &Path) -> io::Result<String> {
    let limit = if has_ending(path, "zip") { MAX_RELEASE } else { MAX_FILE };
    Ok(digest(Bounded::new(File::open(path)?, limit))?.sha256)
}

/// Facts about content that was read once.
struct Digested {
    bytes: u64,
    sha256: String,
    last: Option<u8>,
}

fn digest(mut reader: impl Read) -> io::Result<Digested> {
    let (mut hash, mut bytes, mut last) = (Sha256::new(), 0, None);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok(Digested { bytes, sha256: hexadecimal(&hash.finalize()), last });
        }
        bytes += read as u64;
        last = buffer[..read].last().copied();
        hash.update(&buffer[..read]);
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Tells whether the name of a file has this ending.
pub fn has_ending(name: impl AsRef<Path>, ending: &str) -> bool {
    name.as_ref().extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
}

/// Tells whether a file of this name may be part of a release.
fn is_of_release(name: &str) -> bool {
    let name = Path::new(name);
    let name = if has_ending(name, "zst") { name.file_stem().map_or(name, Path::new) } else { name };
    ENDINGS.iter().any(|ending| has_ending(name, ending))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a text does not fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

/// A fault of a file that cannot be read, without a path or a number of the machine.
fn unreadable(shown: &str, cause: &io::Error) -> Fault {
    let message = match cause.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "this process may not read it".to_owned(),
        // Messages of the readers here.
        io::ErrorKind::Other => cause.to_string(),
        kind => format!("it cannot be read: {kind}"),
    };
    Fault::of_file("unreadable-file", shown, message)
}
