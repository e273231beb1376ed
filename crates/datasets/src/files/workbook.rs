//! Workbooks: the first sheet of an `.xlsx` file as lines of texts.
use std::io::{self, Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx, XlsxError, open_workbook_from_rs};

use super::{InputFile, archive, too_large};
use crate::Fault;

/// Maximum size of a workbook, packed or unpacked. The largest that publishers offer has 4 MB.
const MAX_WORKBOOK: u64 = 16 << 20;
/// Maximum number of lines and of columns of a sheet.
const MAX_LINES: u32 = 200_000;
const MAX_COLUMNS: u32 = 1_000;
/// Maximum number of cells of a sheet, empty ones between others among them.
const MAX_CELLS: usize = 2_000_000;
/// The attribute by which a workbook tells how many texts it has.
const TEXTS: &[u8] = b"uniqueCount";

impl InputFile {
    /// The cells of the first sheet of a workbook, line by line; an empty cell is an empty text.
    pub fn sheet(&self) -> Result<Vec<Vec<String>>, Fault> {
        let content = self.content(MAX_WORKBOOK)?;
        self.unpack(&content)?;
        let broken = |_: XlsxError| self.no_workbook();
        let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(content)).map_err(broken)?;
        let Some(sheet) = workbook.sheet_names().first().cloned() else {
            return Err(self.fault("unknown-layout", "the workbook has no sheet"));
        };
        let mut reader = workbook.worksheet_cells_reader(&sheet).map_err(broken)?;
        let (mut lines, mut cells) = (Vec::<Vec<String>>::new(), 0);
        while let Some(cell) = reader.next_cell().map_err(broken)? {
            let text = Data::from(cell.get_value().clone()).to_string();
            let (text, (line, column)) = (text.trim(), cell.get_position());
            if text.is_empty() {
                continue;
            }
            let (index, place) = (line as usize, column as usize);
            let is_too_far = line >= MAX_LINES || column >= MAX_COLUMNS;
            if !is_too_far && lines.len() <= index {
                lines.resize_with(index + 1, Vec::new);
            }
            cells += lines.get(index).map_or(0, |line| (place + 1).saturating_sub(line.len()));
            if is_too_far || cells > MAX_CELLS {
                let message = format!(
                    "its sheet is larger than {MAX_LINES} lines of {MAX_COLUMNS} columns, or {MAX_CELLS} cells, which no release is"
                );
                return Err(Fault::new("unreadable-file", self.place(u64::from(line) + 1, place + 1), message));
            }
            let line = &mut lines[index];
            if line.len() <= place {
                line.resize_with(place + 1, String::new);
            }
            text.clone_into(&mut line[place]);
        }
        Ok(lines)
    }

    /// Unpacks the files of a workbook, and refuses what is larger than it says, or asks for more memory than it has texts.
    fn unpack(&self, content: &[u8]) -> Result<(), Fault> {
        let mut left = MAX_WORKBOOK;
        for entry in archive::entries(&self.shown, Cursor::new(content)).map_err(|_| self.no_workbook())? {
            let mut unpacked = Vec::new();
            let opened =
                entry.open(Cursor::new(content)).and_then(|file| file.take(left + 1).read_to_end(&mut unpacked));
            opened.map_err(|cause: io::Error| self.unreadable(&cause))?;
            left = left
                .checked_sub(unpacked.len() as u64)
                .ok_or_else(|| self.fault("unreadable-file", too_large(MAX_WORKBOOK)))?;
            let told = unpacked.windows(TEXTS.len()).position(|part| part == TEXTS).map(|at| &unpacked[at..]);
            let digits = told.into_iter().flatten().skip_while(|byte| !byte.is_ascii_digit());
            if digits.take_while(|byte| byte.is_ascii_digit()).count() > MAX_CELLS.ilog10() as usize {
                return Err(self.no_workbook());
            }
        }
        Ok(())
    }

    fn no_workbook(&self) -> Fault {
        let message = "it cannot be read as an .xlsx workbook: it is none, or is damaged, encrypted or of another format; fetch it again, or save it as .xlsx";
        self.fault("unreadable-file", message)
    }
}
