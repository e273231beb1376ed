//! Contradictions between modules.
use std::fmt;

/// Why the modules do not make an app together.
#[derive(Debug, PartialEq, Eq)]
pub struct Contradictions(pub Vec<String>);

impl fmt::Display for Contradictions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the modules contradict each other: {}", self.0.join("; "))
    }
}

impl std::error::Error for Contradictions {}
