//! The object `Source`.
use kernel::document::Severity;

kernel::entry_object! {
    /// A publication that figures are taken from: a statistical release, a handbook, a guide.
    Source { kind: "source", folder: "sources", broken_link: Severity::Error }
}
