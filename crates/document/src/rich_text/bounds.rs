//! Bounds of prose: its size, its depth and its HTML, so that whatever passes the check is rendered in little time.
use pulldown_cmark::{Event, Tag};

use super::html::parse;

/// Maximum size of a prose, in bytes: about 15,000 words of English.
const BYTES: usize = 100_000;
/// Maximum depth of nesting. An item of a list is one level below the list, which is one itself.
const DEPTH: usize = 32;
/// Maximum number of cells of tables, among them those that a short row leaves out.
const CELLS: usize = 10_000;
/// Maximum number of HTML tags, other than `<br>`, `<hr>` and `<img>`.
const TAGS: usize = 2_000;
/// Maximum number of elements that stand within HTML elements, each counted once for every element around it: an element that
/// is never closed is repeated in each paragraph after it.
const ENCLOSED: usize = 20_000;

/// Elements that hold nothing.
const VOID: [&str; 13] =
    ["area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Elements that the next of their kind, or the end of their parent, closes.
const CLOSED_BY_OTHERS: [&str; 16] = [
    "caption", "colgroup", "dd", "dt", "li", "optgroup", "option", "p", "rp", "rt", "tbody", "td", "tfoot", "th",
    "thead", "tr",
];

/// The sentence that says which bound a prose breaks, and what to do; `None` where it breaks none. Takes time in proportion to
/// the size of the prose, whatever it holds.
pub(crate) fn excess(markdown: &str) -> Option<String> {
    if markdown.len() > BYTES {
        let length = markdown.len();
        return Some(format!("is {length} bytes long, and prose may have at most {BYTES} bytes: shorten or split it"));
    }
    // The parser goes over all containers of a line again for the next line, so it is asked only when they are few.
    let deep = markdown.lines().any(|line| markers(line) > DEPTH);
    if deep { Some(too_deep()) } else { Walk::default().over(markdown) }
}

fn too_deep() -> String {
    format!("is nested more than {DEPTH} deep; remove some of the nested quotes, lists, emphasis or HTML elements")
}

/// Number of containers that a line opens or continues: marks of quotes and items at its start.
fn markers(line: &str) -> usize {
    let (mut rest, mut markers) = (line.trim_start(), 0);
    while markers <= DEPTH {
        let Some(after) = after_marker(rest) else { break };
        (rest, markers) = (after.trim_start(), markers + 1);
    }
    markers
}

/// The rest of a line after a mark of a quote or an item.
fn after_marker(line: &str) -> Option<&str> {
    if let Some(after) = line.strip_prefix('>') {
        return Some(after);
    }
    let after = match line.strip_prefix(['-', '+', '*']) {
        Some(_) if is_rule(line) => return None,
        Some(after) => after,
        None => {
            let after = line.trim_start_matches(|char: char| char.is_ascii_digit());
            let has_number = after.len() < line.len();
            after.strip_prefix(['.', ')']).filter(|_| has_number)?
        }
    };
    (after.is_empty() || after.starts_with([' ', '\t'])).then_some(after)
}

/// Tells whether a line is a thematic break, such as `* * *`.
fn is_rule(line: &str) -> bool {
    ['-', '*'].iter().any(|mark| line.chars().all(|char| char == *mark || char == ' ' || char == '\t'))
}

/// Goes over the elements of a prose.
#[derive(Default)]
struct Walk {
    depth: usize,
    cells: usize,
    tags: usize,
    enclosed: usize,
    /// The HTML elements that are open.
    open: Vec<String>,
}

impl Walk {
    fn over(mut self, markdown: &str) -> Option<String> {
        for event in parse(markdown) {
            match event {
                Event::Start(tag) => {
                    self.depth += 1;
                    self.enclosed += self.open.len();
                    self.cells += usize::from(tag == Tag::TableCell);
                }
                Event::End(_) => self.depth -= 1,
                Event::Html(html) | Event::InlineHtml(html) => self.html(&html),
                _ => continue,
            }
            if let Some(excess) = self.excess() {
                return Some(excess);
            }
        }
        None
    }

    fn excess(&self) -> Option<String> {
        if self.depth + self.open.len() > DEPTH {
            return Some(too_deep());
        }
        if self.cells > CELLS {
            return Some(format!("has tables with more than {CELLS} cells in total; split them"));
        }
        if self.tags > TAGS {
            return Some(format!("has more than {TAGS} HTML tags; write it as Markdown"));
        }
        let is_open = self.enclosed > ENCLOSED;
        is_open.then(|| "has HTML elements that enclose too much of it; close them, or write it as Markdown".to_owned())
    }

    fn html(&mut self, html: &str) {
        for tag in html.split('<').skip(1) {
            let (is_end, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
            if !tag.starts_with(|char: char| char.is_ascii_alphabetic()) {
                continue;
            }
            let name = tag.split(|char: char| !char.is_ascii_alphanumeric()).next().unwrap_or_default();
            self.tag(&name.to_ascii_lowercase(), is_end);
            if self.depth + self.open.len() > DEPTH {
                return;
            }
        }
    }

    fn tag(&mut self, name: &str, is_end: bool) {
        if is_end {
            if let Some(place) = self.open.iter().rposition(|open| open == name) {
                self.open.truncate(place);
            }
            return;
        }
        self.tags += usize::from(!["br", "hr", "img"].contains(&name));
        self.enclosed += self.open.len();
        if !VOID.contains(&name) && !CLOSED_BY_OTHERS.contains(&name) {
            self.open.push(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_of_a_usual_kind_breaks_no_bound() {
        let nested =
            (0..12).map(|level| format!("{}- level {level}", "  ".repeat(level))).collect::<Vec<_>>().join("\n");
        let table = format!("|a|b|\n|-|-|\n{}", "|1|2|\n".repeat(1_000));
        let html = format!("<table>{}</table>", "<tr><td>a<td>b<br>c</tr>".repeat(300));
        let texts = [
            "A **bold** claim.".to_owned(),
            "word ".repeat(19_000),
            nested,
            table,
            html,
            "- ".repeat(60),
            "> ".repeat(10) + &"* ".repeat(60),
            "- a\n".repeat(20_000),
            "<p>a<p>b".repeat(200),
            "<div><b>a</b></div>\n\n".repeat(500),
            "1990. A year - and > signs < of [no] `meaning` & more\n".repeat(100),
        ];
        for text in texts {
            assert_eq!(excess(&text), None, "{}", &text[..text.len().min(60)]);
        }
    }

    #[test]
    fn nesting_has_a_bound_whatever_nests() {
        let around = |open: &str, close: &str| format!("{}a{}", open.repeat(40), close.repeat(40));
        let indented = (0..40).map(|level| format!("{}- a", "  ".repeat(level))).collect::<Vec<_>>().join("\n");
        let texts = [
            around("> ", ""),
            around("- ", ""),
            around("+ ", ""),
            around("1. ", ""),
            around("7) ", ""),
            around("> - ", ""),
            around("*a ", " b*"),
            around("**a ", " b**"),
            around("~~a ", " b~~"),
            around("![", "](b)"),
            around("<div>", "</div>"),
            around("a <b>", ""),
            around("<div>\n\n", "\n\n</div>"),
            indented,
        ];
        for text in texts {
            let found = excess(&text).unwrap_or_else(|| panic!("a bound for {text}"));
            assert!(found.contains("more than 32 deep"), "{text}: {found}");
        }
    }

    #[test]
    fn size_tables_and_html_have_bounds() {
        let columns = 400;
        let short_rows = format!("{}\n{}\n{}", "a|".repeat(columns), "-|".repeat(columns), "a\n".repeat(100));
        let unclosed = "<b>".repeat(20) + &"a\n\n".repeat(5_000);
        let texts = [
            ("a".repeat(100_001), "bytes long"),
            (short_rows, "cells"),
            ("<i>a</i>".repeat(2_001), "HTML tags"),
            (unclosed, "close them"),
        ];
        for (text, expected) in texts {
            let found = excess(&text).unwrap_or_default();
            assert!(found.contains(expected), "{expected}: {found}");
        }
    }
}
