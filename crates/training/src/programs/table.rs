//! The table `programs` of `cip-soc`: instructional programs, and the families and groups that they belong to.
use std::borrow::Cow;

use datasets::{Column, DataTable, Fault, Input, Reading, Record, Row};
use serde::{Deserialize, Serialize};

use super::{DATASET, is_cip, programs_file};

/// The table `programs`.
pub(crate) struct Programs;

/// A program, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ProgramRow {
    pub(super) code: String,
    pub(super) family: String,
    pub(super) action: String,
    pub(super) changed: bool,
    pub(super) title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) definition: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) references: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) examples: Vec<String>,
}

impl Row for ProgramRow {
    fn key(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }
}

/// A code, which the file writes as `="51.0707"`, so that spreadsheets keep its zeros.
fn code<'r>(record: &'r Record<'_>, column: Column) -> Result<&'r str, Fault> {
    let text = record.text(column)?;
    let bare = text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if is_cip(bare) {
        Ok(bare)
    } else {
        Err(record.fault("malformed-value", column, format!("`{text}` is not a code like 51.0707")))
    }
}

/// A title without the dot that ends it.
pub(super) fn title(text: &str) -> &str {
    text.strip_suffix('.').unwrap_or(text)
}

/// Examples, which the file writes as `Examples: - One, - Another`.
fn examples(text: &str) -> Vec<String> {
    let listed = text.strip_prefix("Examples:").unwrap_or(text).trim_start();
    let listed = listed.strip_prefix("- ").unwrap_or(listed);
    listed.split(", - ").map(|example| example.trim().to_owned()).filter(|example| !example.is_empty()).collect()
}

/// References, which the file writes as `41.0101 - One., 51.0802 - Another.`
fn references(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in text.split(", ") {
        let begins = part.split(" - ").next().is_some_and(|begin| is_cip(begin.trim()));
        match found.last_mut() {
            Some(last) if !begins => {
                last.push_str(", ");
                last.push_str(part);
            }
            _ => found.push(part.to_owned()),
        }
    }
    found.iter().map(|reference| title(reference.trim()).to_owned()).filter(|reference| !reference.is_empty()).collect()
}

impl DataTable for Programs {
    type Row = ProgramRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "programs";

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ProgramRow>) -> Result<(), Fault> {
        let records = programs_file(input.files)?.records()?;
        let column = |name: &str| records.column(&[name]);
        let (family, cip, action) = (column("CIPFamily")?, column("CIPCode")?, column("Action")?);
        let (changed, name, definition) = (column("TextChange")?, column("CIPTitle")?, column("CIPDefinition")?);
        let (referred, shown) = (column("CrossReferences")?, column("Examples")?);
        let row = |record: &Record<'_>| {
            Ok(ProgramRow {
                code: code(record, cip)?.to_owned(),
                family: code(record, family)?.to_owned(),
                action: record.text(action)?.to_owned(),
                changed: match record.text(changed)? {
                    "yes" => true,
                    "no" => false,
                    other => {
                        return Err(record.fault(
                            "malformed-value",
                            changed,
                            format!("`{other}` is neither `yes` nor `no`"),
                        ));
                    }
                },
                title: title(record.text(name)?).to_owned(),
                definition: record.optional(definition).map(str::to_owned),
                references: record.optional(referred).map(references).unwrap_or_default(),
                examples: record.optional(shown).map(examples).unwrap_or_default(),
            })
        };
        records.each(|record| match row(record) {
            Ok(row) => rows.row(row, record.place(cip)),
            Err(fault) => rows.fault(fault),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{examples, references};

    #[test]
    fn examples_may_hold_commas() {
        assert_eq!(examples("Examples: - Coaching"), ["Coaching"]);
        assert_eq!(examples("Examples: - Heating, Cooling (HC), - Repair"), ["Heating, Cooling (HC)", "Repair"]);
    }

    #[test]
    fn references_begin_with_a_code() {
        let read = references("41.0101 - Biology Technician., 51.0802 - Assistant, Clinical.");
        assert_eq!(read, ["41.0101 - Biology Technician", "51.0802 - Assistant, Clinical"]);
    }
}
