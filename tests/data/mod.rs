//! Data sets: the figures that publishers release, brought in by `careerql sync`.
mod engine;
mod exposure;
mod files;
mod interrupted;
mod publishers;
mod releases;
pub mod sample;
mod skills;
mod training;
