//! Reading a document: its check against the types of its kind and the rules of the modules.
use std::{borrow::Cow, collections::HashMap};

use serde_json::{Map, Value, value::RawValue};

use crate::{
    AnySection, CheckedDocument, Document, Finding, Findings, KindSpec, Kinds, Path, Severity, Tree, TreeValue, path,
    reshaping::SHAPE,
    scalar::is_slug,
    shape::{At, Shape},
    tree::Name,
    wording::{quoted, similar},
};

/// Checks one document of today's shape against that and the rules of the modules. The guide comes back where its header could be read,
/// so that links to it can be resolved; it may be stored only where no finding is an error.
pub fn read(kinds: &Kinds, tree: &Tree) -> (Option<CheckedDocument>, Vec<Finding>) {
    let mut findings = Findings::on_day_of(&kinds.clock);
    let guide = header(kinds, tree, &mut findings)
        .map(|(kind, slug, fields)| Reader { kinds, kind, findings: &mut findings }.guide(slug, &fields));
    (guide, findings.0)
}

/// Checks a document of the store, by the rules of today.
pub fn read_stored(kinds: &Kinds, document: &Document) -> serde_json::Result<(Option<CheckedDocument>, Vec<Finding>)> {
    let mut fields = document.fields()?;
    fields.insert("kind".to_owned(), document.kind.into());
    fields.insert("slug".to_owned(), document.slug.as_str().into());
    let (guide, mut findings) = read(kinds, &Tree::from(Value::Object(fields)));
    // What was stored before there was such a rule can still be published and restored.
    for finding in &mut findings {
        if kinds.rules.get(finding.rule).is_some_and(|(_, rule)| rule.is_for_new) {
            finding.severity = Severity::Warning;
        }
    }
    Ok((guide, findings))
}

/// Reads a JSON document that was checked before, without checking it again: what is not known to be right has no meaning here.
/// None where it turns out to be wrong.
pub(crate) fn reread(kinds: &Kinds, text: &str) -> Option<CheckedDocument> {
    let fields: HashMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    let header = |field: &str| serde_json::from_str::<String>(fields.get(field)?.get()).ok();
    let (kind, slug) = (kinds.kind(&header("kind")?)?, header("slug")?);
    if header(SHAPE).as_deref() != kind.shape() {
        return None;
    }
    let mut by_section: HashMap<&'static str, String> = HashMap::new();
    for (name, value) in &fields {
        let Some(field) = kind.fields.get(name) else { continue };
        let section = by_section.entry(field.section).or_default();
        section.push(if section.is_empty() { '{' } else { ',' });
        section.push_str(&serde_json::to_string(name).ok()?);
        section.push(':');
        section.push_str(value.get());
    }
    let (mut sections, mut bodies) = (HashMap::new(), Vec::new());
    for spec in &kind.sections {
        let text = by_section.get(spec.name).map_or("{".into(), |section| Cow::from(section.as_str())) + "}";
        let (section, mut canonical) = (spec.read)(&text).ok()?;
        sections.insert(spec.name, section);
        bodies.extend(body(spec.name, &mut canonical));
    }
    let document = Document { kind: kind.name, slug, sections: bodies };
    Some(CheckedDocument { document, links: Vec::new(), sections })
}

/// Stored text of a section: none where it says nothing.
fn body(name: &'static str, canonical: &mut Value) -> Option<(&'static str, String)> {
    drop_blanks(canonical);
    let has_content = canonical.as_object().is_some_and(|fields| !fields.is_empty());
    has_content.then(|| (name, canonical.to_string()))
}

/// The fields of a document that belong to no section.
const HEADER: [&str; 3] = ["kind", "slug", SHAPE];

type Fields<'a> = Vec<&'a (Name, Tree)>;

/// The kind, the slug and the other fields.
fn header<'a>(kinds: &'a Kinds, tree: &'a Tree, findings: &mut Findings) -> Option<(&'a KindSpec, String, Fields<'a>)> {
    let TreeValue::Map(fields) = &tree.value else {
        let read = match &tree.value {
            TreeValue::Null => "this one is empty",
            TreeValue::List(_) => "this is a list: write each of its items as a file, or as a line of a .jsonl file",
            _ => "this is a single value",
        };
        let message = format!("a document is a mapping with `kind`, `slug` and its content; {read}");
        findings.error("wrong-type", Path::default(), message);
        return None;
    };
    let mut text = |field: &str, about: &str| {
        let value = tree.get(field).map(|value| &value.value);
        if let Some(TreeValue::Text(text)) = value {
            return Some(text.clone());
        }
        match value {
            None => findings.error("missing-field", path![field], format!("a document needs `{field}`: {about}")),
            Some(other) => {
                let message = format!("`{field}` takes text, not {}; put it in quotes: {about}", quoted(other));
                findings.error("wrong-type", path![field], message);
            }
        }
        None
    };
    let names = || kinds.kinds().map(|kind| kind.name);
    let known = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let kind = text("kind", &format!("one of {known}"));
    let slug = text("slug", "the key of the document, unique among its kind");
    let kind = kind.and_then(|kind| {
        let spec = kinds.kind(&kind);
        if spec.is_none() {
            let hint = similar(&kind, names())
                .map_or(format!("it is one of {known}"), |close| format!("did you mean `{close}`?"));
            findings.error("unknown-value", path!["kind"], format!("there is no kind `{kind}`; {hint}"));
        }
        spec
    });
    let slug = slug.filter(|slug| {
        if !is_slug(slug) {
            let message = format!("`{slug}` is not a valid slug: expected lower-case letters and digits, joined by single hyphens, such as `first-steps-2`");
            findings.error("wrong-type", path!["slug"], message);
        }
        is_slug(slug)
    });
    for field in HEADER {
        if fields.iter().filter(|(name, _)| name.text == field).count() > 1 {
            findings.error("duplicate-field", path![field], format!("`{field}` appears twice; keep one of them"));
        }
    }
    let rest = fields.iter().filter(|(name, _)| !HEADER.contains(&name.text.as_str())).collect();
    Some((kind?, slug?, rest))
}

struct Reader<'a> {
    kinds: &'a Kinds,
    kind: &'a KindSpec,
    findings: &'a mut Findings,
}

impl Reader<'_> {
    fn guide(mut self, slug: String, fields: &Fields<'_>) -> CheckedDocument {
        let mut shape = Shape {
            types: &self.kinds.input_types,
            link_kind: &|scalar| self.kinds.link_kind(scalar),
            findings: self.findings,
            links: Vec::new(),
            stand_ins: Vec::new(),
        };
        let values = shape.fields(fields, &self.kind.fields, &At::Document, self.kind.name);
        let (links, stand_ins) = (shape.links, shape.stand_ins);
        let (sections, bodies) = self.sections(values);
        let document = Document { kind: self.kind.name, slug, sections: bodies };
        let guide = CheckedDocument { document, links, sections };
        let mut found = Findings::on_day_of(&self.kinds.clock);
        for check in &self.kind.checks {
            check(&guide, &mut found);
        }
        let about_real_values = |finding: &Finding| {
            !stand_ins.iter().any(|stand_in| finding.path.holds(stand_in) || stand_in.holds(&finding.path))
        };
        self.findings.0.extend(found.0.into_iter().filter(about_real_values));
        guide
    }

    /// Gives each section its fields and reads it.
    fn sections(
        &mut self,
        values: Map<String, Value>,
    ) -> (HashMap<&'static str, AnySection>, Vec<(&'static str, String)>) {
        let mut by_section: HashMap<&'static str, Map<String, Value>> = HashMap::new();
        for (name, value) in values {
            if let Some(field) = self.kind.fields.get(&name) {
                by_section.entry(field.section).or_default().insert(name, value);
            }
        }
        let (mut sections, mut bodies) = (HashMap::new(), Vec::new());
        for spec in &self.kind.sections {
            let value = by_section.remove(spec.name).unwrap_or_default();
            // The shape is right by now, so this fails only for a stand-in, which has its finding already.
            let (section, mut canonical) = match (spec.read)(&Value::Object(value).to_string()) {
                Ok(read) => read,
                Err(_) if self.findings.0.iter().any(Finding::is_error) => continue,
                Err(cause) => {
                    let message = format!("the section `{}` cannot be read: {cause}", spec.name);
                    self.findings.error("wrong-type", Path::default(), message);
                    continue;
                }
            };
            sections.insert(spec.name, section);
            bodies.extend(body(spec.name, &mut canonical));
        }
        (sections, bodies)
    }
}

/// Drops nulls and empty lists, which say nothing: so an optional field can be added later without a new revision of every
/// document.
fn drop_blanks(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(drop_blanks);
            fields.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty()));
        }
        Value::Array(items) => items.iter_mut().for_each(drop_blanks),
        _ => {}
    }
}
