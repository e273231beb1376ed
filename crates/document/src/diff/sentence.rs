//! Differences in words.
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Difference, DifferenceKind, ENDS, fields_of, is_container, is_range};
use crate::{Path, Step};

/// Maximum number of characters of a value in a sentence.
pub(super) const SENTENCE_VALUE: usize = 60;

/// Maximum number of characters of a value in a summary.
const SUMMARY_VALUE: usize = 20;

/// Maximum number of characters of a summary.
const SUMMARY: usize = 120;

/// All of it in one line of at most 120 characters: `pay.median.amount 50250 → 52000; 2 duties moved; and 4 more changes`.
pub fn summary(changes: &[Difference]) -> String {
    let room = SUMMARY - format!("; and {} more changes", changes.len()).len();
    let (mut line, mut length, mut left) = (String::new(), 0, changes.len());
    for (phrase, count) in phrases(changes) {
        let separator = if line.is_empty() { "" } else { "; " };
        let longer = length + separator.len() + phrase.chars().count();
        if longer <= room {
            line = line + separator + &phrase;
            (length, left) = (longer, left - count);
        }
    }
    match (line.is_empty(), left) {
        (true, 0) => "no changes".to_owned(),
        (true, _) => format!("{left} change{}", plural(left)),
        (false, 0) => line,
        (false, _) => format!("{line}; and {left} more change{}", plural(left)),
    }
}

/// The phrases of a summary with the number of changes each stands for: one for all moves in lists of one name.
fn phrases(changes: &[Difference]) -> impl Iterator<Item = (String, usize)> {
    let mut moves: HashMap<&str, usize> = HashMap::new();
    for change in changes.iter().filter(|change| change.kind == DifferenceKind::Moved) {
        *moves.entry(change.list()).or_default() += 1;
    }
    changes.iter().filter_map(move |change| {
        let count = if change.kind == DifferenceKind::Moved { moves.remove(change.list())? } else { 1 };
        Some((if count == 1 { change.phrase() } else { format!("{count} {} moved", change.list()) }, count))
    })
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

impl Difference {
    /// One sentence for people: `pay.bands[0].range: 45000–60000 → 47000–62000`.
    pub fn sentence(&self) -> String {
        let place = place(&self.path) + &self.named();
        match (self.kind, &self.from_path) {
            (DifferenceKind::Added, _) => format!("added {place}{}", self.unnamed(self.after.as_ref())),
            (DifferenceKind::Removed, _) => format!("removed {place}{}", self.unnamed(self.before.as_ref())),
            (DifferenceKind::Changed, _) => format!("{place}: {}{}", self.values(), self.besides()),
            (DifferenceKind::Moved, Some(from)) if *from != self.path => format!("moved {place} from {from}"),
            (DifferenceKind::Moved, _) => format!("moved {place} past its neighbors"),
        }
    }

    /// The change in a few words.
    fn phrase(&self) -> String {
        let place = place(&self.path);
        match self.kind {
            DifferenceKind::Added => format!("added {place}"),
            DifferenceKind::Removed => format!("removed {place}"),
            DifferenceKind::Changed if self.is_reworded() => format!("{place} reworded"),
            DifferenceKind::Changed => {
                let [before, after] = [&self.before, &self.after].map(|value| brief(value.as_ref(), SUMMARY_VALUE));
                format!("{place} {before} → {after}")
            }
            DifferenceKind::Moved => format!("moved {place}"),
        }
    }

    /// Tells whether a text changed that is too long for a summary.
    fn is_reworded(&self) -> bool {
        let (Some(Value::String(before)), Some(Value::String(after))) = (&self.before, &self.after) else {
            return false;
        };
        is_longer(before, SUMMARY_VALUE) || is_longer(after, SUMMARY_VALUE)
    }

    /// The value before and after; of long texts, what surrounds the first difference.
    fn values(&self) -> String {
        let (before, after) = match (&self.before, &self.after) {
            (Some(Value::String(before)), Some(Value::String(after))) => excerpts(before, after),
            (before, after) => (brief(before.as_ref(), SENTENCE_VALUE), brief(after.as_ref(), SENTENCE_VALUE)),
        };
        format!("{before} → {after}")
    }

    /// The value that was added or removed, unless its name says enough.
    fn unnamed(&self, value: Option<&Value>) -> String {
        if self.has_own_name() { String::new() } else { format!(": {}", brief(value, SENTENCE_VALUE)) }
    }

    /// Changes of a range beside its ends: ` (and asOf, source)`.
    fn besides(&self) -> String {
        let (Some(Value::Object(before)), Some(Value::Object(after))) = (&self.before, &self.after) else {
            return String::new();
        };
        let others = fields_of(before, after).into_iter().filter(|field| !ENDS.contains(field));
        let others: Vec<_> = others.filter(|field| before.get(*field) != after.get(*field)).collect();
        if others.is_empty() { String::new() } else { format!(" (and {})", others.join(", ")) }
    }

    /// Text after the place: the name of the item, or that of the item around it unless the name itself changed.
    fn named(&self) -> String {
        match &self.name {
            Some(name) if self.has_own_name() => format!(" {}", excerpt(name, 0, SENTENCE_VALUE)),
            Some(name) if self.after.as_ref().and_then(Value::as_str) != Some(name) => {
                format!(" of {}", excerpt(name, 0, SENTENCE_VALUE))
            }
            _ => String::new(),
        }
    }

    fn has_own_name(&self) -> bool {
        self.name.is_some() && self.kind != DifferenceKind::Changed && matches!(self.path.0.last(), Some(Step::Item(_)))
    }

    /// The name of the innermost field.
    fn list(&self) -> &str {
        let field = self.path.0.iter().rev().find_map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::Item(_) => None,
        });
        field.unwrap_or("items")
    }
}

fn place(path: &Path) -> String {
    if path.0.is_empty() { "the document".to_owned() } else { path.to_string() }
}

/// A value in about `limit` characters.
pub(super) fn brief(value: Option<&Value>, limit: usize) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => excerpt(text, 0, limit),
        Some(Value::Array(items)) => format!("{} item{}", items.len(), plural(items.len())),
        Some(Value::Object(fields)) if is_range(fields) => span(fields),
        Some(Value::Object(fields)) => {
            let said: Vec<_> = fields.iter().filter(|(_, value)| !is_container(value)).map(said).collect();
            if said.is_empty() {
                format!("{} field{}", fields.len(), plural(fields.len()))
            } else {
                cut(&said.join(", "), 0, limit)
            }
        }
        Some(scalar) => scalar.to_string(),
    }
}

fn said((field, value): (&String, &Value)) -> String {
    format!("{field} {}", bare(value))
}

/// A scalar without quotes.
fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The ends of a range: `45000–60000`.
fn span(range: &Map<String, Value>) -> String {
    match ENDS.map(|end| range.get(end).map(bare)) {
        [Some(low), Some(high)] if [&low, &high].iter().any(|end| end.starts_with('-')) => format!("{low} to {high}"),
        [Some(low), Some(high)] => format!("{low}–{high}"),
        [Some(low), None] => format!("at least {low}"),
        [None, Some(high)] => format!("at most {high}"),
        [None, None] => "no range".to_owned(),
    }
}

/// Both texts, quoted, from shortly before their first difference where they are long.
fn excerpts(before: &str, after: &str) -> (String, String) {
    let limit = SENTENCE_VALUE;
    let long = is_longer(before, limit) || is_longer(after, limit);
    let same = before.chars().zip(after.chars()).take_while(|(before, after)| before == after).count();
    let near = if long { same.saturating_sub(limit / 3) } else { 0 };
    let mut margin = after.chars().enumerate().take(same).skip(near);
    let word = margin.find(|(_, letter)| near > 0 && letter.is_whitespace());
    let start = word.map_or(near, |(space, _)| space + 1);
    (excerpt(before, start, limit), excerpt(after, start, limit))
}

fn is_longer(text: &str, limit: usize) -> bool {
    text.chars().nth(limit).is_some()
}

/// At most `limit` characters of a text, from the one at `start`, in quotes.
fn excerpt(text: &str, start: usize, limit: usize) -> String {
    format!("\"{}\"", cut(text, start, limit))
}

/// The same without quotes, in one line.
fn cut(text: &str, start: usize, limit: usize) -> String {
    let mut letters = text.chars().skip(start);
    let shown: String = letters.by_ref().take(limit).map(|letter| if letter == '\n' { '↵' } else { letter }).collect();
    let (head, tail) = (if start > 0 { "…" } else { "" }, if letters.next().is_some() { "…" } else { "" });
    format!("{head}{shown}{tail}")
}
