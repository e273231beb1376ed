//! `careerql diff`: files against the database, like a plan.
use std::{fmt, process::ExitCode};

use kernel::{
    Result,
    document::Difference,
    store::{Compared, compare_files},
};
use serde_json::{Value, json};

use super::{
    check::{counted, print},
    open,
};
use crate::cli::{DiffOptions, OutputFormat};
use crate::output::{print_line, warn_line};

/// The exit status that says that something differs.
const DIFFERS: u8 = 2;

/// Number of entries in each state.
#[derive(Default)]
struct Totals {
    created: usize,
    changed: usize,
    missing: usize,
    same: usize,
    kept: usize,
    conflicts: usize,
}

pub(super) async fn diff(options: &DiffOptions) -> Result<ExitCode> {
    let (graph, db) = open(&options.database).await?;
    let mut totals = Totals::default();
    let compared = async {
        let perspective = options.perspective.resolve(&db).await?;
        let tell = |kind: &str, slug: &str, compared: Compared| {
            totals.count(&compared);
            match options.format {
                OutputFormat::Text => tell(kind, slug, &compared),
                OutputFormat::Json => tell_json(kind, slug, &compared),
            }
        };
        compare_files(&db, graph.content(), &options.paths, perspective, tell).await
    };
    let compared = compared.await;
    db.close().await?;
    let reports = compared?;
    if reports.errors > 0 {
        print(&reports)?;
        warn_line(format_args!("careerql: nothing was compared because of {}.", counted(reports.errors, "error")));
        return Ok(ExitCode::FAILURE);
    }
    if options.format == OutputFormat::Text {
        let Totals { created, changed, missing, same, kept, conflicts } = totals;
        let people =
            if kept + conflicts > 0 { format!(", {kept} kept, {conflicts} in conflict") } else { String::new() };
        print_line(format_args!(
            "{created} to create, {changed} to change, {missing} in the database only, {same} unchanged{people}."
        ))?;
    }
    Ok(if totals.differ() { ExitCode::from(DIFFERS) } else { ExitCode::SUCCESS })
}

impl Totals {
    fn count(&mut self, compared: &Compared) {
        *match compared {
            Compared::Created => &mut self.created,
            Compared::Changed(_) => &mut self.changed,
            Compared::Missing => &mut self.missing,
            Compared::Same => &mut self.same,
            Compared::Kept(..) => &mut self.kept,
            Compared::Conflict(..) => &mut self.conflicts,
        } += 1;
    }

    fn differ(&self) -> bool {
        self.created + self.changed + self.missing + self.kept + self.conflicts > 0
    }
}

fn tell(kind: &str, slug: &str, compared: &Compared) -> Result<()> {
    match compared {
        Compared::Created => print_line(format_args!("+ {kind} {slug}")),
        Compared::Missing => print_line(format_args!("- {kind} {slug} (in the database only)")),
        Compared::Same => Ok(()),
        Compared::Changed(differences) => tell_changed(format_args!("~ {kind} {slug}"), differences),
        Compared::Kept(why, differences) => {
            tell_changed(format_args!("= {kind} {slug} (kept as it is in the database: {why})"), differences)
        }
        Compared::Conflict(why, differences) => {
            tell_changed(format_args!("! {kind} {slug} (conflict, the file was changed, too: {why})"), differences)
        }
    }
}

fn tell_changed(line: fmt::Arguments<'_>, differences: &[Difference]) -> Result<()> {
    print_line(line)?;
    differences.iter().try_for_each(|difference| print_line(format_args!("    {}", difference.sentence())))
}

fn tell_json(kind: &str, slug: &str, compared: &Compared) -> Result<()> {
    let (action, differences) = match compared {
        Compared::Created => ("create", [].as_slice()),
        Compared::Changed(differences) => ("change", differences.as_slice()),
        Compared::Missing => ("missing", [].as_slice()),
        Compared::Same => ("same", [].as_slice()),
        Compared::Kept(_, differences) => ("kept", differences.as_slice()),
        Compared::Conflict(_, differences) => ("conflict", differences.as_slice()),
    };
    let differences: Vec<_> = differences.iter().map(json_of).collect();
    print_line(format_args!("{}", json!({ "action": action, "kind": kind, "slug": slug, "differences": differences })))
}

fn json_of(difference: &Difference) -> Value {
    json!({
        "kind": difference.kind,
        "path": difference.path.to_string(),
        "fromPath": difference.from_path.as_ref().map(ToString::to_string),
        "before": difference.before,
        "after": difference.after,
        "text": difference.sentence(),
    })
}
