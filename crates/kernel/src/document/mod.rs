//! Documents: from the YAML of an editor to checked sections in canonical form, and back.
mod finding;
mod guide;
mod shape;
mod tree;
mod yaml;

pub use finding::{Finding, Findings, Path, Severity, Step};
pub(crate) use guide::read_section;
pub use guide::{Document, Guide, LinkTo, read};
pub use tree::{Tree, TreeValue, parse};
pub use yaml::write;
