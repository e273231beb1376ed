//! The object `Category`.
use kernel::document::Severity;

kernel::entry_object! {
    /// A group of careers, such as an industry or a field, which may be part of wider groups.
    Category { kind: "category", folder: "categories", broken_link: Severity::Warning }
}
