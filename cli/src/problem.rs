//! Something that keeps a command from its work, or that people should know.
//!
//! Most problems lie in a text and are [`Diagnostic`]s; a missing file or flag lies in none.

use deodar_grammar::{Code, Diagnostic, Sources};
use miette::MietteDiagnostic;
use serde_json::{Value, json};
use smol_str::SmolStr;

/// One problem.
#[derive(Debug)]
pub(crate) enum Problem {
    /// In a text.
    Text(Diagnostic),
    /// In the text of a policy, template or link, with its id.
    Policy(SmolStr, Diagnostic),
    /// In the command line, or around a file.
    Plain(PlainProblem),
}

/// A problem without a place in a text.
#[derive(Debug)]
pub(crate) struct PlainProblem {
    code: Code,
    message: String,
    help: Option<String>,
}

impl PlainProblem {
    /// Call it from the constructors of `report` only.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None }
    }

    /// What the user can do.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn code(&self) -> Code {
        self.code
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The form that miette's handlers render.
    pub(crate) fn to_miette(&self) -> MietteDiagnostic {
        let diagnostic = MietteDiagnostic::new(&self.message).with_code(self.code.name);
        match &self.help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    }
}

impl From<Diagnostic> for Problem {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Text(diagnostic)
    }
}

impl From<PlainProblem> for Problem {
    fn from(problem: PlainProblem) -> Self {
        Self::Plain(problem)
    }
}

impl Problem {
    /// What is said of a text.
    pub(crate) fn diagnostic(&self) -> Option<&Diagnostic> {
        match self {
            Self::Text(diagnostic) | Self::Policy(_, diagnostic) => Some(diagnostic),
            Self::Plain(_) => None,
        }
    }

    /// Whether it keeps a command from its work.
    pub(crate) fn is_error(&self) -> bool {
        match self {
            Self::Text(diagnostic) | Self::Policy(_, diagnostic) => diagnostic.is_error(),
            Self::Plain(_) => true,
        }
    }

    /// For `--format json`: everything about the problem, with lines and columns.
    pub(crate) fn to_json(&self, sources: &Sources) -> Value {
        match self {
            Self::Text(diagnostic) => diagnostic_to_json(diagnostic, sources),
            Self::Policy(policy, diagnostic) => {
                let mut problem = diagnostic_to_json(diagnostic, sources);
                if let Some(object) = problem.as_object_mut() {
                    object.insert("policy".to_owned(), json!(policy));
                }
                problem
            }
            Self::Plain(plain) => json!({
                "severity": "error", "code": plain.code.name, "message": plain.message, "help": plain.help,
            }),
        }
    }
}

fn diagnostic_to_json(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let places = diagnostic.labels().iter().map(|label| {
        let at = sources.position(label.span);
        json!({
            "file": sources.name(label.span.source), "line": at.line, "column": at.column,
            "offset": label.span.start, "length": label.span.range().len(), "label": label.text,
        })
    });
    json!({
        "severity": if diagnostic.is_error() { "error" } else { "warning" },
        "code": diagnostic.code().name,
        "message": diagnostic.message(),
        "note": diagnostic.note(),
        "help": diagnostic.help(),
        "places": places.collect::<Vec<_>>(),
    })
}
