//! Files of a release: single files, folders, and zip archives of them; `.zst` is decompressed on the way.
mod bounded;
mod delimited;
mod workbook;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use self::bounded::Bounded;
pub use self::delimited::{Column, Record, Records};
use crate::Fault;

/// Maximum size of a file, uncompressed. The largest that publishers offer has 40 MB.
pub(crate) const MAX_FILE: u64 = 256 << 20;

/// The files of a release, by their names without folder and `.zst`.
#[derive(Debug, Default)]
pub struct InputFiles {
    files: BTreeMap<String, InputFile>,
}

/// A file of a release.
#[derive(Debug)]
pub struct InputFile {
    /// Its name, without folder and `.zst`.
    pub name: String,
    source: FileSource,
    /// Its size in bytes, uncompressed.
    pub bytes: u64,
    /// Its SHA-256 digest, uncompressed, in hexadecimal.
    pub sha256: String,
}

/// The place a file is read from.
#[derive(Clone, Debug)]
enum FileSource {
    /// A file by itself.
    Plain(PathBuf),
    /// A file compressed by Zstandard.
    Zstandard(PathBuf),
    /// An entry of an archive, by its index.
    Archived(PathBuf, usize),
}

impl InputFiles {
    /// Finds the files that these paths name: files, folders (their own files and those one level below), and zip archives. Each is read once,
    /// for its size and its digest.
    pub fn open(paths: &[PathBuf]) -> Result<Self, Fault> {
        let mut found = Vec::new();
        for path in paths {
            let shown = path.display().to_string();
            let kind = path.metadata().map_err(|cause| Fault::of_file("unreadable-file", &shown, reason(&cause)))?;
            if kind.is_dir() {
                list(path, 1, &mut found).map_err(|cause| Fault::of_file("unreadable-file", &shown, reason(&cause)))?;
            } else {
                found.push(path.clone());
            }
        }
        let mut files = Self::default();
        for path in found {
            if has_ending(&path, "zip") {
                files.unpack(&path)?;
            } else if has_ending(&path, "zst") {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                files.add(name, FileSource::Zstandard(path))?;
            } else {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.add(name, FileSource::Plain(path))?;
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

    fn unpack(&mut self, path: &Path) -> Result<(), Fault> {
        let archive =
            archive(path).map_err(|cause| Fault::of_file("unreadable-file", &path.display().to_string(), cause))?;
        for index in 0..archive.len() {
            let Some(Ok(entry)) = archive.name_for_index(index) else { continue };
            if entry.ends_with('/') {
                continue;
            }
            let name = entry.rsplit('/').next().unwrap_or(&entry).to_owned();
            self.add(name, FileSource::Archived(path.to_owned(), index))?;
        }
        Ok(())
    }

    fn add(&mut self, name: String, source: FileSource) -> Result<(), Fault> {
        // Files that an operating system leaves in folders and archives.
        if name.starts_with('.') || name.is_empty() {
            return Ok(());
        }
        let mut file = InputFile { name: name.clone(), source, bytes: 0, sha256: String::new() };
        file.digest()?;
        if let Some(first) = self.files.get(&name) {
            let same = first.sha256 == file.sha256;
            let message = "a file of this name is given twice, and the two differ; name only the files of one release";
            return if same { Ok(()) } else { Err(Fault::of_file("duplicate-file", &name, message)) };
        }
        self.files.insert(name, file);
        Ok(())
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
        self.find(names).ok_or_else(|| {
            let asked = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
            let known = self.files.keys().take(10).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let message = format!("the release has no file {asked}; the files given are {known}");
            Fault::of_file("unknown-layout", names.first().unwrap_or(&""), message)
        })
    }

    /// The files whose names a condition admits.
    pub fn matching(&self, admits: impl Fn(&str) -> bool) -> Vec<&InputFile> {
        self.files.values().filter(|file| admits(&file.name)).collect()
    }
}

impl InputFile {
    fn digest(&mut self) -> Result<(), Fault> {
        let mut hash = Sha256::new();
        let mut reader = self.open()?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = reader.read(&mut buffer).map_err(|cause| self.unreadable(&cause))?;
            if read == 0 {
                break;
            }
            self.bytes += read as u64;
            hash.update(&buffer[..read]);
        }
        self.sha256 = hexadecimal(&hash.finalize());
        Ok(())
    }

    /// Its content.
    pub(crate) fn open(&self) -> Result<Box<dyn Read + Send>, Fault> {
        let opened = || -> io::Result<Box<dyn Read + Send>> {
            match &self.source {
                FileSource::Plain(path) => Ok(Box::new(BufReader::with_capacity(256 << 10, File::open(path)?))),
                FileSource::Zstandard(path) => {
                    let file = BufReader::with_capacity(256 << 10, File::open(path)?);
                    let decoder = ruzstd::decoding::StreamingDecoder::new(file).map_err(|_| damaged())?;
                    Ok(Box::new(Decompressed(decoder)))
                }
                FileSource::Archived(path, index) => {
                    // An entry borrows its archive; its content is small enough to be kept.
                    let mut archive = archive(path).map_err(io::Error::other)?;
                    let mut content = Vec::new();
                    archive.by_index(*index).map_err(io::Error::other)?.take(MAX_FILE + 1).read_to_end(&mut content)?;
                    Ok(Box::new(io::Cursor::new(content)))
                }
            }
        };
        let reader = opened().map_err(|cause| self.unreadable(&cause))?;
        Ok(Box::new(Bounded::new(reader, !self.is_binary())))
    }

    /// Its content as text.
    pub fn text(&self) -> Result<String, Fault> {
        let mut text = String::new();
        self.open()?.read_to_string(&mut text).map_err(|cause| self.unreadable(&cause))?;
        Ok(text)
    }

    /// A fault of the file as a whole.
    pub fn fault(&self, rule: &'static str, message: impl Into<String>) -> Fault {
        Fault::of_file(rule, &self.name, message)
    }

    /// Rule `empty-table`: the fault of a file that names columns, and has no row.
    pub fn without_rows(&self) -> Fault {
        self.fault("empty-table", "the file names columns and has no rows; it may be cut off")
    }

    pub(crate) fn unreadable(&self, cause: &io::Error) -> Fault {
        self.fault("unreadable-file", reason(cause))
    }

    fn is_binary(&self) -> bool {
        self.has_ending("xlsx")
    }

    /// Tells whether its name has this ending.
    pub fn has_ending(&self, ending: &str) -> bool {
        has_ending(&self.name, ending)
    }
}

/// A decompressed file, whose errors say what a user can do.
struct Decompressed<R>(R);

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|_| damaged())
    }
}

fn damaged() -> io::Error {
    io::Error::other("it cannot be decompressed: it is no Zstandard file, or is cut off or damaged")
}

fn archive(path: &Path) -> Result<zip::ZipArchive<BufReader<File>>, String> {
    let file = File::open(path).map_err(|cause| reason(&cause))?;
    zip::ZipArchive::new(BufReader::new(file)).map_err(|cause| format!("it cannot be read as a zip archive: {cause}"))
}

fn list(folder: &Path, below: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries =
        folder.read_dir()?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        if path.is_file() {
            found.push(path);
        } else if below > 0 && path.is_dir() {
            list(&path, below - 1, found)?;
        }
    }
    Ok(())
}

/// Tells whether the name of a file has this ending.
pub fn has_ending(name: impl AsRef<Path>, ending: &str) -> bool {
    name.as_ref().extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a text does not fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

/// Reason of a failure to read, without a path of the machine.
fn reason(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "this process may not read it".to_owned(),
        _ => cause.to_string(),
    }
}
