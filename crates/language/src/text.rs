//! Values of strings, as the specification has them (edition of September 2025, section 2.9.4).

/// The character that an escape sequence at the beginning of this text stands for, and the length of the sequence in bytes.
/// None where there is no such sequence.
pub(crate) fn escape(text: &str) -> Option<(char, usize)> {
    let char = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{C}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(text),
        _ => return None,
    };
    Some((char, 2))
}

/// `\u{1F600}`, `\u00E9`, or a pair of surrogates.
fn unicode(text: &str) -> Option<(char, usize)> {
    if let Some(braced) = text.strip_prefix("\\u{") {
        let end = braced.bytes().position(|byte| byte == b'}').filter(|end| (1..=8).contains(end))?;
        return Some((char::from_u32(hexadecimal(&braced[..end])?)?, "\\u{}".len() + end));
    }
    let first = code_unit(text)?;
    if let Some(char) = char::from_u32(first) {
        return Some((char, 6));
    }
    let second = code_unit(text.get(6..)?)?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let char = char::decode_utf16(pair).next()?.ok()?;
    Some((char, 12))
}

/// The number in a `\uXXXX`.
fn code_unit(text: &str) -> Option<u32> {
    hexadecimal(text.strip_prefix("\\u")?.get(..4)?)
}

fn hexadecimal(digits: &str) -> Option<u32> {
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    are_digits.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

/// The value of a string that was read without errors, by what stands between its quotes.
pub(crate) fn string(written: &str) -> String {
    let (mut value, mut rest) = (String::with_capacity(written.len()), written);
    while let Some(at) = rest.find('\\') {
        let (char, length) = escape(&rest[at..]).unwrap_or(('\\', 1));
        value.push_str(&rest[..at]);
        value.push(char);
        rest = &rest[at + length..];
    }
    value.push_str(rest);
    value
}

/// The value of a block string, by what stands between its quotes: without the indentation that its lines share, and without
/// blank lines at both ends.
pub(crate) fn block_string(written: &str) -> String {
    let written = written.replace("\\\"\"\"", "\"\"\"").replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = written.split('\n').collect();
    let indent_of = |line: &str| line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let is_blank = |line: &&str| indent_of(line) == line.len();
    let indents = lines.iter().skip(1).filter(|line| !is_blank(line)).map(|line| indent_of(line));
    let common = indents.min().unwrap_or(0);
    let first = lines.iter().position(|line| !is_blank(line)).unwrap_or(lines.len());
    let end = lines.iter().rposition(|line| !is_blank(line)).map_or(first, |last| last + 1);
    let dedented = lines.iter().enumerate().take(end).skip(first);
    let dedented = dedented.map(|(index, line)| if index == 0 { line } else { line.get(common..).unwrap_or_default() });
    dedented.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_characters() {
        for (written, value) in [
            (r#"\" \\ \/ \b\f\n\r\t"#, "\" \\ / \u{8}\u{C}\n\r\t"),
            (r"\u00e9\u00E9", "éé"),
            (r"\uD83D\uDE00", "😀"),
            (r"\u{1F600}\u{e9}\u{00000041}", "😀éA"),
            (r"\uD7FF\uE000\u{10FFFF}", "\u{D7FF}\u{E000}\u{10FFFF}"),
            (r"😀\n😀", "😀\n😀"),
        ] {
            assert_eq!(string(written), value, "{written}");
        }
    }

    #[test]
    fn what_stands_for_no_character_is_no_escape() {
        for written in [
            r"\x",
            r"\U0041",
            r"\u12",
            r"\u12G4",
            r"\u+123",
            r"\uD83D",
            r"\uDE00",
            r"\uD83Dx",
            r"\uD83D\uD83D",
            r"\uDE00\uD83D",
            r"\u{}",
            r"\u{110000}",
            r"\u{D800}",
            r"\u{ 41}",
            r"\u{+41}",
            r"\u{41",
            r"\u{000000041}",
            r"\u{é}",
            r"\ué",
            r"\uD83D\ué",
            "\\",
        ] {
            assert_eq!(escape(written), None, "{written}");
        }
    }

    #[test]
    fn block_strings_lose_what_their_lines_share() {
        for (written, value) in [
            ("", ""),
            ("say \\\"\"\" now", "say \"\"\" now"),
            (" a\n    b\n      c\r\n\r\n    d\r  ", " a\nb\n  c\n\nd"),
            ("\n\n\ta\n\t\u{2003}b\n \n", "a\n\u{2003}b"),
            ("  only  ", "  only  "),
            ("\\n \\u0041 \\", "\\n \\u0041 \\"),
            ("\n    long\n  \n    short", "long\n\nshort"),
            (" \n \t ", ""),
        ] {
            assert_eq!(block_string(written), value, "{written:?}");
        }
    }
}
