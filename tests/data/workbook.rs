//! Workbooks as publishers make them: an `.xlsx` file of one sheet, from rows of texts.
use flate2::Crc;

/// The bytes of a workbook whose only sheet has these lines.
pub fn workbook(lines: &[&[&str]]) -> Vec<u8> {
    let row = |(index, cells): (usize, &&[&str])| {
        let number = index + 1;
        let cell = |(column, text): (u8, &&str)| {
            let column = char::from(b'A' + column);
            format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{}</t></is></c>", text.replace('&', "&amp;"))
        };
        let cells: String = (0..).zip(*cells).filter(|(_, text)| !text.is_empty()).map(cell).collect();
        format!("<row r=\"{number}\">{cells}</row>")
    };
    of_rows(&lines.iter().enumerate().map(row).collect::<String>())
}

/// The bytes of a workbook whose only sheet has these rows, as XML.
pub fn of_rows(rows: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    archive(&[
        (
            "_rels/.rels",
            &format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            &format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" \
                 Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            &format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"Codes\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", &format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>")),
    ])
}

/// A zip archive of these files, stored as they are.
pub fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut sum = Crc::new();
        sum.update(text.as_bytes());
        let offset = u32::try_from(bytes.len()).unwrap();
        let size = u32::try_from(text.len()).unwrap();
        // Version, flags, method, time and day; the sum, both sizes, and the lengths of the name and of nothing else.
        let mut about: Vec<u8> = [20_u16, 0, 0, 0, 33].iter().flat_map(|number| number.to_le_bytes()).collect();
        about.extend([sum.sum(), size, size].iter().flat_map(|number| number.to_le_bytes()));
        about.extend([u16::try_from(name.len()).unwrap(), 0].iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&about);
        bytes.extend(name.as_bytes());
        bytes.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&about);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let number = u16::try_from(files.len()).unwrap();
    let (start, size) = (u32::try_from(bytes.len()).unwrap(), u32::try_from(directory.len()).unwrap());
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\x00\x00\x00\x00");
    bytes.extend([number, number].iter().flat_map(|number| number.to_le_bytes()));
    bytes.extend([size, start].iter().flat_map(|number| number.to_le_bytes()));
    bytes.extend([0; 2]);
    bytes
}
