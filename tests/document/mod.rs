//! Documents: what a check says, formats, prose, comparison.
mod characters;
mod check;
mod diff;
mod figures;
mod formats;
mod json_schema;
mod live_links;
mod pages;
mod prose;
mod quality;
mod services;
mod shapes;
