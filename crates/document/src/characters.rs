//! Characters: the one rule about what a text may hold, on every way in and for both databases; and how text of others is printed,
//! so that it cannot speak to a terminal or make up a line of the log.
use std::fmt;

/// Layout of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One line, such as a title or a name.
    Line,
    /// Prose: tabs and line breaks are part of it.
    Prose,
}

/// The first thing that is wrong with the characters of a text, as a sentence without a full stop; none where all is well.
pub fn flaw(text: &str, layout: Layout) -> Option<String> {
    // Most texts are plain and are looked at once.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    for (place, character) in (1..).zip(text.chars()) {
        if let Some(why) = refusal(character, layout) {
            return Some(format!("contains {} at character {place}: {why}", named(character)));
        }
    }
    if text.is_empty() || text.chars().any(|character| !is_invisible(character)) {
        return edge(text, layout);
    }
    let first = text.chars().next().map(named).unwrap_or_default();
    Some(format!("contains only invisible characters, such as {first}: write text, or leave the field out"))
}

/// An invisible character at an end of a line: the line would look like another one and be a different text.
fn edge(text: &str, layout: Layout) -> Option<String> {
    let is_stray = |character: &char| matches!(character, '\u{ad}' | '\u{200b}' | '\u{2060}');
    let ends = [text.chars().next(), text.chars().next_back()];
    let stray = ends.into_iter().flatten().find(is_stray).filter(|_| layout == Layout::Line)?;
    Some(format!("begins or ends with {}, which is invisible: delete it", named(stray)))
}

/// Why a character is refused.
fn refusal(character: char, layout: Layout) -> Option<&'static str> {
    Some(match character {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' if layout == Layout::Prose => return None,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' if layout == Layout::Line => {
            "it breaks the line; write one line"
        }
        '\t' => "write a space",
        _ if character.is_control() => "control characters are not text; delete it",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "it changes the order in which text is shown; delete it",
        '\u{feff}' => "it is a byte order mark; delete it",
        '\u{fff9}'..='\u{fffb}' => "it is not text; delete it",
        _ if is_noncharacter(character) => "it is not a character; delete it",
        _ => return None,
    })
}

/// Code points that Unicode keeps free for programs.
fn is_noncharacter(character: char) -> bool {
    matches!(character, '\u{fdd0}'..='\u{fdef}') || u32::from(character) & 0xfffe == 0xfffe
}

/// Tells whether a character has a meaning only where a certain font is at hand.
pub(crate) fn is_private(character: char) -> bool {
    matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

/// Tells whether a character leaves no mark of its own: white space, marks of direction, fillers, joiners, variation selectors and tags.
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The character by its code point: `U+202E`.
pub(crate) fn named(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// Text as it is printed: what would move the cursor, colour or reorder what follows, or break the line is shown as `\u001b`, the
/// way JSON writes it.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a> {
    text: &'a str,
    layout: Layout,
}

impl<'a> Escaped<'a> {
    /// Text within a line: line breaks are shown as `\n`.
    pub fn line(text: &'a str) -> Self {
        Self { text, layout: Layout::Line }
    }

    /// Text of several lines.
    pub fn lines(text: &'a str) -> Self {
        Self { text, layout: Layout::Prose }
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut from = 0;
        for (at, character) in self.text.char_indices() {
            let acts = character.is_control()
                || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if !acts || (self.layout == Layout::Prose && matches!(character, '\n' | '\t')) {
                continue;
            }
            f.write_str(&self.text[from..at])?;
            match character {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                _ => write!(f, "\\u{:04x}", u32::from(character))?,
            }
            from = at + character.len_utf8();
        }
        f.write_str(&self.text[from..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_script_is_fine() {
        for text in [
            "",
            "Nurse",
            "Ärztin",
            "Σίσυφος",
            "مُمَرِّضة",
            "می\u{200c}خواهم",
            "看護師",
            "👩🏽‍⚕️ care",
            "❤\u{fe0f}",
            "e\u{301}",
            "a\u{200b}b",
        ] {
            assert_eq!(flaw(text, Layout::Line), None, "{text:?}");
        }
        assert_eq!(flaw("a\tb\r\n\nc\u{2028}d\n", Layout::Prose), None);
    }

    #[test]
    fn what_is_no_text_is_named() {
        for (character, name) in [
            ('\0', "U+0000"),
            ('\u{7}', "U+0007"),
            ('\u{1b}', "U+001B"),
            ('\u{7f}', "U+007F"),
            ('\u{85}', "U+0085"),
            ('\u{9b}', "U+009B"),
            ('\u{202e}', "U+202E"),
            ('\u{2066}', "U+2066"),
            ('\u{feff}', "U+FEFF"),
            ('\u{fdd0}', "U+FDD0"),
            ('\u{ffff}', "U+FFFF"),
            ('\u{10fffe}', "U+10FFFE"),
            ('\u{fffa}', "U+FFFA"),
        ] {
            for layout in [Layout::Line, Layout::Prose] {
                let flaw = flaw(&format!("ab{character}c"), layout).unwrap_or_default();
                assert!(flaw.starts_with(&format!("contains {name} at character 3: ")), "{name} {layout:?} {flaw}");
            }
        }
        for broken in ["a\nb", "a\rb", "a\tb", "a\u{2028}b", "a\u{2029}b"] {
            assert!(flaw(broken, Layout::Line).is_some(), "{broken:?}");
        }
    }

    #[test]
    fn what_nobody_sees_is_no_text() {
        for text in ["\u{200b}", "\u{ad}", "\u{3000}\u{2060}", "\u{2800}", "\u{3164}", "\u{200d}\u{fe0f}", "\u{e0041}"]
        {
            for layout in [Layout::Line, Layout::Prose] {
                assert!(flaw(text, layout).is_some_and(|flaw| flaw.starts_with("contains only")), "{text:?}");
            }
        }
        assert!(flaw("Nurse\u{200b}", Layout::Line).is_some_and(|flaw| flaw.contains("U+200B")));
    }

    #[test]
    fn printed_text_does_nothing() {
        let text = "a\u{1b}[31m\u{9b}2J\u{202e}\rb\nc\td";
        assert_eq!(Escaped::line(text).to_string(), "a\\u001b[31m\\u009b2J\\u202e\\rb\\nc\\td");
        assert_eq!(Escaped::lines("é\n\tx\u{7}").to_string(), "é\n\tx\\u0007");
    }
}
