//! `careerql preview-link`: links to the drafts of single entries.
use std::process::ExitCode;

use chrono::TimeDelta;
use kernel::{
    Result,
    store::{self, ChangeInfo},
};

use super::{known_kind, open};
use crate::cli::{PreviewLinkCommand, PreviewLinkOptions};
use crate::database::DatabaseOptions;
use crate::output::{print_line, warn_line};

pub(super) async fn preview_link(options: &PreviewLinkOptions) -> Result<ExitCode> {
    match (&options.command, &options.kind, &options.slug) {
        (Some(PreviewLinkCommand::List(database)), ..) => list(database).await,
        (Some(PreviewLinkCommand::Revoke { all: true, database, .. }), ..) => revoke_all(database).await,
        (Some(PreviewLinkCommand::Revoke { ids, database, .. }), ..) => revoke(database, ids).await,
        (None, Some(kind), Some(slug)) => create(options, kind, slug).await,
        (None, ..) => Ok(ExitCode::FAILURE),
    }
}

async fn create(options: &PreviewLinkOptions, kind: &str, slug: &str) -> Result<ExitCode> {
    let (graph, db) = open(&options.database).await?;
    let Some(kind) = known_kind(graph.content(), kind) else { return Ok(ExitCode::FAILURE) };
    let until = db.clock().now() + TimeDelta::hours(options.hours.into());
    let made = store::create_preview_link(&db, kind, slug, until, &change()).await;
    db.close().await?;
    let Some((linked, token)) = made? else {
        warn_line(format_args!("careerql: there is no {kind} `{slug}` to preview."));
        return Ok(ExitCode::FAILURE);
    };
    let id = linked.link.id;
    warn_line(format_args!("This is link {id}. `careerql preview-link revoke {id}` ends it early."));
    let separator = if options.url.contains('?') { '&' } else { '?' };
    print_line(format_args!("{}{separator}preview={token}", options.url))?;
    Ok(ExitCode::SUCCESS)
}

async fn list(database: &DatabaseOptions) -> Result<ExitCode> {
    let (_, db) = open(database).await?;
    let links = store::preview_links(&db, None).await;
    db.close().await?;
    for linked in links? {
        let (link, expires) = (&linked.link, linked.link.expires_at.format("%Y-%m-%d %H:%M UTC"));
        let (kind, slug) = (&linked.kind, &linked.slug);
        print_line(format_args!("{}  {kind}  {slug}  by {}  expires on {expires}", link.id, link.author))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn revoke(database: &DatabaseOptions, ids: &[i64]) -> Result<ExitCode> {
    let (_, db) = open(database).await?;
    let mut status = ExitCode::SUCCESS;
    for id in ids {
        #[expect(clippy::single_match_else, reason = "both ends are alike")]
        match store::revoke_preview_link(&db, *id, None, &change()).await? {
            Some(linked) => print_line(format_args!("revoked {id}: {} {}", linked.kind, linked.slug))?,
            None => {
                warn_line(format_args!(
                    "careerql: there is no preview link {id}; `careerql preview-link list` shows those in use."
                ));
                status = ExitCode::FAILURE;
            }
        }
    }
    db.close().await?;
    Ok(status)
}

async fn revoke_all(database: &DatabaseOptions) -> Result<ExitCode> {
    let (_, db) = open(database).await?;
    let count = store::revoke_all_preview_links(&db, &change()).await;
    db.close().await?;
    print_line(format_args!("revoked all preview links, {} of them in use, and created a new key", count?))?;
    Ok(ExitCode::SUCCESS)
}

fn change() -> ChangeInfo {
    ChangeInfo::now("command", "")
}
