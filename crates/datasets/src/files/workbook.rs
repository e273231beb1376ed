//! Workbooks: the first sheet of an `.xlsx` file as lines of texts.
use std::io::{Cursor, Read as _};

use calamine::{Reader as _, Xlsx, open_workbook_from_rs};

use super::InputFile;
use crate::Fault;

impl InputFile {
    /// The cells of the first sheet of a workbook, line by line; an empty cell is an empty text.
    pub fn sheet(&self) -> Result<Vec<Vec<String>>, Fault> {
        let mut content = Vec::new();
        self.open()?.read_to_end(&mut content).map_err(|cause| self.unreadable(&cause))?;
        let broken = |cause: calamine::XlsxError| {
            self.fault("unreadable-file", format!("it cannot be read as an .xlsx workbook: {cause}"))
        };
        let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(content)).map_err(broken)?;
        let sheet = workbook.worksheet_range_at(0);
        let sheet = sheet.ok_or_else(|| self.fault("unknown-layout", "the workbook has no sheet"))?.map_err(broken)?;
        // The range begins at the first cell that holds something.
        let empty = sheet.start().map_or(0, |(line, _)| line as usize);
        let lines = sheet.rows().map(|row| row.iter().map(|cell| cell.to_string().trim().to_owned()).collect());
        Ok(std::iter::repeat_n(Vec::new(), empty).chain(lines).collect())
    }
}
