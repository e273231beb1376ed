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
    line: Vec<u8>,
    /// Number of lines that were read.
    lines: u64,
}

impl<'f> RecordReader<'f> {
    pub(super) fn new(file: &'f InputFile) -> Result<Self, Fault> {
        let reader = BufReader::with_capacity(64 << 10, file.open(MAX_FILE)?);
        let is_tabbed = file.has_ending("txt") || file.has_ending("tsv");
        Ok(Self { file, reader, is_tabbed, line: Vec::new(), lines: 0 })
    }

    /// Reads the next record, past empty lines; false where there is none.
    pub(super) fn read(&mut self, fields: &mut Fields) -> Result<bool, Fault> {
        let line = loop {
            match self.next_line()? {
                None => return Ok(false),
                Some(line) if line.is_empty() => {}
                Some(line) => break line,
            }
        };
        fields.text.clear();
        fields.ends.clear();
        fields.line = self.lines;
        if self.is_tabbed {
            line.split('\t').try_for_each(|field| self.push(fields, field))?;
        } else {
            self.split(line, fields)?;
        }
        Ok(true)
    }

    /// The next line, without what ends it.
    fn next_line(&mut self) -> Result<Option<String>, Fault> {
        self.line.clear();
        let mut limited = (&mut self.reader).take(MAX_LINE as u64 + 1);
        let read = limited.read_until(b'\n', &mut self.line);
        self.lines += 1;
        let fault = |rule, message: &str| Fault::new(rule, self.file.place(self.lines, 1), message);
        let read = read.map_err(|cause| {
            let unreadable = self.file.unreadable(&cause);
            fault(unreadable.rule, &unreadable.message)
        })?;
        if read == 0 {
            return Ok(None);
        }
        if read > MAX_LINE {
            let message = format!("it has a line of more than {} MiB, which no table has", MAX_LINE >> 20);
            return Err(fault("unreadable-file", &message));
        }
        let line = mem::take(&mut self.line);
        let line = String::from_utf8(line).map_err(|cause| not_utf8(self.file, self.lines, cause.as_bytes()))?;
        let line = line.strip_suffix('\n').map_or(line.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        let line = if self.lines == 1 { line.trim_start_matches('\u{feff}') } else { line };
        if line.contains('\r') {
            let message = "a carriage return stands by itself; save the file with lines that end in line feeds";
            return Err(fault("malformed-row", message));
        }
        Ok(Some(line.to_owned()))
    }

    /// Parts a line by commas. A quoted field may go on in the next lines.
    fn split(&mut self, line: String, fields: &mut Fields) -> Result<(), Fault> {
        let (mut line, mut begin) = (line, 0);
        loop {
            let (field, end) = if line[begin..].starts_with('"') {
                self.quoted(&mut line, begin + 1, fields)?
            } else {
                let end = line[begin..].find(',').map_or(line.len(), |end| begin + end);
                let field = &line[begin..end];
                if field.contains('"') && !is_formula(field) {
                    let message = "a quote stands inside of a field that does not begin with one; quote the whole field, and double the quotes in it";
                    return Err(self.broken(fields, message));
                }
                (field.to_owned(), end)
            };
            self.push(fields, &field)?;
            if end == line.len() {
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
                let next = if field.len() > MAX_LINE { None } else { self.next_line()? };
                let message = "the quote that begins the field is not closed; the file may be cut off or damaged";
                *line = next.ok_or_else(|| self.broken(fields, message))?;
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

    fn push(&self, fields: &mut Fields, field: &str) -> Result<(), Fault> {
        let may_be_control = |byte: u8| byte < b' ' || byte == 0x7f || byte == 0xc2;
        let is_control = |char: &char| char.is_control() && !matches!(char, '\t' | '\n');
        if field.bytes().any(may_be_control)
            && let Some(char) = field.chars().find(is_control)
        {
            let message = format!(
                "the field has the control character U+{:04X}; the file may be damaged, or be of another encoding than UTF-8",
                u32::from(char)
            );
            return Err(self.broken(fields, &message));
        }
        fields.text.push_str(field.trim());
        fields.ends.push(fields.text.len());
        Ok(())
    }

    /// A fault of the field that comes next.
    fn broken(&self, fields: &Fields, message: &str) -> Fault {
        Fault::new("malformed-row", self.file.place(fields.line, fields.len() + 1), message)
    }
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
