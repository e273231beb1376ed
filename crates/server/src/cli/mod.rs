//! The command line, and the environment variables that stand for its flags.
mod environment;
mod read;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use kernel::{PerspectiveName, store::Winner};

pub(crate) use self::read::address;
use self::read::level;
pub use self::read::parse;
use crate::{DatabaseUrl, Settings, database::Synchronous};

/// A GraphQL content backend for career guides: you give it documents, it gives you a graph.
#[derive(Debug, Parser)]
#[command(name = "careerql", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do; `serve` where none is named.
    #[command(subcommand)]
    pub command: Command,
    /// Where and how to log.
    #[command(flatten)]
    pub log: LogOptions,
}

/// What the binary can do.
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

/// Options of `serve`.
#[derive(Debug, Args)]
pub struct ServeOptions {
    /// The address to listen on, as IP:PORT.
    #[arg(long, env = "CAREERQL_LISTEN", default_value = "127.0.0.1:8000", value_parser = address)]
    pub listen: SocketAddr,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
    /// The folder of documents that are published when the database is empty. Without this option, the folder `seed` where
    /// the working folder has one.
    #[arg(long, env = "CAREERQL_SEED", value_name = "PATH")]
    pub seed: Option<PathBuf>,
    /// Which revisions the endpoint shows. `draft` is for editors on their own machine: it shows what nobody has published.
    #[arg(long, env = "CAREERQL_PERSPECTIVE", value_enum, default_value = "published")]
    pub perspective: PerspectiveOption,
    /// How the endpoint is set up.
    #[command(flatten)]
    pub endpoint: Settings,
}

/// Which database to use.
#[derive(Debug, Args)]
pub struct DatabaseOptions {
    /// The database: `sqlite://FILE` (created where it is missing) or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://careerql.sqlite", value_name = "URL")]
    pub database_url: DatabaseUrl,
    /// When a change in an SQLite file is acknowledged: `full` once it is on the disk, so that a loss of power takes nothing of it;
    /// `normal` before, which is faster, and a loss of power may take the last changes, of which webhooks may have been told
    /// already. A crash of the server alone takes nothing either way. A Postgres server has its own `synchronous_commit`.
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
    /// Withdraw what is published of the kinds in the files and stands in none of them: what `diff` says is in the database only.
    /// What editors made and never came from a file stays, and is named.
    #[arg(long, requires = "publish")]
    pub withdraw_missing: bool,
    /// Whose content stays.
    #[command(flatten)]
    pub sides: SideOptions,
    /// Who makes the revisions.
    #[arg(long, env = "CAREERQL_AUTHOR", default_value = "import")]
    pub author: String,
    /// Why.
    #[arg(long, short, default_value = "")]
    pub message: String,
}

/// Whose content stays where somebody changed an entry in the database since its file was imported. Without one of them, an
/// entry whose file was not changed stays as the database has it, and is named; where the file was changed as well, nothing at all is
/// imported.
#[derive(Debug, Default, Args)]
pub struct SideOptions {
    /// Where an entry was changed in the database since its last import, keep what the database has, also where its file was changed
    /// as well. The other files are imported.
    #[arg(long, conflicts_with = "theirs")]
    pub ours: bool,
    /// Where an entry was changed in the database since its last import, take what the file has. What the database had stays in the
    /// history of the entry.
    #[arg(long)]
    pub theirs: bool,
}

impl SideOptions {
    /// Whose content stays.
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
    /// Who renames.
    #[arg(long, env = "CAREERQL_AUTHOR", default_value = "command")]
    pub author: String,
}

/// Options of `token`.
#[derive(Debug, Args)]
pub struct TokenOptions {
    /// What to do.
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print its secret, which cannot be shown again.
    Create {
        /// What people call it, such as the name of the program that will use it.
        #[arg(long)]
        name: String,
        /// What it allows: `read-drafts`, `write` (all sections), `write:MODULE` (those of one module), `publish`, `administer` or
        /// `read-metrics`. Give it once for each, or `all`.
        #[arg(long = "scope", required = true, value_name = "SCOPE")]
        scopes: Vec<String>,
        /// After how many days it is of no use any more; never where this is not given.
        #[arg(long, value_name = "DAYS")]
        days: Option<u32>,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
    /// List all tokens, without their secrets.
    List(DatabaseOptions),
    /// Revoke a token: from now on it is refused.
    Revoke {
        /// The id of the token, as `list` shows it.
        #[arg(value_parser = |id: &str| row("Token", id))]
        id: i64,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
}

/// Options of `webhook`.
#[derive(Debug, Args)]
pub struct WebhookCommandOptions {
    /// What to do.
    #[command(subcommand)]
    pub command: WebhookCommand,
}

/// What can be done with webhooks.
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Make a webhook, which is told of what is published from now on, and print the secret that its messages are signed with.
    Create {
        /// Where it is told, by POST.
        url: String,
        /// The kinds of documents it is told of, once for each; of all, where none is given.
        #[arg(long = "kind", value_name = "KIND")]
        kinds: Vec<String>,
        /// A file with a GraphQL query, whose answer comes with each message: as what was published then, for each entry. It may use
        /// the variables `$id: ID!`, `$kind: String!`, `$slug: String!` and `$version: String!`.
        #[arg(long, value_name = "FILE")]
        query: Option<PathBuf>,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
    /// List all webhooks.
    List(DatabaseOptions),
    /// Delete a webhook: it is told of nothing more.
    Delete {
        /// The id of the webhook, as `list` shows it.
        #[arg(value_parser = |id: &str| row("Webhook", id))]
        id: i64,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
    /// List the newest messages to a webhook, and how far they got.
    Deliveries {
        /// The id of the webhook, as `list` shows it.
        #[arg(value_parser = |id: &str| row("Webhook", id))]
        id: i64,
        /// Only those that were given up.
        #[arg(long)]
        dead: bool,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
    /// Send messages once more, whatever became of them. A server of this database sends them.
    Redeliver {
        /// The ids of the messages, as `deliveries` shows them.
        #[arg(value_parser = |id: &str| row("Delivery", id), required = true, value_name = "ID")]
        ids: Vec<i64>,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
}

/// Options of `preview-link`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct PreviewLinkOptions {
    /// What to do with links that were made.
    #[command(subcommand)]
    pub command: Option<PreviewLinkCommand>,
    /// The kind of the document, such as `career`.
    #[arg(required = true)]
    pub kind: Option<String>,
    /// The slug of the document.
    #[arg(required = true)]
    pub slug: Option<String>,
    /// After how many hours the link shows nothing any more.
    #[arg(long, default_value_t = 24, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=720))]
    pub hours: u32,
    /// The page that the link opens; the token is added as the parameter `preview`. The endpoint itself takes it too.
    #[arg(long, env = "CAREERQL_PREVIEW_URL", default_value = "http://127.0.0.1:8000/graphql", value_name = "URL")]
    pub url: String,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
}

/// What can be done with preview links that were made.
#[derive(Debug, Subcommand)]
pub enum PreviewLinkCommand {
    /// List the links that show something still.
    List(DatabaseOptions),
    /// Revoke links: from now on they show nothing.
    Revoke {
        /// The ids of the links, as `list` shows them.
        #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "ID")]
        ids: Vec<i64>,
        /// Revoke all links and make a new key to sign with, so that no link made before is valid: also after a backup of the
        /// database was restored.
        #[arg(long)]
        all: bool,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
}

/// Options of `diff`.
#[derive(Debug, Args)]
pub struct DiffOptions {
    /// YAML and JSON Lines files, and folders of both. For a folder, documents of its kinds that are in the database only are named
    /// too; an import leaves them as they are unless it is told to `--withdraw-missing`.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What the files are compared with: `published`, `draft`, `as-of:TIME` or `release:NAME`.
    #[arg(long, default_value = "published")]
    pub perspective: PerspectiveName,
    /// How differences are printed.
    #[arg(long, value_enum, default_value = "text")]
    pub format: DiffFormat,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
}

/// How differences are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people.
    Text,
    /// One JSON object in each line: `action`, `kind`, `slug`, and `differences` with `kind`, `path`, `fromPath`, `before`, `after`
    /// and `text`.
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
    /// Whose content stays.
    #[command(flatten)]
    pub sides: SideOptions,
    /// Who makes the revisions.
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
    /// Remove files of an earlier export whose entries are not exported any more, such as those of withdrawn and renamed ones.
    /// Nothing else is removed, and nothing where nothing is exported.
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
    /// List each warning with its place, also where many are alike.
    #[arg(long)]
    pub all: bool,
    /// YAML files of one document each, JSON Lines files (`.jsonl`, `.ndjson`) with a document in each line, and folders of
    /// both.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// Options of the log, which goes to the standard error.
#[derive(Debug, Args)]
pub struct LogOptions {
    /// How log lines look.
    #[arg(long, env = "CAREERQL_LOG_FORMAT", value_enum, default_value = "text", global = true)]
    pub log_format: LogFormat,
    /// What is logged: `error`, `warn`, `info`, `debug` or `trace`, also by target as in `info,sqlx=debug`, which shows every
    /// SQL statement.
    #[arg(long, env = "CAREERQL_LOG_LEVEL", default_value = "info", global = true, value_name = "LEVEL", value_parser = level)]
    pub log_level: String,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The perspectives that a command can take.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PerspectiveOption {
    /// What is published.
    Published,
    /// The draft of each entry that has one, else what is published.
    Draft,
}

impl From<PerspectiveOption> for kernel::Perspective {
    fn from(option: PerspectiveOption) -> Self {
        match option {
            PerspectiveOption::Published => Self::Published,
            PerspectiveOption::Draft => Self::Draft,
        }
    }
}

/// The number of a row, given as itself or as the id that the endpoint shows.
fn row(type_name: &str, id: &str) -> Result<i64, String> {
    kernel::row_of_id(type_name, id).ok_or_else(|| format!("this is not an id of a {}", type_name.to_lowercase()))
}
