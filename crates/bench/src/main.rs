//! Measures CareerQL: how fast it imports and how fast it answers, beside floors that are measured in the same run.
#![allow(clippy::cast_precision_loss, reason = "rates are rough figures")]
#![allow(clippy::single_match_else, reason = "there are two databases, and each has an arm")]
#![allow(clippy::struct_field_names, reason = "the floor has the field names of the schema")]
mod data;
mod editors;
mod floor;
mod generate;
mod growth;
mod import;
mod load;
mod peers;
mod plain;
mod process;
mod serve;

use std::{
    error::Error,
    fmt, fs,
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    thread::available_parallelism,
};

use clap::{Parser, Subcommand};

/// The floors use the allocator of the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Result of a measurement; where it fails, the message is for whoever runs it.
type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// Measures CareerQL.
#[derive(Debug, Parser)]
#[command(name = "careerql-bench", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a set of documents as JSON Lines.
    Generate {
        /// Number of careers.
        #[arg(long, default_value_t = 1_000)]
        careers: usize,
        /// The file.
        path: PathBuf,
    },
    /// Measure an import beside a plain insert of the same rows.
    Import {
        /// Number of careers.
        #[arg(long, default_value_t = 100_000)]
        careers: usize,
        /// A Postgres server, such as `postgres://postgres@127.0.0.1:5432`, on which two databases are replaced. Without it,
        /// SQLite files.
        #[arg(long, value_name = "URL")]
        postgres: Option<String>,
        /// Folder for files that the measurement needs.
        #[arg(long, default_value = "target/bench", value_name = "PATH")]
        folder: PathBuf,
    },
    /// Measure what the server answers, on collections of several sizes.
    Serve {
        /// Number of careers in each collection.
        #[arg(default_values_t = [1_000, 100_000])]
        careers: Vec<usize>,
        /// The binary of another build of the server, which is measured in the same rounds.
        #[arg(long, value_name = "PATH")]
        against: Option<PathBuf>,
        /// A Postgres server, such as `postgres://postgres@127.0.0.1:5432`, on which a database is replaced; its columns stand
        /// beside those of the SQLite file.
        #[arg(long, value_name = "URL")]
        postgres: Option<String>,
        /// The load generator.
        #[arg(long, default_value = "target/bench-tools/bin/oha", value_name = "PATH")]
        oha: PathBuf,
        /// Duration of each measurement; there are three of each.
        #[arg(long, default_value = "2s")]
        duration: String,
        /// Folder for files that the measurement needs.
        #[arg(long, default_value = "target/bench", value_name = "PATH")]
        folder: PathBuf,
    },
    /// Measure how much 32 readers are slowed while 10 editors save, on SQLite.
    Editors {
        /// The load generator.
        #[arg(long, default_value = "target/bench-tools/bin/oha", value_name = "PATH")]
        oha: PathBuf,
        /// Duration of each measurement.
        #[arg(long, default_value = "5s")]
        duration: String,
        /// Folder for files that the measurement needs.
        #[arg(long, default_value = "target/bench", value_name = "PATH")]
        folder: PathBuf,
    },
    /// Measure cold pages beside `PostGraphile`, Mercurius and Seaography, which answer the same from the same documents.
    Peers {
        /// A database on a Postgres server, which is replaced: `postgres://postgres@127.0.0.1/careerql_peers`.
        #[arg(long, value_name = "URL")]
        postgres: String,
        /// Node.js, version 22 or later.
        #[arg(long, default_value = "node", value_name = "PATH")]
        node: String,
        /// The folder with the scripts of the peers, where `npm install` was run.
        #[arg(long, default_value = "crates/bench/peers", value_name = "PATH")]
        scripts: PathBuf,
        /// A Seaography server that `seaography.sh` of that folder made.
        #[arg(long, value_name = "PATH")]
        seaography: Option<PathBuf>,
        /// Number of careers.
        #[arg(long, default_value_t = 1_000)]
        careers: usize,
        /// Number of times each is measured; the table has medians.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        /// The load generator.
        #[arg(long, default_value = "target/bench-tools/bin/oha", value_name = "PATH")]
        oha: PathBuf,
        /// Duration of each measurement.
        #[arg(long, default_value = "3s")]
        duration: String,
        /// Folder for files that the measurement needs.
        #[arg(long, default_value = "target/bench", value_name = "PATH")]
        folder: PathBuf,
    },
    /// Serve one of the floors, for `serve`.
    Floor {
        /// Kind of floor.
        kind: floor::Kind,
        /// The answer with the career page.
        page: PathBuf,
        /// The answer with the list page.
        list: PathBuf,
        /// The address to listen on.
        #[arg(long)]
        listen: SocketAddr,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    careerql_server::prepare_tls();
    match run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            let _lost = writeln!(io::stderr(), "careerql-bench: {cause}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::Generate { careers, path } => Ok(generate::write(careers, &path)?),
        Command::Import { careers, postgres, folder } => {
            fs::create_dir_all(&folder)?;
            import::measure(careers, &folder, postgres.as_deref()).await
        }
        Command::Serve { careers, against, postgres, oha, duration, folder } => {
            fs::create_dir_all(&folder)?;
            let is_pinned = available_parallelism().is_ok_and(|cores| cores.get() > 1);
            let beside = serve::Beside { against, postgres };
            serve::measure(&careers, &beside, &load::Load { oha, folder, duration, is_pinned }).await
        }
        Command::Editors { oha, duration, folder } => {
            fs::create_dir_all(&folder)?;
            let is_pinned = available_parallelism().is_ok_and(|cores| cores.get() > 1);
            editors::measure(&load::Load { oha, folder, duration, is_pinned }).await
        }
        Command::Peers { postgres, node, scripts, seaography, careers, rounds, oha, duration, folder } => {
            fs::create_dir_all(&folder)?;
            let is_pinned = available_parallelism().is_ok_and(|cores| cores.get() > 1);
            let peers = peers::Peers { node, scripts, postgres, seaography, careers, rounds };
            peers::measure(&peers, &load::Load { oha, folder, duration, is_pinned }).await
        }
        Command::Floor { kind, page, list, listen } => floor::serve(kind, listen, &page, &list).await,
    }
}

/// Prints a line.
fn say(line: fmt::Arguments<'_>) -> Result<()> {
    Ok(writeln!(io::stdout(), "{line}")?)
}
