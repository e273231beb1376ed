//! `careerql preview-link`: a link to the draft of one entry.
use std::process::ExitCode;

use chrono::{TimeDelta, Utc};
use kernel::{Result, preview_token, store};

use super::{complain, known_kind, open, say};
use crate::cli::PreviewLinkOptions;

pub(super) async fn preview_link(options: &PreviewLinkOptions) -> Result<ExitCode> {
    let (graph, db) = open(&options.database).await?;
    let Some(kind) = known_kind(graph.content(), &options.kind) else { return Ok(ExitCode::FAILURE) };
    let slug = &options.slug;
    let made = async {
        if !store::has_draft_or_publication(&db, kind, slug).await? {
            return Ok(None);
        }
        let until = Utc::now() + TimeDelta::hours(options.hours.into());
        preview_token(&db, kind, slug, until).await.map(Some)
    };
    let made = made.await;
    db.close().await?;
    let Some(token) = made? else {
        complain(format_args!("careerql: there is no {kind} `{slug}` to preview."));
        return Ok(ExitCode::FAILURE);
    };
    let separator = if options.url.contains('?') { '&' } else { '?' };
    say(format_args!("{}{separator}preview={token}", options.url))?;
    Ok(ExitCode::SUCCESS)
}
