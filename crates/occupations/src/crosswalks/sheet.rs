//! Workbooks of crosswalks: one sheet, whose header is below some lines of text.
use datasets::{Fault, Place, files::InputFile};

/// The lines of a sheet below its header.
pub(super) struct Sheet<'f> {
    file: &'f InputFile,
    lines: Vec<Vec<String>>,
    /// The header, by its index among the lines.
    header: usize,
}

/// The index of a column.
#[derive(Clone, Copy)]
pub(super) struct SheetColumn(usize);

/// A line of a sheet.
pub(super) struct SheetLine<'s> {
    file: &'s InputFile,
    number: u64,
    cells: &'s [String],
}

impl<'f> Sheet<'f> {
    /// Reads the workbook. Its header is the first line with a cell of this name.
    pub(super) fn below(file: &'f InputFile, name: &str) -> Result<Self, Fault> {
        let lines = file.sheet()?;
        let is_header = |line: &Vec<String>| line.iter().any(|cell| cell.eq_ignore_ascii_case(name));
        let Some(header) = lines.iter().position(is_header) else {
            return Err(file.fault("missing-column", format!("no line names a column `{name}`")));
        };
        Ok(Self { file, lines, header })
    }

    /// The column with this name.
    pub(super) fn column(&self, name: &str) -> Result<SheetColumn, Fault> {
        let found = self.lines[self.header].iter().position(|cell| cell.eq_ignore_ascii_case(name));
        let missing = || format!("line {} names no column `{name}`", self.header + 1);
        found.map(SheetColumn).ok_or_else(|| self.file.fault("missing-column", missing()))
    }

    /// The lines below the header that hold something, of which there has to be one.
    pub(super) fn lines(&self) -> Result<Vec<SheetLine<'_>>, Fault> {
        let numbered = (1_u64..).zip(&self.lines).skip(self.header + 1);
        let filled = numbered.filter(|(_, cells)| !cells.iter().all(String::is_empty));
        let lines: Vec<_> = filled.map(|(number, cells)| SheetLine { file: self.file, number, cells }).collect();
        if lines.is_empty() { Err(self.file.without_rows()) } else { Ok(lines) }
    }
}

impl SheetLine<'_> {
    /// The text of a cell; empty where there is none.
    pub(super) fn text(&self, SheetColumn(column): SheetColumn) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// The text of a cell, where there is one: a dash stands for none.
    pub(super) fn optional(&self, column: SheetColumn) -> Option<String> {
        let text = self.text(column);
        Some(text.to_owned())
            .filter(|text| !text.is_empty() && !text.chars().all(|char| matches!(char, '—' | '–' | '-')))
    }

    /// The place of a cell.
    pub(super) fn place(&self, SheetColumn(column): SheetColumn) -> Place {
        self.file.place(self.number, column + 1)
    }

    /// A fault of a cell that should be a code like this one.
    pub(super) fn no_code(&self, column: SheetColumn, example: &str) -> Fault {
        let message = format!("`{}` is not a code like {example}", self.text(column));
        Fault::new("malformed-value", self.place(column), message)
    }
}
