//! What is reported, in the form that other programs take: every place as file, line and column.
//!
//! The fingerprint of a finding stays when lines move: it is made of the code, the policy, and the text that the report
//! marks, without its spaces.

use deodar_grammar::{Diagnostic, Sources, Span};
use serde_json::{Value, json};

use crate::problem::Problem;

/// A problem for other programs.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) note: Option<String>,
    pub(crate) help: Option<String>,
    /// The policy that it lies in.
    pub(crate) policy: Option<String>,
    /// The main place first; nothing for a problem outside of texts.
    pub(crate) places: Vec<Place>,
    pub(crate) fingerprint: String,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
}

impl Severity {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A place in a file, counted from one; the end is the first character behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) end_line: u32,
    pub(crate) end_column: u32,
    pub(crate) label: String,
}

impl Place {
    pub(crate) fn of(sources: &Sources, span: Span, label: &str) -> Self {
        let start = sources.position(span);
        let end = sources.position(Span { start: span.end.max(span.start), ..span });
        Self {
            file: sources.name(span.source).to_owned(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            label: label.to_owned(),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "file": self.file, "line": self.line, "column": self.column,
            "end_line": self.end_line, "end_column": self.end_column, "label": self.label,
        })
    }
}

impl Finding {
    /// `root` leads to the project: in fingerprints, paths start from there.
    pub(crate) fn of(problem: &Problem, sources: &Sources, root: &str) -> Self {
        match problem {
            Problem::Text(diagnostic) => Self::in_text(diagnostic, None, sources, root),
            Problem::Policy(policy, diagnostic) => Self::in_text(diagnostic, Some(policy), sources, root),
            Problem::Plain(plain) => Self {
                severity: Severity::Error,
                code: plain.code().name,
                message: plain.message().to_owned(),
                note: None,
                help: plain.help().map(str::to_owned),
                policy: None,
                places: Vec::new(),
                fingerprint: fingerprint(&[plain.code().name, plain.message()]),
            },
        }
    }

    fn in_text(diagnostic: &Diagnostic, policy: Option<&str>, sources: &Sources, root: &str) -> Self {
        let places = diagnostic.labels().iter().map(|label| Place::of(sources, label.span, &label.text));
        let snippet: String = sources.slice(diagnostic.span()).split_whitespace().collect();
        // A policy without an `@id` is called by its position, which is no more stable than a line.
        let name = policy.filter(|id| !is_counted(id)).unwrap_or_default();
        let file = sources.name(diagnostic.span().source);
        // A policy with a name may move to another file.
        let file = if name.is_empty() { file.strip_prefix(root).unwrap_or(file) } else { "" };
        Self {
            severity: if diagnostic.is_error() { Severity::Error } else { Severity::Warning },
            code: diagnostic.code().name,
            message: diagnostic.message().to_owned(),
            note: diagnostic.note().map(str::to_owned),
            help: diagnostic.help().map(str::to_owned),
            policy: policy.map(str::to_owned),
            places: places.collect(),
            fingerprint: fingerprint(&[diagnostic.code().name, file, name, &snippet]),
        }
    }

    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "severity": self.severity.name(),
            "code": self.code,
            "message": self.message,
            "note": self.note,
            "help": self.help,
            "policy": self.policy,
            "places": self.places.iter().map(Place::to_json).collect::<Vec<_>>(),
            "fingerprint": self.fingerprint,
        })
    }
}

/// Whether an id is one that the command counts.
pub(crate) fn is_counted(id: &str) -> bool {
    let digits = id.rsplit('#').next().unwrap_or(id).strip_prefix("policy");
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// FNV-1a of the parts: it need not be secure, and it must not change between versions.
fn fingerprint(parts: &[&str]) -> String {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}
