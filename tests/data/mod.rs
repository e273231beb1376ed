//! Data sets: the figures that publishers release, brought in by `careerql sync`.
mod crosswalks;
mod damaged;
mod draft;
mod engine;
mod exposure;
mod files;
mod interrupted;
mod labour;
mod odd;
mod pages;
mod publishers;
mod releases;
pub mod sample;
mod seed;
mod skills;
mod training;
mod workbook;
