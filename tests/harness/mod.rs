//! What tests stand on: a fresh database, a running server, and the binary.
mod binary;
mod content;
mod database;
mod server;

pub use binary::{Binary, Output};
pub use content::{Folder, seed};
pub use database::TestDatabase;
pub use server::TestServer;
