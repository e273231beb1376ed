//! Black-box tests of CareerQL, over HTTP and through the binary, on a real database that is fresh for each test.
//!
//! They run on embedded SQLite files. Where `CAREERQL_TEST_POSTGRES` names a server, such as
//! `postgres://postgres@127.0.0.1:5432`, the same tests run on databases that they create there.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should say where")]
#![allow(missing_docs, unreachable_pub, reason = "the name of a test is its sentence, and nobody else reaches it")]

mod data;
mod document;
mod harness;

mod kernel;
mod language;
mod repository;
mod server;
mod store;
