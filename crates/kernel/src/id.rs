//! Global ids: opaque to clients, made from natural keys, so that they outlive revisions, exports and databases.
use std::borrow::Cow;

use async_graphql::ID;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The name of an object's type and its natural key: `Role` and `health-information-technology/technician`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GlobalId {
    /// The GraphQL type.
    pub(crate) type_name: String,
    /// The entry's slug and, for a part of an entry, `/` and the part's key.
    pub(crate) key: String,
}

impl GlobalId {
    /// Reads an id that [`global_id`] wrote; `None` for anything else.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        let (type_name, key) = text.split_once(':')?;
        Some(Self { type_name: type_name.into(), key: key.into() })
    }

    /// The slug of the entry and the key of the part (empty for the entry itself).
    pub(crate) fn slug_and_part(&self) -> (&str, &str) {
        self.key.split_once('/').unwrap_or((&self.key, ""))
    }
}

/// The global id of the object of this type with this natural key.
pub fn global_id(type_name: Cow<'static, str>, key: &str) -> ID {
    ID(URL_SAFE_NO_PAD.encode(format!("{type_name}:{key}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_carries_type_slug_and_part() {
        let id = global_id("Role".into(), "nurse/ward");
        let read = GlobalId::parse(&id).expect("it is one of ours");
        assert_eq!(read.type_name, "Role");
        assert_eq!(read.slug_and_part(), ("nurse", "ward"));
    }

    #[test]
    fn anything_else_is_no_id() {
        for text in ["", "nurse", "!!", "Um9sZQ"] {
            assert_eq!(GlobalId::parse(text), None, "{text}");
        }
    }
}
