//! The repository: its structure, its pages, and what it is deployed with.
mod architecture;
mod deploy;
mod documentation;
