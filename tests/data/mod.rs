//! Data sets: what publishers release, brought in by `careerql sync`.
mod engine;
mod files;
mod interrupted;
mod publishers;
mod releases;
pub mod sample;
mod skills;
