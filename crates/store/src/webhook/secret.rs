//! Texts that let whoever knows them in.
use std::{fmt, ops::Deref};

use sea_orm::DeriveValueType;

/// A text that no log and no message shows.
#[derive(Clone, Default, PartialEq, Eq, DeriveValueType)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("••••")
    }
}

impl Deref for Secret {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_shown_a_secret() {
        let shown = format!("{:?} {:#?}", Secret::from("s3cret"), [Some(Secret::from("s3cret"))]);
        assert!(shown.contains("••••") && !shown.contains("s3cret"), "{shown}");
    }
}
