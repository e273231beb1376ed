//! Content encodings: what a client takes, and bodies in it.
use std::io::{self, Read, Write};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use poem::http::{HeaderMap, header};

use super::accept::ranges;

/// From how many bytes on an answer is worth compressing.
const MIN_BYTES: usize = 860;
/// Compression quality of brotli. Most answers are encoded once and sent once, so the time counts: quality 4 takes ten times as long
/// and makes a page a seventh smaller.
const BROTLI_QUALITY: i32 = 1;
/// Compression level of gzip, for the same reason.
const GZIP_LEVEL: u32 = 3;
/// The window of brotli, as a power of two.
const BROTLI_WINDOW: i32 = 19;

/// Encoding of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As it is.
    Identity,
    /// `gzip`.
    Gzip,
    /// `br`.
    Brotli,
}

impl Encoding {
    /// The name in `Content-Encoding`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }

    /// The encoding of a request's body; `None` for one that this server does not read.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        match headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes().to_ascii_lowercase()).as_deref() {
            None | Some(b"identity" | b"") => Some(Self::Identity),
            Some(b"gzip" | b"x-gzip") => Some(Self::Gzip),
            Some(b"br") => Some(Self::Brotli),
            Some(_) => None,
        }
    }

    /// The encoding that the client likes best, for an answer of this many bytes.
    pub(super) fn accepted(headers: &HeaderMap, bytes: usize) -> Self {
        let Some(accept) = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()) else {
            return Self::Identity;
        };
        if bytes < MIN_BYTES {
            return Self::Identity;
        }
        let quality = |name: &str| {
            let of = |wanted: &str| ranges(accept).find(|range| range.kind.eq_ignore_ascii_case(wanted));
            of(name).or_else(|| of("*")).map_or(0.0, |range| range.quality)
        };
        let (brotli, gzip) = (quality("br"), quality("gzip"));
        match () {
            () if brotli > 0.0 && brotli >= gzip => Self::Brotli,
            () if gzip > 0.0 => Self::Gzip,
            () => Self::Identity,
        }
    }

    /// The body in this encoding.
    pub(super) fn encode(self, body: &Bytes) -> io::Result<Bytes> {
        match self {
            Self::Identity => Ok(body.clone()),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::new(GZIP_LEVEL));
                encoder.write_all(body)?;
                Ok(encoder.finish()?.into())
            }
            Self::Brotli => {
                let mut encoded = Vec::with_capacity(body.len() / 3);
                let options = brotli::enc::BrotliEncoderParams {
                    quality: BROTLI_QUALITY,
                    lgwin: BROTLI_WINDOW,
                    size_hint: body.len(),
                    ..Default::default()
                };
                brotli::BrotliCompress(&mut &body[..], &mut encoded, &options)?;
                Ok(encoded.into())
            }
        }
    }

    /// The decoded body; `None` where it would have more than `limit` bytes.
    pub(super) fn decode(self, body: Bytes, limit: usize) -> io::Result<Option<Bytes>> {
        let bound = limit as u64 + 1;
        let mut decoded = Vec::new();
        match self {
            Self::Identity => return Ok(Some(body)),
            Self::Gzip => flate2::read::MultiGzDecoder::new(&body[..]).take(bound).read_to_end(&mut decoded)?,
            Self::Brotli => brotli::Decompressor::new(&body[..], 4096).take(bound).read_to_end(&mut decoded)?,
        };
        Ok((decoded.len() <= limit).then(|| decoded.into()))
    }
}

/// Encodes a body while it is written.
pub(super) enum StreamEncoder {
    Identity(Vec<u8>),
    Gzip(Box<GzEncoder<Vec<u8>>>),
    Brotli(Box<brotli::CompressorWriter<Vec<u8>>>),
}

impl StreamEncoder {
    pub(super) fn new(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Identity => Self::Identity(Vec::new()),
            Encoding::Gzip => Self::Gzip(Box::new(GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL)))),
            Encoding::Brotli => {
                let quality = u32::try_from(BROTLI_QUALITY).unwrap_or_default();
                let window = u32::try_from(BROTLI_WINDOW).unwrap_or_default();
                Self::Brotli(Box::new(brotli::CompressorWriter::new(Vec::new(), 4096, quality, window)))
            }
        }
    }

    /// Writes a part of the body.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Identity(written) => written.write_all(bytes),
            Self::Gzip(encoder) => encoder.write_all(bytes),
            Self::Brotli(encoder) => encoder.write_all(bytes),
        }
    }

    /// Bytes that are ready to be sent.
    pub(super) fn ready(&mut self) -> Bytes {
        let written = match self {
            Self::Identity(written) => written,
            Self::Gzip(encoder) => encoder.get_mut(),
            Self::Brotli(encoder) => encoder.get_mut(),
        };
        std::mem::take(written).into()
    }

    /// The bytes at the end.
    pub(super) fn finish(self) -> io::Result<Bytes> {
        Ok(match self {
            Self::Identity(written) => written,
            Self::Gzip(encoder) => encoder.finish()?,
            Self::Brotli(encoder) => encoder.into_inner(),
        }
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(accept: &str) -> Encoding {
        let mut headers = HeaderMap::new();
        headers.insert("accept-encoding", accept.parse().expect("a header"));
        Encoding::accepted(&headers, 10_000)
    }

    #[test]
    fn the_client_chooses() {
        assert_eq!(accepted("gzip, deflate, br"), Encoding::Brotli);
        assert_eq!(accepted("gzip"), Encoding::Gzip);
        assert_eq!(accepted("br;q=0.5, gzip"), Encoding::Gzip);
        assert_eq!(accepted("br;q=0, *"), Encoding::Gzip);
        assert_eq!(accepted("identity"), Encoding::Identity);
        assert_eq!(accepted("deflate"), Encoding::Identity);
        assert_eq!(Encoding::accepted(&HeaderMap::new(), 10_000), Encoding::Identity);
    }

    #[test]
    fn what_was_encoded_is_decoded_up_to_the_limit() {
        let body = Bytes::from("a body ".repeat(1000));
        for encoding in [Encoding::Identity, Encoding::Gzip, Encoding::Brotli] {
            let encoded = encoding.encode(&body).expect("encoded");
            assert_eq!(encoding.decode(encoded.clone(), 7000).expect("decoded"), Some(body.clone()));
            if encoding != Encoding::Identity {
                assert!(encoded.len() < 200);
                assert_eq!(encoding.decode(encoded, 6999).expect("decoded"), None);
                assert!(encoding.decode(Bytes::from_static(b"no such thing"), 6999).is_err());
            }
        }
    }
}
