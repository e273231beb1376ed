//! The binary `careerql`.
use std::{io, process::ExitCode, time::Duration};

use tokio::runtime::Runtime;

/// Answers are made of many small allocations; this allocator serves them faster than most systems' own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Maximum time that threads may take to end when the command has: one may be in the midst of work for which nobody waits any more.
const LAST: Duration = Duration::from_millis(500);

fn main() -> io::Result<ExitCode> {
    let command = careerql_server::cli::parse();
    let runtime = Runtime::new()?;
    let status = runtime.block_on(careerql_server::run(command));
    runtime.shutdown_timeout(LAST);
    Ok(status)
}
