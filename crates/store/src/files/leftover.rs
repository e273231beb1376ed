//! Leftovers of an export in its folder: documents of entries that are not exported any more. The next import would bring them back.
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::source::{YAML, documents};
use crate::{ContentModel, Error, Result};

/// Files in the folder of an export that the export did not write and an import would read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Leftover {
    /// Documents that stand where an export puts them: an earlier one wrote them.
    pub exported: Vec<PathBuf>,
    /// Others, which somebody else put there.
    pub others: Vec<PathBuf>,
}

/// Leftovers in a folder beside the files that were written, which are relative to it.
pub fn leftover(content: &ContentModel, folder: &Path, written: &BTreeSet<PathBuf>) -> Result<Leftover> {
    let mut leftover = Leftover::default();
    let files = match documents(folder) {
        Ok(files) => files,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(leftover),
        Err(cause) => return Err(failed(folder, &cause)),
    };
    for file in files {
        let Ok(path) = file.strip_prefix(folder) else { continue };
        if written.contains(path) {
            continue;
        }
        let is_ours = is_exported(content, &file, path);
        if is_ours { &mut leftover.exported } else { &mut leftover.others }.push(path.to_owned());
    }
    Ok(leftover)
}

/// Tells whether a file is a document that stands where an export puts it: `careers/nurse.yaml`.
fn is_exported(content: &ContentModel, file: &Path, path: &Path) -> bool {
    let is_file = fs::symlink_metadata(file).is_ok_and(|about| about.is_file());
    let Some(tree) = fs::read_to_string(file).ok().filter(|_| is_file).and_then(|text| document::parse(&text).ok())
    else {
        return false;
    };
    let text = |field: &str| match tree.get(field).map(|value| &value.value) {
        Some(document::TreeValue::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let kind = text("kind").and_then(|kind| content.kind(kind));
    let place = kind.zip(text("slug")).map(|(kind, slug)| Path::new(kind.folder).join(format!("{slug}.{}", YAML[0])));
    place.is_some_and(|place| place == path)
}

/// Removes files of an earlier export.
pub fn prune(folder: &Path, leftover: &Leftover) -> Result<()> {
    for path in &leftover.exported {
        let file = folder.join(path);
        fs::remove_file(&file).map_err(|cause| failed(&file, &cause))?;
    }
    Ok(())
}

fn failed(path: &Path, cause: &io::Error) -> Error {
    Error::caller("EXPORT_FAILED", format!("{}: {cause}", path.display()))
}
