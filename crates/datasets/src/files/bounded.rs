//! A reader that ends with an error where a file is too large to be what a publisher offers.
use std::io::{self, Read};

pub(super) struct Bounded<R> {
    reader: R,
    left: u64,
    limit: u64,
}

impl<R> Bounded<R> {
    pub(super) fn new(reader: R, limit: u64) -> Self {
        Self { reader, left: limit, limit }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other(too_large(self.limit)))?;
        Ok(read)
    }
}

/// The message of a file that exceeds a limit of bytes.
pub(super) fn too_large(limit: u64) -> String {
    format!("it is larger than {} MiB, which no release is", limit >> 20)
}
