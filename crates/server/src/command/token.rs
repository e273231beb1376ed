//! `careerql token`: the tokens with which editors and programs write.
use std::process::ExitCode;

use chrono::{DateTime, Days, Utc};
use kernel::{
    Error, Result, Scope,
    store::{self, ChangeInfo, Token},
};

use super::open;
use crate::cli::TokenCommand;
use crate::database::DatabaseOptions;
use crate::output::{print_line, warn_line};

pub(super) async fn token(command: &TokenCommand) -> Result<ExitCode> {
    match command {
        TokenCommand::Create { name, scopes, days, database } => create(database, name, scopes, *days).await,
        TokenCommand::List(database) => list(database).await,
        TokenCommand::Revoke { id, database } => revoke(database, *id).await,
    }
}

async fn create(database: &DatabaseOptions, name: &str, scopes: &[String], days: Option<u32>) -> Result<ExitCode> {
    let (graph, db) = open(database).await?;
    let made = async {
        let mut allowed = Vec::new();
        for scope in scopes {
            if scope == "all" {
                allowed.extend(Scope::ALL);
            } else {
                let scope: Scope = scope.parse().map_err(|why: String| Error::caller("BAD_SCOPE", why))?;
                allowed.push(scope.known(graph.content())?);
            }
        }
        let expires_at = days.and_then(|days| db.clock().now().checked_add_days(Days::new(days.into())));
        store::create_token(&db, name, &allowed, expires_at, &change()).await
    };
    let made = made.await;
    db.close().await?;
    let (_, secret) = made?;
    warn_line(format_args!("This is the token. It is shown only once; the database keeps a hash of it."));
    print_line(format_args!("{secret}"))?;
    Ok(ExitCode::SUCCESS)
}

async fn list(database: &DatabaseOptions) -> Result<ExitCode> {
    let (_, db) = open(database).await?;
    let tokens = store::tokens(&db).await;
    let now = db.clock().now();
    db.close().await?;
    for token in tokens? {
        let state = state(&token, now);
        print_line(format_args!("{}  {}  [{}]  {state}", token.id, token.name, token.scopes.replace(' ', ", ")))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn state(token: &Token, now: DateTime<Utc>) -> String {
    match (token.revoked_at, token.expires_at) {
        (Some(at), _) => format!("revoked on {}", at.date_naive()),
        (None, Some(at)) if at <= now => format!("expired on {}", at.date_naive()),
        (None, Some(at)) => format!("expires on {}", at.date_naive()),
        (None, None) => "does not expire".to_owned(),
    }
}

async fn revoke(database: &DatabaseOptions, id: i64) -> Result<ExitCode> {
    let (_, db) = open(database).await?;
    let revoked = store::revoke_token(&db, id, &change()).await;
    db.close().await?;
    let Some(token) = revoked? else {
        warn_line(format_args!("careerql: there is no token {id}; `careerql token list` shows all."));
        return Ok(ExitCode::FAILURE);
    };
    print_line(format_args!("revoked {}", token.name))?;
    Ok(ExitCode::SUCCESS)
}

fn change() -> ChangeInfo {
    ChangeInfo::now("command", "")
}
