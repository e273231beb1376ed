//! Tables of text: fields parted by tabs without quotes, or by commas with quotes. Columns are found by their names in the first line.
use std::{collections::HashSet, fmt::Display, str::FromStr};

use super::{
    InputFile,
    number::{plain, scientific},
    records::{Fields, RecordReader},
};
use crate::{Fault, Place};

/// Maximum number of fields of a line.
const MAX_FIELDS: usize = 1_000;

/// The records of a file.
pub struct Records<'f> {
    file: &'f InputFile,
    reader: RecordReader<'f>,
    headers: Vec<String>,
    record: Fields,
}

/// A column of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column(usize);

/// One record of a file.
pub struct Record<'r> {
    file: &'r InputFile,
    headers: &'r [String],
    fields: &'r Fields,
}

impl InputFile {
    /// The records of the file: parted by tabs in a `.txt` or `.tsv` file, by commas in any other.
    pub fn records(&self) -> Result<Records<'_>, Fault> {
        let (mut reader, mut record) = (RecordReader::new(self)?, Fields::default());
        if !reader.read(&mut record)? {
            return Err(self.fault("unknown-layout", "the file is empty; its first line should name the columns"));
        }
        let headers: Vec<_> = record.iter().map(|name| name.trim_matches('"').to_owned()).collect();
        let fault = |message| Err(Fault::new("unknown-layout", self.place(record.line, 1), message));
        if headers.len() > MAX_FIELDS {
            return fault(format!("its first line has more than {MAX_FIELDS} fields"));
        }
        let mut known = HashSet::new();
        if let Some(name) = headers.iter().find(|name| !name.is_empty() && !known.insert(*name)) {
            return fault(format!("its first line names two columns `{name}`"));
        }
        Ok(Records { file: self, reader, headers, record })
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
        match self.reader.read(&mut self.record) {
            Ok(false) => return None,
            Ok(true) => {}
            Err(fault) => return Some(Err(fault)),
        }
        let (fields, columns) = (self.record.len(), self.headers.len());
        if fields != columns {
            let message = format!(
                "the line has {fields} fields, and the first line names {columns} columns; the file may be cut off or damaged"
            );
            return Some(Err(Fault::new("malformed-row", self.file.place(self.record.line, 1), message)));
        }
        Some(Ok(Record { file: self.file, headers: &self.headers, fields: &self.record }))
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

    /// A plain decimal number of a field, where there is one.
    pub fn number<N: FromStr>(&self, column: Column) -> Result<Option<N>, Fault> {
        let Some(text) = self.optional(column) else { return Ok(None) };
        let number = plain(text).and_then(|number| number.parse().ok());
        number.map(Some).ok_or_else(|| self.not_a_number(column))
    }

    /// A number of a field, where there is one, which may have an exponent, as in `1.21e-06`.
    pub fn scientific_number(&self, column: Column) -> Result<Option<f64>, Fault> {
        let Some(text) = self.optional(column) else { return Ok(None) };
        scientific(text).map(Some).ok_or_else(|| self.not_a_number(column))
    }

    fn not_a_number(&self, column: Column) -> Fault {
        self.fault("malformed-value", column, format!("`{}` is not a number here", self.raw(column)))
    }

    /// A number of a field that has one.
    pub fn required_number<N: FromStr>(&self, column: Column) -> Result<N, Fault> {
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
            Some((month, year)) if is_number(month, 2) && is_number(year, 4) && ("01"..="12").contains(&month) => {
                Ok(Some(format!("{year}-{month}")))
            }
            _ => Err(self.fault("malformed-value", column, format!("`{text}` is not a month like 08/2023"))),
        }
    }

    /// The place of a field.
    pub fn place(&self, column: Column) -> Place {
        self.file.place(self.fields.line, column.0 + 1)
    }

    /// A fault of a field.
    pub fn fault(&self, rule: &'static str, column: Column, message: impl Display) -> Fault {
        let name = self.headers.get(column.0).map_or("", String::as_str);
        Fault::new(rule, self.place(column), format!("column `{name}`: {message}"))
    }
}
