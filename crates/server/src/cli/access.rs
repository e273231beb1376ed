//! Options of the commands about who may do and see what: tokens, webhooks, preview links.
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::database::DatabaseOptions;

/// Options of `token`.
#[derive(Debug, Args)]
pub struct TokenOptions {
    /// Subcommand.
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// Subcommands of `token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Create a token and print its secret, which cannot be shown again.
    Create {
        /// Name for people, such as the name of the program that will use it.
        #[arg(long)]
        name: String,
        /// Scope that it grants: `read-drafts`, `write` (all sections), `write:MODULE` (those of one module), `publish`, `administer` or
        /// `read-metrics`. Give it once for each, or `all`.
        #[arg(long = "scope", required = true, value_name = "SCOPE")]
        scopes: Vec<String>,
        /// Number of days until it expires; never if omitted.
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
    /// Subcommand.
    #[command(subcommand)]
    pub command: WebhookCommand,
}

/// Subcommands of `webhook`.
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Create a webhook, which is notified of what is published from now on, and print the secret that its messages are signed with.
    Create {
        /// Address that messages are sent to. Where it is secret itself, such as that of a deploy hook, give it in the environment.
        #[arg(env = "CAREERQL_WEBHOOK_URL")]
        url: String,
        /// The kinds of documents it is notified of, once for each; all kinds if none is given.
        #[arg(long = "kind", value_name = "KIND")]
        kinds: Vec<String>,
        /// A file with a GraphQL query, whose answer is sent with each message: as of that publication, for each entry. It may use
        /// the variables `$id: ID!`, `$kind: String!`, `$slug: String!` and `$version: String!`.
        #[arg(long, value_name = "FILE")]
        query: Option<PathBuf>,
        /// The request that it gets.
        #[command(flatten)]
        request: RequestOptions,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
    /// Change the settings of a webhook; those that are not given stay. Messages that wait are sent by the new ones.
    Update {
        /// The id of the webhook, as `list` shows it.
        #[arg(value_parser = |id: &str| row("Webhook", id))]
        id: i64,
        /// Another address.
        #[arg(long, value_name = "URL")]
        url: Option<String>,
        /// Other kinds of documents, once for each.
        #[arg(long = "kind", value_name = "KIND")]
        kinds: Vec<String>,
        /// A file with another GraphQL query.
        #[arg(long, value_name = "FILE")]
        query: Option<PathBuf>,
        /// The request that it gets.
        #[command(flatten)]
        request: RequestOptions,
        /// Setting that goes back to its default, once for each.
        #[arg(long, value_name = "SETTING")]
        clear: Vec<ClearedSetting>,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
    /// List all webhooks, without the values of their headers.
    List(DatabaseOptions),
    /// Delete a webhook: it is no longer notified of anything.
    Delete {
        /// The id of the webhook, as `list` shows it.
        #[arg(value_parser = |id: &str| row("Webhook", id))]
        id: i64,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
    /// List the newest messages to a webhook, and the state of their delivery.
    Deliveries {
        /// The id of the webhook, as `list` shows it.
        #[arg(value_parser = |id: &str| row("Webhook", id))]
        id: i64,
        /// Only dead deliveries.
        #[arg(long)]
        dead: bool,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
    /// Send messages again, whatever their state. A server of this database sends them.
    Redeliver {
        /// The ids of the messages, as `deliveries` shows them.
        #[arg(value_parser = |id: &str| row("Delivery", id), required = true, value_name = "ID")]
        ids: Vec<i64>,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
}

/// Options about the request that a webhook gets, where it is not a POST of the standard message.
#[derive(Debug, Args)]
pub struct RequestOptions {
    /// The method; requests with GET, DELETE and PURGE have no body. POST for a new webhook.
    #[arg(long, value_parser = ["GET", "POST", "PUT", "DELETE", "PURGE"])]
    pub method: Option<String>,
    /// A header of its requests, once for each. Other users of the machine may see it; keep secrets in `--header-env` or `--header-file`.
    #[arg(long = "header", value_name = "NAME=VALUE")]
    pub headers: Vec<String>,
    /// A header whose value stands in a variable of the environment, once for each.
    #[arg(long = "header-env", value_name = "NAME=VARIABLE")]
    pub header_variables: Vec<String>,
    /// A file with headers, a line `NAME=VALUE` for each.
    #[arg(long, value_name = "FILE")]
    pub header_file: Option<PathBuf>,
    /// A file with the template of the body: JSON, in whose strings values of the standard message may stand, such as
    /// `{{ data.cacheTags }}`. An empty file is an empty body.
    #[arg(long, value_name = "FILE")]
    pub body: Option<PathBuf>,
    /// Minimum number of seconds between two calls: what happens in between is told by one call.
    #[arg(long, value_name = "SECONDS")]
    pub every: Option<i32>,
    /// Maximum number of cache tags of one call: further calls follow with the others.
    #[arg(long, value_name = "N")]
    pub max_tags: Option<i32>,
}

/// Setting of a webhook that has a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClearedSetting {
    /// All kinds.
    Kinds,
    /// No query.
    Query,
    /// No headers of its own.
    Headers,
    /// The standard message.
    Body,
    /// Each message is a call.
    Every,
    /// A call has all cache tags.
    MaxTags,
}

/// Options of `preview-link`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct PreviewLinkOptions {
    /// Subcommand about links that were made.
    #[command(subcommand)]
    pub command: Option<PreviewLinkCommand>,
    /// The kind of the document, such as `career`.
    #[arg(required = true)]
    pub kind: Option<String>,
    /// The slug of the document.
    #[arg(required = true)]
    pub slug: Option<String>,
    /// Number of hours until the link expires.
    #[arg(long, default_value_t = 24, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=720))]
    pub hours: u32,
    /// The page that the link opens; the token is added as the parameter `preview`. The endpoint itself takes it too.
    #[arg(long, env = "CAREERQL_PREVIEW_URL", default_value = "http://127.0.0.1:8000/graphql", value_name = "URL")]
    pub url: String,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
}

/// Subcommands of `preview-link`.
#[derive(Debug, Subcommand)]
pub enum PreviewLinkCommand {
    /// List the links that are still valid.
    List(DatabaseOptions),
    /// Revoke links: from now on they show nothing.
    Revoke {
        /// The ids of the links, as `list` shows them.
        #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "ID")]
        ids: Vec<i64>,
        /// Revoke all links and create a new signing key, so that no earlier link is valid: useful after a backup of the
        /// database was restored, too.
        #[arg(long)]
        all: bool,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
}

/// The number of a row, given as itself or as the id that the endpoint shows.
fn row(type_name: &str, id: &str) -> Result<i64, String> {
    kernel::row_of_id(type_name, id).ok_or_else(|| format!("this is not an id of a {}", type_name.to_lowercase()))
}
