//! Reading of the command line: the default command, values, and what stands where nothing is given.
use std::{ffi::OsString, net::SocketAddr};

use clap::{Args, CommandFactory};

use super::{Cli, environment};
use crate::{
    BrowserOptions, CacheOptions, ClientOptions, Limits, ObserveOptions, QueryOptions, Settings, SitemapOptions,
    SocketOptions, WebhookOptions,
};

/// Makes what a command line without flags, in an empty environment, sets up the default of a group of options.
macro_rules! default_of_options {
    ($($options:ty),*) => {$(
        impl Default for $options {
            fn default() -> Self {
                let command = <Self as Args>::augment_args(clap::Command::new("defaults"));
                let command = command.mut_args(|argument| argument.env(None::<&str>));
                let matches = command.get_matches_from(["defaults"]);
                <Self as clap::FromArgMatches>::from_arg_matches(&matches).expect("the defaults are valid")
            }
        }
    )*};
}

default_of_options!(
    Settings,
    WebhookOptions,
    Limits,
    CacheOptions,
    ClientOptions,
    QueryOptions,
    SocketOptions,
    BrowserOptions,
    SitemapOptions,
    ObserveOptions
);

/// Reads the command line of this process; ends it with a message where that is wrong.
pub fn parse() -> Cli {
    environment::read(Cli::command(), &with_command(std::env::args_os().collect()))
}

/// Names the default command where none is named: `careerql --listen …` is `careerql serve --listen …`.
fn with_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let about_itself = ["-h", "--help", "-V", "--version"];
    let names_none = arguments.get(1).is_none_or(|first| {
        let first = first.to_string_lossy();
        first.starts_with('-') && !about_itself.contains(&&*first)
    });
    if names_none {
        arguments.insert(1.min(arguments.len()), "serve".into());
    }
    arguments
}

pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "it must be an IP address and a port, such as 127.0.0.1:8000 or [::1]:8000".to_owned())
}

/// A calendar day, as it was written.
pub(crate) fn day(text: &str) -> Result<String, String> {
    let read: Result<chrono::NaiveDate, _> = text.parse();
    read.map(|_| text.to_owned()).map_err(|_| "it must be a day such as 2026-05-15".to_owned())
}

/// Maximum number of characters of the name of a release.
const MAX_EDITION: usize = 100;

/// The name of a release: a few words on one line.
pub(crate) fn edition(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > MAX_EDITION || name.chars().any(char::is_control) {
        return Err(format!("it must be a name on one line such as `May 2025`, of at most {MAX_EDITION} characters"));
    }
    Ok(name.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Vec<String> {
        let arguments = line.split(' ').map(OsString::from).collect();
        with_command(arguments).into_iter().map(|argument| argument.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn serve_is_the_default() {
        assert_eq!(command("careerql"), ["careerql", "serve"]);
        assert_eq!(command("careerql --listen [::1]:1"), ["careerql", "serve", "--listen", "[::1]:1"]);
        assert_eq!(command("careerql check seed"), ["careerql", "check", "seed"]);
        assert_eq!(command("careerql --help"), ["careerql", "--help"]);
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
