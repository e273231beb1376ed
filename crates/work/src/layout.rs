//! The data set `onet` as this module reads it.
use std::collections::HashMap;

use datasets::{Column, Fault, Input, Record};
use occupations::layout::{ELEMENT, ELEMENT_NAME};

/// The slug of the data set.
pub(crate) const DATASET: &str = "onet";
/// Identifier of a task.
pub(crate) const TASK_ID: &[&str] = &["Task ID"];
/// Files that list the tasks.
pub(crate) const TASKS_FILE: &[&str] = &["Task Statements.txt", "task_statements.csv", "task_statements.txt"];
/// Files that list the detailed work activities, in either layout.
pub(crate) const DETAILED_FILE: &[&str] =
    &["DWA Reference.txt", "gwas_to_iwas_to_dwas.csv", "gwas_to_iwas_to_dwas.txt", "GWAs to IWAs to DWAs.txt"];
/// Files that list the intermediate work activities, in either layout.
pub(crate) const INTERMEDIATE_FILE: &[&str] =
    &["IWA Reference.txt", "gwas_to_iwas.csv", "gwas_to_iwas.txt", "GWAs to IWAs.txt"];
/// Files that name the generalized work activities, among other elements.
const ELEMENTS_FILE: &[&str] =
    &["Content Model Reference.txt", "content_model_reference.csv", "content_model_reference.txt"];

/// The fault of a row about an occupation that the release does not have, if it is.
pub(crate) fn unknown_code(input: &Input<'_>, record: &Record<'_>, column: Column) -> Result<Option<Fault>, Fault> {
    let code = record.text(column)?;
    Ok(if input.knows(code) { None } else { input.unknown_code(code, record.place(column)) })
}

/// The titles of the work activities of a release, by their identifiers.
pub(crate) struct ActivityTitles {
    pub(crate) generalized: HashMap<String, String>,
    pub(crate) intermediate: HashMap<String, String>,
    pub(crate) detailed: HashMap<String, String>,
}

impl ActivityTitles {
    /// Reads them. A release that names activities has the files.
    pub(crate) fn read(input: &Input<'_>) -> Result<Self, Fault> {
        let mut titles = Self { generalized: HashMap::new(), intermediate: HashMap::new(), detailed: HashMap::new() };
        named(input, ELEMENTS_FILE, (ELEMENT, ELEMENT_NAME), &mut titles.generalized)?;
        named(input, INTERMEDIATE_FILE, (IWA_ID, IWA_TITLE), &mut titles.intermediate)?;
        named(input, DETAILED_FILE, (DWA_ID, DWA_TITLE), &mut titles.detailed)?;
        Ok(titles)
    }
}

/// Identifier of a generalized work activity.
pub(crate) const GWA_ID: &[&str] = &["GWA Element ID", "Element ID"];
/// Identifier of an intermediate work activity.
pub(crate) const IWA_ID: &[&str] = &["IWA Element ID", "IWA ID"];
/// Title of an intermediate work activity.
pub(crate) const IWA_TITLE: &[&str] = &["IWA Element Name", "IWA Title"];
/// Identifier of a detailed work activity.
pub(crate) const DWA_ID: &[&str] = &["DWA Element ID", "DWA ID"];
/// Title of a detailed work activity.
pub(crate) const DWA_TITLE: &[&str] = &["DWA Element Name", "DWA Title"];

fn named(
    input: &Input<'_>,
    files: &[&str],
    (id, title): (&[&str], &[&str]),
    titles: &mut HashMap<String, String>,
) -> Result<(), Fault> {
    let records = input.files.required(files)?.records()?;
    let (id, title) = (records.column(id)?, records.column(title)?);
    records.each(|record| {
        titles.insert(record.text(id)?.to_owned(), record.text(title)?.to_owned());
        Ok(())
    })
}
