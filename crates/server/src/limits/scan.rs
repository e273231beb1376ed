//! The text of a document, counted before it is parsed: a parser spends memory on every token and stack on every bracket.
use super::{Exceeded, Limits};

/// Maximum nesting depth of brackets of any kind, in every mode: the parser descends into each.
const MAX_NESTING: usize = 100;
/// Maximum number of tokens in a document, in every mode.
const MAX_TOKENS: usize = 100_000;

/// Holds the length, the number of tokens and the nesting of brackets against their limits. What is no GraphQL is left to the parser.
pub(crate) fn scan(query: &str, limits: &Limits) -> Result<(), Exceeded> {
    let (length, limit) = (query.len(), limits.max_query_bytes);
    limits.check("QUERY_TOO_LONG", "The size of the query in bytes", length, limit)?;
    let (most, nesting) =
        if query.len() > limits.max_tokens { count(query.as_bytes()) } else { nesting_only(query.as_bytes()) };
    if nesting > MAX_NESTING {
        let message = format!("Brackets are nested {nesting} levels deep; no query may have more than {MAX_NESTING}.");
        return Err(Exceeded::new("QUERY_TOO_DEEP", message));
    }
    if most > MAX_TOKENS {
        let message = format!("The query has {most} tokens; no query may have more than {MAX_TOKENS}.");
        return Err(Exceeded::new("TOO_MANY_TOKENS", message));
    }
    limits.check("TOO_MANY_TOKENS", "The number of tokens of the query", most, limits.max_tokens)
}

/// A short text cannot have too many tokens, but it can have too many brackets.
fn nesting_only(text: &[u8]) -> (usize, usize) {
    let opening = text.iter().filter(|byte| matches!(byte, b'{' | b'[' | b'(')).count();
    if opening <= MAX_NESTING { (0, 0) } else { count(text) }
}

/// The number of tokens, and how deep brackets are nested.
fn count(text: &[u8]) -> (usize, usize) {
    let (mut at, mut tokens, mut nesting, mut deepest) = (0, 0, 0_usize, 0);
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' | 0xEF | 0xBB | 0xBF => continue,
            b'#' => {
                at = skip(text, at, |byte| byte != b'\n' && byte != b'\r');
                continue;
            }
            b'"' => at = string(text, at),
            b'{' | b'[' | b'(' => {
                nesting += 1;
                deepest = deepest.max(nesting);
            }
            b'}' | b']' | b')' => nesting = nesting.saturating_sub(1),
            b'.' => at = skip(text, at, |byte| byte == b'.'),
            b'0'..=b'9' | b'-' => at = skip(text, at, |byte| is_word(byte) || byte == b'.'),
            _ if is_word(byte) => at = skip(text, at, is_word),
            _ => {}
        }
        tokens += 1;
    }
    (tokens, deepest)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+') || byte >= 0x80
}

fn skip(text: &[u8], mut at: usize, while_is: impl Fn(u8) -> bool) -> usize {
    while text.get(at).is_some_and(|byte| while_is(*byte)) {
        at += 1;
    }
    at
}

/// The place after a string whose first quote stands before `at`.
fn string(text: &[u8], mut at: usize) -> usize {
    let is_block = text[at..].starts_with(b"\"\"");
    if is_block {
        at += 2;
    }
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' if is_block && text[at + 1..].starts_with(b"\"\"\"") => at += 4,
            b'\\' if !is_block => at += 2,
            b'"' if is_block && text[at..].starts_with(b"\"\"\"") => return at + 3,
            b'"' if !is_block => return at + 1,
            b'\n' | b'\r' if !is_block => return at,
            _ => at += 1,
        }
    }
    // The empty string `""` at the end looks like the beginning of a block.
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_as_the_specification_has_them() {
        for (text, tokens) in [
            ("{ a }", 3),
            ("query Q($a: [Int!]! = 1.5e-3) { a(b: $a) { ...F } } # { { {", 27),
            (r#"{ a(b: "x \" } {") }"#, 8),
            ("{ a(b: \"\"\" \\\"\"\" { \" \"\"\") }", 8),
            ("", 0),
        ] {
            assert_eq!(count(text.as_bytes()).0, tokens, "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_whatever_the_limits() {
        let limits = Limits { max_tokens: usize::MAX, max_query_bytes: usize::MAX, ..Limits::default() };
        for bracket in ["{", "[", "("] {
            let exceeded = scan(&bracket.repeat(200_000), &limits).expect_err("too deep");
            assert_eq!(exceeded.code, "QUERY_TOO_DEEP");
            assert!(exceeded.to_string().contains("200000") && exceeded.to_string().contains("100"), "{exceeded}");
        }
        assert_eq!(scan(&"{".repeat(MAX_NESTING), &limits), Ok(()));
        assert_eq!(scan(&"{}".repeat(1000), &limits), Ok(()));
    }

    #[test]
    fn a_broken_string_ends_with_its_line() {
        assert_eq!(count(b"\"abc\n{").0, 2);
        assert_eq!(count(b"\"\"\"abc").0, 1);
        assert_eq!(count(b"\"\\").0, 1);
    }
}
