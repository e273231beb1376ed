//! Live links: addresses of what changes daily, such as courses and jobs, made of a template and of what an entry says of itself.
use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use async_graphql::Object;
use kernel::{
    Error, Text, Url,
    document::{Findings, Path},
    object,
};

/// Maximum number of characters of a place that a client names.
const MAX_PLACE: usize = 200;

/// Template of a link to what a provider offers now, such as courses or jobs.
#[object]
pub struct LinkTemplate {
    /// The words of the link.
    pub label: Text,
    /// Provider of the offers.
    pub provider: Option<Text>,
    /// Address with variables, such as `https://www.example.org/search?q={title}&where={place}`. They stand behind the host, and may be
    /// `{title}`, `{slug}`, `{place}`, which the reader names, and a code in a classification: `{soc}`, `{onetSoc}`, `{cip}`, `{isco}` or
    /// `{esco}`.
    pub template: Text,
}

/// Values of the variables of an entry, by name. `place` is not among them: a client names it.
pub type LinkValues = BTreeMap<String, String>;

/// A piece of a template.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Literal(&'a str),
    Variable(&'a str),
}

impl LinkTemplate {
    /// Rule `link-template`: the template makes an address, of variables that there are, on the host that it names.
    pub fn check(&self, variables: &[&str], at: &Path, findings: &mut Findings) {
        if let Err(flaw) = self.flaw(variables) {
            findings.error("link-template", at.then("template"), flaw);
        }
    }

    fn flaw(&self, variables: &[&str]) -> Result<(), String> {
        let listed = || variables.iter().map(|known| format!("`{{{known}}}`")).collect::<Vec<_>>().join(", ");
        let Some(pieces) = pieces(&self.template) else {
            return Err(format!("`{{` and `}}` enclose the name of a variable; it may be {}", listed()));
        };
        for piece in &pieces {
            if let Piece::Variable(name) = piece
                && !variables.contains(name)
            {
                return Err(format!("there is no variable `{{{name}}}`; it may be {}", listed()));
            }
        }
        let is_address = fill(&pieces, |_| Some("x")).is_some_and(|filled| Url::parse(&filled).is_some());
        if !is_address || self.template.contains(char::is_whitespace) {
            return Err("it must be a web address without spaces, with `https://` or `http://` in front".to_owned());
        }
        // A reader's words must not decide where a link leads.
        let fixed = self.template.split_once("://").and_then(|(_, rest)| rest.split('{').next()).unwrap_or_default();
        let host = fixed.split(['/', '?', '#']).next().unwrap_or_default();
        // Browsers take `\` for `/`.
        if !host.is_empty() && !host.contains('\\') && host.len() < fixed.len() {
            return Ok(());
        }
        let message = "the host must end, by a `/`, before the first variable, as in `https://www.example.org/{title}`";
        if pieces.len() > 1 || host.is_empty() { Err(message.to_owned()) } else { Ok(()) }
    }
}

/// The pieces of a template; none where a brace has no other half.
fn pieces(template: &str) -> Option<Vec<Piece<'_>>> {
    let (mut pieces, mut rest) = (Vec::new(), template);
    while let Some((literal, after)) = rest.split_once('{') {
        let (variable, after) = after.split_once('}')?;
        if literal.contains('}') || variable.contains('{') {
            return None;
        }
        pieces.extend([Piece::Literal(literal), Piece::Variable(variable)]);
        rest = after;
    }
    pieces.push(Piece::Literal(rest));
    (!rest.contains('}')).then_some(pieces)
}

/// The template with the values of its variables, percent-encoded; none where a variable has no value.
fn fill<'a>(pieces: &[Piece<'_>], value: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let mut filled = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => filled.push_str(text),
            Piece::Variable(name) => {
                // As a step of a path, dots would lead to another page, however they are written.
                let value = value(name).filter(|value| !matches!(*value, "." | ".."))?;
                for byte in value.bytes() {
                    // The characters that RFC 3986 leaves as they are, in every part of an address.
                    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                        filled.push(char::from(byte));
                    } else {
                        write!(filled, "%{byte:02X}").ok()?;
                    }
                }
            }
        }
    }
    Some(filled)
}

/// A link to what a provider offers now, such as courses or jobs.
pub struct LiveLink {
    template: LinkTemplate,
    values: Arc<LinkValues>,
}

impl LiveLink {
    /// The links of these templates, for an entry with these values.
    pub fn of(templates: &[LinkTemplate], values: LinkValues) -> Vec<Self> {
        let values = Arc::new(values);
        templates.iter().map(|template| Self { template: template.clone(), values: values.clone() }).collect()
    }
}

/// A link to what a provider offers now, such as courses or jobs.
#[Object]
impl LiveLink {
    /// The words of the link.
    async fn label(&self) -> &str {
        &self.template.label
    }

    /// Provider of the offers.
    async fn provider(&self) -> Option<&str> {
        self.template.provider.as_deref()
    }

    /// The address with its variables, as the document has it.
    async fn template(&self) -> &str {
        &self.template.template
    }

    /// The address, with the values of its variables percent-encoded. Null if a variable has no value: `{place}` where no place is given,
    /// or a classification of which the entry has no code. Of several codes, it has the first.
    async fn url(
        &self,
        #[graphql(desc = "The place that `{place}` stands for, such as `Leeds` or `US-CA`: at most 200 characters.")]
        place: Option<Text>,
    ) -> Option<Result<Url, async_graphql::Error>> {
        if place.as_ref().is_some_and(|place| place.chars().count() > MAX_PLACE) {
            let message = format!("A place has at most {MAX_PLACE} characters. Send its name or its code.");
            // An error within an option leaves the other fields of the link alone.
            return Some(Err(Error::caller("BAD_USER_INPUT", message).into()));
        }
        let value = |name: &str| match name {
            "place" => place.as_deref(),
            name => self.values.get(name).map(String::as_str),
        };
        let filled = pieces(&self.template.template).and_then(|pieces| fill(&pieces, value));
        filled.and_then(|filled| Url::parse(&filled)).map(Ok)
    }
}
