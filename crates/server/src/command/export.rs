//! `careerql export`: the visible documents as YAML files.
use std::path::PathBuf;

use kernel::{Result, store};

use super::{check::counted, open, say};
use crate::cli::ExportOptions;

pub(super) async fn export(options: &ExportOptions) -> Result<()> {
    let (graph, db) = open(&options.database).await?;
    let mut write = store::write_files(&options.path);
    let mut documents = 0;
    let exported =
        store::export(&db, graph.content(), options.perspective.resolve(&db).await?, |path: PathBuf, yaml: String| {
            documents += 1;
            write(path, yaml)
        });
    let exported = exported.await;
    db.close().await?;
    exported?;
    say(format_args!("Wrote {} to {}.", counted(documents, "document"), options.path.display()))
}
