//! Ground that tests stand on: a fresh database, a running server, and the binary.
mod binary;
mod content;
mod contents;
mod database;
mod eventually;
mod receiver;
mod server;
mod socket;

pub(crate) use binary::{Binary, Output, Running, optimised};
pub(crate) use content::{Folder, seed};
pub(crate) use contents::{Contents, Witness, growth};
pub(crate) use database::TestDatabase;
pub(crate) use eventually::{PATIENCE, eventual, eventual_within, eventually};
pub(crate) use receiver::{Received, Receiver, create_webhook};
pub(crate) use server::{TestServer, metric};
pub(crate) use socket::Socket;
