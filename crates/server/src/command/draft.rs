//! `careerql draft`: the first draft of a guide, made of what data sets know of an occupation.
use std::process::ExitCode;

use datasets::DocumentDraft;
use kernel::{
    ContentModel, Error, Perspective, Result,
    document::{Tree, read, write},
};
use serde_json::Value;

use super::open;
use crate::{cli::DraftOptions, output::print_line};

pub(super) async fn draft(options: &DraftOptions) -> Result<ExitCode> {
    let DraftOptions { kind, occupation, slug, database } = options;
    let (graph, db) = open(database).await?;
    // Drafts of editors may be about releases that are drafts, too.
    let loaders = graph.loaders(&db, Perspective::Draft);
    let draft = loaders.drive(datasets::draft(graph.catalog(), &loaders, (kind, occupation, slug.as_deref()))).await;
    db.close().await?;
    print_line(format_args!("{}", text(graph.content(), draft?)?.trim_end()))?;
    Ok(ExitCode::SUCCESS)
}

/// The draft as a file: comments and YAML.
fn text(content: &ContentModel, draft: DocumentDraft) -> Result<String> {
    let DocumentDraft { fields, head, remarks, left } = draft;
    let (document, findings) = read(&content.kinds, &Tree::from(Value::Object(fields)));
    if let Some(finding) = findings.iter().find(|finding| finding.is_error()) {
        let message = format!("The draft would break the rule `{}`: {}.", finding.rule, finding.message);
        return Err(Error::caller("DRAFT_INVALID", message));
    }
    let document = document.ok_or_else(|| Error::internal("a draft is no document"))?;
    let yaml = write(&content.kinds, &document.document).map_err(Error::internal)?;
    let mut lines: Vec<_> = head.iter().map(|line| format!("# {line}")).collect();
    for line in yaml.lines() {
        let is_of = |name: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
        lines.extend(remarks.iter().filter(|(name, _)| is_of(name)).map(|(_, remark)| format!("# {remark}")));
        lines.push(line.to_owned());
    }
    lines.extend(left.iter().map(|line| format!("# {line}")));
    Ok(lines.join("\n"))
}
