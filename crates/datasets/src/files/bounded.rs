//! A reader that ends with an error where a file, or a line of it, is too large to be what a publisher offers.
use std::io::{self, Read};

use super::MAX_FILE;

/// Maximum size of a line. The longest that publishers offer has a few kilobytes.
const MAX_LINE: u64 = 1 << 20;

pub(super) struct Bounded<R> {
    reader: R,
    is_text: bool,
    read: u64,
    /// Number of bytes since the line began.
    line: u64,
}

impl<R> Bounded<R> {
    pub(super) fn new(reader: R, is_text: bool) -> Self {
        Self { reader, is_text, read: 0, line: 0 }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.read += read as u64;
        if self.read > MAX_FILE {
            return Err(io::Error::other(format!("it is larger than {} MiB, which no release is", MAX_FILE >> 20)));
        }
        if self.is_text {
            match buffer[..read].iter().rposition(|byte| *byte == b'\n') {
                Some(last) => self.line = (read - last) as u64,
                None => self.line += read as u64,
            }
            if self.line > MAX_LINE {
                return Err(io::Error::other(format!("it has a line of more than {} MiB", MAX_LINE >> 20)));
            }
        }
        Ok(read)
    }
}
