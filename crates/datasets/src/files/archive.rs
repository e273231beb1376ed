//! Zip archives: their files, and the content of each as a stream whose checksum is verified.
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

use flate2::{Crc, bufread::DeflateDecoder};
use zip::{CompressionMethod, ZipArchive};

use super::{MAX_FILE, has_ending, too_large};
use crate::Fault;

/// A file of an archive.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its name, with folders.
    pub(super) name: String,
    /// The same as the archive stores it, twice.
    stored_name: Vec<u8>,
    /// The first byte of the header before its content, and that of the content.
    header: u64,
    start: u64,
    compressed: u64,
    size: u64,
    sum: u32,
    is_deflated: bool,
}

/// Files that an archive has, apart from those that an operating system leaves; a fault where one of them cannot be read.
pub(super) fn entries(shown: &str, reader: impl Read + Seek) -> Result<Vec<Entry>, Fault> {
    let fault = |message: &str| Fault::of_file("unreadable-file", shown, message);
    let damaged = "it cannot be read as a zip archive: it is none, or is cut off or damaged; fetch it again";
    let mut archive = ZipArchive::new(reader).map_err(|_| fault(damaged))?;
    if archive.has_duplicate_names() {
        return Err(fault("the archive has two files of one name; unpack it, and name the files of the release"));
    }
    let mut entries = Vec::new();
    for index in 0..archive.len() {
        let name = archive.name_for_index(index).and_then(Result::ok);
        let name =
            name.ok_or_else(|| fault("the archive has a file whose name is no text; unpack it first"))?.into_owned();
        let last = last(&name);
        if last.is_empty() || last.starts_with('.') {
            continue;
        }
        let fault = |message: &str| Fault::of_file("unreadable-file", &format!("{shown}/{name}"), message);
        let entry = archive.by_index_data(index).map_err(|_| fault(damaged))?;
        let (compressed, size, sum) = (entry.compressed_size(), entry.size(), entry.crc32());
        let (header, stored_name) = (entry.header_start(), entry.name_raw().to_owned());
        let is_deflated = entry.compression() == CompressionMethod::Deflated;
        if entry.encrypted() {
            return Err(fault("it is encrypted; unpack the archive with its password first"));
        }
        if entry.is_symlink() {
            return Err(fault("it is a symbolic link and no file; put the file itself into the archive"));
        }
        if name.split(['/', '\\']).any(|part| part == "..") || name.starts_with(['/', '\\']) {
            return Err(fault("its name leads out of the archive; make the archive again"));
        }
        if has_ending(&name, "zip") {
            return Err(fault("it is an archive inside of an archive; unpack the outer one first"));
        }
        if !is_deflated && entry.compression() != CompressionMethod::Stored {
            return Err(fault(
                "it is compressed by a method that is not known here; make the archive again, with `deflate`",
            ));
        }
        if size > MAX_FILE {
            return Err(fault(&too_large(MAX_FILE)));
        }
        let start = archive.by_index_raw(index).ok().and_then(|entry| entry.data_start());
        let start = start
            .ok_or_else(|| fault("it cannot be found in its archive, which is cut off or damaged; fetch it again"))?;
        entries.push(Entry { name, stored_name, header, start, compressed, size, sum, is_deflated });
    }
    Ok(entries)
}

/// The last part of the name of an entry.
pub(super) fn last(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

impl Entry {
    /// The content, from the archive.
    pub(super) fn open<'r, R: Read + Seek + Send + 'r>(&self, mut archive: R) -> io::Result<Box<dyn Read + Send + 'r>> {
        // Behind 30 bytes of numbers.
        archive.seek(SeekFrom::Start(self.header + 30))?;
        let mut name = vec![0; self.stored_name.len()];
        archive.read_exact(&mut name).map_err(|_| damaged())?;
        if name != self.stored_name {
            return Err(damaged());
        }
        archive.seek(SeekFrom::Start(self.start))?;
        let content = BufReader::with_capacity(64 << 10, archive.take(self.compressed));
        let content =
            if self.is_deflated { Content::Deflated(DeflateDecoder::new(content)) } else { Content::Stored(content) };
        Ok(Box::new(Checked { content, read: Crc::new(), size: self.size, sum: self.sum }))
    }
}

enum Content<R> {
    Stored(BufReader<Take<R>>),
    Deflated(DeflateDecoder<BufReader<Take<R>>>),
}

/// Content that ends with an error where it is not what the archive says.
struct Checked<R> {
    content: Content<R>,
    read: Crc,
    size: u64,
    sum: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.content {
            Content::Stored(content) => content.read(buffer),
            Content::Deflated(content) => content.read(buffer),
        };
        let read = read.map_err(|_| damaged())?;
        self.read.update(&buffer[..read]);
        // The checksum counts bytes by 32 bits, which a file of `MAX_FILE` does not exceed.
        let amount = u64::from(self.read.amount());
        let is_end = read == 0 && !buffer.is_empty();
        if amount > self.size || is_end && (amount != self.size || self.read.sum() != self.sum) {
            return Err(damaged());
        }
        Ok(read)
    }
}

fn damaged() -> io::Error {
    io::Error::other("it cannot be unpacked: the archive is cut off or damaged; fetch it again")
}
