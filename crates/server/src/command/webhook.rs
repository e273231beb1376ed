//! `careerql webhook`: who is told of publications, and what became of the messages.
use std::{path::Path, process::ExitCode};

use kernel::{
    Error, Graph, MASK, Result,
    store::{self, ChangeInfo, Delivery, Secret, Span, Webhook, WebhookSettings},
    webhook_problems,
};

use super::{
    known_kind, open,
    webhook_request::{read, with_request},
};
use crate::cli::{ClearedSetting, RequestOptions, WebhookCommand};
use crate::database::DatabaseOptions;
use crate::output::{print_line, warn_line};

/// Number of messages that are listed.
const LISTED: u64 = 100;

pub(super) async fn webhook(command: &WebhookCommand) -> Result<ExitCode> {
    match command {
        WebhookCommand::Create { url, kinds, query, request, database } => {
            let given = Given { url: Some(url), kinds, query: query.as_deref(), request, clear: &[] };
            create(database, url, &given).await
        }
        WebhookCommand::Update { id, url, kinds, query, request, clear, database } => {
            let given = Given { url: url.as_deref(), kinds, query: query.as_deref(), request, clear };
            update(database, *id, &given).await
        }
        WebhookCommand::List(database) => list(database).await,
        WebhookCommand::Delete { id, database } => delete(database, *id).await,
        WebhookCommand::Deliveries { id, dead, database } => deliveries(database, *id, *dead).await,
        WebhookCommand::Redeliver { ids, database } => redeliver(database, ids).await,
    }
}

/// Settings that the command line names.
struct Given<'a> {
    url: Option<&'a str>,
    kinds: &'a [String],
    query: Option<&'a Path>,
    request: &'a RequestOptions,
    clear: &'a [ClearedSetting],
}

impl Given<'_> {
    /// The settings with what is given, but for the kinds.
    fn written_into(&self, mut settings: WebhookSettings) -> Result<WebhookSettings> {
        for cleared in self.clear {
            match cleared {
                ClearedSetting::Kinds => settings.kinds.clear(),
                ClearedSetting::Query => settings.query = None,
                ClearedSetting::Headers => settings.headers.clear(),
                ClearedSetting::Body => settings.body = None,
                ClearedSetting::Every => settings.every_seconds = None,
                ClearedSetting::MaxTags => settings.max_tags = None,
            }
        }
        if let Some(url) = self.url {
            settings.url = url.into();
        }
        if let Some(query) = self.query {
            settings.query = Some(read("query", query)?);
        }
        with_request(settings, self.request)
    }
}

async fn create(database: &DatabaseOptions, url: &str, given: &Given<'_>) -> Result<ExitCode> {
    let mut settings = given.written_into(WebhookSettings::standard(url))?;
    let (graph, db) = open(database).await?;
    let Some(kinds) = known_kinds(&graph, given.kinds) else { return Ok(ExitCode::FAILURE) };
    settings.kinds = kinds;
    check(&graph, &settings)?;
    let made = store::create_webhook(&db, settings, &change()).await;
    db.close().await?;
    let Secret(secret) = made?.secret;
    warn_line(format_args!("Messages are signed with this secret. It is shown only once."));
    print_line(format_args!("{secret}"))?;
    Ok(ExitCode::SUCCESS)
}

async fn update(database: &DatabaseOptions, id: i64, given: &Given<'_>) -> Result<ExitCode> {
    let (graph, db) = open(database).await?;
    let known = store::webhook(&db, id).await?;
    let Some(known) = known else { return Ok(unknown(id)) };
    let mut known = WebhookSettings::of(&known);
    if given.url.is_some_and(|url| known.leads_elsewhere(url)) {
        known.headers.clear();
        if given.written_into(known.clone())?.headers.is_empty() && !given.clear.contains(&ClearedSetting::Headers) {
            let message = "The address has another host, which must not be told the values of the headers: give them again by `--header`, \
                           or remove them by `--clear headers`.";
            return Err(Error::caller("HEADERS_MISSING", message));
        }
    }
    let mut settings = given.written_into(known)?;
    if !given.kinds.is_empty() {
        let Some(kinds) = known_kinds(&graph, given.kinds) else { return Ok(ExitCode::FAILURE) };
        settings.kinds = kinds;
    }
    check(&graph, &settings)?;
    let updated = store::update_webhook(&db, id, settings, &change()).await;
    db.close().await?;
    let Some(updated) = updated? else { return Ok(unknown(id)) };
    print_line(format_args!("{}", described(&updated)))?;
    Ok(ExitCode::SUCCESS)
}

fn known_kinds(graph: &Graph, kinds: &[String]) -> Option<Vec<String>> {
    kinds.iter().map(|kind| known_kind(graph.content(), kind).map(str::to_owned)).collect()
}

/// Fails where settings have problems, with all of them.
fn check(graph: &Graph, settings: &WebhookSettings) -> Result<()> {
    let problems = webhook_problems(graph.catalog(), settings);
    let Some(first) = problems.first() else { return Ok(()) };
    let told: Vec<_> = problems.iter().map(|problem| format!("{}: {}", problem.argument, problem.message)).collect();
    let message = format!("The webhook for {} is not valid. {}.", store::shown_url(&settings.url), told.join("; "));
    Err(Error::caller(first.code, message))
}

fn unknown(id: i64) -> ExitCode {
    warn_line(format_args!("careerql: there is no webhook {id}; `careerql webhook list` shows all."));
    ExitCode::FAILURE
}

/// A webhook as a line. Nobody is shown the values of its headers.
fn described(webhook: &Webhook) -> String {
    let kinds = if webhook.kinds.is_empty() { "all kinds".to_owned() } else { webhook.kinds.replace(' ', ", ") };
    let mut parts = vec![webhook.id.to_string(), webhook.shown_url(), format!("[{kinds}]")];
    if webhook.method != "POST" {
        parts.push(webhook.method.clone());
    }
    parts.extend(webhook.own_headers().into_iter().flatten().map(|header| format!("{}={MASK}", header.name)));
    parts.extend(webhook.body.as_ref().map(|_| "own body".to_owned()));
    parts.extend(webhook.every_seconds.map(|seconds| format!("every {seconds} s")));
    parts.extend(webhook.max_tags.map(|tags| format!("tags per call: {tags}")));
    parts.join("  ")
}

async fn list(database: &DatabaseOptions) -> Result<ExitCode> {
    let (_, db) = open(database).await?;
    let webhooks = store::webhooks(&db).await;
    db.close().await?;
    for webhook in webhooks? {
        print_line(format_args!("{}", described(&webhook)))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn delete(database: &DatabaseOptions, id: i64) -> Result<ExitCode> {
    let (_, db) = open(database).await?;
    let deleted = store::delete_webhook(&db, id, &change()).await;
    db.close().await?;
    let Some(webhook) = deleted? else { return Ok(unknown(id)) };
    print_line(format_args!("deleted {}", webhook.shown_url()))?;
    Ok(ExitCode::SUCCESS)
}

async fn deliveries(database: &DatabaseOptions, id: i64, dead: bool) -> Result<ExitCode> {
    let (_, db) = open(database).await?;
    let deliveries = store::deliveries(&db, id, dead, Span::newest(LISTED)).await;
    db.close().await?;
    for delivery in deliveries? {
        print_line(format_args!("{}  {}", delivery.id, state(&delivery)))?;
        for line in delivery.sent.iter().flat_map(|sent| sent.lines()).filter(|line| !line.is_empty()) {
            print_line(format_args!("    {line}"))?;
        }
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
