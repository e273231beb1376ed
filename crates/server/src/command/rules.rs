//! `careerql rules`: the rules of the check, in Markdown.
use std::process::ExitCode;

use kernel::{Result, Rule};

use super::{graph, say};

const HEAD: &str = "# Rules\n\nWhat `careerql check`, imports, `saveCareer` and its siblings, `publish` and `findings` look for. `careerql rules` \
                    prints this page; the\nfield `rules` has the same. An error forbids storing a document, or publishing it where a link is \
                    broken; a warning forbids nothing. Several\ndocuments of an example are separated by `---`.";

pub(super) fn print() -> Result<ExitCode> {
    let (graph, _) = graph()?;
    say(format_args!("{HEAD}"))?;
    graph.content().rules().try_for_each(|rule| say(format_args!("\n{}", markdown(rule).trim_end())))?;
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
