//! Options of the commands about who may do and see what: tokens, webhooks, preview links.
use std::path::PathBuf;

use clap::{Args, Subcommand};

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
        /// Address that messages are posted to.
        url: String,
        /// The kinds of documents it is notified of, once for each; all kinds if none is given.
        #[arg(long = "kind", value_name = "KIND")]
        kinds: Vec<String>,
        /// A file with a GraphQL query, whose answer is sent with each message: as of that publication, for each entry. It may use
        /// the variables `$id: ID!`, `$kind: String!`, `$slug: String!` and `$version: String!`.
        #[arg(long, value_name = "FILE")]
        query: Option<PathBuf>,
        /// The database.
        #[command(flatten)]
        database: DatabaseOptions,
    },
    /// List all webhooks.
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
