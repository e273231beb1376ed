//! Records of text: fields parted by tabs without quotes, or by commas with quotes (RFC 4180), and nothing that is neither.
use std::{
    io::{BufRead, BufReader, Read},
    mem,
};

use super::{InputFile, MAX_FILE};
use crate::Fault;

/// Maximum size of a line, and of a record of several lines. The longest that publishers offer has a few kilobytes.
const MAX_LINE: usize = 1 << 20;

/// The fields of a record, without space around them.
#[derive(Default)]
pub(super) struct Fields {
    text: String,
    ends: Vec<usize>,
    /// The line it begins in, from 1.
    pub(super) line: u64,
}

impl Fields {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends.get(index).map(|end| &self.text[begin..*end])
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

/// Reads the records of a file.
pub(super) struct RecordReader<'f> {
    file: &'f InputFile,
    reader: BufReader<Box<dyn Read + Send>>,
    is_tabbed: bool,
    /// True for tables of O*NET, of which no field begins with a quote unless a program has put it there.
    refuses_quotes: bool,
    /// The line that was read last, without what ends it.
    line: String,
    /// Number of lines that were read.
    lines: u64,
}

impl<'f> RecordReader<'f> {
    pub(super) fn new(file: &'f InputFile) -> Result<Self, Fault> {
        let reader = BufReader::with_capacity(64 << 10, file.open(MAX_FILE)?);
        let is_tabbed = file.has_ending("txt") || file.has_ending("tsv");
        let refuses_quotes = file.has_ending("txt");
        Ok(Self { file, reader, is_tabbed, refuses_quotes, line: String::new(), lines: 0 })
    }

    /// Reads the next record, past empty lines; false where there is none.
    pub(super) fn read(&mut self, fields: &mut Fields) -> Result<bool, Fault> {
        while self.next_line()? {
            if self.line.is_empty() {
                continue;
            }
            fields.text.clear();
            fields.ends.clear();
            fields.line = self.lines;
            if self.is_tabbed || !self.line.contains('"') {
                self.part(fields)?;
            } else {
                self.unquote(fields)?;
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// Reads the next line; false where there is none.
    fn next_line(&mut self) -> Result<bool, Fault> {
        let mut line = mem::take(&mut self.line).into_bytes();
        line.clear();
        let mut limited = (&mut self.reader).take(MAX_LINE as u64 + 1);
        let read = limited.read_until(b'\n', &mut line);
        self.lines += 1;
        let fault = |rule, message: &str| Fault::new(rule, self.file.place(self.lines, 1), message);
        let read = read.map_err(|cause| {
            let unreadable = self.file.unreadable(&cause);
            fault(unreadable.rule, &unreadable.message)
        })?;
        if read == 0 {
            return Ok(false);
        }
        if read > MAX_LINE {
            let message = format!("it has a line of more than {} MiB, which no table has", MAX_LINE >> 20);
            return Err(fault("unreadable-file", &message));
        }
        let mut line = String::from_utf8(line).map_err(|cause| not_utf8(self.file, self.lines, cause.as_bytes()))?;
        if line.ends_with('\n') {
            line.pop();
            if line.ends_with('\r') {
                line.pop();
            }
        }
        if self.lines == 1 {
            line.drain(..line.len() - line.trim_start_matches('\u{feff}').len());
        }
        if line.contains('\r') {
            let message = "a carriage return stands by itself; save the file with lines that end in line feeds";
            return Err(fault("malformed-row", message));
        }
        self.line = line;
        Ok(true)
    }

    /// Parts a line without quotes.
    fn part(&self, fields: &mut Fields) -> Result<(), Fault> {
        let separator = if self.is_tabbed { b'\t' } else { b',' };
        let may_have_controls = may_have_controls(&self.line);
        let mut begin = 0;
        for (end, _) in self.line.bytes().enumerate().filter(|(_, byte)| *byte == separator) {
            self.push(fields, &self.line[begin..end], may_have_controls)?;
            begin = end + 1;
        }
        self.push(fields, &self.line[begin..], may_have_controls)
    }

    /// Parts a line by commas. A quoted field may go on in the next lines.
    fn unquote(&mut self, fields: &mut Fields) -> Result<(), Fault> {
        let mut may_have_controls = may_have_controls(&self.line);
        let (mut line, mut begin) = (mem::take(&mut self.line), 0);
        loop {
            let end = if line.as_bytes().get(begin) == Some(&b'"') {
                let (field, end) = self.quoted(&mut line, begin + 1, fields)?;
                // The line that it ends in may be another one.
                may_have_controls |= self.lines != fields.line;
                self.push(fields, &field, may_have_controls)?;
                end
            } else {
                let end = position(&line.as_bytes()[begin..], b',').map_or(line.len(), |end| begin + end);
                let field = &line[begin..end];
                if position(field.as_bytes(), b'"').is_some() && !is_formula(field) {
                    let message = "a quote stands inside of a field that does not begin with one; quote the whole field, and double the quotes in it";
                    return Err(self.broken(fields, message));
                }
                self.push(fields, field, may_have_controls)?;
                end
            };
            if end == line.len() {
                self.line = line;
                return Ok(());
            }
            begin = end + 1;
        }
    }

    /// Reads a quoted field behind its first quote, and tells where the next comma stands, or the end of the line.
    fn quoted(&mut self, line: &mut String, begin: usize, fields: &Fields) -> Result<(String, usize), Fault> {
        let (mut field, mut begin) = (String::new(), begin);
        loop {
            let rest = &line[begin..];
            let Some(quote) = rest.find('"') else {
                field.push_str(rest);
                field.push('\n');
                if field.len() > MAX_LINE || !self.next_line()? {
                    let message = "the quote that begins the field is not closed; the file may be cut off or damaged";
                    return Err(self.broken(fields, message));
                }
                *line = mem::take(&mut self.line);
                begin = 0;
                continue;
            };
            field.push_str(&rest[..quote]);
            begin += quote + 1;
            match line.as_bytes().get(begin) {
                None | Some(b',') => return Ok((field, begin)),
                Some(b'"') => {
                    field.push('"');
                    begin += 1;
                }
                Some(_) => {
                    if let Some(end) = quotation(&field, &line[begin..]) {
                        field.push('"');
                        field.push_str(&line[begin..begin + end]);
                        begin += end;
                        continue;
                    }
                    let message = format!(
                        "text follows the quote that closes the field in line {}; a quote in a field is doubled, and each quote is closed",
                        self.lines
                    );
                    return Err(self.broken(fields, &message));
                }
            }
        }
    }

    fn push(&self, fields: &mut Fields, field: &str, may_have_controls: bool) -> Result<(), Fault> {
        let is_control = |char: &char| char.is_control() && !matches!(char, '\t' | '\n');
        if may_have_controls && let Some(char) = field.chars().find(is_control) {
            let message = format!(
                "the field has the control character U+{:04X}; the file may be damaged, or be of another encoding than UTF-8",
                u32::from(char)
            );
            return Err(self.broken(fields, &message));
        }
        if self.refuses_quotes && field.starts_with('"') {
            let message = "the field begins with a quote, and fields that are parted by tabs have none around them; a program may have saved the file anew";
            return Err(self.broken(fields, message));
        }
        let is_trimmed = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_graphic);
        let bytes = field.as_bytes();
        let field = if is_trimmed(bytes.first()) && is_trimmed(bytes.last()) { field } else { field.trim() };
        fields.text.push_str(field);
        fields.ends.push(fields.text.len());
        Ok(())
    }

    /// A fault of the field that comes next.
    fn broken(&self, fields: &Fields, message: &str) -> Fault {
        Fault::new("malformed-row", self.file.place(fields.line, fields.len() + 1), message)
    }
}

/// The place of a byte, for fields of a few bytes: to call a search of memory takes longer than to look.
fn position(bytes: &[u8], sought: u8) -> Option<usize> {
    bytes.iter().position(|byte| *byte == sought)
}

/// False where a line surely has no control characters but tabs. A loop without a branch, as it sees every byte of a release.
fn may_have_controls(line: &str) -> bool {
    let may_be = |byte: u8| (byte < b' ' && byte != b'\t') || byte == 0x7f || byte == 0xc2;
    line.bytes().fold(0, |found, byte| found | u8::from(may_be(byte))) != 0
}

/// The end of a quotation inside of a quoted field whose quotes are not doubled, as publishers have them: one between spaces, in one line.
fn quotation(before: &str, rest: &str) -> Option<usize> {
    let end = rest.find('"')? + 1;
    (before.ends_with(' ') && rest[end..].starts_with(' ')).then_some(end)
}

/// Tells whether a field is like `="01"`, by which spreadsheets take a number for a text.
fn is_formula(field: &str) -> bool {
    let inner = field.trim().strip_prefix("=\"").and_then(|field| field.strip_suffix('"'));
    inner.is_some_and(|inner| !inner.contains('"'))
}

/// The fault of a line that is no UTF-8.
pub(super) fn not_utf8(file: &InputFile, line: u64, bytes: &[u8]) -> Fault {
    let is_wide = line == 1 && (bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]));
    let message = if is_wide {
        "it is not UTF-8 text but UTF-16; save it as UTF-8"
    } else {
        "it is not UTF-8 text; save it as UTF-8"
    };
    Fault::new("unreadable-file", file.place(line, 1), message)
}
