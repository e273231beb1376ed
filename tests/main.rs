//! Black-box tests of CareerQL, over HTTP and through the binary, on a real database that is fresh for each test.
//!
//! They run on embedded SQLite files. Where `CAREERQL_TEST_POSTGRES` names a server, such as
//! `postgres://postgres@127.0.0.1:5432`, the same tests run on databases that they create there.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should say where")]
#![allow(missing_docs, unreachable_pub, reason = "the name of a test is its sentence, and nobody else reaches it")]

mod harness;

mod access;
mod architecture;
mod authoring;
mod browser;
mod bulk;
mod caching;
mod characters;
mod check;
mod columns;
mod commands;
mod connections;
mod constraints;
mod corpus;
mod cors;
mod deliveries;
mod diff;
mod documentation;
mod doors;
mod export;
mod faults;
mod figures;
mod floods;
mod folding;
mod forgetting;
mod formats;
mod guide;
mod histories;
mod history;
mod hostile;
mod hosts;
mod http;
mod import;
mod language;
mod limits;
mod lists;
mod merging;
mod modules;
mod money;
mod nodes;
mod operations;
mod overtaken;
mod page;
mod panics;
mod patches;
mod perspectives;
mod preview;
mod processes;
mod projection;
mod prose;
mod quality;
mod queries;
mod queue;
mod readers;
mod relay;
mod releases;
mod rename;
mod replica;
mod restored;
mod rights;
mod schema;
mod scopes;
mod settings;
mod shares;
mod sse;
mod starting;
mod statements;
mod stopping;
mod stored;
mod subscriptions;
mod unpublish;
mod validation;
mod watch;
mod webhooks;
mod websocket;
