//! The result of a command that reports, in the format that a person or program asked for.
//!
//! `text` and `json` are written by each command, as `cedar` users know them. All other formats are written here, from
//! one value: what was found, and what became of the tests. So a format is one file and one row.

pub(crate) mod escape;
mod github;
mod json;
mod junit;
mod markdown;
mod plain;
mod sarif;
mod text;

use clap::ValueEnum;

pub(crate) use self::{
    escape::markdown as escape_markdown,
    json::{RESULTS_OF, to_json},
    text::{failure_to_text, summary_to_text},
};
use crate::{args::Format, finding::Finding, suite::TestRun};

/// The formats of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum OutputFormat {
    /// Text for people: reports with the lines they are about, on standard error
    #[default]
    #[value(alias = "pretty")]
    Text,
    /// One line for each finding, for editors and `grep`
    Plain,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for test reports
    Junit,
    /// Workflow commands of GitHub: annotations on lines
    Github,
    /// Markdown, for a comment on a pull request
    Markdown,
}

/// Writes results in one format.
type Writer = fn(&Results<'_>) -> String;

impl OutputFormat {
    /// How commands write their own results.
    pub(crate) const fn of_command(self) -> Format {
        match self {
            Self::Json => Format::Json,
            Self::Text | Self::Plain | Self::Sarif | Self::Junit | Self::Github | Self::Markdown => Format::Text,
        }
    }

    /// What writes the format instead of the command.
    pub(crate) fn writer(self) -> Option<Writer> {
        match self {
            Self::Text | Self::Json => None,
            Self::Plain => Some(plain::write),
            Self::Sarif => Some(sarif::write),
            Self::Junit => Some(junit::write),
            Self::Github => Some(github::write),
            Self::Markdown => Some(markdown::write),
        }
    }
}

/// What a command has to say.
#[derive(Debug)]
pub(crate) struct Results<'r> {
    pub(crate) command: &'static str,
    /// Whether the command succeeds.
    pub(crate) ok: bool,
    /// Whether it could do its work.
    pub(crate) has_run: bool,
    pub(crate) findings: Vec<Finding>,
    pub(crate) tests: Option<&'r TestRun>,
    /// Findings that the baseline accepts.
    pub(crate) accepted: usize,
    /// What the command has to say beside findings and tests, in a few words each.
    pub(crate) notes: &'r [String],
    /// The same for programs.
    pub(crate) members: &'r [(&'static str, serde_json::Value)],
}

/// How many there are of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Summary {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Results<'_> {
    pub(crate) fn summary(&self) -> Summary {
        let errors = self.findings.iter().filter(|finding| finding.is_error()).count();
        let counts = self.tests.map(TestRun::counts).unwrap_or_default();
        Summary {
            errors,
            warnings: self.findings.len() - errors,
            passed: counts.passed,
            failed: counts.failed,
            skipped: counts.skipped,
        }
    }
}

/// A count with its noun, in the plural if it must be.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}
