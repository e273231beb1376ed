//! Programs that are measured: the binary of the server, and the load generator.
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use crate::Result;

/// Interval at which the memory of a running program is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// A running program.
pub(crate) struct Process {
    name: String,
    child: Child,
}

impl Process {
    /// Starts a command. Its output is thrown away.
    pub(crate) fn spawn(name: &str, mut command: Command) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
        Ok(Self { name: name.to_owned(), child: command.spawn()? })
    }

    /// Its memory now, in MiB, without files that are mapped into it.
    pub(crate) fn memory(&self) -> u64 {
        memory(&self.child).unwrap_or_default()
    }

    /// Waits for its end; the peak of its memory in MiB.
    pub(crate) fn wait(mut self) -> Result<u64> {
        let mut peak = 0;
        loop {
            if let Some(kibibytes) = memory(&self.child) {
                peak = kibibytes.max(peak);
            }
            if let Some(status) = self.child.try_wait()? {
                return if status.success() {
                    Ok(peak)
                } else {
                    Err(format!("{} ended with {status}", self.name).into())
                };
            }
            sleep(LOOK);
        }
    }
}

/// A program that is still running is stopped.
impl Drop for Process {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Runs a program to its end; what it printed.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<String> {
    output(Command::new(beside(program)?).args(arguments), program)
}

/// Runs a command to its end; what it printed.
pub(crate) fn output(command: &mut Command, name: &str) -> Result<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        Err(format!("{name} ended with {}", output.status).into())
    }
}

/// A command on one core, where `taskset` is there to say so.
pub(crate) fn on_core(program: &Path, core: Option<usize>) -> Command {
    match core.filter(|_| Command::new("taskset").arg("--version").stdout(Stdio::null()).status().is_ok()) {
        Some(core) => {
            let mut command = Command::new("taskset");
            command.arg("-c").arg(core.to_string()).arg(program);
            command
        }
        None => Command::new(program),
    }
}

/// The path of a program that was built with this one.
pub(crate) fn beside(program: &str) -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(program);
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("{} is missing: build the whole workspace", path.display()).into())
    }
}

fn memory(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? / 1024)
}
