//! One run of a command: what it has read, what it reports, how it ends.

use std::io;

use deodar_compiler::Mode;
use deodar_grammar::{SourceId, Sources};
use serde_json::{Value, json};

use crate::{
    args::{ErrorFormat, Format},
    finding::Finding,
    io::Io,
    output::{self, OutputFormat, Results, summary_to_text},
    problem::Problem,
    project::{Levels, Project},
    render, report,
    suite::TestRun,
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
    /// A command that `cedar` does not have cannot do its work.
    CannotRun,
}

impl Exit {
    /// The exit code, as `cedar` has it.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Deny | Self::CannotRun => 2,
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
    /// The same, and they keep a command that `cedar` does not have from its work.
    CannotRun,
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

/// How the result of a run is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) format: OutputFormat,
    /// The name of the command.
    pub(crate) command: &'static str,
    /// Whether standard error stays empty.
    pub(crate) quiet: bool,
}

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
    /// What flags need not say.
    pub(crate) project: Option<Project>,
    /// The tests that ran.
    pub(crate) tests: Option<TestRun>,
    /// How many findings the baseline accepts.
    pub(crate) accepted: usize,
    /// What the command has to say beside findings and tests, in a few words each.
    pub(crate) notes: Vec<String>,
    /// The same for programs: members of the result in JSON.
    pub(crate) members: Vec<(&'static str, Value)>,
    output: Output,
    /// Whether people have seen the reports.
    shown: bool,
    /// The result in the format that was asked for, if the command writes it itself.
    result: Option<String>,
    /// What standard input was read for.
    stdin_used_for: Option<&'static str>,
}

impl<'s> Session<'s> {
    pub(crate) fn new(mut io: Io<'s>, output: Output, error_format: ErrorFormat) -> Self {
        if output.format.writer().is_some() {
            io.hold();
        }
        Self {
            io,
            sources: Sources::new(),
            format: output.format.of_command(),
            error_format,
            problems: Vec::new(),
            project: None,
            tests: None,
            accepted: 0,
            notes: Vec::new(),
            members: Vec::new(),
            output,
            shown: false,
            result: None,
            stdin_used_for: None,
        }
    }

    /// What there is to say so far.
    pub(crate) fn results(&self, ok: bool) -> Results<'_> {
        Results {
            command: self.output.command,
            ok,
            has_run: true,
            findings: self.problems.iter().map(|problem| Finding::of(problem, &self.sources, self.root())).collect(),
            tests: self.tests.as_ref(),
            accepted: self.accepted,
            notes: &self.notes,
            members: &self.members,
        }
    }

    /// The problems, to keep only some of them.
    pub(crate) fn problems_mut(&mut self) -> &mut Vec<Problem> {
        &mut self.problems
    }

    /// What leads from the current folder to that of the project.
    pub(crate) fn root(&self) -> &str {
        self.project.as_ref().map(|project| project.root.as_str()).unwrap_or_default()
    }

    /// How much findings count in this project.
    pub(crate) fn levels(&self) -> Levels {
        self.project.as_ref().map(|project| project.manifest.levels.clone()).unwrap_or_default()
    }

    /// Writes the result and the reports of a run that others follow.
    pub(crate) fn show_reports(&mut self) -> io::Result<()> {
        if let Some(write) = self.output.format.writer() {
            let text = write(&self.results(!self.has_errors()));
            self.io.result(&text)?;
        }
        self.write_reports()
    }

    /// Whether the result is written from what is reported, in a format that commands do not know of.
    pub(crate) fn writes_reports(&self) -> bool {
        self.output.format.writer().is_some()
    }

    /// The format of the result.
    pub(crate) fn output_format(&self) -> OutputFormat {
        self.output.format
    }

    /// The result in a format that is usually written from what is reported.
    pub(crate) fn set_result(&mut self, text: String) {
        self.result = Some(text);
    }

    /// Writes to people, if they read along: what a format of results says is not said twice.
    pub(crate) fn people(&mut self, text: &str) -> io::Result<()> {
        let read_along = !self.output.quiet && self.output.format.writer().is_none();
        if read_along { self.io.stderr(text) } else { Ok(()) }
    }

    /// Writes the reports for people now, before what follows from them.
    pub(crate) fn write_reports_first(&mut self) -> io::Result<()> {
        self.io.flush()?;
        self.write_reports()?;
        self.shown = true;
        self.io.flush()
    }

    /// Forgets what was read and reported.
    pub(crate) fn renew(&mut self) {
        self.sources = Sources::new();
        self.problems.clear();
        self.notes.clear();
        self.members.clear();
        (self.project, self.tests, self.accepted, self.stdin_used_for) = (None, None, 0, None);
        self.shown = false;
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

    /// How many problems there are, to take later ones back with [`Self::take_reports_for_text`].
    pub(crate) fn mark(&self) -> usize {
        self.problems.len()
    }

    /// Takes back the problems since the mark, as reports; where another format has all problems, they stay.
    pub(crate) fn take_reports_for_text(&mut self, mark: usize) -> String {
        if self.output.format.writer().is_some() {
            return String::new();
        }
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

    /// How policies of the project are checked.
    pub(crate) fn mode(&self) -> Mode {
        let is_permissive = self.project.as_ref().is_some_and(|project| project.manifest.check.permissive);
        if is_permissive { Mode::Permissive } else { Mode::Strict }
    }

    /// Writes findings, tests and notes: to people one line, which `line` makes of the sentence that says them, or JSON.
    pub(crate) fn print_results(&mut self, ok: bool, line: impl FnOnce(String) -> String) -> io::Result<()> {
        let results = self.results(ok);
        match self.format {
            Format::Text => {
                let line = line(summary_to_text(&results));
                self.io.stdout(&format!("{line}\n"))
            }
            Format::Json => {
                let json = output::to_json(&results);
                self.print_json(&json)
            }
        }
    }

    /// Writes one JSON object to standard output.
    pub(crate) fn print_json(&mut self, value: &Value) -> io::Result<()> {
        self.io.stdout(&format!("{value:#}\n"))
    }

    /// Whether the JSON of the command is that of findings and tests.
    fn has_results(&self) -> bool {
        output::RESULTS_OF.contains(&self.output.command)
    }

    /// Writes the reports, and the result that `--format json` promises for a command that ended early.
    pub(crate) fn finish(mut self, outcome: Outcome) -> Exit {
        let written = match (&outcome, self.output.format.writer()) {
            (_, Some(write)) => {
                let has_run = outcome.as_ref().is_ok_and(|exit| *exit != Exit::CannotRun);
                let results = || write(&Results { has_run, ..self.results(matches!(outcome, Ok(Exit::Success))) });
                let text = self.result.clone().unwrap_or_else(results);
                self.io.result(&text)
            }
            (Err(Stop::CannotRun), None) if self.format == Format::Json && self.has_results() => {
                let result = output::to_json(&self.results(false));
                self.print_json(&result)
            }
            (Err(Stop::Problems | Stop::Invalid | Stop::CannotRun), None) if self.format == Format::Json => {
                let result = json!({ "problems": self.problems_to_json() });
                self.print_json(&result)
            }
            (Ok(_) | Err(_), None) => Ok(()),
        };
        let written = written.and_then(|()| self.write_reports()).and_then(|()| self.io.flush());
        match (outcome, written) {
            (Ok(exit), Ok(())) => exit,
            (Err(Stop::Problems), Ok(())) => Exit::Failure,
            (Err(Stop::Invalid), Ok(())) => Exit::Invalid,
            (Err(Stop::CannotRun), Ok(())) => Exit::CannotRun,
            (Err(Stop::Output(error)), _) | (_, Err(error)) => {
                // If standard error is the stream that fails, nobody can be told.
                let _ = self.io.stderr(&format!("the output cannot be written: {error}\n"));
                Exit::Failure
            }
        }
    }

    /// Writes the reports for people, where they are not in the result already.
    fn write_reports(&mut self) -> io::Result<()> {
        if self.shown || self.output.quiet || self.output.format.writer().is_some() {
            return Ok(());
        }
        let reports = render::reports(&self.problems, &self.sources, self.error_format, &self.io)
            + &render::further_reading(&self.problems, self.error_format);
        self.io.stderr(&reports)
    }
}

/// Bytes as text.
pub(crate) fn text_of_bytes(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}
