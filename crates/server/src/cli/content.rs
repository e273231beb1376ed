//! Options of the commands about documents: between files and the database, and within it.
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use kernel::{PerspectiveName, store::Winner};

use crate::database::DatabaseOptions;

/// Options of `import`.
#[derive(Debug, Args)]
pub struct ImportOptions {
    /// YAML files of one document each, JSON Lines files (`.jsonl`, `.ndjson`) with a document in each line, and folders of
    /// both.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
    /// Publish the documents at once. Without it they become drafts, which the endpoint does not show.
    #[arg(long)]
    pub publish: bool,
    /// Withdraw published entries of the kinds in the files that no file contains: those that `diff` lists as in the database only.
    /// Entries that editors made and that never came from a file stay, and are named.
    #[arg(long, requires = "publish")]
    pub withdraw_missing: bool,
    /// Side whose content stays.
    #[command(flatten)]
    pub sides: SideOptions,
    /// Author of the revisions.
    #[arg(long, env = "CAREERQL_AUTHOR", default_value = "import")]
    pub author: String,
    /// Reason, in one line.
    #[arg(long, short, default_value = "")]
    pub message: String,
}

/// Side whose content stays where somebody changed an entry in the database since its file was imported. Without one of them, an
/// entry whose file was not changed stays as the database has it, and is named; where the file was changed as well, nothing at all is
/// imported.
#[derive(Debug, Default, Args)]
pub struct SideOptions {
    /// Keep what the database has where an entry was changed in it since its last import, also where its file was changed as
    /// well. The other files are imported.
    #[arg(long, conflicts_with = "theirs")]
    pub ours: bool,
    /// Take what the file has where an entry was changed in the database since its last import. What the database had stays in the
    /// history of the entry.
    #[arg(long)]
    pub theirs: bool,
}

impl SideOptions {
    /// Side whose content stays.
    pub fn winner(&self) -> Winner {
        match (self.ours, self.theirs) {
            (true, _) => Winner::Database,
            (false, true) => Winner::Files,
            (false, false) => Winner::Nobody,
        }
    }
}

/// Options of `unpublish`.
#[derive(Debug, Args)]
pub struct UnpublishOptions {
    /// The kind of the documents, such as `career`.
    pub kind: String,
    /// The slugs of the documents.
    #[arg(required = true, value_name = "SLUG")]
    pub slugs: Vec<String>,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
}

/// Options of `rename`.
#[derive(Debug, Args)]
pub struct RenameOptions {
    /// The kind of the document, such as `career`.
    pub kind: String,
    /// The slug that it has.
    pub from: String,
    /// The slug that it gets, which no other document of the kind has or had.
    pub to: String,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
    /// Author of the change.
    #[arg(long, env = "CAREERQL_AUTHOR", default_value = "command")]
    pub author: String,
}

/// Options of `diff`.
#[derive(Debug, Args)]
pub struct DiffOptions {
    /// YAML and JSON Lines files, and folders of both. For a folder, documents of its kinds that are in the database only are named
    /// too; an import leaves them as they are without `--withdraw-missing`.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Perspective that the files are compared with: `published`, `draft`, `as-of:TIME` or `release:NAME`.
    #[arg(long, default_value = "published")]
    pub perspective: PerspectiveName,
    /// Format of the differences. JSON has `action`, `kind`, `slug`, and `differences` with `kind`, `path`, `fromPath`, `before`, `after`
    /// and `text`.
    #[arg(long, value_enum, default_value = "text")]
    pub format: OutputFormat,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
}

/// Format of what a command tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people.
    Text,
    /// One JSON object in each line.
    Json,
}

/// Options of `watch`.
#[derive(Debug, Args)]
pub struct WatchOptions {
    /// YAML and JSON Lines files, and folders of both.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Save drafts instead of publishing.
    #[arg(long)]
    pub draft: bool,
    /// Side whose content stays.
    #[command(flatten)]
    pub sides: SideOptions,
    /// Author of the revisions.
    #[arg(long, env = "CAREERQL_AUTHOR", default_value = "watch")]
    pub author: String,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
}

/// Options of `export`.
#[derive(Debug, Args)]
pub struct ExportOptions {
    /// The folder to write to: `PATH/careers/SLUG.yaml` and so on. Files of the same name are replaced.
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// Remove files of an earlier export whose entries are no longer exported, such as those of withdrawn and renamed ones.
    /// Nothing else is removed, and nothing at all if nothing is exported.
    #[arg(long)]
    pub prune: bool,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
    /// Which revisions to write: `published`, `draft` or `as-of:TIME`, such as `as-of:2026-05-10T12:00:00Z`.
    #[arg(long, default_value = "published")]
    pub perspective: PerspectiveName,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// List each warning with its place, even if many are alike.
    #[arg(long)]
    pub all: bool,
    /// Format of the findings. JSON has each with its `file`, `line`, `column`, `severity`, `rule`, `path`, `coordinate` and `message`; the
    /// coordinate names the field of the schema that answers what stands at the place, such as `Money.amount`.
    #[arg(long, value_enum, default_value = "text")]
    pub format: OutputFormat,
    /// YAML files of one document each, JSON Lines files (`.jsonl`, `.ndjson`) with a document in each line, and folders of
    /// both.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// Options of `schema`.
#[derive(Debug, Args)]
pub struct SchemaOptions {
    /// Print the JSON Schema of documents instead: of this kind, such as `career`; of all kinds, told apart by their field `kind`, where
    /// none is given.
    #[arg(long, value_name = "KIND", num_args = 0..=1)]
    pub json: Option<Option<String>>,
    /// Print what changed since the schema in this file instead, by coordinate, in Markdown: what breaks clients first.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub changes_since: Option<PathBuf>,
}
