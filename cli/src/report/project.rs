//! Problems with projects: the manifest, what it names, and what a check is asked for.

use deodar_grammar::{Code, Diagnostic, Severity, Span, codes};

use crate::{
    comparison::Direction,
    problem::{PlainProblem, Problem},
};

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
    /// No test is called so.
    pub(crate) NO_SUCH_TEST = Error "no-such-test", "no test has the name that was asked for";
    /// Git cannot say what changed.
    pub(crate) NO_CHANGES_KNOWN = Error "no-changes-known", "git cannot say what has changed";
    /// One of two versions to compare is not there.
    pub(crate) NO_VERSION = Error "no-version", "there is no such version of the policies";
    /// One of two versions to compare cannot be read.
    pub(crate) VERSION_UNREADABLE = Error "version-unreadable", "a version of the policies cannot be read";
    /// A request is allowed that was denied.
    pub(crate) DECISION_WIDENED = Warning "decision-widened", "a request is allowed that was denied before";
    /// A request is denied that was allowed.
    pub(crate) DECISION_NARROWED = Warning "decision-narrowed", "a request is denied that was allowed before";
    /// A page about the policies is not that of the policies.
    pub(crate) PAGE_OUT_OF_DATE = Error "page-out-of-date", "a page about the policies is out of date";
    /// There is nothing to measure.
    pub(crate) NO_REQUESTS = Error "no-requests", "there are no requests to decide";
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

pub(crate) fn no_such_test(name: &str, similar: Option<&str>) -> PlainProblem {
    let help = similar.map_or_else(
        || "`deodar test --verbose` lists the tests; a part of a name will do".to_owned(),
        |similar| format!("did you mean `{similar}`?"),
    );
    PlainProblem::new(NO_SUCH_TEST, format!("no test is called `{name}`")).with_help(help)
}

pub(crate) fn no_changes_known(revision: &str, reason: &str) -> PlainProblem {
    PlainProblem::new(NO_CHANGES_KNOWN, format!("what has changed since `{revision}` is not known: {reason}"))
        .with_help("`--since` takes a commit, branch or tag of the repository that the current folder lies in")
}

pub(crate) fn no_version(operand: &str, reason: &str) -> PlainProblem {
    PlainProblem::new(NO_VERSION, format!("`{operand}` is no version to compare: {reason}"))
        .with_help("name a folder, a `deodar.toml`, a file of policies, a bundle, or a revision of git: `main`, `HEAD~3`, `main:path`")
}

pub(crate) fn version_unreadable(operand: &str, errors: usize) -> PlainProblem {
    let count = crate::output::counted(errors, "error");
    PlainProblem::new(VERSION_UNREADABLE, format!("`{operand}` cannot be read: {count}"))
        .with_help("both versions must be without errors; compare with one that is")
}

/// `words` are the kind of requests and the reasons before and now; `test` is a request as a test.
pub(crate) fn decision_differs(
    direction: Direction,
    words: &[String; 3],
    test: &str,
    at: Option<Span>,
    fails: bool,
) -> Problem {
    let code = match direction {
        Direction::Widened => DECISION_WIDENED,
        Direction::Narrowed => DECISION_NARROWED,
    };
    let [kind, before, after] = words;
    let message = format!("{}: {kind}", direction.words());
    let note = format!("before: {before}\nnow: {after}");
    let Some(span) = at else {
        return PlainProblem::new(code, format!("{message}\n{note}")).with_help(format!("as a test:\n{test}")).into();
    };
    let severity = if fails { Severity::Error } else { Severity::Warning };
    Diagnostic::new(code, span, message)
        .with_optional_note(Some(note))
        .with_help(format!("as a test:\n{test}"))
        .at_severity(severity)
        .into()
}

pub(crate) fn page_out_of_date(path: &str) -> PlainProblem {
    PlainProblem::new(PAGE_OUT_OF_DATE, format!("`{path}` does not say what the policies say"))
        .with_help(format!("write it anew: deodar doc --output {path}"))
}

pub(crate) fn no_requests() -> PlainProblem {
    PlainProblem::new(NO_REQUESTS, "there are no requests to decide")
        .with_help("write tests, or name a file of requests with `--requests`")
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
