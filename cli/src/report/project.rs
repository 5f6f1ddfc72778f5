//! Problems with projects: the manifest, what it names, and what a check is asked for.

use deodar_grammar::{Code, Diagnostic, Span, codes};

use crate::problem::PlainProblem;

codes! {
    /// A rule of the manifest that does not exist.
    pub(crate) UNKNOWN_RULE = Error "unknown-rule", "the manifest sets the level of a rule that does not exist";
    /// A level for something that is always an error.
    pub(crate) NO_LEVEL = Error "no-level", "the manifest sets the level of an error";
    /// There is no project.
    pub(crate) NO_PROJECT = Error "no-project", "a command needs a project, and there is none";
    /// The project has no schema.
    pub(crate) NO_SCHEMA = Error "no-schema", "a project has no schema to validate against";
    /// No tests are left to run.
    pub(crate) NO_TESTS = Error "no-tests", "there are no tests to run";
    /// Git cannot say what changed.
    pub(crate) NO_CHANGES_KNOWN = Error "no-changes-known", "git cannot say what has changed";
    /// A file is not in its layout.
    pub(crate) UNFORMATTED = Warning "unformatted", "a file of policies is not in the usual layout";
    /// A comment allows something that does not exist.
    pub(crate) UNKNOWN_ALLOWANCE = Warning "unknown-allowance", "a comment allows a lint that does not exist";
    /// There are more warnings than are accepted.
    pub(crate) TOO_MANY_WARNINGS = Error "too-many-warnings", "there are more warnings than are accepted";
}

pub(crate) fn unknown_rule(span: Span, name: &str, similar: Option<&str>) -> Diagnostic {
    let help = similar.map_or_else(
        || "`deodar explain` lists the codes; those of warnings have levels".to_owned(),
        |similar| format!("did you mean `{similar}`?"),
    );
    Diagnostic::new(UNKNOWN_RULE, span, format!("there is no rule `{name}`")).with_label("unknown").with_help(help)
}

pub(crate) fn no_level(span: Span, code: Code) -> Diagnostic {
    Diagnostic::new(NO_LEVEL, span, format!("`{}` is always an error", code.name))
        .with_help("only warnings and lints have levels; leave this line out")
}

pub(crate) fn no_project(command: &str) -> PlainProblem {
    PlainProblem::new(NO_PROJECT, format!("`{command}` needs a project, and no folder from here up has a `deodar.toml`"))
        .with_help("`deodar new --name DIR --kind minimal` makes one; an empty `deodar.toml` beside the folders `policies` and `tests` is one, too")
}

/// A command that needs a schema, in a project without one.
pub(crate) fn no_schema() -> PlainProblem {
    PlainProblem::new(NO_SCHEMA, "there is no schema to validate against")
        .with_help("name its files in `schema` of `deodar.toml`, or with `--schema`")
}

pub(crate) fn no_tests() -> PlainProblem {
    PlainProblem::new(NO_TESTS, "there are no tests to run")
        .with_help("name files of tests, or the folders that hold them, in `tests` of `deodar.toml`")
}

pub(crate) fn no_changes_known(revision: &str, reason: &str) -> PlainProblem {
    PlainProblem::new(NO_CHANGES_KNOWN, format!("what has changed since `{revision}` is not known: {reason}"))
        .with_help("`--since` takes a commit, branch or tag of the repository that the current folder lies in")
}

pub(crate) fn unformatted(span: Span) -> Diagnostic {
    Diagnostic::new(UNFORMATTED, span, "this file is not in the usual layout")
        .with_label("the first line that differs")
        .with_help("`deodar check --fix` or `deodar format --write` lays it out")
}

pub(crate) fn too_many_warnings(found: usize, accepted: usize) -> PlainProblem {
    PlainProblem::new(TOO_MANY_WARNINGS, format!("there are {found} warnings, and {accepted} are accepted"))
        .with_help("mend some, accept them with `--write-baseline`, or raise `--max-warnings`")
}

/// In a comment `// deodar: allow(…)`.
pub(crate) fn unknown_allowance(span: Span, name: &str, similar: Option<&str>) -> Diagnostic {
    let help = similar.map_or_else(
        || "`deodar explain` lists the codes; warnings and lints can be allowed".to_owned(),
        |similar| format!("did you mean `{similar}`?"),
    );
    Diagnostic::new(UNKNOWN_ALLOWANCE, span, format!("there is no warning or lint `{name}`")).with_help(help)
}
