//! Export: the visible documents as YAML files, one per entry, the same bytes from every database.
use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sea_orm::DatabaseConnection;

use crate::{
    ContentModel, Error, Perspective, Result,
    entries::{listing::visible_after, state::documents},
};

/// Gives every document that the perspective shows to `sink`, in the order of kinds and slugs, as a relative path and YAML.
pub async fn export(
    db: &DatabaseConnection,
    content: &ContentModel,
    perspective: Perspective,
    mut sink: impl FnMut(PathBuf, String) -> Result<()> + Send,
) -> Result<()> {
    for kind in content.kinds() {
        let mut after = String::new();
        loop {
            let visible = visible_after(db, perspective, kind.name, &after).await?;
            let Some((last, _)) = visible.last() else { break };
            after.clone_from(last);
            let asked: Vec<_> = visible.iter().map(|(slug, revision)| (kind.name, slug.as_str(), *revision)).collect();
            let documents = documents(db, content, &asked).await?;
            for (slug, revision) in &visible {
                let Some(document) = documents.get(revision) else { continue };
                let path = Path::new(kind.folder).join(format!("{slug}.yaml"));
                sink(path, document::write(content, document)?)?;
            }
        }
    }
    Ok(())
}

/// Writes an export below a folder. Each file appears whole or not at all; files of other entries are left alone.
pub fn write_files(folder: &Path) -> impl FnMut(PathBuf, String) -> Result<()> + Send + use<> {
    let folder = folder.to_owned();
    move |path, yaml| {
        let path = folder.join(path);
        write_file(&path, &yaml)
            .map_err(|cause| Error::caller("EXPORT_FAILED", format!("{} cannot be written: {cause}", path.display())))
    }
}

fn write_file(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let partial = path.with_extension("yaml.partial");
    fs::write(&partial, text)?;
    fs::rename(partial, path)
}
