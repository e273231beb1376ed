//! The object `Certification`.
use kernel::document::Severity;

kernel::entry_object! {
    /// A credential that an organization awards to people who meet its requirements.
    Certification { kind: "certification", folder: "certifications", broken_link: Severity::Error }
}
