//! The `deodar` command: everything that touches files, the terminal and the clock.
//!
//! | module | job |
//! |---|---|
//! | `args` | the command line: commands, flags, help |
//! | `io` | the streams and the folder a run works with; tests hand in their own |
//! | `session` | what one run has read and what it has to report |
//! | `input` | files, folders, globs and standard input to policies, schemas, entities and requests |
//! | `project` | the manifest `deodar.toml`: where everything lies, and how much each finding counts |
//! | `document` | YAML, TOML and JSON that people write for the command, with the place of every value |
//! | `cover` | what tests show of policies |
//! | `mutate` | mistakes that no test notices |
//! | `suite` | tests: read, spread out from tables, run |
//! | `setting` | policies, schema and entities that requests are put to, and the requests |
//! | `workspace` | a project with all that it consists of, read |
//! | `check`, `fix` | layout, baselines, changes in git; what can be mended by itself |
//! | `finding`, `output` | what is reported, for other programs: SARIF, JUnit and the like |
//! | `validation` | policies against the schema: what is found, and whether that is a pass |
//! | `problem`, `report` | what can be wrong with a command line and with input files |
//! | `render` | problems to reports, for people or programs |
//! | `explanation` | why a request was allowed or denied, as text and as JSON |
//! | `prose`, `handbook` | policies in plain words, and a page of them |
//! | `repl` | expressions and requests, line after line |
//! | `comparison` | two versions of a policy set: what differs, and which decisions do |
//! | `space` | requests made up from a schema and the literals of policies |
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
mod check;
mod command;
mod comparison;
mod cover;
mod document;
mod explanation;
mod finding;
mod fix;
mod handbook;
mod input;
mod io;
mod mutate;
mod output;
mod problem;
mod project;
mod prose;
mod render;
mod repl;
mod report;
mod session;
mod setting;
mod space;
mod suite;
mod validation;
mod workspace;

use std::ffi::OsString;

use clap::FromArgMatches;

pub use self::io::Io;
use self::{
    args::{Cli, Color, ErrorFormat},
    session::{Exit, Output, Session},
};

/// Runs one command line, the name of the program included; returns the exit code.
///
/// | code | meaning |
/// |---|---|
/// | 0 | the command did what it was asked; the decision is Allow |
/// | 1 | it could not: the reports on standard error say why |
/// | 2 | the decision is Deny, the command line is not understood (as with `cedar`), or a command that `cedar` does not have cannot run |
/// | 3 | the policies are not valid |
pub fn run<A: Into<OsString> + Clone>(arguments: impl IntoIterator<Item = A>, mut io: Io<'_>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    let names_project = arguments.iter().any(|argument| argument.to_string_lossy().starts_with("--project"));
    let in_project = names_project || project::find(&io, None).is_some();
    let command = args::command(in_project).term_width(io.width()).color(io.clap_colour());
    let parsed = command.try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage(&error, &mut io),
    };
    let error_format = match cli.error_format.map_or_else(ErrorFormat::of_environment, Ok) {
        Ok(format) => format,
        Err(error) => return usage(&error, &mut io),
    };
    match cli.color {
        Color::Auto => {}
        Color::Always => io.set_colour(true),
        Color::Never => io.set_colour(false),
    }
    let name = cli.command.reporting();
    if cli.format.writer().is_some() && name.is_none() {
        let message = "this command writes `text` and `json` only; other formats are for reports and tests\n";
        return usage(&clap::Error::raw(clap::error::ErrorKind::InvalidValue, message), &mut io);
    }
    let output = Output { format: cli.format, command: name.unwrap_or_default(), quiet: cli.quiet };
    let mut session = Session::new(io, output, error_format);
    let outcome = run_command(&cli, &mut session);
    session.finish(outcome).code()
}

/// Runs the command in its project, if it lies in one.
fn run_command(cli: &Cli, session: &mut Session<'_>) -> session::Outcome {
    if cli.command.uses_project()
        && let Some(root) = project::find(&session.io, cli.project.as_deref())
    {
        session.project = project::load(session, root);
        if session.project.is_none() {
            return Err(command::stop_of(&cli.command));
        }
    }
    command::run(&cli.command, session)
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
