//! The words of findings: how a value is told, and what somebody meant to write.
use unicode_normalization::UnicodeNormalization as _;

use super::{TreeValue, tree::Name};
use crate::scalar::is_slug;

/// The reason why a value is none of a scalar, with what to write instead.
pub(super) fn scalar_message(name: &str, description: Option<&str>, value: &TreeValue) -> String {
    if let (TreeValue::Text(text), "Float" | "Int") = (value, name)
        && let Some(number) = number_in(text)
    {
        return format!("takes a number, not the text {}; write {number} without quotes", quoted(value));
    }
    if let (TreeValue::Text(text), "Slug") = (value, name)
        && let Some(slug) = slug_for(text)
    {
        let rule = expected(description);
        return format!("{} is not a valid `Slug`; write `{slug}`: {rule}", quoted(value));
    }
    let hint = match (name, value) {
        ("String" | "Text" | "Markdown" | "Slug", TreeValue::Int(_) | TreeValue::Float(_) | TreeValue::Bool(_)) => {
            format!("; put it in quotes, `'{}'`", quoted(value).trim_matches('`'))
        }
        _ => String::new(),
    };
    match name {
        "String" => format!("takes text, not {}{hint}", noun(value)),
        "Int" if matches!(value, TreeValue::Int(_)) => {
            format!("takes a whole number from {} to {}, not {}", i32::MIN, i32::MAX, quoted(value))
        }
        "Int" => format!("takes a whole number, not {}", quoted(value)),
        "Float" => format!("takes a number, not {}", quoted(value)),
        "Boolean" => format!("takes true or false, not {}", quoted(value)),
        _ => {
            let rule = expected(description);
            format!("{} is not a valid `{name}`{hint}: {rule}", quoted(value))
        }
    }
}

/// The noun for a value.
pub(super) fn noun(value: &TreeValue) -> &'static str {
    match value {
        TreeValue::Null => "nothing",
        TreeValue::Bool(_) => "true or false",
        TreeValue::Int(_) | TreeValue::Float(_) => "a number",
        TreeValue::Text(_) => "text",
        TreeValue::List(_) => "a list",
        TreeValue::Map(_) => "a mapping",
    }
}

/// The places of a field that stands twice: nothing where they are not known.
pub(super) fn places(first: &Name, again: &Name) -> String {
    match (first.line, again.line) {
        (0, _) => String::new(),
        (line, other) if line == other => format!(", in columns {} and {}", first.column, again.column),
        (line, other) => format!(", in lines {line} and {other}"),
    }
}

/// The number that a text was meant to be: `48000`, `48,000` and `$48,000`.
fn number_in(text: &str) -> Option<String> {
    let digits: String =
        text.trim().trim_start_matches('$').chars().filter(|c| !matches!(c, ',' | '_' | ' ')).collect();
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '-') && digits.parse::<f64>().is_ok();
    is_number.then_some(digits)
}

/// The slug that a name was meant to be. Signs that tell names apart are written out: C, C++ and C# are three.
fn slug_for(text: &str) -> Option<String> {
    let mut words = String::new();
    for character in text.nfd() {
        match character {
            '+' => words.push_str("-plus-"),
            '#' => words.push_str("-sharp-"),
            '&' => words.push_str("-and-"),
            '%' => words.push_str("-percent-"),
            '@' => words.push_str("-at-"),
            '.' => words.push_str("-dot-"),
            '\'' | '\u{2019}' | '\u{300}'..='\u{36f}' => {}
            character if character.is_alphanumeric() => words.extend(character.to_lowercase()),
            _ => words.push('-'),
        }
    }
    let slug = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    is_slug(&slug).then_some(slug)
}

/// A value as a message tells it: the beginning of a text, and of what has parts only what it is.
pub(super) fn quoted(value: &TreeValue) -> String {
    /// Maximum number of characters of a text that are told.
    const SHOWN: usize = 60;
    match value {
        TreeValue::Text(text) if text.is_empty() => "empty text".to_owned(),
        TreeValue::Text(text) => {
            let short: String = text.chars().take(SHOWN).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            format!("`{}{more}`", short.replace('\n', " "))
        }
        TreeValue::Int(number) => format!("`{number}`"),
        TreeValue::Float(number) => format!("`{number}`"),
        TreeValue::Bool(value) => format!("`{value}`"),
        other => noun(other).to_owned(),
    }
}

/// Names as a message lists them.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The rule of a scalar as the end of a sentence.
fn expected(description: Option<&str>) -> String {
    let rule = description.unwrap_or_default().trim_end_matches('.');
    let mut characters = rule.chars();
    let first = characters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    format!("expected {first}{}", characters.as_str())
}

/// The first sentence of a description, without its full stop.
pub(super) fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

/// The name that was probably meant.
pub(super) fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (lower, length) = (name.to_lowercase(), name.chars().count());
    known
        // What is much longer is not meant, and comparing it would take long.
        .filter(|candidate| length.abs_diff(candidate.len()) <= 1 + candidate.len() / 4)
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(name.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_by_a_sign_have_slugs_that_differ() {
        let slugs = ["C", "C++", "C#", ".NET", "R&D", "Café"].map(|name| slug_for(name).unwrap_or_default());
        assert_eq!(slugs, ["c", "c-plus-plus", "c-sharp", "dot-net", "r-and-d", "cafe"]);
        assert_eq!(slug_for("看護師"), None);
        assert_eq!(number_in("$48,000").as_deref(), Some("48000"));
        assert_eq!(number_in("about 5"), None);
    }

    #[test]
    fn a_misspelt_name_finds_the_name_that_was_meant() {
        let known = || ["title", "summary", "roles"].into_iter();
        assert_eq!(similar("titel", known()), Some("title"));
        assert_eq!(similar("role", known()), Some("roles"));
        assert_eq!(similar("Summary", known()), Some("summary"));
        assert_eq!(similar("pay", known()), None);
    }
}
