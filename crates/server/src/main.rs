//! The binary `careerql`.
use std::process::ExitCode;

/// Answers are made of many small allocations; this allocator serves them faster than most systems' own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    careerql_server::run(careerql_server::cli::parse()).await
}
