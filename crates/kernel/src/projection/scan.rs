//! Where the parts of stored JSON stand. It is canonical, without blanks, so what is not asked for is passed over by looking at
//! quotes and brackets; what is not canonical is refused.
use memchr::memchr2;

/// The fields of an object with their values as they stand; `None` in the place of what is not canonical, which ends it.
pub(super) fn fields(object: &str) -> impl Iterator<Item = Option<(&str, &str)>> {
    parts(object, (b'{', b'}'), |json, at| {
        let name_end = text_end(json.as_bytes(), at)?;
        let name = json.get(at + 1..name_end - 1)?;
        let value = (json.as_bytes().get(name_end)? == &b':').then_some(name_end + 1)?;
        let end = end(json.as_bytes(), value)?;
        Some(((name, json.get(value..end)?), end))
    })
}

/// The items of a list in the same way.
pub(super) fn items(list: &str) -> impl Iterator<Item = Option<&str>> {
    parts(list, (b'[', b']'), |json, at| {
        let end = end(json.as_bytes(), at)?;
        Some((json.get(at..end)?, end))
    })
}

/// The parts between these brackets; `part` reads the one at a place and tells where it ends.
fn parts<'a, T: 'a>(
    json: &'a str,
    (open, close): (u8, u8),
    part: impl Fn(&'a str, usize) -> Option<(T, usize)> + 'a,
) -> impl Iterator<Item = Option<T>> + 'a {
    let bytes = json.as_bytes();
    let is_right = bytes.first() == Some(&open) && bytes.last() == Some(&close) && bytes.len() > 1;
    let mut next = match bytes.get(1) {
        _ if !is_right => None,
        Some(byte) if *byte == close => Some(bytes.len()),
        _ => Some(1),
    };
    let mut is_over = false;
    std::iter::from_fn(move || {
        if is_over || next == Some(bytes.len()) {
            return None;
        }
        let read = next.and_then(|at| {
            let (part, end) = part(json, at)?;
            let is_last = end + 1 == bytes.len();
            (is_last || bytes.get(end) == Some(&b',')).then_some((part, end + 1))
        });
        next = read.as_ref().map(|(_, next)| *next);
        is_over = read.is_none();
        Some(read.map(|(part, _)| part))
    })
}

/// The place after the value that begins here.
fn end(json: &[u8], at: usize) -> Option<usize> {
    match json.get(at)? {
        b'"' => text_end(json, at),
        b'{' | b'[' => {
            let (mut at, mut depth) = (at, 0_usize);
            loop {
                match json.get(at)? {
                    b'"' => at = text_end(json, at)? - 1,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        b' ' | b'\n' | b'\r' | b'\t' | b',' | b'}' | b']' | b':' => None,
        _ => Some(
            json[at..].iter().position(|byte| matches!(byte, b',' | b'}' | b']')).map_or(json.len(), |end| at + end),
        ),
    }
}

/// The place after the text whose first quote stands here.
fn text_end(json: &[u8], at: usize) -> Option<usize> {
    if json.get(at) != Some(&b'"') {
        return None;
    }
    let mut at = at + 1;
    loop {
        at += memchr2(b'"', b'\\', json.get(at..)?)?;
        if json[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[ -~é𝄞\\n\"\\\\{}\\[\\],:]{0,12}".prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-z\"\\\\]{0,4}", inner, 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_parts_of_any_json_are_found(value in json_value()) {
            let text = value.to_string();
            match &value {
                Value::Object(expected) => {
                    let found: Vec<_> = fields(&text).map(|field| field.expect("canonical")).collect();
                    let expected: Vec<_> =
                        expected.iter().map(|(name, value)| (json!(name).to_string(), value.to_string())).collect();
                    let found: Vec<_> = found.iter().map(|(name, value)| (format!("\"{name}\""), (*value).to_owned())).collect();
                    prop_assert_eq!(found, expected);
                }
                Value::Array(expected) => {
                    let found: Vec<_> = items(&text).map(|item| item.expect("canonical").to_owned()).collect();
                    prop_assert_eq!(found, expected.iter().map(Value::to_string).collect::<Vec<_>>());
                }
                _ => prop_assert!(fields(&text).any(|field| field.is_none())),
            }
        }

        #[test]
        fn what_is_no_json_does_no_harm(text in "[\"\\\\{}\\[\\],: a1é]{0,24}") {
            prop_assert!(fields(&text).count() < 30);
            prop_assert!(items(&text).count() < 30);
        }
    }

    #[test]
    fn blanks_and_broken_json_are_refused() {
        for text in ["{\"a\": 1}", "{ }", "{\"a\":1,}", "{\"a\"}", "{\"a\":1", "", "[", "{\"a\":[1}", "{\"a\":\"x}"] {
            assert!(fields(text).any(|field| field.is_none()), "{text}");
        }
        assert_eq!((fields("{}").count(), items("[]").count()), (0, 0));
    }
}
