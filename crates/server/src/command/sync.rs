//! `careerql sync`: the files of a release become a revision of a data set and its rows.
use std::{process::ExitCode, sync::Arc};

use datasets::{Outcome, Plan, SyncOptions as Sync, Target};
use kernel::{
    Error, Result,
    store::{ChangeInfo, Database, ToPublish, release},
};

use super::{check::counted, open, progress::RowsLine};
use crate::{
    cli::SyncOptions,
    output::{print_line, warn_line},
};

pub(super) async fn sync(options: &SyncOptions) -> Result<ExitCode> {
    let (graph, db) = open(&options.database).await?;
    if let Some(name) = &options.release
        && release::release(&*db, name).await?.is_none_or(|release| release.published_at.is_some())
    {
        let message = format!("There is no open release `{name}`. Create it first, with `createRelease`.");
        return Err(Error::caller("RELEASE_NOT_FOUND", message));
    }
    let asked = Sync {
        dataset: options.source.clone(),
        paths: options.paths.clone(),
        is_plan: options.plan,
        target: if options.publish { Target::Published } else { Target::Draft },
        accept: options.accept.clone(),
        edition: options.edition.clone(),
        published_on: options.published_on.clone(),
        next_release_on: options.next_release_on.clone(),
        keep: usize::from(options.keep_releases),
        change: ChangeInfo::now(&options.author, &options.message),
    };
    let line = RowsLine::default();
    let progress = Arc::new(move |table: &str, more: usize| line.tell(table, more));
    let outcome = datasets::sync(&db, graph.catalog(), asked, progress).await;
    let held = match (&outcome, &options.release) {
        (Ok(Outcome::Synced(_) | Outcome::Unchanged { .. }), Some(name)) => {
            hold(&db, graph.content(), options, name).await
        }
        _ => Ok(()),
    };
    db.close().await?;
    let outcome = outcome?;
    held?;
    tell(outcome, options)
}

/// Puts the draft of the data set into a release of content.
async fn hold(db: &Database, content: &kernel::ContentModel, options: &SyncOptions, name: &str) -> Result<()> {
    let Some(kind) = content.kind("dataset").map(|kind| kind.name) else { return Ok(()) };
    let change = ChangeInfo::now(&options.author, &options.message);
    let key = (kind, options.source.clone());
    let added = [ToPublish { key: key.clone(), revision: None, over: None }];
    let refused = "The release of the data set is saved as a draft, and the release of content does not take it: ";
    match release::add_to_release(db, name, &added, &change).await? {
        Ok((_, done)) => match done.problems.first() {
            None => Ok(()),
            Some((_, problem)) => {
                Err(Error::caller("RELEASE_REFUSED", format!("{refused}{}", problem.code_and_message(&key).1)))
            }
        },
        Err(_) => Err(Error::caller("RELEASE_REFUSED", format!("{refused}it was published or deleted meanwhile."))),
    }
}

fn tell(outcome: Outcome, options: &SyncOptions) -> Result<ExitCode> {
    match outcome {
        Outcome::Unchanged { release } => {
            print_line(format_args!("{} {release}: unchanged; nothing was written.", options.source))?;
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Planned(plan) => {
            print_plan(&plan)?;
            print_line(format_args!("Nothing was written."))?;
            Ok(if plan.differs() { ExitCode::from(2) } else { ExitCode::SUCCESS })
        }
        Outcome::Synced(plan) => {
            print_plan(&plan)?;
            let state = match (&options.release, options.publish) {
                (Some(name), _) => format!("in the release `{name}`"),
                (None, true) => "published".to_owned(),
                (None, false) => "a draft".to_owned(),
            };
            print_line(format_args!("{} {} is {state}.", plan.dataset, plan.release))?;
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Refused(faults) => {
            for fault in &faults {
                warn_line(format_args!("{fault}"));
            }
            let accepted: Vec<_> = faults.iter().filter(|fault| fault.is_waivable()).map(|fault| fault.rule).collect();
            let hint = accepted
                .first()
                .map_or(String::new(), |rule| format!(" If the publisher meant it so, add `--accept {rule}`."));
            warn_line(format_args!(
                "careerql: nothing was written because of {}.{hint}",
                counted(faults.len(), "error")
            ));
            Ok(ExitCode::FAILURE)
        }
    }
}

fn print_plan(plan: &Plan) -> Result<()> {
    print_line(format_args!("{}", plan.to_string().trim_end()))
}
