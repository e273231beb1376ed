//! The server of CareerQL: the list of modules, the HTTP endpoint and the commands of the binary `careerql`.
pub mod cli;
mod command;
mod database;
mod http;
mod limits;
mod logging;
mod observe;
mod output;
mod pipeline;
mod tls;
mod webhooks;

pub use command::{run, serve::Serving};
pub use database::{DatabaseUrl, connect};
pub use http::{
    BrowserOptions, CacheOptions, ClientOptions, Endpoint, Hosts, Network, Origins, QueryOptions, Settings,
    SiteUrlTemplate, SitemapOptions, SocketOptions, TrustMode,
};
pub use limits::{LimitMode, Limits};
pub use observe::{Metrics, ObserveOptions};
pub use tls::prepare_tls;
pub use webhooks::WebhookOptions;

use kernel::App;

/// The app with all modules. This list is the only place that knows them all; a module comes after those it extends.
pub fn app() -> App {
    App::default()
        .module("sources", sources::module)
        .module("pages", pages::module)
        .module("categories", categories::module)
        .module("datasets", datasets::module)
        .module("careers", careers::module)
        .module("occupations", occupations::module)
        .module("places", places::module)
        .module("labour-market", labour_market::module)
        .module("skills", skills::module)
        .module("work", work::module)
        .module("training", training::module)
        .module("certifications", certifications::module)
        .module("ai-impact", ai_impact::module)
        .module("faq", faq::module)
}
