//! Options of `serve`, and of the command that asks a running server.
use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, ValueEnum};

use super::address;
use crate::Settings;
use crate::database::DatabaseOptions;

/// Options of `serve`.
#[derive(Debug, Args)]
pub struct ServeOptions {
    /// The address to listen on, as IP:PORT.
    #[arg(long, env = "CAREERQL_LISTEN", default_value = "127.0.0.1:8000", value_parser = address)]
    pub listen: SocketAddr,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
    /// The folder of documents that are published when the database is empty. Its folder `data` holds data sets, each in a folder named
    /// like its source, which are synced after them. Without this option, the folder `seed` where the working folder has one.
    #[arg(long, env = "CAREERQL_SEED", value_name = "PATH")]
    pub seed: Option<PathBuf>,
    /// Which revisions the endpoint shows. `draft` is for editors on their own machine: it shows unpublished content.
    #[arg(long, env = "CAREERQL_PERSPECTIVE", value_enum, default_value = "published")]
    pub perspective: PerspectiveOption,
    /// Mechanisms to do without, to measure what they gain; see CONTRIBUTING.md.
    #[arg(long, value_enum, value_delimiter = ',', hide = true)]
    pub without: Vec<WithoutOption>,
    /// Settings of the endpoint.
    #[command(flatten)]
    pub endpoint: Settings,
}

/// Options of `health`.
#[derive(Debug, Args)]
pub struct HealthOptions {
    /// The address that the server listens on, as IP:PORT. For one that stands for all addresses of the machine, such as 0.0.0.0, the
    /// server is asked on this machine.
    #[arg(long, env = "CAREERQL_LISTEN", default_value = "127.0.0.1:8000", value_parser = address)]
    pub listen: SocketAddr,
}

/// Mechanisms that exist for speed alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WithoutOption {
    /// Answers made of the stored JSON.
    Projection,
    /// Reads of an SQLite file on the thread of the request.
    EmbeddedReads,
    /// Texts of statements that are made once.
    StatementTexts,
    /// Pauses between saves.
    SavePauses,
}

/// The perspectives that a command can take.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PerspectiveOption {
    /// Published revisions.
    Published,
    /// The draft of each entry that has one, else what is published.
    Draft,
}

impl From<PerspectiveOption> for kernel::Perspective {
    fn from(option: PerspectiveOption) -> Self {
        match option {
            PerspectiveOption::Published => Self::Published,
            PerspectiveOption::Draft => Self::Draft,
        }
    }
}
