//! The `deodar` command: everything that touches files, the terminal and the clock.
//!
//! | module | job |
//! |---|---|
//! | `args` | the command line: commands, flags, help |
//! | `io` | the streams and the folder a run works with; tests hand in their own |
//! | `session` | what one run has read and what it has to report |
//! | `input` | files, folders, globs and standard input to policies, schemas, entities and requests |
//! | `validation` | policies against the schema: what is found, and whether that is a pass |
//! | `problem`, `report` | what can be wrong with a command line and with input files |
//! | `render` | problems to reports, for people or programs |
//! | `explanation` | why a request was allowed or denied, as text and as JSON |
//! | `command` | one file per command |
//!
//! A script that calls `cedar` works with `deodar`: commands, flags, exit codes and what stands on standard output are
//! those of version 4.14. What Deodar adds goes to standard error, behind flags that `cedar` does not have, or into the
//! JSON of `--format json`. Reports of problems always go to standard error.
//!
//! ```no_run
//! let (mut stdin, mut stdout, mut stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
//! let io = deodar_cli::Io::of_process(&mut stdin, &mut stdout, &mut stderr);
//! let code = deodar_cli::run(["deodar", "check-parse", "--policies", "policies/"], io);
//! assert_eq!(code, 0);
//! ```

mod args;
mod command;
mod explanation;
mod input;
mod io;
mod problem;
mod render;
mod report;
mod session;
mod validation;

use std::ffi::OsString;

use clap::FromArgMatches;

pub use self::io::Io;
use self::{
    args::{Cli, ErrorFormat},
    session::{Exit, Session},
};

/// Runs one command line, the name of the program included; returns the exit code.
///
/// | code | meaning |
/// |---|---|
/// | 0 | the command did what it was asked; the decision is Allow |
/// | 1 | it could not: the reports on standard error say why |
/// | 2 | the decision is Deny, or the command line is not understood (as with `cedar`) |
/// | 3 | the policies are not valid |
pub fn run<A: Into<OsString> + Clone>(arguments: impl IntoIterator<Item = A>, mut io: Io<'_>) -> u8 {
    let command = args::command().term_width(io.width()).color(io.clap_colour());
    let parsed = command.try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage(&error, &mut io),
    };
    let error_format = match cli.error_format.map_or_else(ErrorFormat::of_environment, Ok) {
        Ok(format) => format,
        Err(error) => return usage(&error, &mut io),
    };
    let mut session = Session::new(io, cli.format, error_format);
    let outcome = command::run(&cli.command, &mut session);
    session.finish(outcome).code()
}

/// Shows help, the version, or what is wrong with the command line.
fn usage(error: &clap::Error, io: &mut Io<'_>) -> u8 {
    let text = error.render();
    let text = if io.stderr_colour() { text.ansi().to_string() } else { text.to_string() };
    // Nothing is left to be done if even this cannot be written.
    let _ = if error.use_stderr() { io.stderr(&text) } else { io.stdout(&text) };
    u8::try_from(error.exit_code()).unwrap_or(Exit::Failure.code())
}

/// The example of the README runs as a test of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
