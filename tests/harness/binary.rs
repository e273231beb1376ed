//! The binary `careerql`, run as a user runs it.
use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

/// The binary, with a database and an empty environment.
pub struct Binary {
    command: Command,
}

/// What a run of the binary left behind.
pub struct Output {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Binary {
    pub fn new(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_careerql"));
        command.args(arguments).env_clear().stdin(Stdio::null());
        Self { command }
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

    pub fn run(mut self) -> Output {
        let output = self.command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Output { status: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Starts the binary and leaves it running.
    pub fn start(mut self) -> Child {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}
