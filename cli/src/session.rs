//! One run of a command: what it has read, what it reports, how it ends.

use std::io;

use deodar_grammar::{SourceId, Sources};
use serde_json::{Value, json};

use crate::{
    args::{ErrorFormat, Format},
    io::Io,
    problem::Problem,
    render, report,
};

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what it was asked.
    Success,
    /// It could not, or found something wrong.
    Failure,
    /// It decided a request, and the decision is Deny.
    Deny,
    /// It checked policies, and they are not valid.
    Invalid,
}

impl Exit {
    /// The exit code, as `cedar` has it.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Deny => 2,
            Self::Invalid => 3,
        }
    }
}

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The problems that were reported to the session.
    Problems,
    /// The same, and they are that the policies are not valid.
    Invalid,
    /// Standard output or standard error cannot be written.
    Output(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// The end of a command.
pub(crate) type Outcome = Result<Exit, Stop>;

/// The state of one run.
#[derive(Debug)]
pub(crate) struct Session<'s> {
    /// Streams and files.
    pub(crate) io: Io<'s>,
    /// Every text that a report can point into.
    pub(crate) sources: Sources,
    /// How results are written.
    pub(crate) format: Format,
    error_format: ErrorFormat,
    problems: Vec<Problem>,
    /// What standard input was read for.
    stdin_used_for: Option<&'static str>,
}

impl<'s> Session<'s> {
    pub(crate) fn new(io: Io<'s>, format: Format, error_format: ErrorFormat) -> Self {
        Self { io, sources: Sources::new(), format, error_format, problems: Vec::new(), stdin_used_for: None }
    }

    /// How problems are reported.
    pub(crate) fn error_format(&self) -> ErrorFormat {
        self.error_format
    }

    /// Notes a problem.
    pub(crate) fn report(&mut self, problem: impl Into<Problem>) {
        self.problems.push(problem.into());
    }

    /// Notes a problem that ends the command.
    pub(crate) fn stop<T>(&mut self, problem: impl Into<Problem>) -> Result<T, Stop> {
        self.report(problem);
        Err(Stop::Problems)
    }

    /// Notes problems.
    pub(crate) fn report_all(&mut self, problems: impl IntoIterator<Item = impl Into<Problem>>) {
        self.problems.extend(problems.into_iter().map(Into::into));
    }

    /// How many problems there are, to take later ones back with [`Self::take_reports`].
    pub(crate) fn mark(&self) -> usize {
        self.problems.len()
    }

    /// Takes back the problems since the mark, as reports.
    pub(crate) fn take_reports(&mut self, mark: usize) -> String {
        let problems = self.problems.split_off(mark);
        render::reports(&problems, &self.sources, self.error_format, &self.io)
    }

    /// Takes back the problems since the mark, for `--format json`.
    pub(crate) fn take_problems_as_json(&mut self, mark: usize) -> Value {
        self.problems.split_off(mark).iter().map(|problem| problem.to_json(&self.sources)).collect()
    }

    /// Ends the command if an error was noted.
    pub(crate) fn stop_on_errors(&self) -> Result<(), Stop> {
        if self.has_errors() { Err(Stop::Problems) } else { Ok(()) }
    }

    /// Whether an error was noted.
    pub(crate) fn has_errors(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }

    /// All problems for `--format json`.
    pub(crate) fn problems_to_json(&self) -> Value {
        self.problems.iter().map(|problem| problem.to_json(&self.sources)).collect()
    }

    /// The text of standard input, for one use only.
    pub(crate) fn read_stdin(&mut self, what: &'static str) -> Option<String> {
        if let Some(first) = self.stdin_used_for.replace(what) {
            self.report(report::stdin_used_twice(first, what));
            return None;
        }
        match self.io.read_stdin().and_then(text_of_bytes) {
            Ok(text) => Some(text),
            Err(error) => {
                self.report(report::cannot_read("<stdin>", what, &error, None));
                None
            }
        }
    }

    /// Registers a text for reports.
    pub(crate) fn add_source(&mut self, name: &str, text: impl Into<String>) -> SourceId {
        self.sources.add(name, text)
    }

    /// Writes one JSON object to standard output.
    pub(crate) fn print_json(&mut self, value: &Value) -> io::Result<()> {
        self.io.stdout(&format!("{value:#}\n"))
    }

    /// Writes the reports, and the result that `--format json` promises for a command that ended early.
    pub(crate) fn finish(mut self, outcome: Outcome) -> Exit {
        let written = match &outcome {
            Err(Stop::Problems | Stop::Invalid) if self.format == Format::Json => {
                let result = json!({ "problems": self.problems_to_json() });
                self.print_json(&result)
            }
            Ok(_) | Err(_) => Ok(()),
        };
        let reports = render::reports(&self.problems, &self.sources, self.error_format, &self.io)
            + &render::further_reading(&self.problems, self.error_format);
        let written = written.and_then(|()| self.io.stderr(&reports)).and_then(|()| self.io.flush());
        match (outcome, written) {
            (Ok(exit), Ok(())) => exit,
            (Err(Stop::Problems), Ok(())) => Exit::Failure,
            (Err(Stop::Invalid), Ok(())) => Exit::Invalid,
            (Err(Stop::Output(error)), _) | (_, Err(error)) => {
                // If standard error is the stream that fails, nobody can be told.
                let _ = self.io.stderr(&format!("the output cannot be written: {error}\n"));
                Exit::Failure
            }
        }
    }
}

/// Bytes as text.
pub(crate) fn text_of_bytes(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}
