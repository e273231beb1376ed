//! Tables of text: fields parted by tabs without quotes, or by commas with quotes. Columns are found by their names in the first line.
use std::{fmt::Display, io::Read, str::FromStr};

use csv::{ErrorKind, ReaderBuilder, StringRecord, Terminator, Trim};

use super::InputFile;
use crate::{Fault, Place};

/// Maximum number of fields of a line.
const MAX_FIELDS: usize = 1_000;

/// The records of a file.
pub struct Records<'f> {
    file: &'f InputFile,
    reader: csv::Reader<Box<dyn Read + Send>>,
    headers: Vec<String>,
    record: StringRecord,
}

/// A column of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column(usize);

/// One record of a file.
pub struct Record<'r> {
    file: &'r InputFile,
    headers: &'r [String],
    fields: &'r StringRecord,
}

impl InputFile {
    /// The records of the file: parted by tabs in a `.txt` or `.tsv` file, by commas in any other.
    pub fn records(&self) -> Result<Records<'_>, Fault> {
        let is_tabbed = self.has_ending("txt") || self.has_ending("tsv");
        let mut builder = ReaderBuilder::new();
        // A carriage return before the end of a line is trimmed with other space: where it ends a line itself, lines are miscounted.
        builder.trim(Trim::Fields).has_headers(false).flexible(false).terminator(Terminator::Any(b'\n'));
        if is_tabbed {
            builder.delimiter(b'\t').quoting(false);
        }
        let mut reader = builder.from_reader(self.open()?);
        let mut record = StringRecord::new();
        let is_there = reader.read_record(&mut record).map_err(|error| self.broken(&error))?;
        if !is_there {
            return Err(self.fault("unknown-layout", "the file is empty; its first line should name the columns"));
        }
        let headers: Vec<_> =
            record.iter().map(|name| name.trim_start_matches('\u{feff}').trim().trim_matches('"').to_owned()).collect();
        if headers.len() > MAX_FIELDS {
            return Err(self.fault("unknown-layout", format!("its first line has more than {MAX_FIELDS} fields")));
        }
        Ok(Records { file: self, reader, headers, record })
    }

    fn broken(&self, error: &csv::Error) -> Fault {
        let line = error.position().map_or(1, csv::Position::line);
        let place = Place { file: self.name.clone(), line: line.max(1), column: 1 };
        match error.kind() {
            ErrorKind::UnequalLengths { expected_len, len, .. } => {
                let message = format!(
                    "the line has {len} fields, and the first line names {expected_len} columns; the file may be cut off or damaged"
                );
                Fault::new("malformed-row", place, message)
            }
            ErrorKind::Utf8 { .. } => Fault::new("unreadable-file", place, "it is not UTF-8 text; save it as UTF-8"),
            ErrorKind::Io(cause) => Fault { place, ..self.unreadable(cause) },
            _ => Fault::new("malformed-row", place, error.to_string()),
        }
    }
}

impl Records<'_> {
    /// The names of the columns.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The column of one of these names, the first that is there.
    pub fn column(&self, names: &[&str]) -> Result<Column, Fault> {
        self.find(names).ok_or_else(|| {
            let asked = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
            let known = self.headers.iter().take(30).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            self.file.fault("missing-column", format!("there is no column {asked}; the columns are {known}"))
        })
    }

    /// The same, which may be missing.
    pub fn find(&self, names: &[&str]) -> Option<Column> {
        names.iter().find_map(|name| self.headers.iter().position(|header| header == name)).map(Column)
    }

    /// The next record.
    #[expect(clippy::should_implement_trait, reason = "a record borrows the reader")]
    pub fn next(&mut self) -> Option<Result<Record<'_>, Fault>> {
        match self.reader.read_record(&mut self.record) {
            Ok(true) => Some(Ok(Record { file: self.file, headers: &self.headers, fields: &self.record })),
            Ok(false) => None,
            Err(error) => Some(Err(self.file.broken(&error))),
        }
    }

    /// Reads all records, of which there has to be one.
    pub fn each(mut self, mut read: impl FnMut(&Record<'_>) -> Result<(), Fault>) -> Result<(), Fault> {
        let mut is_empty = true;
        while let Some(record) = self.next() {
            is_empty = false;
            read(&record?)?;
        }
        if is_empty { Err(self.file.without_rows()) } else { Ok(()) }
    }
}

impl Record<'_> {
    /// The text of a field, as it stands.
    pub fn raw(&self, column: Column) -> &str {
        self.fields.get(column.0).unwrap_or_default()
    }

    /// The text of a field, where there is one: `n/a` and the empty field are none.
    pub fn optional(&self, column: Column) -> Option<&str> {
        Some(self.raw(column)).filter(|text| !text.is_empty() && *text != "n/a")
    }

    /// The text of a field that may not be in all layouts.
    pub fn find(&self, column: Option<Column>) -> Option<&str> {
        column.and_then(|column| self.optional(column))
    }

    /// The text of a field that has one.
    pub fn text(&self, column: Column) -> Result<&str, Fault> {
        self.optional(column)
            .ok_or_else(|| self.fault("missing-value", column, "it has no value, and every row needs one"))
    }

    /// A number of a field, where there is one.
    pub fn number<N: FromStr>(&self, column: Column) -> Result<Option<N>, Fault>
    where
        N::Err: Display,
    {
        self.optional(column)
            .map(|text| {
                text.parse()
                    .map_err(|_| self.fault("malformed-value", column, format!("`{text}` is not a number here")))
            })
            .transpose()
    }

    /// A number of a field that has one.
    pub fn required_number<N: FromStr>(&self, column: Column) -> Result<N, Fault>
    where
        N::Err: Display,
    {
        self.text(column)?;
        self.number(column)?.ok_or_else(|| self.fault("missing-value", column, "it has no value"))
    }

    /// A `Y` or an `N` of a field, where there is one.
    pub fn flag(&self, column: Column) -> Result<Option<bool>, Fault> {
        match self.optional(column) {
            None => Ok(None),
            Some("Y") => Ok(Some(true)),
            Some("N") => Ok(Some(false)),
            Some(other) => Err(self.fault("malformed-value", column, format!("`{other}` is neither `Y` nor `N`"))),
        }
    }

    /// A month such as `08/2023` as `2023-08`, where there is one.
    pub fn month(&self, column: Column) -> Result<Option<String>, Fault> {
        let Some(text) = self.optional(column) else { return Ok(None) };
        let is_number = |text: &str, len| text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.split_once('/') {
            Some((month, year)) if is_number(month, 2) && is_number(year, 4) => Ok(Some(format!("{year}-{month}"))),
            _ => Err(self.fault("malformed-value", column, format!("`{text}` is not a month like 08/2023"))),
        }
    }

    /// The place of a field.
    pub fn place(&self, column: Column) -> Place {
        let line = self.fields.position().map_or(1, csv::Position::line);
        Place { file: self.file.name.clone(), line, column: column.0 + 1 }
    }

    /// A fault of a field.
    pub fn fault(&self, rule: &'static str, column: Column, message: impl Display) -> Fault {
        let name = self.headers.get(column.0).map_or("", String::as_str);
        Fault::new(rule, self.place(column), format!("column `{name}`: {message}"))
    }
}
