//! Reading the document of a file, which may have the shape of an earlier day.
use std::borrow::Cow;

use serde_json::Value;

use crate::{
    CheckedDocument, Finding, Findings, KindSpec, Kinds, Reshaped, Reshaping, Tree, TreeValue, parse_json, path, read,
    read::reread, reshaping::SHAPE, scalar::Date, wording::quoted,
};

/// Reads the document of a file, in whichever shape it was written, and checks it as [`read()`] does.
pub fn read_file(kinds: &Kinds, file: &Tree) -> (Option<CheckedDocument>, Vec<Finding>) {
    let mut reshaped = Findings::on_day_of(&kinds.clock);
    let tree = reshape(kinds, file, &mut reshaped);
    let (guide, findings) = read(kinds, &tree);
    // Of a document whose shape is not known, nothing else can be said.
    let is_unknown = reshaped.0.iter().any(Finding::is_error);
    (guide, reshaped.0.into_iter().chain(findings.into_iter().filter(|_| !is_unknown)).collect())
}

/// Brings the document of a file into the shape of today. Rules `earlier-shape` and `newer-shape`.
fn reshape<'a>(kinds: &Kinds, file: &'a Tree, findings: &mut Findings) -> Cow<'a, Tree> {
    let kind =
        file.get("kind").and_then(|kind| if let TreeValue::Text(kind) = &kind.value { kinds.kind(kind) } else { None });
    let Some(kind) = kind else { return Cow::Borrowed(file) };
    let Some(day) = day(kind, file, findings) else { return Cow::Borrowed(file) };
    let mut later: Vec<_> = kind.reshapings.iter().filter(|reshaping| *reshaping.day > *day).collect();
    if later.is_empty() {
        return Cow::Borrowed(file);
    }
    later.sort_by_key(|reshaping| reshaping.day);
    let mut tree = file.clone();
    for Reshaping { day, about, apply } in later {
        let mut reshaped = Reshaped::new();
        apply(&mut tree, &mut reshaped);
        for (path, message) in reshaped {
            let message = format!("{message} ({about}); write it so, and `{SHAPE}: {day}` at the top of the file");
            findings.warning("earlier-shape", path, message);
        }
    }
    Cow::Owned(tree)
}

/// The day that the file names; before all others where it names none, and none where it is wrong.
fn day(kind: &KindSpec, file: &Tree, findings: &mut Findings) -> Option<String> {
    let Some(shape) = file.get(SHAPE) else { return Some(String::new()) };
    let example = kind.shape().unwrap_or("2026-12-01");
    let day = match &shape.value {
        TreeValue::Text(day) if Date::read(day).is_some() => day,
        other => {
            let message =
                format!("`{SHAPE}` takes the day of the shape of the file, such as `{example}`, not {}", quoted(other));
            findings.error("wrong-type", path![SHAPE], message);
            return None;
        }
    };
    let known = kind.shape().unwrap_or_default();
    if **day > *known {
        let name = kind.name;
        let message = if known.is_empty() {
            format!(
                "this version knows one shape of a {name}, and the file is of `{day}`: leave `{SHAPE}` out, or use a newer version of CareerQL"
            )
        } else {
            format!(
                "this version knows the shapes of a {name} up to `{known}`, and the file is of `{day}`: use a newer version of CareerQL"
            )
        };
        findings.error("newer-shape", path![SHAPE], message);
        return None;
    }
    Some(day.clone())
}

/// Reads the JSON document of a file that was checked before, as `reread` does, in whichever shape it was written.
pub fn reread_file(kinds: &Kinds, text: &str) -> Option<CheckedDocument> {
    reread(kinds, text).or_else(|| {
        let (file, mut findings) = (parse_json(text).ok()?, Findings::on_day_of(&kinds.clock));
        let mut fields = Value::from(reshape(kinds, &file, &mut findings).into_owned());
        let shape = kinds.kind(fields.get("kind")?.as_str()?)?.shape()?;
        fields[SHAPE] = shape.into();
        reread(kinds, &fields.to_string())
    })
}
