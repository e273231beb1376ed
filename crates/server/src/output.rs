//! Standard output and standard error, one line at a time.
use std::{
    fmt,
    io::{self, Write as _},
};

use kernel::{Error, Result, characters::Escaped};

/// Prints a line on the standard output, and nothing that would speak to a terminal. A reader that has gone away is no error.
pub(crate) fn print_line(line: fmt::Arguments<'_>) -> Result<()> {
    match writeln!(io::stdout(), "{}", Escaped::lines(&line.to_string())) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => Err(Error::caller(OUTPUT_FAILED, unwritten(&cause))),
        _ => Ok(()),
    }
}

/// The code of an output that cannot be written.
pub(crate) const OUTPUT_FAILED: &str = "OUTPUT_FAILED";

/// The message about an output that cannot be written.
pub(crate) fn unwritten(cause: &io::Error) -> String {
    format!("The standard output cannot be written: {cause}. Check where it leads, and whether there is space.")
}

/// Prints a line on the standard error.
pub(crate) fn warn_line(line: fmt::Arguments<'_>) {
    // There is nowhere to report that this failed.
    let _lost = writeln!(io::stderr(), "{}", Escaped::lines(&line.to_string()));
}
