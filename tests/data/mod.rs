//! Data sets: the figures that publishers release, brought in by `careerql sync`.
mod crosswalks;
mod draft;
mod engine;
mod exposure;
mod files;
mod interrupted;
mod labour;
mod pages;
mod publishers;
mod releases;
pub mod sample;
mod seed;
mod skills;
mod tables;
mod training;
mod workbook;
