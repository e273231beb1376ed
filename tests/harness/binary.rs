//! The binary `careerql`, run as a user runs it.
use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use tokio::time::timeout;

use super::{PATIENCE, TestDatabase, eventual, seed};

/// Time within which a server is ready and a command has ended, also on a busy machine: a test fails then, and does not hold up the others.
const READY: Duration = Duration::from_mins(5);

/// The binary, with a database and an empty environment.
pub struct Binary {
    command: Command,
}

/// Exit status and output of a run of the binary.
#[derive(Debug)]
pub struct Output {
    pub status: i32,
    pub out: String,
    pub err: String,
}

/// The optimised build of the server, where `CAREERQL_TEST_BINARY` names one: then what is said of its speed is looked at, too.
pub fn optimised() -> Option<String> {
    std::env::var("CAREERQL_TEST_BINARY").ok()
}

impl Binary {
    pub fn new(arguments: &[&str]) -> Self {
        let mut command = Command::new(Self::file());
        command.args(arguments).env_clear().stdin(Stdio::null());
        Self { command }
    }

    /// The file of the binary.
    pub fn file() -> String {
        optimised().unwrap_or_else(|| env!("CARGO_BIN_EXE_careerql").to_owned())
    }

    pub fn database(mut self, url: &str) -> Self {
        self.command.env("DATABASE_URL", url);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it with another limit of open files, by the arguments of `ulimit`, such as `-n 256`.
    #[cfg(unix)]
    pub fn ulimit(self, limit: &str) -> Self {
        let script = format!("ulimit {limit} && exec \"$0\" \"$@\"");
        let program = self.command.get_program().to_owned();
        self.by(&["/bin/sh", "-c", &script, program.to_str().unwrap()])
    }

    /// Runs another command line instead, which its own arguments follow.
    #[cfg(unix)]
    pub fn by(self, launcher: &[&str]) -> Self {
        let mut command = Command::new(launcher[0]);
        command.args(&launcher[1..]).args(self.command.get_args()).env_clear().stdin(Stdio::null());
        for (name, value) in self.command.get_envs() {
            command.env(name, value.unwrap());
        }
        Self { command }
    }

    /// Runs it to its end. The server of the test goes on meanwhile: it may hold what the binary waits for.
    pub async fn run(self) -> Output {
        let told = format!("{:?}", self.command);
        let output = tokio::process::Command::from(self.command).kill_on_drop(true).output();
        let output =
            timeout(READY, output).await.unwrap_or_else(|_| panic!("not within {READY:?}: {told} ends")).unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Output { status: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Starts the binary and leaves it running.
    pub fn start(mut self) -> Child {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

/// The binary as a running server; killed when the test is done with it.
pub struct Running {
    child: Child,
    /// The lines it printed until it was ready.
    pub lines: Vec<String>,
    /// The endpoint.
    pub url: String,
    /// The lines of its log, which is read all the time: a process waits for room in a pipe that nobody reads.
    log: Receiver<String>,
}

/// The lines that come from a pipe.
fn lines_of(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let _unheard = sender.send(line);
        }
    });
    lines
}

impl Running {
    /// Starts the server and waits until it says that it is ready.
    pub fn start(binary: Binary) -> Self {
        // For the clients that will ask it.
        careerql_server::prepare_tls();
        let mut child = binary.start();
        let (log, printed) = (lines_of(child.stderr.take().unwrap()), lines_of(child.stdout.take().unwrap()));
        let mut lines: Vec<String> = Vec::new();
        while lines.last().is_none_or(|line| !line.starts_with("Press Ctrl-C")) {
            match printed.recv_timeout(READY) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    child.kill().unwrap();
                    panic!("not ready within {READY:?}: {lines:?}");
                }
            }
        }
        let url = lines.iter().find_map(|line| line.strip_prefix("GraphQL   ")).expect("it prints its URL").to_owned();
        Self { child, lines, url, log }
    }

    /// Serves the seed from this database.
    pub fn on(database: &TestDatabase) -> Binary {
        let seed = seed();
        let binary = Binary::new(&["--listen", "127.0.0.1:0"]).env("CAREERQL_LOG_LEVEL", "error");
        binary.database(&database.url).env("CAREERQL_SEED", seed.to_str().unwrap())
    }

    /// The memory of the process in MiB, where the system tells.
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? / 1024)
    }

    /// Sends the process a signal, such as `INT`.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([format!("-{name}"), id]).status().unwrap().success());
    }

    /// The address of the endpoint.
    pub fn address(&self) -> SocketAddr {
        self.url.trim_start_matches("http://").trim_end_matches("/graphql").parse().unwrap()
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line of the log that has these words.
    pub fn tells(&self, words: &str) -> String {
        let mut all = Vec::new();
        loop {
            let line = self.log.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("`{words}` is not in the log: {all:?}"));
            if line.contains(words) {
                return line;
            }
            all.push(line);
        }
    }

    /// Waits until the process ends; what it wrote to its log.
    pub fn log(&self) -> String {
        let mut log = String::new();
        loop {
            match self.log.recv_timeout(READY) {
                Ok(line) => log += &(line + "\n"),
                Err(RecvTimeoutError::Disconnected) => return log,
                Err(RecvTimeoutError::Timeout) => panic!("the process does not end within {READY:?}: {log}"),
            }
        }
    }

    /// The exit status, where the process has ended.
    pub fn try_wait(&mut self) -> Option<i32> {
        self.child.try_wait().unwrap().map(|status| status.code().unwrap_or(-1))
    }

    /// Waits until the process ends; its exit status.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Waits until the process ends as it should.
    pub async fn ends(&mut self) {
        assert_eq!(eventual("the process ends", async || self.try_wait()).await, 0);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended before.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
