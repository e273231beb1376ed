//! Data sets: what publishers release, brought in by `careerql sync`.
mod engine;
mod exposure;
mod files;
mod interrupted;
mod releases;
mod sample;
mod training;
