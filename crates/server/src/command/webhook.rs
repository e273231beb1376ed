//! `careerql webhook`: who is told of publications, and what became of the messages.
use std::{fs, path::Path, process::ExitCode};

use kernel::{
    Error, Result, is_http, query_problems,
    store::{self, ChangeInfo, Delivery, Span},
};

use super::{known_kind, open};
use crate::cli::WebhookCommand;
use crate::database::DatabaseOptions;
use crate::output::{print_line, warn_line};

/// Number of messages that are listed.
const LISTED: u64 = 100;

pub(super) async fn webhook(command: &WebhookCommand) -> Result<ExitCode> {
    match command {
        WebhookCommand::Create { url, kinds, query, database } => create(database, url, kinds, query.as_deref()).await,
        WebhookCommand::List(database) => list(database).await,
        WebhookCommand::Delete { id, database } => delete(database, *id).await,
        WebhookCommand::Deliveries { id, dead, database } => deliveries(database, *id, *dead).await,
        WebhookCommand::Redeliver { ids, database } => redeliver(database, ids).await,
    }
}

async fn create(database: &DatabaseOptions, url: &str, kinds: &[String], query: Option<&Path>) -> Result<ExitCode> {
    if !is_http(url) {
        let message = format!(
            "`{}` is not a valid webhook address: it needs `https` or `http` and a host.",
            store::shown_url(url)
        );
        return Err(Error::caller("BAD_URL", message));
    }
    let query = query.map(read).transpose()?;
    let (graph, db) = open(database).await?;
    if let Some(query) = &query {
        let problems = query_problems(graph.catalog(), query);
        if !problems.is_empty() {
            return Err(Error::caller("BAD_QUERY", format!("The query is not valid: {}.", problems.join("; "))));
        }
    }
    let mut known = Vec::new();
    for kind in kinds {
        let Some(kind) = known_kind(graph.content(), kind) else { return Ok(ExitCode::FAILURE) };
        known.push(kind);
    }
    let made = store::create_webhook(&db, url, &known, query, &change()).await;
    db.close().await?;
    warn_line(format_args!("Messages are signed with this secret. It is shown only once."));
    print_line(format_args!("{}", made?.secret))?;
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|cause| {
        Error::caller("UNREADABLE_FILE", format!("The query in {} cannot be read: {cause}.", file.display()))
    })
}

async fn list(database: &DatabaseOptions) -> Result<ExitCode> {
    let (_, db) = open(database).await?;
    let webhooks = store::webhooks(&db).await;
    db.close().await?;
    for webhook in webhooks? {
        let kinds = if webhook.kinds.is_empty() { "all kinds".to_owned() } else { webhook.kinds.replace(' ', ", ") };
        print_line(format_args!("{}  {}  [{kinds}]", webhook.id, webhook.shown_url()))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn delete(database: &DatabaseOptions, id: i64) -> Result<ExitCode> {
    let (_, db) = open(database).await?;
    let deleted = store::delete_webhook(&db, id, &change()).await;
    db.close().await?;
    let Some(webhook) = deleted? else {
        warn_line(format_args!("careerql: there is no webhook {id}; `careerql webhook list` shows all."));
        return Ok(ExitCode::FAILURE);
    };
    print_line(format_args!("deleted {}", webhook.shown_url()))?;
    Ok(ExitCode::SUCCESS)
}

async fn deliveries(database: &DatabaseOptions, id: i64, dead: bool) -> Result<ExitCode> {
    let (_, db) = open(database).await?;
    let deliveries = store::deliveries(&db, id, dead, Span::newest(LISTED)).await;
    db.close().await?;
    for delivery in deliveries? {
        print_line(format_args!("{}  {}", delivery.id, state(&delivery)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn state(delivery: &Delivery) -> String {
    let failure = delivery.failure.as_deref().unwrap_or("not tried yet");
    match (delivery.done_at, delivery.dead_at) {
        (Some(at), _) => format!("delivered at {at}"),
        (None, Some(at)) => format!("dead since {at} after {} attempts: {failure}", delivery.attempts),
        (None, None) => format!("due at {}, {} attempts so far: {failure}", delivery.due_at, delivery.attempts),
    }
}

async fn redeliver(database: &DatabaseOptions, ids: &[i64]) -> Result<ExitCode> {
    let (_, db) = open(database).await?;
    let mut missing = 0;
    for id in ids {
        if store::redeliver(&db, *id, &change()).await?.is_some() {
            print_line(format_args!("due {id}"))?;
        } else {
            warn_line(format_args!("careerql: there is no message {id}, or its webhook was deleted."));
            missing += 1;
        }
    }
    db.close().await?;
    Ok(if missing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn change() -> ChangeInfo {
    ChangeInfo::now("command", "")
}
