//! Documents: what a check says, formats, prose, comparison.
mod characters;
mod check;
mod diff;
mod figures;
mod formats;
mod json_schema;
mod prose;
mod quality;
