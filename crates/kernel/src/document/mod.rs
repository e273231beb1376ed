//! Documents: from the YAML of an editor to checked sections in canonical form, and back.
mod diff;
mod finding;
mod guide;
mod input;
mod link;
mod sections;
mod shape;
mod tree;
mod wording;
mod yaml;

pub use diff::{Difference, DifferenceKind, diff, summary};
pub use finding::{Finding, Findings, Path, Severity, Step};
pub use guide::{Document, Guide, read};
pub(crate) use guide::{read_section, read_stored, reread, reread_section};
pub(crate) use input::{CheckOf, DocumentInput, FindingObject, broken_links, check_document};
pub use link::LinkTo;
pub(crate) use sections::{SectionInput, SectionsInput};
pub use tree::{Tree, TreeValue, parse, parse_json};
pub use yaml::write;
