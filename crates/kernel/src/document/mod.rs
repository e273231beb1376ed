//! Documents: from the YAML of an editor to checked sections in canonical form, and back.
mod finding;
mod guide;
mod input;
mod shape;
mod tree;
mod yaml;

pub use finding::{Finding, Findings, Path, Severity, Step};
pub use guide::{Document, Guide, read};
pub(crate) use guide::{read_section, reread, reread_section};
pub(crate) use input::{CheckOf, DocumentInput, check_document};
pub use shape::LinkTo;
pub use tree::{Tree, TreeValue, parse, parse_json};
pub use yaml::write;
