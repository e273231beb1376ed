//! Plain text: what the sanitised HTML says, without its marks. Made of the HTML, so that both say the same.

/// Elements within a line. All others begin a line of their own.
const INLINE: [&str; 35] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "i", "img", "ins", "kbd",
    "map", "mark", "q", "rp", "rt", "rtc", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "var",
];

/// The text of sanitised HTML: a line for each paragraph, item, cell and line break; the lines of code as they are.
pub(super) fn plain(html: &str) -> String {
    let mut plain = Plain { text: String::with_capacity(html.len()), ..Plain::default() };
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        plain.text(&rest[..start]);
        let (tag, after) = tag(&rest[start + 1..]);
        plain.tag(tag);
        rest = after;
    }
    plain.text(rest);
    plain.text.truncate(plain.text.trim_end().len());
    plain.text
}

/// Separator of a text from the one before.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    Nothing,
    Space,
    Line,
}

#[derive(Default)]
struct Plain {
    text: String,
    gap: Gap,
    /// Tells whether spaces and line breaks count, as in code.
    is_preformatted: bool,
}

impl Plain {
    fn tag(&mut self, tag: &str) {
        let (is_end, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        match name {
            "img" => {
                self.gap = self.gap.max(Gap::Space);
                self.text(alternative(attributes).unwrap_or_default());
                self.gap = self.gap.max(Gap::Space);
            }
            "wbr" => {}
            _ if INLINE.contains(&name) => {}
            _ => {
                self.gap = Gap::Line;
                if name == "pre" {
                    self.is_preformatted = !is_end;
                }
            }
        }
    }

    /// Adds what stands between two tags.
    fn text(&mut self, mut escaped: &str) {
        while let Some(at) = escaped.find('&') {
            self.characters(&escaped[..at]);
            let entity = escaped[at + 1..].split_once(';');
            let character = entity.and_then(|(name, _)| named(name));
            let (character, after) = match (character, entity) {
                (Some(character), Some((_, after))) => (character, after),
                _ => ("&", &escaped[at + 1..]),
            };
            self.characters(character);
            escaped = after;
        }
        self.characters(escaped);
    }

    fn characters(&mut self, text: &str) {
        for character in text.chars() {
            if !self.is_preformatted && character.is_ascii_whitespace() {
                self.gap = self.gap.max(Gap::Space);
                continue;
            }
            let begins = self.text.is_empty() || self.text.ends_with('\n');
            match std::mem::take(&mut self.gap) {
                Gap::Space if !begins => self.text.push(' '),
                Gap::Line if !begins => self.text.push('\n'),
                _ => {}
            }
            self.text.push(character);
        }
    }
}

/// A tag without its brackets, and what comes after it.
fn tag(text: &str) -> (&str, &str) {
    let mut is_quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'>' if !is_quoted => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

/// The text that stands for an image.
fn alternative(mut attributes: &str) -> Option<&str> {
    while let Some((name, after)) = attributes.split_once("=\"") {
        let (value, after) = after.split_once('"')?;
        if name.trim() == "alt" {
            return Some(value);
        }
        attributes = after;
    }
    None
}

/// The characters that the sanitiser escapes.
fn named(entity: &str) -> Option<&'static str> {
    Some(match entity {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "nbsp" => "\u{a0}",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::RichText;

    fn plain(markdown: &str) -> String {
        RichText::from(markdown.to_owned()).plain().to_owned()
    }

    #[test]
    fn items_cells_and_breaks_have_lines_of_their_own() {
        for (markdown, expected) in [
            ("- b\n  - c\n- d", "b\nc\nd"),
            ("1. a\n\n   b\n2. c", "a\nb\nc"),
            ("|a|b|\n|-|-|\n|1|**2**|\n|3||\n\nend", "a\nb\n1\n2\n3\nend"),
            ("a<br>b<br/>c", "a\nb\nc"),
            ("a  \nb\\\nc\nd", "a\nb\nc d"),
            ("<div>one</div><div>two <b>bold</b>er</div>", "one\ntwo bolder"),
            ("<section>a</section><section>b</section>", "a\nb"),
            ("<dl><dt>a<dd>b</dl>", "a\nb"),
            ("# T\n> q\n\n---\ne", "T\nq\ne"),
            ("```\n  a <b>\n\n  c\n```\nd", "  a <b>\n\n  c\nd"),
            ("`x  y` *z*w", "x y zw"),
            ("see![a \"map\"](u)now ![](v)", "see a \"map\" now"),
            ("- [x] done\n- [ ] open", "[x] done\n[ ] open"),
            ("A note[^1].\n\n[^1]: It says this.", "A note[^1].\n[^1]: It says this."),
            (
                "R&amp;D &lt;b&gt; &copy; a&nbsp;b &#8212; 1 < 2 & 3 > 2",
                "R&D <b> \u{a9} a\u{a0}b \u{2014} 1 < 2 & 3 > 2",
            ),
            ("<a href=\"/x?a>b\" title=\"1 > 0\">link</a>s", "links"),
            ("<!-- no --><script>no()</script>yes", "yes"),
            ("<custom-x>kept</custom-x>", "kept"),
            ("", ""),
        ] {
            assert_eq!(plain(markdown), expected, "{markdown}");
        }
    }

    /// Blocks of Markdown in which `WORD` stands for a word of its own.
    const BLOCKS: [&str; 12] = [
        "WORD WORD\nWORD",
        "# WORD",
        "- WORD\n  - WORD\n    1. WORD\n- WORD",
        "> WORD\n> > WORD",
        "|WORD|WORD|\n|-|-|\n|WORD|WORD|",
        "WORD<br>WORD  \nWORD\\\nWORD",
        "<div>WORD</div><p>WORD<p>WORD</p><ul><li>WORD<li>WORD</ul>",
        "<table><tr><td>WORD<td>WORD<tr><th>WORD</th></table>",
        "```\nWORD\n\n  WORD\n```",
        "**WORD** _WORD_ ~~WORD~~ `WORD` [WORD](u) ![WORD](u) <b>WORD</b> &amp; WORD",
        "- [ ] WORD\n- [x] WORD",
        "<details><summary>WORD</summary>WORD</details>",
    ];

    proptest! {
        #[test]
        fn every_word_is_found_once_apart_and_in_order(blocks in prop::collection::vec(0..BLOCKS.len(), 1..12)) {
            let (mut number, mut markdown) = (0, String::new());
            for block in blocks {
                for (index, part) in BLOCKS[block].split("WORD").enumerate() {
                    if index > 0 {
                        number += 1;
                        markdown.extend(["w", &number.to_string(), "x"]);
                    }
                    markdown.push_str(part);
                }
                markdown.push_str("\n\n<!-- -->\n\n");
            }
            let expected: Vec<_> = (1..=number).map(|number| format!("w{number}x")).collect();
            let plain = plain(&markdown);
            let found: Vec<_> = plain.split_whitespace().filter(|word| word.starts_with('w')).collect();
            prop_assert_eq!(found, expected, "{}", markdown);
        }
    }
}
