//! The files that paths name, each of them a regular one: what a pipe or a device gives has no end, and cannot be read twice.
use std::path::{Path, PathBuf};

use super::{file_name, has_ending, is_of_release, unreadable};
use crate::Fault;

/// The files of these paths, and those of folders, with those of the folders in them.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Fault> {
    let mut found = Vec::new();
    for path in paths {
        add(path, &path.display().to_string(), 2, &mut found)?;
    }
    Ok(found)
}

/// Adds a file, or the files of a folder, so many levels down.
fn add(path: &Path, shown: &str, levels: usize, found: &mut Vec<PathBuf>) -> Result<(), Fault> {
    let kind = path.metadata().map_err(|cause| unreadable(shown, &cause))?;
    if kind.is_file() {
        found.push(path.to_owned());
    } else if !kind.is_dir() {
        let message = "it is a pipe or a device; write what it gives to a file, and name that";
        return Err(Fault::of_file("unreadable-file", shown, message));
    } else if levels > 0 {
        let entries = path.read_dir().and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
        let mut entries: Vec<_> = entries.map_err(|cause| unreadable(shown, &cause))?;
        entries.sort();
        for entry in entries {
            let name = file_name(&entry);
            let is_wanted = entry.is_dir() || is_of_release(&name) || has_ending(&name, "zip");
            // Operating systems leave files of their own in folders.
            if is_wanted && !name.starts_with('.') {
                add(&entry, &name, levels - 1, found)?;
            }
        }
    }
    Ok(())
}
