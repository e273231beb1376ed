//! The binary `careerql`.
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    careerql_server::run(careerql_server::cli::parse()).await
}
