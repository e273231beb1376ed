//! Options of the commands about data sets.
use std::path::PathBuf;

use clap::Args;

use crate::database::DatabaseOptions;

/// Options of `sync`.
#[derive(Debug, Args)]
pub struct SyncOptions {
    /// The data set, such as `bls-oews`.
    #[arg(value_name = "SOURCE")]
    pub source: String,
    /// The files of the release as the publisher offers them, their folder, or a zip archive of them; `.zst` files are decompressed.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
    /// Print what would change, and change nothing. Exit status 0 if nothing differs, 2 if something does.
    #[arg(long)]
    pub plan: bool,
    /// Publish the release at once. Without it, it becomes a draft of the data set, which the endpoint does not show.
    #[arg(long)]
    pub publish: bool,
    /// Put the release of the data set into this release of content, which must exist: it is published with what else that holds.
    #[arg(long, value_name = "NAME", conflicts_with = "publish")]
    pub release: Option<String>,
    /// Accept what breaks this rule: `lost-rows`, `unknown-code` or `unknown-footnote`. A row with an unknown code is left out.
    #[arg(long, value_name = "RULE")]
    pub accept: Vec<String>,
    /// The name of the release, such as `May 2025`, where no file tells it.
    #[arg(long, value_name = "TEXT", value_parser = crate::cli::read::edition)]
    pub edition: Option<String>,
    /// The day the release was published, such as `2026-05-15`.
    #[arg(long, value_name = "DATE", value_parser = crate::cli::read::day)]
    pub published_on: Option<String>,
    /// The day the next release is due. From then on, `findings` says so.
    #[arg(long, value_name = "DATE", value_parser = crate::cli::read::day)]
    pub next_release_on: Option<String>,
    /// Number of published releases whose rows are kept, for `as-of`. The manifests of older ones stay; a request for their figures is an
    /// error.
    #[arg(long, default_value_t = 4, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    pub keep_releases: u16,
    /// Author of the revision.
    #[arg(long, env = "CAREERQL_AUTHOR", default_value = "sync")]
    pub author: String,
    /// Reason, in one line.
    #[arg(long, short, default_value = "")]
    pub message: String,
}

/// Options of `draft`.
#[derive(Debug, Args)]
pub struct DraftOptions {
    /// The kind of the document: `career`.
    pub kind: String,
    /// The O*NET-SOC code of the occupation that it is about, such as `29-2072.00`.
    #[arg(long, value_name = "CODE")]
    pub occupation: String,
    /// The slug of the document; made of the title of the occupation if omitted.
    #[arg(long)]
    pub slug: Option<String>,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
}
