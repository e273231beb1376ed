//! The command line, and the environment variables that stand for its flags.
mod access;
mod content;
mod environment;
mod read;
mod serve;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::read::address;
use self::read::level;
pub use self::{
    access::{
        PreviewLinkCommand, PreviewLinkOptions, TokenCommand, TokenOptions, WebhookCommand, WebhookCommandOptions,
    },
    content::{
        CheckOptions, DiffFormat, DiffOptions, ExportOptions, ImportOptions, RenameOptions, SideOptions,
        UnpublishOptions, WatchOptions,
    },
    read::parse,
    serve::{PerspectiveOption, ServeOptions},
};
use crate::{DatabaseUrl, database::Synchronous};

/// A GraphQL content backend for career guides: you give it documents, it gives you a graph.
#[derive(Debug, Parser)]
#[command(name = "careerql", version, about, max_term_width = 100)]
pub struct Cli {
    /// Command; `serve` where none is named.
    #[command(subcommand)]
    pub command: Command,
    /// Options of the log.
    #[command(flatten)]
    pub log: LogOptions,
}

/// Commands of the binary.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the endpoint until Ctrl-C (the default). Creates and migrates the database, and imports the seed into an empty one.
    Serve(Box<ServeOptions>),
    /// Create or update the tables of the database, and end.
    Migrate(DatabaseOptions),
    /// Import documents from YAML and JSON Lines files: all of them, or none where one has an error. Says what became of each
    /// where there are at most 500, and how many were created, updated and unchanged. What was changed in the database since its last
    /// import is not overwritten: see `--ours` and `--theirs`.
    Import(ImportOptions),
    /// Withdraw what is published: the endpoint shows it no more, and it stays as a draft. Exit status 1 where nothing of that
    /// name is published; the others are withdrawn.
    Unpublish(UnpublishOptions),
    /// Give an entry another slug, in one transaction with all that links to it, however much that is. The old slug leads to it.
    Rename(RenameOptions),
    /// Make, list and revoke the tokens with which editors and programs write.
    Token(TokenOptions),
    /// Tell other programs of what is published: make, list and delete webhooks, and send messages once more.
    Webhook(WebhookCommandOptions),
    /// Print a link with which somebody without a token sees the draft of one entry, until it expires or is revoked; list and revoke
    /// such links.
    PreviewLink(PreviewLinkOptions),
    /// Compare files with the database, like a plan: what an import of them would create and change. Exit status 0 where nothing
    /// differs, 2 where something does, 1 where a file has an error.
    Diff(DiffOptions),
    /// Publish each file when it is saved, until Ctrl-C: for writing beside a running server. A file with an error is reported and
    /// changes nothing; a file that is deleted withdraws nothing.
    Watch(WatchOptions),
    /// Write the published documents as YAML files.
    Export(ExportOptions),
    /// Check YAML and JSON Lines files without a database; exit status 1 where there is an error.
    Check(CheckOptions),
    /// Print the GraphQL schema.
    Schema,
    /// Print the rules that documents are checked by, with a good and a bad example each, in Markdown.
    Rules,
    /// Print every setting as a table in Markdown.
    Settings,
}

/// The database to use.
#[derive(Debug, Args)]
pub struct DatabaseOptions {
    /// The database: `sqlite://FILE` (created where it is missing) or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://careerql.sqlite", value_name = "URL")]
    pub database_url: DatabaseUrl,
    /// Moment at which a change in an SQLite file is acknowledged: `full` once it is on the disk, so that a loss of power takes
    /// nothing of it; `normal` before, which is faster, and a loss of power may take the last changes, of which webhooks may have been
    /// told already. A crash of the server alone takes nothing either way. A Postgres server has its own `synchronous_commit`.
    #[arg(
        long,
        env = "CAREERQL_SQLITE_SYNCHRONOUS",
        value_enum,
        default_value = "full",
        value_name = "WHEN",
        hide_possible_values = true
    )]
    pub synchronous: Synchronous,
}

/// Options of the log, which goes to the standard error.
#[derive(Debug, Args)]
pub struct LogOptions {
    /// Format of log lines.
    #[arg(long, env = "CAREERQL_LOG_FORMAT", value_enum, default_value = "text", global = true)]
    pub log_format: LogFormat,
    /// Level of the log: `error`, `warn`, `info`, `debug` or `trace`, also by target as in `info,sqlx=debug`, which shows every
    /// SQL statement.
    #[arg(long, env = "CAREERQL_LOG_LEVEL", default_value = "info", global = true, value_name = "LEVEL", value_parser = level)]
    pub log_level: String,
}

/// Format of log lines.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}
