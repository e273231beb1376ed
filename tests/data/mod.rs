//! Data sets: what publishers release, brought in by `careerql sync`.
mod crosswalks;
mod draft;
mod engine;
mod files;
mod interrupted;
mod publishers;
mod releases;
pub mod sample;
mod seed;
mod workbook;
