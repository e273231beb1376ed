//! Data sets: what agencies publish, read from samples in the layouts of the real files.
mod labour;
