//! Templates of a webhook's body and headers: texts with values of the standard message, named by their paths, such as
//! `{{ data.cacheTags }}`. There is nothing else in them, no loop and no condition, so rendering one ends and says what it says.
use serde_json::{Value, de::IoRead};

/// The largest text that a template is rendered to, in bytes.
const MAX_RENDERED: usize = 8 * 1024 * 1024;

/// A template that was read.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookTemplate(Vec<Piece>);

/// Part of a template.
#[derive(Clone, PartialEq, Eq)]
enum Piece {
    /// Text as it is.
    Fixed(String),
    /// A value as JSON, which stands for a whole string of the template.
    Json(Vec<String>),
    /// The text of a value within a string of JSON.
    Inside(Vec<String>),
    /// The text of a value within a header.
    Plain(Vec<String>),
}

/// Reason why a template cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TemplateError {
    pub(super) message: String,
    /// Place, from 1.
    pub(super) line: usize,
    pub(super) column: usize,
}

impl WebhookTemplate {
    /// The template of a body: JSON, in whose strings values may stand. A string that is nothing but a value becomes that value. An empty
    /// text is the template of an empty body.
    pub(super) fn json(text: &str) -> Result<Self, TemplateError> {
        if text.trim().is_empty() {
            return Ok(Self(Vec::new()));
        }
        let mut reader = serde_json::Deserializer::new(IoRead::new(text.as_bytes()));
        let read = serde::Deserialize::deserialize(&mut reader).map(|serde::de::IgnoredAny| ());
        if let Err(error) = read.and_then(|()| reader.end()) {
            let (line, column) = (error.line(), error.column());
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            return Err(TemplateError { message: format!("it is not JSON: {message}"), line, column });
        }
        let (mut pieces, mut at) = (Vec::new(), 0);
        while let Some((start, end)) = next_string(text, at) {
            let (content, after) = (&text[start..end], &text[end + 1..]);
            let is_key = after.trim_start().starts_with(':');
            if let Some(path) = whole(content).filter(|_| !is_key) {
                pieces.push(Piece::Fixed(text[at..start - 1].to_owned()));
                pieces.push(Piece::Json(path));
            } else {
                pieces.push(Piece::Fixed(text[at..start].to_owned()));
                scan(text, start, end, Piece::Inside, &mut pieces)?;
                pieces.push(Piece::Fixed("\"".to_owned()));
            }
            at = end + 1;
        }
        pieces.push(Piece::Fixed(text[at..].to_owned()));
        Ok(Self(pieces))
    }

    /// The template of a header's value.
    pub(super) fn header(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        scan(text, 0, text.len(), Piece::Plain, &mut pieces)?;
        Ok(Self(pieces))
    }

    /// The template of a stored body.
    pub fn of_body(text: &str) -> Option<Self> {
        Self::json(text).ok()
    }

    /// The template of a stored header.
    pub fn of_header(text: &str) -> Option<Self> {
        Self::header(text).ok()
    }

    /// The paths of its values.
    pub(super) fn paths(&self) -> impl Iterator<Item = &[String]> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Fixed(_) => None,
            Piece::Json(path) | Piece::Inside(path) | Piece::Plain(path) => Some(&path[..]),
        })
    }

    /// Tells whether the cache tags stand in it.
    pub fn names_tags(&self) -> bool {
        self.paths().any(|path| path.len() > 1 && path[0] == "data" && path[1] == "cacheTags")
    }

    /// The text for this message. Otherwise the reason why there is none.
    pub fn render(&self, message: &Value) -> Result<String, String> {
        let mut rendered = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Fixed(text) => rendered.push_str(text),
                Piece::Json(path) => rendered.push_str(&value(message, path).to_string()),
                Piece::Inside(path) => {
                    let quoted = Value::from(text(message, path)?).to_string();
                    rendered.push_str(&quoted[1..quoted.len() - 1]);
                }
                Piece::Plain(path) => {
                    let text = text(message, path)?;
                    if !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
                        return Err(format!("`{}` has characters that no header can carry", path.join(".")));
                    }
                    rendered.push_str(&text);
                }
            }
            if rendered.len() > MAX_RENDERED {
                return Err(format!("the request would have more than {MAX_RENDERED} bytes"));
            }
        }
        Ok(rendered)
    }
}

/// The value at a path; null where there is none.
fn value<'a>(message: &'a Value, path: &[String]) -> &'a Value {
    path.iter().fold(message, |value, step| match value {
        Value::Array(values) => step.parse().ok().and_then(|index: usize| values.get(index)).unwrap_or(&Value::Null),
        other => other.get(step).unwrap_or(&Value::Null),
    })
}

/// The value at a path as text: a list has its parts separated by spaces.
fn text(message: &Value, path: &[String]) -> Result<String, String> {
    let of = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        _ => None,
    };
    let text = match value(message, path) {
        Value::Array(values) => values.iter().map(of).collect::<Option<Vec<_>>>().map(|texts| texts.join(" ")),
        one => of(one),
    };
    text.ok_or_else(|| format!("`{}` has no text in this message", path.join(".")))
}

/// The content of the next string of a JSON text, as its first byte and the byte of the quote behind it.
fn next_string(json: &str, from: usize) -> Option<(usize, usize)> {
    let start = json[from..].find('"')? + from + 1;
    let mut escaped = false;
    let end = json[start..].bytes().position(|byte| {
        let is_end = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        is_end
    })?;
    Some((start, start + end))
}

/// The path, where a string is nothing but one value.
fn whole(content: &str) -> Option<Vec<String>> {
    let inner = content.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    path(inner)
}

/// Adds the pieces of `text[from..to]`.
fn scan(
    text: &str,
    from: usize,
    to: usize,
    piece: fn(Vec<String>) -> Piece,
    pieces: &mut Vec<Piece>,
) -> Result<(), TemplateError> {
    let mut at = from;
    while let Some(opening) = text[at..to].find("{{").map(|found| at + found) {
        pieces.push(Piece::Fixed(text[at..opening].to_owned()));
        let Some(closing) = text[opening..to].find("}}").map(|found| opening + found) else {
            return Err(error(text, opening, "`{{` is not closed; write `}}` behind the value"));
        };
        let Some(path) = path(&text[opening + 2..closing]) else {
            return Err(error(text, opening, "between `{{` and `}}` the path of a value must stand"));
        };
        pieces.push(piece(path));
        at = closing + 2;
    }
    pieces.push(Piece::Fixed(text[at..to].to_owned()));
    Ok(())
}

/// A path such as `data.entries.0.slug`.
fn path(text: &str) -> Option<Vec<String>> {
    let is_step =
        |step: &str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let steps: Vec<_> = text.trim().split('.').map(str::to_owned).collect();
    steps.iter().all(|step| is_step(step)).then_some(steps)
}

fn error(text: &str, at: usize, message: &str) -> TemplateError {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    TemplateError { message: message.to_owned(), line, column }
}

/// The place of a value in the text of a template.
pub(super) fn place_of(text: &str, path: &[String]) -> (usize, usize) {
    let name = path.join(".");
    let is_it = |(at, _): &(usize, &str)| {
        let rest = text[at + 2..].trim_start();
        rest.strip_prefix(&name).is_some_and(|rest| rest.trim_start().starts_with("}}"))
    };
    let at = text.match_indices("{{").find(is_it).map_or(0, |(at, _)| at);
    let TemplateError { line, column, .. } = error(text, at, "");
    (line, column)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message() -> Value {
        json!({ "type": "entry.updated", "data": { "cacheTags": ["career", "career:nurse"], "version": "42",
                "entries": [{ "slug": "nurse", "revision": 4 }], "result": { "title": "Say \"hi\"\r\n\\" } } })
    }

    fn body(template: &str) -> String {
        WebhookTemplate::json(template)
            .unwrap_or_else(|error| panic!("{error:?}"))
            .render(&message())
            .expect("rendered")
    }

    #[test]
    fn values_stand_for_whole_strings_or_within_them() {
        assert_eq!(body(r#"{"tags": "{{ data.cacheTags }}"}"#), r#"{"tags": ["career","career:nurse"]}"#);
        assert_eq!(body(r#"{"tag":"{{data.cacheTags.1}}"}"#), r#"{"tag":"career:nurse"}"#);
        assert_eq!(body(r#"{"a":"{{ data.release }}","n":"{{ data.entries.0.revision }}"}"#), r#"{"a":null,"n":4}"#);
        assert_eq!(
            body(r#"{"{{ type }}": "v{{ data.version }}: {{ data.cacheTags }}"}"#),
            r#"{"entry.updated": "v42: career career:nurse"}"#
        );
        assert_eq!(body("  "), "");
        assert_eq!(body(r#"["\"{{ type }}\"", "\u007b{ no }}"]"#), r#"["\"entry.updated\"", "\u007b{ no }}"]"#);
    }

    #[test]
    fn nothing_breaks_out_of_its_string() {
        let rendered = body(r#"{"text": "<{{ data.result.title }}>", "whole": "{{ data.result.title }}"}"#);
        let read: Value = serde_json::from_str(&rendered).expect("JSON");
        assert_eq!(read, json!({ "text": "<Say \"hi\"\r\n\\>", "whole": "Say \"hi\"\r\n\\" }));
        let header = |text| WebhookTemplate::header(text).expect("a template").render(&message());
        assert_eq!(header("k={{ data.cacheTags }}"), Ok("k=career career:nurse".to_owned()));
        assert_eq!(
            header("{{ data.result.title }}"),
            Err("`data.result.title` has characters that no header can carry".to_owned())
        );
        assert_eq!(header("{{ data.release }}"), Err("`data.release` has no text in this message".to_owned()));
    }

    #[test]
    fn errors_have_their_place() {
        for (template, line, column) in [
            ("{\"a\": }", 1, 7),
            ("{\n  \"a\": \"x {{ type\"\n}", 2, 11),
            ("{\n  \"a\": \"é {{ a b }}\"\n}", 2, 11),
            ("{} {}", 1, 4),
            ("{{ data.cacheTags }}", 1, 2),
        ] {
            let error = WebhookTemplate::json(template).err().expect("an error");
            assert_eq!((error.line, error.column), (line, column), "{template}: {error:?}");
        }
    }
}
