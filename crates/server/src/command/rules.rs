//! `careerql rules`: the rules of the check, in Markdown.
use std::process::ExitCode;

use kernel::{Result, Rule};

use super::graph;
use crate::output::print_line;

const HEAD: &str = "# Rules\n\nWhat `careerql check`, imports, `saveCareer` and its siblings, `publish` and `findings` check. `careerql rules` \
                    prints this page; the\nfield `rules` returns the same. An error prevents a document from being stored or, for a broken \
                    link, published; a warning prevents nothing. Multiple\ndocuments in an example are separated by `---`.";

pub(super) fn print() -> Result<ExitCode> {
    let (graph, _) = graph()?;
    print_line(format_args!("{HEAD}"))?;
    graph.content().rules().try_for_each(|rule| print_line(format_args!("\n{}", markdown(rule).trim_end())))?;
    Ok(ExitCode::SUCCESS)
}

fn markdown(rule: &Rule) -> String {
    let Rule { id, severity, about, good, bad, .. } = rule;
    format!("## `{id}` ({severity})\n\n{about}\n\nGood:\n\n{}\n\nBad:\n\n{}", block(good), block(bad))
}

fn block(example: &str) -> String {
    match example.trim_end() {
        "" => "An empty folder.".to_owned(),
        words if words.starts_with('(') => words.trim_matches(['(', ')']).to_owned() + ".",
        json if json.starts_with('{') => format!("```json\n{json}\n```"),
        yaml => format!("```yaml\n{yaml}\n```"),
    }
}
