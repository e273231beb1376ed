//! The object `Career`. Its fields come from its sections and from the modules that extend it.
use kernel::document::Severity;

kernel::entry_object! {
    /// An occupation or group of occupations that people choose, learn and grow in: one career guide.
    Career { kind: "career", folder: "careers", broken_link: Severity::Warning }
}
