//! Data sets: what publishers release, brought in by `careerql sync`.
mod engine;
mod files;
mod interrupted;
mod releases;
pub mod sample;
