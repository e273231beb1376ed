//! Positions of the parts of stored JSON. It is canonical, without blanks, so what is not asked for is passed over by looking at
//! quotes and brackets; what is not canonical is refused.
use memchr::memchr2;

/// Goes through the fields of an object or the items of a list.
pub(super) struct JsonParts<'a> {
    json: &'a str,
    /// Start of the next part. Whoever reads one sets it to its end.
    pub(super) at: usize,
    close: u8,
    is_first: bool,
}

impl<'a> JsonParts<'a> {
    /// The fields of the object that begins here; `None` where there is none.
    pub(super) fn object(json: &'a str, at: usize) -> Option<Self> {
        Self::of(json, at, (b'{', b'}'))
    }

    /// The items of the list that begins here; `None` where there is none.
    pub(super) fn list(json: &'a str, at: usize) -> Option<Self> {
        Self::of(json, at, (b'[', b']'))
    }

    fn of(json: &'a str, at: usize, (open, close): (u8, u8)) -> Option<Self> {
        (json.as_bytes().get(at)? == &open).then_some(Self { json, at: at + 1, close, is_first: true })
    }

    /// Tells whether there is another part, which begins at `at`; what holds the parts ends there otherwise. `None` where it is not
    /// canonical.
    pub(super) fn next(&mut self) -> Option<bool> {
        let byte = *self.json.as_bytes().get(self.at)?;
        let is_first = std::mem::take(&mut self.is_first);
        if byte == self.close {
            self.at += 1;
            return Some(false);
        }
        if !is_first {
            if byte != b',' {
                return None;
            }
            self.at += 1;
        }
        Some(true)
    }

    /// The name of the field that is next; its value begins at `at` then. `None` where it is not canonical.
    pub(super) fn name(&mut self) -> Option<&'a str> {
        let bytes = self.json.as_bytes();
        let name_end = text_end(bytes, self.at)?;
        let name = self.json.get(self.at + 1..name_end - 1)?;
        if bytes.get(name_end)? != &b':' {
            return None;
        }
        self.at = name_end + 1;
        Some(name)
    }
}

/// The place after the value that begins here; `None` where there is none.
pub(super) fn end(json: &str, at: usize) -> Option<usize> {
    let json = json.as_bytes();
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
        _ => {
            let length = json[at..].iter().position(|byte| matches!(byte, b',' | b'}' | b']'));
            Some(length.map_or(json.len(), |length| at + length))
        }
    }
}

/// Content between the quotes, where it is a text.
pub(super) fn text(json: &str) -> Option<&str> {
    json.strip_prefix('"')?.strip_suffix('"')
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

    /// The fields of an object as they stand, where it is canonical to its end.
    fn fields(json: &str) -> Option<Vec<(&str, &str)>> {
        let (mut parts, mut fields) = (JsonParts::object(json, 0)?, Vec::new());
        while parts.next()? {
            let name = parts.name()?;
            let end = end(json, parts.at)?;
            fields.push((name, json.get(parts.at..end)?));
            parts.at = end;
        }
        (parts.at == json.len()).then_some(fields)
    }

    /// The items of a list in the same way.
    fn items(json: &str) -> Option<Vec<&str>> {
        let (mut parts, mut items) = (JsonParts::list(json, 0)?, Vec::new());
        while parts.next()? {
            let end = end(json, parts.at)?;
            items.push(json.get(parts.at..end)?);
            parts.at = end;
        }
        (parts.at == json.len()).then_some(items)
    }

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
                    let found: Vec<_> = fields(&text).expect("canonical");
                    let found: Vec<_> =
                        found.iter().map(|(name, value)| (format!("\"{name}\""), (*value).to_owned())).collect();
                    let expected: Vec<_> =
                        expected.iter().map(|(name, value)| (json!(name).to_string(), value.to_string())).collect();
                    prop_assert_eq!(found, expected);
                }
                Value::Array(expected) => {
                    let expected: Vec<_> = expected.iter().map(Value::to_string).collect();
                    prop_assert_eq!(items(&text).expect("canonical"), expected);
                }
                _ => prop_assert_eq!(end(&text, 0), Some(text.len())),
            }
        }

        #[test]
        fn what_is_no_json_does_no_harm(text in "[\"\\\\{}\\[\\],: a1é]{0,24}") {
            prop_assert!(fields(&text).is_none_or(|fields| fields.len() < 30));
            prop_assert!(items(&text).is_none_or(|items| items.len() < 30));
        }
    }

    #[test]
    fn blanks_and_broken_json_are_refused() {
        for text in ["{\"a\": 1}", "{ }", "{\"a\":1,}", "{\"a\"}", "{\"a\":1", "", "[", "{\"a\":[1}", "{\"a\":\"x}"] {
            assert_eq!(fields(text), None, "{text}");
        }
        assert_eq!((fields("{}"), items("[]")), (Some(Vec::new()), Some(Vec::new())));
    }
}
