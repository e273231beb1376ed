//! `import`: rows per second of `careerql import`, beside a plain insert of the very same rows into the same tables.
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    Result, generate,
    plain::{self, Rows},
    process::{self, Process},
};

/// Measures and prints.
pub(crate) async fn measure(careers: usize, folder: &Path, postgres: Option<&str>) -> Result<()> {
    let lines = folder.join(format!("{careers}.jsonl"));
    generate::write(careers, &lines)?;
    let megabytes = std::fs::metadata(&lines)?.len() / 1_000_000;
    crate::say(format_args!("{careers} careers, {megabytes} MB of JSON Lines\n"))?;
    let (url, plain_url) = match postgres {
        Some(server) => (plain::database(server, "bench_import").await?, plain::database(server, "bench_plain").await?),
        None => (file(folder, "import.sqlite")?, file(folder, "plain.sqlite")?),
    };
    let (elapsed, memory) = import(&lines, &url)?;
    let rows = plain::read(&url).await?;
    let count = rows.iter().map(Rows::len).sum::<usize>();
    process::run("careerql", &["migrate", "--database-url", &plain_url])?;
    let plain = plain::insert(&plain_url, &rows).await?;
    let rate = |elapsed: Duration| count as f64 / elapsed.as_secs_f64();
    crate::say(format_args!("| | seconds | rows/s | peak memory |\n|---|---|---|---|"))?;
    let (seconds, plain_seconds) = (elapsed.as_secs_f64(), plain.as_secs_f64());
    crate::say(format_args!("| careerql import --publish | {seconds:.1} | {:.0} | {memory} MiB |", rate(elapsed)))?;
    crate::say(format_args!("| plain multi-row insert | {plain_seconds:.1} | {:.0} | |", rate(plain)))?;
    crate::say(format_args!(
        "\n{count} rows; import runs at {:.0} % of the plain insert",
        100.0 * plain_seconds / seconds
    ))
}

/// The time from the start of the command to its end, and its peak memory in MiB.
pub(crate) fn import(lines: &Path, url: &str) -> Result<(Duration, u64)> {
    import_with(&process::beside("careerql")?, lines, url)
}

/// The same, by the binary of another build.
pub(crate) fn import_with(program: &Path, lines: &Path, url: &str) -> Result<(Duration, u64)> {
    let started = Instant::now();
    let mut command = process::on_core(program, None);
    command.args(["import", "--publish", "--database-url", url]).arg(lines);
    let memory = Process::spawn("careerql", command)?.wait()?;
    Ok((started.elapsed(), memory))
}

/// The URL of an SQLite file that is not there yet.
pub(crate) fn file(folder: &Path, name: &str) -> Result<String> {
    let path: PathBuf = folder.join(name);
    for ending in ["", "-wal", "-shm"] {
        let stale = folder.join(format!("{name}{ending}"));
        if stale.exists() {
            std::fs::remove_file(stale)?;
        }
    }
    Ok(format!("sqlite://{}", path.display()))
}
