//! The command line, and the environment variables that stand for its flags.
mod access;
mod backup;
mod content;
mod data;
mod environment;
mod read;
mod serve;

use clap::{Parser, Subcommand};

pub(crate) use self::read::address;
pub use self::{
    access::{
        ClearedSetting, PreviewLinkCommand, PreviewLinkOptions, RequestOptions, TokenCommand, TokenOptions,
        WebhookCommand, WebhookCommandOptions,
    },
    backup::{BackupOptions, RestoreOptions},
    content::{
        CheckOptions, DiffOptions, ExportOptions, ImportOptions, OutputFormat, RenameOptions, SchemaOptions,
        SideOptions, UnpublishOptions, WatchOptions,
    },
    data::{DraftOptions, SyncOptions},
    read::parse,
    serve::{HealthOptions, PerspectiveOption, ServeOptions, WithoutOption},
};
use crate::{database::DatabaseOptions, logging::LogOptions};

/// A GraphQL content backend for career guides: you give it documents, it gives you a graph.
#[derive(Debug, Parser)]
#[command(name = "careerql", version, about, max_term_width = 100)]
pub struct Cli {
    /// Command; `serve` if none is named.
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
    /// Ask a running server on this machine whether it is ready; exit status 1 if it is not. For programs that watch it where there is
    /// no shell, such as in a container.
    Health(HealthOptions),
    /// Create or update the tables of the database, and exit.
    Migrate(DatabaseOptions),
    /// Import documents from YAML and JSON Lines files: all of them, or none if one has an error. Prints the outcome of each
    /// if there are at most 500, and how many were created, updated and unchanged. What was changed in the database since its last
    /// import is not overwritten: see `--ours` and `--theirs`.
    Import(ImportOptions),
    /// Bring a release of a publisher's data set in, such as wages or skills: all of it, or nothing. The files of a release that is stored
    /// already change nothing. Prints a plan of what differs; exit status 1 if a file is not as it should be, with file, line and field.
    Sync(SyncOptions),
    /// Print the first draft of a document about an occupation as YAML: what data sets know of it, and comments that say what is left to its
    /// editor.
    Draft(DraftOptions),
    /// Withdraw what is published: the endpoint no longer shows it, and it stays as a draft. Exit status 1 if nothing of that
    /// name is published; the others are withdrawn.
    Unpublish(UnpublishOptions),
    /// Give an entry another slug, in one transaction with all that links to it, however much that is. The old slug leads to it.
    Rename(RenameOptions),
    /// Create, list and revoke the tokens with which editors and programs write.
    Token(TokenOptions),
    /// Notify other programs of what is published: create, list and delete webhooks, and send messages again.
    Webhook(WebhookCommandOptions),
    /// Print a link with which somebody without a token sees the draft of one entry, until it expires or is revoked; list and revoke
    /// such links.
    PreviewLink(PreviewLinkOptions),
    /// Compare files with the database, like a plan: what an import of them would create and change. Exit status 0 if nothing
    /// differs, 2 if something does, 1 if a file has an error.
    Diff(DiffOptions),
    /// Publish each file when it is saved, until Ctrl-C: for writing beside a running server. A file with an error is reported and
    /// changes nothing; a file that is deleted withdraws nothing.
    Watch(WatchOptions),
    /// Write the published documents as YAML files.
    Export(ExportOptions),
    /// Write the whole database to one SQLite file while it is in use: drafts, history, tokens, audit log, releases and deliveries too.
    /// The file is read again before it gets its name. It may come from either kind of database, and be restored to either.
    Backup(BackupOptions),
    /// Put the content of a backup in the place of that of the database: all of it, or nothing. A running server notices. A backup
    /// of an older version is brought up to date; one of a newer version is refused.
    Restore(RestoreOptions),
    /// Check YAML and JSON Lines files without a database; exit status 1 if there is an error.
    Check(CheckOptions),
    /// Print the GraphQL schema; with `--json`, the JSON Schema of documents, by which editors complete and check YAML.
    Schema(SchemaOptions),
    /// Print the rules that documents are checked by, with a good and a bad example each, in Markdown.
    Rules,
    /// Print every setting as a table in Markdown.
    Settings,
}
