//! `careerql schema --changes-since`: what changed in the schema, by coordinate, in Markdown.
use std::{fs, path::Path, process::ExitCode};

use kernel::{Error, Graph, Result};
use language::{Danger, Schema, changes};

use crate::output::print_line;

const HEAD: &str = "# Changes of the schema\n\nWhat changed since the last release, by schema coordinate; what lies within something new is \
                    not named by itself. `careerql schema\n--changes-since schema/released.graphql` prints this page.";

pub(super) fn print(graph: &Graph, file: &Path) -> Result<ExitCode> {
    let before = fs::read_to_string(file).map_err(|cause| {
        Error::caller("FILE_UNREADABLE", format!("The file {} cannot be read: {cause}.", file.display()))
    })?;
    if !Schema::of(&before).has_coordinate("Query") {
        let message = format!(
            "The file {} is not a schema with the type `Query`. Name one that `careerql schema` printed.",
            file.display()
        );
        return Err(Error::caller("SCHEMA_INVALID", message));
    }
    let changes = changes(&before, &graph.sdl());
    print_line(format_args!("{HEAD}"))?;
    let sections = [
        (Danger::Breaking, "Breaking: requests may fail that did not"),
        (Danger::Dangerous, "Dangerous: answers may hold, and inputs may take, what a client did not know"),
        (Danger::Safe, "Safe"),
    ];
    for (danger, heading) in sections {
        print_line(format_args!("\n## {heading}\n"))?;
        let mut some = changes.iter().filter(|change| change.danger == danger).peekable();
        if some.peek().is_none() {
            print_line(format_args!("None."))?;
        }
        some.try_for_each(|change| print_line(format_args!("- `{}` {}", change.coordinate, change.what)))?;
    }
    Ok(ExitCode::SUCCESS)
}
