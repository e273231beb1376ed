//! The repository: its structure and its pages.
mod architecture;
mod documentation;
