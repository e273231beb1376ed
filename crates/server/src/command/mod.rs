//! The commands of the binary, a file each.
mod backup;
mod check;
mod descriptors;
mod diff;
mod draft;
mod export;
mod health;
mod import;
mod preview_link;
mod progress;
mod rename;
mod rules;
mod schema_changes;
mod seed_data;
pub(crate) mod serve;
mod settings;
mod sync;
mod token;
mod unpublish;
mod watch;
mod webhook;
mod webhook_request;

use std::process::ExitCode;

use futures_util::future::LocalBoxFuture;
use kernel::{
    App, ContentModel, Error, Graph, Result,
    document::json_schema,
    store::{Database, Migrations},
};
use sea_orm::DatabaseConnection;

use crate::{
    cli::{Cli, Command, SchemaOptions},
    database::{self, DatabaseOptions},
    logging,
    output::{print_line, warn_line},
    tls::prepare_tls,
};

/// Runs the command. Exit status 0: done; 1: it could not be done, and a line on the standard error says why.
///
/// A boxed future is compiled here, and not once more in each program that awaits it.
pub fn run(cli: Cli) -> LocalBoxFuture<'static, ExitCode> {
    Box::pin(execute(cli))
}

async fn execute(cli: Cli) -> ExitCode {
    prepare_tls();
    let traces = match logging::start(&cli.log) {
        Ok(traces) => traces,
        Err(error) => {
            warn_line(format_args!("careerql: {error} [{}]", error.code()));
            return ExitCode::FAILURE;
        }
    };
    let done = match &cli.command {
        Command::Serve(options) => serve::serve(options).await.map(|()| ExitCode::SUCCESS),
        Command::Health(options) => health::health(options).await.map(|()| ExitCode::SUCCESS),
        Command::Migrate(options) => migrate(options).await.map(|()| ExitCode::SUCCESS),
        Command::Import(options) => import::import(options).await,
        Command::Sync(options) => sync::sync(options).await,
        Command::Draft(options) => draft::draft(options).await,
        Command::Unpublish(options) => unpublish::unpublish(options).await,
        Command::Rename(options) => rename::rename(options).await,
        Command::Token(options) => token::token(&options.command).await,
        Command::Webhook(options) => webhook::webhook(&options.command).await,
        Command::PreviewLink(options) => preview_link::preview_link(options).await,
        Command::Diff(options) => diff::diff(options).await,
        Command::Watch(options) => watch::watch(options).await,
        Command::Export(options) => export::export(options).await.map(|()| ExitCode::SUCCESS),
        Command::Backup(options) => backup::backup(options).await.map(|()| ExitCode::SUCCESS),
        Command::Restore(options) => backup::restore(options).await.map(|()| ExitCode::SUCCESS),
        Command::Check(options) => check::check(options),
        Command::Rules => rules::print(),
        Command::Settings => print_line(format_args!("{}", settings::table().trim_end())).map(|()| ExitCode::SUCCESS),
        Command::Schema(options) => schema(options),
    };
    if let Some(traces) = traces {
        traces.stop();
    }
    done.unwrap_or_else(|error| {
        match &error {
            Error::Caller { code, message } => warn_line(format_args!("careerql: {message} [{code}]")),
            Error::Internal(cause) => {
                tracing::error!(?cause, "failed");
                warn_line(format_args!("careerql: it failed for an unknown reason; see the log. [INTERNAL]"));
            }
        }
        ExitCode::FAILURE
    })
}

/// The graph of all modules and their tables.
fn graph() -> Result<(Graph, Migrations)> {
    crate::app().build().map_err(Error::internal)
}

/// The graph, and the database with its tables up to date.
async fn open(options: &DatabaseOptions) -> Result<(Graph, Database)> {
    open_app(crate::app(), database::open(options).await?).await
}

/// The graph of an app, and the database with its tables up to date.
async fn open_app(app: App, connection: DatabaseConnection) -> Result<(Graph, Database)> {
    let (graph, migrations) = app.build().map_err(Error::internal)?;
    let db = migrations.up(connection).await?;
    Ok((graph, db))
}

/// The kind of this name; none, with a word about it, where no module owns it.
fn known_kind(content: &ContentModel, name: &str) -> Option<&'static str> {
    let kind = content.kind(name).map(|kind| kind.name);
    if kind.is_none() {
        let known: Vec<_> = content.kinds().map(|kind| format!("`{}`", kind.name)).collect();
        warn_line(format_args!("careerql: there is no kind `{name}`; the kinds are {}.", known.join(", ")));
    }
    kind
}

async fn migrate(options: &DatabaseOptions) -> Result<()> {
    let (_, db) = open(options).await?;
    db.close().await?;
    print_line(format_args!("The tables are up to date."))
}

fn schema(options: &SchemaOptions) -> Result<ExitCode> {
    let (graph, _) = graph()?;
    if let Some(file) = &options.changes_since {
        return schema_changes::print(&graph, file);
    }
    let kind = match &options.json {
        None => {
            print_line(format_args!("{}", graph.sdl().trim_end()))?;
            return Ok(ExitCode::SUCCESS);
        }
        Some(None) => None,
        Some(Some(name)) => match known_kind(graph.content(), name) {
            Some(kind) => graph.content().kind(kind),
            None => return Ok(ExitCode::FAILURE),
        },
    };
    print_line(format_args!("{:#}", json_schema(graph.content(), kind)))?;
    Ok(ExitCode::SUCCESS)
}
