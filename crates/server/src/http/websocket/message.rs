//! The messages of the protocol `graphql-transport-ws`.
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};

/// Message from a client.
#[derive(Debug, PartialEq)]
pub(super) enum FromClient {
    /// Statement of the client about itself.
    Init(Map<String, Value>),
    Ping(Option<Map<String, Value>>),
    Pong,
    /// The id of the operation, and its parameters.
    Subscribe(String, Map<String, Value>),
    /// The id of the operation.
    Complete(String),
}

/// Message from the server.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum FromServer<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    Next {
        id: &'a str,
        payload: &'a RawValue,
    },
    Error {
        id: &'a str,
        payload: Vec<Value>,
    },
    Complete {
        id: &'a str,
    },
}

impl FromServer<'_> {
    /// The message as JSON.
    pub(super) fn to_json(&self) -> String {
        // All keys are text, and all values are JSON already.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl FromClient {
    /// Reads a message; says what is wrong with one that is not of the protocol.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err("A message must be a JSON object.");
        };
        let Some(Value::String(kind)) = message.remove("type") else {
            return Err("A message must have a `type`, which is text.");
        };
        match kind.as_str() {
            "connection_init" => {
                object(message.remove("payload")).map(|payload| Self::Init(payload.unwrap_or_default()))
            }
            "ping" => object(message.remove("payload")).map(Self::Ping),
            "pong" => object(message.remove("payload")).map(|_| Self::Pong),
            "subscribe" => Ok(Self::Subscribe(id(&mut message)?, operation(message.remove("payload"))?)),
            "complete" => id(&mut message).map(Self::Complete),
            _ => Err("This `type` of message is not one that a client sends."),
        }
    }
}

fn object(payload: Option<Value>) -> Result<Option<Map<String, Value>>, &'static str> {
    match payload {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(payload)) => Ok(Some(payload)),
        Some(_) => Err("`payload` must be a JSON object or null."),
    }
}

fn id(message: &mut Map<String, Value>) -> Result<String, &'static str> {
    match message.remove("id") {
        Some(Value::String(id)) if !id.is_empty() => Ok(id),
        _ => Err("The message must have an `id`, which is text and not empty."),
    }
}

fn operation(payload: Option<Value>) -> Result<Map<String, Value>, &'static str> {
    let Some(Value::Object(payload)) = payload else {
        return Err("`subscribe` must have a `payload`, which is a JSON object.");
    };
    if !matches!(payload.get("query"), Some(Value::String(_))) {
        return Err("`payload.query` must be text.");
    }
    if !matches!(payload.get("operationName"), None | Some(Value::Null | Value::String(_))) {
        return Err("`payload.operationName` must be text or null.");
    }
    for name in ["variables", "extensions"] {
        if !matches!(payload.get(name), None | Some(Value::Null | Value::Object(_))) {
            return Err("`payload.variables` and `payload.extensions` must be JSON objects or null.");
        }
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_of_the_protocol_is_read() {
        let fields = |value: Value| value.as_object().cloned().expect("an object");
        let cases = [
            (json!({ "type": "connection_init" }), FromClient::Init(Map::new())),
            (
                json!({ "type": "connection_init", "payload": { "token": "x" }, "more": 1 }),
                FromClient::Init(fields(json!({ "token": "x" }))),
            ),
            (json!({ "type": "ping", "payload": null }), FromClient::Ping(None)),
            (json!({ "type": "ping", "payload": { "a": [1] } }), FromClient::Ping(Some(fields(json!({ "a": [1] }))))),
            (json!({ "type": "pong", "payload": {} }), FromClient::Pong),
            (json!({ "type": "complete", "id": "1" }), FromClient::Complete("1".into())),
            (
                json!({ "type": "subscribe", "id": "1", "payload": { "query": "{a}", "variables": null } }),
                FromClient::Subscribe("1".into(), fields(json!({ "query": "{a}", "variables": null }))),
            ),
        ];
        for (message, expected) in cases {
            assert_eq!(FromClient::parse(&message.to_string()), Ok(expected), "{message}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let cases = [
            r"",
            r"x",
            r"[]",
            r"{}",
            r#"{"type": 1}"#,
            r#"{"type": "start", "id": "1"}"#,
            r#"{"type": "next", "id": "1", "payload": {}}"#,
            r#"{"type": "ping", "payload": 1}"#,
            r#"{"type": "complete"}"#,
            r#"{"type": "complete", "id": ""}"#,
            r#"{"type": "subscribe", "payload": {"query": "{a}"}}"#,
            r#"{"type": "subscribe", "id": "", "payload": {"query": "{a}"}}"#,
            r#"{"type": "subscribe", "id": 1, "payload": {"query": "{a}"}}"#,
            r#"{"type": "subscribe", "id": "1"}"#,
            r#"{"type": "subscribe", "id": "1", "payload": {}}"#,
            r#"{"type": "subscribe", "id": "1", "payload": {"query": 1}}"#,
            r#"{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "operationName": 1}}"#,
            r#"{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": []}}"#,
        ];
        for message in cases {
            assert!(FromClient::parse(message).is_err(), "{message}");
        }
    }
}
