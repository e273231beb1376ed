//! The object `Dataset`.
use kernel::document::Severity;

kernel::entry_object! {
    /// A set of figures as its publisher released it: wages, projections, skills, exposure. Figures of the graph name the one they are from.
    Dataset { kind: "dataset", folder: "datasets", broken_link: Severity::Warning }
}
