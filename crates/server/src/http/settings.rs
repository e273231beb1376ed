//! Settings of the endpoint, each with its flag and its environment variable.
use std::time::Duration;

use poem::http::HeaderName;

use super::{
    client::ClientOptions, origin::BrowserOptions, persisted_documents::QueryOptions, site_url::SiteUrlTemplate,
};
use crate::{
    limits::{Limits, seconds},
    observe::ObserveOptions,
    webhooks::WebhookOptions,
};

/// Limits of connections that stay open.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Subscriptions")]
pub struct SocketOptions {
    /// The WebSockets and event streams that may be open at once.
    #[arg(long, env = "CAREERQL_MAX_SOCKETS", default_value_t = 1_000, value_name = "N")]
    pub max_sockets: u32,
    /// The operations that one WebSocket may have open at once.
    #[arg(long, env = "CAREERQL_MAX_SUBSCRIPTIONS", default_value_t = 50, value_name = "N")]
    pub max_subscriptions: usize,
    /// The subscriptions that may be open at once, on all WebSockets and event streams together.
    #[arg(long, env = "CAREERQL_MAX_OPEN_SUBSCRIPTIONS", default_value_t = 5_000, value_name = "N")]
    pub max_open_subscriptions: usize,
    /// The size of a message to a WebSocket in bytes.
    #[arg(long, env = "CAREERQL_MAX_MESSAGE_BYTES", default_value_t = 64 * 1024, value_name = "BYTES")]
    pub max_message_bytes: usize,
    /// The seconds within which a client must say `connection_init`.
    #[arg(long, env = "CAREERQL_INIT_SECONDS", default_value = "3", value_name = "SECONDS", value_parser = seconds)]
    pub init_seconds: Duration,
    /// Interval at which a WebSocket is asked for a sign of life, in seconds.
    #[arg(long, env = "CAREERQL_PING_SECONDS", default_value = "20", value_name = "SECONDS", value_parser = seconds)]
    pub ping_seconds: Duration,
    /// The seconds that a WebSocket may be without a sign of life, or without taking a message.
    #[arg(long, env = "CAREERQL_IDLE_SECONDS", default_value = "60", value_name = "SECONDS", value_parser = seconds)]
    pub idle_seconds: Duration,
    /// Interval at which an event stream gets a comment that keeps it open, in seconds.
    #[arg(long, env = "CAREERQL_KEEP_ALIVE_SECONDS", default_value = "12", value_name = "SECONDS", value_parser = seconds)]
    pub keep_alive_seconds: Duration,
}

/// Options about what is kept, here and in caches on the way to the client.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Caching")]
pub struct CacheOptions {
    /// The space for everything that is kept between requests, in MiB: answers, content and parsed queries. 0 keeps nothing, or queries alone.
    #[arg(long, env = "CAREERQL_CACHE_MIB", default_value_t = 256, value_name = "MIB")]
    pub cache_mib: u64,
    /// The space for parsed queries, in MiB, in the place of the sixteenth of `--cache-mib` that is theirs otherwise: beside the
    /// content that they ask for, queries are few and the same.
    #[arg(long, env = "CAREERQL_QUERY_CACHE_MIB", value_name = "MIB")]
    pub query_cache_mib: Option<u64>,
    /// The seconds that clients and shared caches may use an answer without asking again (`max-age`). With 0 they ask each
    /// time, and are told in few bytes that nothing has changed.
    #[arg(long, env = "CAREERQL_MAX_AGE_SECONDS", default_value_t = 0, value_name = "SECONDS")]
    pub max_age_seconds: u32,
    /// The same for shared caches alone (`s-maxage`), which can be purged by tag; as for clients where it is not given.
    #[arg(long, env = "CAREERQL_SHARED_MAX_AGE_SECONDS", value_name = "SECONDS")]
    pub shared_max_age_seconds: Option<u32>,
    /// The seconds for which a cache may go on giving an answer that is too old while it asks for a new one (`stale-while-revalidate`).
    #[arg(long, env = "CAREERQL_STALE_WHILE_REVALIDATE_SECONDS", value_name = "SECONDS")]
    pub stale_while_revalidate_seconds: Option<u32>,
    /// The seconds for which a cache may go on giving an answer that is too old while the server does not answer (`stale-if-error`).
    #[arg(long, env = "CAREERQL_STALE_IF_ERROR_SECONDS", value_name = "SECONDS")]
    pub stale_if_error_seconds: Option<u32>,
    /// The header with the cache tags: `Cache-Tag` separates them by commas, any other (`Surrogate-Key`, `xkey`) by spaces.
    #[arg(long, env = "CAREERQL_CACHE_TAG_HEADER", default_value = "cache-tag", value_name = "NAME")]
    pub cache_tag_header: HeaderName,
}

/// Options about the sitemap.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Sitemap")]
pub struct SitemapOptions {
    /// The addresses of the site's pages of a kind, such as `career=https://www.example.com/careers/{slug}`; once for each kind, or
    /// separated by commas. With one or more, `/sitemap.xml` names the pages of all published entries of these kinds.
    #[arg(
        long = "site-url-template",
        env = "CAREERQL_SITE_URL_TEMPLATES",
        value_name = "KIND=URL",
        value_delimiter = ','
    )]
    pub site_url_templates: Vec<SiteUrlTemplate>,
}

/// Settings of the endpoint.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// Limits on the cost of requests.
    #[command(flatten)]
    pub limits: Limits,
    /// Clients and proxies.
    #[command(flatten)]
    pub clients: ClientOptions,
    /// Caching.
    #[command(flatten)]
    pub caching: CacheOptions,
    /// Queries that may run.
    #[command(flatten)]
    pub queries: QueryOptions,
    /// Connections that stay open.
    #[command(flatten)]
    pub sockets: SocketOptions,
    /// Which pages may ask.
    #[command(flatten)]
    pub browsers: BrowserOptions,
    /// Receivers that are told of publications.
    #[command(flatten)]
    pub webhooks: WebhookOptions,
    /// The sitemap.
    #[command(flatten)]
    pub sitemap: SitemapOptions,
    /// Observability for operators.
    #[command(flatten)]
    pub observe: ObserveOptions,
}
