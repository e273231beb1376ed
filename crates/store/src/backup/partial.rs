//! Files on the way: written under another name, and moved to their own when they are complete.
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Existing, Remains};
use crate::{Error, Result};

/// Age from which on a file of an earlier run is removed: no run leaves its file alone for so long.
const OLD: TimeDelta = TimeDelta::days(1);
/// Endings of the files that SQLite may put beside one.
const BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

/// A file that is removed unless it is finished.
pub(super) struct Partial(PathBuf);

impl Partial {
    /// An empty file beside the one that it will be, which only this user may read.
    pub(super) fn beside(file: &Path) -> Result<Self> {
        Self::new(folder(file), &prefix(file)).map_err(|cause| unwritten(file, &cause))
    }

    /// An empty file in the system's folder for temporary files.
    pub(super) fn temporary() -> Result<Self> {
        let folder = std::env::temp_dir();
        Self::new(&folder, TEMPORARY).map_err(|cause| unwritten(&folder, &cause))
    }

    fn new(folder: &Path, prefix: &str) -> io::Result<Self> {
        let mut random = [0; 4];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let path = folder.join(format!("{prefix}{:08x}", u32::from_ne_bytes(random)));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Gives the file its own name, once all of it is on the disk.
    pub(super) fn finish(self, file: &Path, existing: Existing) -> Result<()> {
        self.moved(file, existing).map_err(|cause| match cause.kind() {
            ErrorKind::AlreadyExists => exists(file),
            _ => unwritten(file, &cause),
        })
    }

    fn moved(&self, file: &Path, existing: Existing) -> io::Result<()> {
        OpenOptions::new().write(true).open(&self.0)?.sync_all()?;
        match existing {
            Existing::Replaced => fs::rename(&self.0, file)?,
            // Nobody's file is overwritten, also where it came meanwhile. Some file systems have no links.
            Existing::Kept => match fs::hard_link(&self.0, file) {
                Err(cause) if cause.kind() != ErrorKind::AlreadyExists && !file.exists() => fs::rename(&self.0, file)?,
                linked => linked?,
            },
        }
        // Other systems cannot open a folder.
        if cfg!(unix) {
            File::open(folder(file))?.sync_all()?;
        }
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        for path in [self.0.clone()].into_iter().chain(beside(&self.0)) {
            // It may have been moved, or never been there.
            let _gone = fs::remove_file(path);
        }
    }
}

/// Beginning of the names of temporary files.
const TEMPORARY: &str = "careerql-restore.partial-";

fn prefix(file: &Path) -> String {
    format!("{}.partial-", file.file_name().unwrap_or_default().to_string_lossy())
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The files that SQLite may put beside one.
fn beside(file: &Path) -> impl Iterator<Item = PathBuf> {
    BESIDE.iter().map(|suffix| {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        name.into()
    })
}

/// The file whose log a file would be by its name, where that is there.
fn beside_which(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_string_lossy();
    let owners = BESIDE.iter().filter_map(|suffix| Some(file.with_file_name(name.strip_suffix(suffix)?)));
    owners.into_iter().find(|owner| owner.is_file())
}

/// Refuses a file that is there and stays, and one that a program has open as a database.
pub(super) fn refuse_existing(file: &Path, existing: Existing) -> Result<()> {
    if file.file_name().is_none() || file.is_dir() {
        let message = format!("{} is a folder. Name a file in it, such as backup.sqlite.", file.display());
        return Err(Error::caller("BACKUP_FAILED", message));
    }
    if !folder(file).is_dir() {
        let message = format!(
            "{} cannot be written: the folder {} does not exist. Create it first, or name another file.",
            file.display(),
            folder(file).display()
        );
        return Err(Error::caller("BACKUP_FAILED", message));
    }
    // SQLite would take it for the log of that database.
    if let Some(database) = beside_which(file) {
        let message = format!(
            "{} cannot be written: SQLite calls the log of {} so. Name another file.",
            file.display(),
            database.display()
        );
        return Err(Error::caller("BACKUP_EXISTS", message));
    }
    if fs::symlink_metadata(file).is_ok_and(|found| !found.is_file()) {
        let message = format!("{} is not a regular file, and is not replaced. Name another file.", file.display());
        return Err(Error::caller("BACKUP_EXISTS", message));
    }
    // SQLite would take its log for that of the new file.
    if let Some(log) = beside(file).find(|path| path.exists()) {
        let message = format!(
            "{} cannot be written: {} stands beside it, so a program has it open as a database, or was killed. Name another file.",
            file.display(),
            log.display()
        );
        return Err(Error::caller("BACKUP_EXISTS", message));
    }
    if existing == Existing::Kept && fs::symlink_metadata(file).is_ok() { Err(exists(file)) } else { Ok(()) }
}

/// Removes what earlier runs left behind that were stopped while they wrote this file, and names what may belong to a run at work.
pub(super) fn clean_up_beside(file: &Path, now: DateTime<Utc>) -> Remains {
    clean_up(folder(file), &prefix(file), now)
}

/// The same in the system's folder for temporary files.
pub(super) fn clean_up_temporary(now: DateTime<Utc>) -> Remains {
    clean_up(&std::env::temp_dir(), TEMPORARY, now)
}

fn clean_up(folder: &Path, prefix: &str, now: DateTime<Utc>) -> Remains {
    let mut leftover = Remains::default();
    for found in fs::read_dir(folder).into_iter().flatten().flatten() {
        if !found.file_name().to_string_lossy().starts_with(prefix) {
            continue;
        }
        let changed = found.metadata().and_then(|known| known.modified());
        let is_old = changed.is_ok_and(|changed| now - DateTime::<Utc>::from(changed) > OLD);
        let path = if folder == Path::new(".") { found.file_name().into() } else { found.path() };
        if is_old && fs::remove_file(&path).is_ok() {
            leftover.removed.push(path);
        } else {
            leftover.young.push(path);
        }
    }
    leftover
}

fn exists(file: &Path) -> Error {
    let message = format!("{} exists. Name another file, or replace it with `--replace`.", file.display());
    Error::caller("BACKUP_EXISTS", message)
}

/// The error about a file that cannot be written, with what to do.
pub(super) fn unwritten(file: &Path, cause: &io::Error) -> Error {
    let shown = file.display();
    let (code, message) = match cause.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => return full(file),
        ErrorKind::PermissionDenied => (
            "BACKUP_FAILED",
            format!(
                "{shown} cannot be written: this user has no permission. Check the owner and the mode of its folder."
            ),
        ),
        ErrorKind::ReadOnlyFilesystem => {
            ("BACKUP_FAILED", format!("{shown} cannot be written: its disk is read-only. Name a file on another disk."))
        }
        _ => ("BACKUP_FAILED", format!("{shown} cannot be written: {cause}.")),
    };
    Error::caller(code, message)
}

/// The error about a disk without room for the file.
pub(super) fn full(file: &Path) -> Error {
    let message = format!(
        "{} cannot be written: its disk is full. Free some space, or name a file on another disk. Nothing was left behind.",
        file.display()
    );
    Error::caller("BACKUP_FULL", message)
}
