//! The scalars that documents are made of. Going in they are checked and have names of their own; text comes out as `String`.
mod date;
mod number;

use async_graphql::{
    InputType, Value,
    registry::{MetaType, MetaTypeId, Registry},
};

pub use self::{date::Date, number::Number};

/// The specification of the characters that slugs are made of.
pub const SPECIFIES_SLUGS: &str = "https://www.rfc-editor.org/rfc/rfc3986#section-2.3";

/// Registers the input scalar `T` with its sentence, the address of what specifies it (`@specifiedBy`) and its rule. The sentence says what
/// the rule narrows.
pub fn scalar_type<T: InputType>(
    registry: &mut Registry,
    description: &str,
    specified_by: &str,
    is_valid: fn(&Value) -> bool,
) -> String {
    registry.create_input_type::<T, _>(MetaTypeId::Scalar, |_| MetaType::Scalar {
        name: T::type_name().into_owned(),
        description: Some(description.to_owned()),
        is_valid: Some(std::sync::Arc::new(is_valid)),
        visible: None,
        inaccessible: false,
        tags: vec![],
        specified_by_url: Some(specified_by.to_owned()),
        directive_invocations: vec![],
        requires_scopes: vec![],
    })
}

/// Declares a newtype of `String` that is a checked scalar of this name in documents and arguments, and
/// `$output` in answers. `$specified_by` is the address of what specifies it.
#[macro_export]
macro_rules! checked_scalar {
    ($(#[$doc:meta])* $name:ident, $scalar:literal, $description:literal, $specified_by:expr, $is_valid:expr, $output:ty) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Reads the text; `None` where the rule of the scalar does not hold.
            pub fn parse(text: &str) -> Option<Self> {
                let is_valid: fn(&str) -> bool = $is_valid;
                is_valid(text).then(|| Self(text.to_owned()))
            }
        }

        impl std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // What is read from the store was checked when it came in.
                <String as $crate::serde::Deserialize>::deserialize(deserializer).map(Self)
            }
        }

        impl $crate::async_graphql::InputType for $name {
            type RawValueType = Self;

            fn type_name() -> std::borrow::Cow<'static, str> {
                $scalar.into()
            }

            fn create_type_info(registry: &mut $crate::async_graphql::registry::Registry) -> String {
                $crate::scalar::scalar_type::<Self>(registry, $description, $specified_by, |value| {
                    matches!(value, $crate::async_graphql::Value::String(text) if Self::parse(text).is_some())
                })
            }

            fn parse(
                value: Option<$crate::async_graphql::Value>,
            ) -> $crate::async_graphql::InputValueResult<Self> {
                match value {
                    Some($crate::async_graphql::Value::String(text)) => {
                        Self::parse(&text).ok_or_else(|| $crate::async_graphql::InputValueError::custom($description))
                    }
                    other => Err($crate::async_graphql::InputValueError::expected_type(other.unwrap_or_default())),
                }
            }

            fn to_value(&self) -> $crate::async_graphql::Value {
                $crate::async_graphql::Value::String(self.0.clone())
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }
        }

        impl $crate::async_graphql::OutputType for $name {
            fn type_name() -> std::borrow::Cow<'static, str> {
                <$output as $crate::async_graphql::InputType>::type_name()
            }

            fn create_type_info(registry: &mut $crate::async_graphql::registry::Registry) -> String {
                <$output as $crate::async_graphql::InputType>::create_type_info(registry)
            }

            async fn resolve(
                &self,
                _: &$crate::async_graphql::ContextSelectionSet<'_>,
                _: &$crate::async_graphql::Positioned<$crate::async_graphql::parser::types::Field>,
            ) -> $crate::async_graphql::ServerResult<$crate::async_graphql::Value> {
                Ok($crate::async_graphql::Value::String(self.0.clone()))
            }
        }
    };
}

/// Declares a [`checked_scalar`] that is a `String` in answers: for what people read.
#[macro_export]
macro_rules! text_scalar {
    ($(#[$doc:meta])* $name:ident, $scalar:literal, $description:literal, $specified_by:expr, $is_valid:expr) => {
        $crate::checked_scalar!($(#[$doc])* $name, $scalar, $description, $specified_by, $is_valid, String);
    };
}

/// Declares a [`checked_scalar`] that keeps its name in answers: for what programs read.
#[macro_export]
macro_rules! typed_scalar {
    ($(#[$doc:meta])* $name:ident, $scalar:literal, $description:literal, $specified_by:expr, $is_valid:expr) => {
        $crate::checked_scalar!($(#[$doc])* $name, $scalar, $description, $specified_by, $is_valid, Self);
    };
}

text_scalar!(
    /// One line that people read. Localisation will come to every field of this type at once.
    Text,
    "Text",
    "One line of text that people read: not empty, no line break, no white space at its ends.",
    "https://www.w3.org/TR/xmlschema11-2/#normalizedString",
    |text| !text.is_empty() && text.trim() == text && !text.contains(['\n', '\r'])
);

text_scalar!(
    /// A key that is unique among its siblings, and part of global ids.
    Slug,
    "Slug",
    "A key: lower-case letters and digits, joined by single hyphens, at most 200 characters, such as `first-steps-2`.",
    SPECIFIES_SLUGS,
    is_slug
);

typed_scalar!(
    /// The address of a page.
    Url,
    "URL",
    "An absolute web address, with `https://` or `http://` in front, such as `https://www.example.com/page`.",
    "https://url.spec.whatwg.org/",
    |text| url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
);

typed_scalar!(
    /// A length of time in whole years, months, weeks or days.
    Duration,
    "Duration",
    "A length of time as an ISO 8601 duration in whole years, months, weeks or days, such as `P9M`, `P2Y` or `P1Y6M`.",
    "https://scalars.graphql.org/AlexandreCarlton/nominal-duration.html",
    |text| months(text).is_some()
);

impl Duration {
    /// The length in months; a week is 12/52 of a month, a day 12/365.
    pub fn months(&self) -> f64 {
        months(self).unwrap_or_default()
    }
}

/// Lower-case letters and digits, joined by single hyphens, at most 200 characters.
pub fn is_slug(text: &str) -> bool {
    text.len() <= 200
        && text
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

fn months(text: &str) -> Option<f64> {
    let mut rest = text.strip_prefix('P').filter(|rest| !rest.is_empty())?;
    let mut units = [('Y', 12.0), ('M', 1.0), ('W', 12.0 / 52.0), ('D', 12.0 / 365.0)].into_iter();
    let mut months = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: u16 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let (_, length) = units.find(|(name, _)| *name == unit)?;
        months += f64::from(count) * length;
        rest = &rest[digits + 1..];
    }
    Some(months)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_whole_units_in_falling_order() {
        for (text, expected) in [("P9M", Some(9.0)), ("P2Y", Some(24.0)), ("P1Y6M", Some(18.0)), ("P52W", Some(12.0))] {
            assert_eq!(months(text), expected, "{text}");
        }
        for text in ["", "P", "9M", "P9", "PM", "P6M1Y", "P1.5Y", "P1H", "P-1Y"] {
            assert_eq!(months(text), None, "{text}");
        }
    }

    #[test]
    fn a_slug_has_words_and_single_hyphens() {
        for text in ["rhit", "a-b", "2-year"] {
            assert!(is_slug(text), "{text}");
        }
        for text in ["", "-", "a-", "-a", "a--b", "A", "a b", "ä", "a_b", "a/b"] {
            assert!(!is_slug(text), "{text}");
        }
    }

    #[test]
    fn a_line_of_text_is_trimmed_and_single() {
        assert!(Text::parse("Nurse").is_some());
        for text in ["", " ", "a ", "a\nb"] {
            assert!(Text::parse(text).is_none(), "{text:?}");
        }
    }
}
