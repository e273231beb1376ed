//! Answers as JSON. Projection leaves what it copied from stored JSON as text in them.
use async_graphql::Value;

/// Writes an answer as JSON. A [`Value::Binary`] in it is JSON already.
pub fn write_json(value: &Value, json: &mut Vec<u8>) {
    match value {
        Value::Null => json.extend(b"null"),
        Value::Boolean(truth) => json.extend(if *truth { &b"true"[..] } else { b"false" }),
        Value::Number(number) => write(number, json),
        Value::String(text) => write(text, json),
        Value::Enum(name) => write(name.as_str(), json),
        Value::Binary(text) => json.extend(&text[..]),
        Value::List(items) => {
            json.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    json.push(b',');
                }
                write_json(item, json);
            }
            json.push(b']');
        }
        Value::Object(fields) => {
            json.push(b'{');
            for (index, (name, value)) in fields.iter().enumerate() {
                if index > 0 {
                    json.push(b',');
                }
                // Names need no escapes.
                json.push(b'"');
                json.extend(name.as_bytes());
                json.extend(b"\":");
                write_json(value, json);
            }
            json.push(b'}');
        }
    }
}

fn write<T: serde::Serialize + ?Sized>(value: &T, json: &mut Vec<u8>) {
    if let Ok(text) = sonic_rs::to_string(value) {
        json.extend(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn answers_are_written_as_serde_writes_them() {
        let answer = value!({
            "a": [1, -2.5, true, false, null, "\"quoted\" \\ \n \u{1} é 𝄞"], "b": {}, "c": [], "d": { "e": { "f": 1e300 } }
        });
        let mut json = Vec::new();
        write_json(&answer, &mut json);
        assert_eq!(String::from_utf8(json).expect("text"), serde_json::to_string(&answer).expect("JSON"));
        let mut json = Vec::new();
        write_json(&Value::List(vec![Value::Binary(b"{\"a\":1}".to_vec().into()), Value::Null]), &mut json);
        assert_eq!(json, b"[{\"a\":1},null]");
    }
}
