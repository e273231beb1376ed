//! Settings from the environment: an empty variable is none, switches take the usual words, and what is wrong with a value is told
//! with the name of its variable.
use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, Write},
    process::exit,
};

use clap::{
    Arg, ArgAction, Command, Error, FromArgMatches,
    builder::BoolishValueParser,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::{
    database::shown,
    output::{OUTPUT_FAILED, unwritten},
};

/// Values of a switch in the environment.
const WORDS: &str = "1, yes, true or on; 0, no, false or off";
/// The exit status of a command line that cannot be read.
const USAGE: i32 = 2;

/// Reads a command line by this definition; ends the process with a message where that is wrong.
pub(super) fn read<C: FromArgMatches>(command: Command, arguments: &[OsString]) -> C {
    let mut command = lenient(command);
    let read =
        command.try_get_matches_from_mut(arguments).and_then(|mut matches| C::from_arg_matches_mut(&mut matches));
    match read {
        Ok(read) => read,
        Err(error) => end(&error.format(&mut command), &command, arguments),
    }
}

/// The command as its environment means it. Help shows the names of variables and not their values, which may be secret.
fn lenient(command: Command) -> Command {
    let command = command.mut_args(|argument| {
        let Some(variable) = argument.get_env().map(OsStr::to_owned) else { return argument };
        let argument = argument.hide_env_values(true);
        let argument = if is_switch(&argument) { argument.value_parser(BoolishValueParser::new()) } else { argument };
        let is_empty = env::var_os(&variable).is_some_and(|value| value.to_string_lossy().trim().is_empty());
        // Compose files and unit files set a variable to nothing where nothing is given.
        if is_empty { argument.env(None::<&str>) } else { argument }
    });
    command.mut_subcommands(lenient)
}

fn is_switch(argument: &Arg) -> bool {
    matches!(argument.get_action(), ArgAction::SetTrue | ArgAction::SetFalse)
}

/// Ends the process as the error says: help goes to the standard output, all else to the standard error.
fn end(error: &Error, command: &Command, arguments: &[OsString]) -> ! {
    if !error.use_stderr() {
        let printed = write!(io::stdout(), "{}", error.render()).and_then(|()| io::stdout().flush());
        match printed {
            Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
                // There is nowhere to report that this failed.
                let _lost = writeln!(io::stderr(), "careerql: {} [{OUTPUT_FAILED}]", unwritten(&cause));
                exit(1)
            }
            _ => exit(0),
        }
    }
    let text = of_variable(error, command, arguments).unwrap_or_else(|| error.render().to_string());
    // There is nowhere to report that this failed.
    let _lost = write!(io::stderr(), "{}", without_secrets(text, arguments));
    exit(USAGE)
}

/// The message about a value that came from the environment; none where it stands on the command line.
fn of_variable(error: &Error, command: &Command, arguments: &[OsString]) -> Option<String> {
    if !matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::InvalidUtf8) {
        return None;
    }
    let Some(ContextValue::String(named)) = error.get(ContextKind::InvalidArg) else { return None };
    let flag = named.split_whitespace().next()?.strip_prefix("--")?;
    let argument = find(command, flag)?;
    let variable = argument.get_env()?.to_string_lossy().into_owned();
    let is_given = arguments.iter().any(|given| {
        let given = given.to_string_lossy();
        given.strip_prefix("--").is_some_and(|given| given.split('=').next() == Some(flag))
    });
    if is_given {
        return None;
    }
    let value = env::var_os(&variable)?.to_string_lossy().into_owned();
    let why = std::error::Error::source(error).map(|why| format!(": {why}")).unwrap_or_default();
    let about = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let mut text =
        format!("error: the variable {variable} has the value `{value}`, which --{flag} does not accept{why}\n\n");
    text.extend(["  Meaning: ", &about, "\n"]);
    let values: Vec<_> = argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if is_switch(argument) {
        text.extend(["  As a word: ", WORDS, ".\n"]);
    } else if !values.is_empty() {
        text.extend(["  [possible values: ", &values.join(", "), "]\n"]);
    }
    let defaults = argument.get_default_values();
    if !defaults.is_empty() && !is_switch(argument) {
        let defaults: Vec<_> = defaults.iter().map(|value| value.to_string_lossy()).collect();
        text.extend(["  Without the variable, it is ", &defaults.join(","), ".\n"]);
    }
    Some(text)
}

fn find<'a>(command: &'a Command, flag: &str) -> Option<&'a Arg> {
    let own = command.get_arguments().find(|argument| argument.get_long() == Some(flag));
    own.or_else(|| command.get_subcommands().find_map(|command| find(command, flag)))
}

/// The text with URLs of databases as they may be shown, wherever they were given.
fn without_secrets(text: String, arguments: &[OsString]) -> String {
    let given = arguments.iter().cloned().chain(env::var_os("DATABASE_URL"));
    given.fold(text, |text, given| {
        let given = given.to_string_lossy();
        let url = if given.starts_with("--") { given.split_once('=').map_or("", |(_, value)| value) } else { &given };
        if url.contains("://") { text.replace(url, &shown(url)) } else { text }
    })
}
