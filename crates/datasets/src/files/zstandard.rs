//! The content of a Zstandard file: that of all its frames, one after the other (RFC 8878), held to what each frame says of itself.
use std::io::{self, BufRead, Read};

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Maximum size of the window of a frame, which a decoder holds in memory. Frames ask for more only where `zstd` was called with `--ultra` or
/// `--long`.
const MAX_WINDOW: u64 = 64 << 20;

const MAGIC: u32 = 0xFD2F_B528;
/// Begin of a frame without content; its last four bits are free.
const SKIPPABLE: u32 = 0x184D_2A50;

/// Reads the frames of a file.
pub(super) struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    frame: Option<Frame>,
    is_begun: bool,
}

/// The frame that is read.
struct Frame {
    /// Size of the content, where the frame tells it.
    size: Option<u64>,
    read: u64,
}

impl<R: BufRead> Frames<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, decoder: FrameDecoder::new(), frame: None, is_begun: false }
    }

    /// Begins the next frame with content; none at the end of the file.
    fn begin(&mut self) -> io::Result<Option<Frame>> {
        loop {
            if self.source.fill_buf()?.is_empty() {
                return if self.is_begun { Ok(None) } else { Err(damaged()) };
            }
            let mut header = [0; 18];
            self.fill(&mut header[..4])?;
            let magic = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
            if magic & !15 == SKIPPABLE {
                self.fill(&mut header[..4])?;
                let length = u64::from(u32::from_le_bytes([header[0], header[1], header[2], header[3]]));
                if io::copy(&mut self.source.by_ref().take(length), &mut io::sink())? < length {
                    return Err(damaged());
                }
                self.is_begun = true;
                continue;
            }
            if magic != MAGIC {
                return Err(if self.is_begun { trailing() } else { damaged() });
            }
            self.is_begun = true;
            return self.header(header).map(Some);
        }
    }

    /// Reads the rest of a header, whose first four bytes are there.
    fn header(&mut self, mut header: [u8; 18]) -> io::Result<Frame> {
        self.fill(&mut header[4..5])?;
        let descriptor = header[4];
        let is_single = descriptor & 0x20 != 0;
        let window = 5..5 + usize::from(!is_single);
        let dictionary = window.end..window.end + [0, 1, 2, 4][usize::from(descriptor & 3)];
        let size = [usize::from(is_single), 2, 4, 8][usize::from(descriptor >> 6)];
        let size = dictionary.end..dictionary.end + size;
        let header = &mut header[..size.end];
        self.fill(&mut header[5..])?;
        // A bit that is reserved is set in damaged files only.
        if descriptor & 8 != 0 {
            return Err(damaged());
        }
        if header[dictionary].iter().any(|byte| *byte != 0) {
            return Err(io::Error::other(
                "it cannot be decompressed: it was compressed with a dictionary, which is not here",
            ));
        }
        let number = header[size.clone()].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let size = match size.len() {
            0 => None,
            2 => Some(number + 256),
            _ => Some(number),
        };
        let window = match header[window] {
            [byte] => {
                let base = 1_u64 << (10 + (byte >> 3));
                base + base / 8 * u64::from(byte & 7)
            }
            _ => number,
        };
        if window > MAX_WINDOW {
            return Err(io::Error::other(format!(
                "it cannot be decompressed: it asks for a window of {} MiB, and at most {} MiB are given; compress it without --ultra and --long",
                window >> 20,
                MAX_WINDOW >> 20
            )));
        }
        self.decoder.init(&*header).map_err(|_| damaged())?;
        Ok(Frame { size, read: 0 })
    }

    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        self.source.read_exact(buffer).map_err(broken)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if self.frame.is_none() {
                self.frame = self.begin()?;
            }
            let Some(frame) = &mut self.frame else { return Ok(0) };
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let block = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.source, block).map_err(|_| damaged())?;
            }
            let read = self.decoder.read(buffer)?;
            frame.read += read as u64;
            if read > 0 {
                return Ok(read);
            }
            let sum = self.decoder.get_checksum_from_data();
            let is_other = sum.is_some() && sum != self.decoder.get_calculated_checksum();
            if is_other || frame.size.is_some_and(|size| size != frame.read) {
                return Err(damaged());
            }
            self.frame = None;
        }
    }
}

fn broken(cause: io::Error) -> io::Error {
    if cause.kind() == io::ErrorKind::UnexpectedEof { damaged() } else { cause }
}

fn damaged() -> io::Error {
    io::Error::other("it cannot be decompressed: it is no Zstandard file, or is cut off or damaged; fetch it again")
}

fn trailing() -> io::Error {
    io::Error::other("it cannot be decompressed: what follows its last frame is no Zstandard; fetch it again")
}
