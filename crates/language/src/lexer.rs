//! Tokens of a document, as the specification has them (edition of September 2025, section 2.1).
use async_graphql::Pos;

use crate::{SyntaxError, text};

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One of `! $ & ( ) : = @ [ ] { | }`.
    Punctuator(u8),
    Spread,
    Name,
    Int,
    Float,
    String,
    BlockString,
    End,
}

/// A token and the text that it is written in, quotes included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    pub(crate) at: Pos,
}

/// Reads a document token by token.
pub(crate) struct Lexer<'a> {
    source: &'a str,
    at: usize,
    /// The offset that `place` belongs to. Offsets only grow, so each character is counted once.
    counted: usize,
    place: Pos,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Self { source, at: 0, counted: 0, place: Pos { line: 1, column: 1 } }
    }

    /// The next token. After the last one, the end as often as it is asked for.
    pub(crate) fn next(&mut self) -> Result<Token<'a>, SyntaxError> {
        self.skip_ignored();
        let (start, at) = (self.at, self.place(self.at));
        let (kind, length) = match self.byte(start) {
            None => (Kind::End, 0),
            Some(byte @ (b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}')) => {
                (Kind::Punctuator(byte), 1)
            }
            Some(b'.') if self.rest(start).starts_with("...") => (Kind::Spread, 3),
            Some(b'"') if self.rest(start).starts_with("\"\"\"") => (Kind::BlockString, self.block_string(start)?),
            Some(b'"') => (Kind::String, self.string(start)?),
            Some(byte) if is_name_start(byte) => (Kind::Name, self.while_is(start, is_name)),
            Some(b'-' | b'0'..=b'9') => self.number(start)?,
            Some(_) => return Err(self.unexpected(start, "the document")),
        };
        self.at = start + length;
        Ok(Token { kind, text: &self.source[start..self.at], at })
    }

    fn rest(&self, at: usize) -> &'a str {
        &self.source[at..]
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.source.as_bytes().get(at).copied()
    }

    /// Number of bytes from an offset on for which this holds.
    fn while_is(&self, at: usize, is: fn(u8) -> bool) -> usize {
        self.source.as_bytes()[at..].iter().take_while(|byte| is(**byte)).count()
    }

    /// Passes over white space, commas, comments and byte order marks.
    fn skip_ignored(&mut self) {
        loop {
            match self.byte(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r' | b',') => self.at += 1,
                Some(b'#') => self.at += self.while_is(self.at, |byte| !matches!(byte, b'\n' | b'\r')),
                Some(0xEF) if self.rest(self.at).starts_with('\u{FEFF}') => self.at += '\u{FEFF}'.len_utf8(),
                _ => return,
            }
        }
    }

    /// The line and column of an offset. A column is a UTF-16 code unit, as in graphql-js and in editors.
    fn place(&mut self, offset: usize) -> Pos {
        let bytes = self.source.as_bytes();
        for at in self.counted..offset.min(bytes.len()) {
            match bytes[at] {
                b'\r' if bytes.get(at + 1) == Some(&b'\n') => {}
                b'\n' | b'\r' => self.place = Pos { line: self.place.line + 1, column: 1 },
                0x80..=0xBF => {}
                0xF0.. => self.place.column += 2,
                _ => self.place.column += 1,
            }
        }
        self.counted = self.counted.max(offset);
        self.place
    }

    fn number(&mut self, start: usize) -> Result<(Kind, usize), SyntaxError> {
        let (mut at, mut kind) = (start, Kind::Int);
        if self.byte(at) == Some(b'-') {
            at += 1;
        }
        if self.byte(at) == Some(b'0') {
            at += 1;
            if self.byte(at).is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(self.error(at, "A number does not begin with 0, unless it is 0 or less than 1.".to_owned()));
            }
        } else {
            at = self.digits(at)?;
        }
        if self.byte(at) == Some(b'.') {
            kind = Kind::Float;
            at = self.digits(at + 1)?;
        }
        if matches!(self.byte(at), Some(b'e' | b'E')) {
            kind = Kind::Float;
            at += 1;
            if matches!(self.byte(at), Some(b'+' | b'-')) {
                at += 1;
            }
            at = self.digits(at)?;
        }
        if self.byte(at).is_some_and(|byte| byte == b'.' || is_name_start(byte)) {
            return Err(self.unexpected(at, "a number"));
        }
        Ok((kind, at - start))
    }

    /// The offset after one digit or more.
    fn digits(&mut self, at: usize) -> Result<usize, SyntaxError> {
        match self.while_is(at, |byte| byte.is_ascii_digit()) {
            0 => Err(self.unexpected(at, "a number")),
            count => Ok(at + count),
        }
    }

    fn string(&mut self, start: usize) -> Result<usize, SyntaxError> {
        let mut at = start + 1;
        loop {
            match self.byte(at) {
                None | Some(b'\n' | b'\r') => {
                    return Err(self.error(at, "The string has no closing quote on its line.".to_owned()));
                }
                Some(b'"') => return Ok(at + 1 - start),
                Some(b'\\') => match text::escape(self.rest(at)) {
                    Some((_, length)) => at += length,
                    None => return Err(self.bad_escape(at)),
                },
                Some(_) => at += 1,
            }
        }
    }

    fn block_string(&mut self, start: usize) -> Result<usize, SyntaxError> {
        let mut at = start + 3;
        loop {
            match self.byte(at) {
                None => return Err(self.error(at, "The block string has no closing `\"\"\"`.".to_owned())),
                Some(b'"') if self.rest(at).starts_with("\"\"\"") => return Ok(at + 3 - start),
                Some(b'\\') if self.rest(at).starts_with("\\\"\"\"") => at += 4,
                Some(_) => at += 1,
            }
        }
    }

    fn bad_escape(&mut self, at: usize) -> SyntaxError {
        let shown: String =
            self.rest(at).chars().take_while(|char| !matches!(char, '"' | '\n' | '\r')).take(12).collect();
        self.error(
            at,
            format!(
                "`{shown}` does not begin with an escape sequence. Write one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t, \\uXXXX \
                 (surrogates in pairs) or \\u{{X}} with the hexadecimal number of a character."
            ),
        )
    }

    fn unexpected(&mut self, at: usize, within: &str) -> SyntaxError {
        let message = match self.rest(at).chars().next() {
            Some(char) => format!("Unexpected character {char:?} in {within}."),
            None => format!("Unexpected end of the document in {within}."),
        };
        self.error(at, message)
    }

    fn error(&mut self, at: usize, message: String) -> SyntaxError {
        SyntaxError { message, at: self.place(at) }
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
