//! Data sets: the figures that publishers release, brought in by `careerql sync`.
mod crosswalks;
mod draft;
mod engine;
mod exposure;
mod files;
mod interrupted;
mod labour;
mod manifests;
mod pages;
mod parts;
mod places;
mod publishers;
mod releases;
pub mod sample;
mod seed;
mod skills;
mod training;
mod workbook;
