//! Problems in JSON files that the command reads: requests, tests, links, entities.

use deodar_grammar::{Code, Diagnostic, Severity, SourceId, Span, codes};
use deodar_lexicon::json::{JsonError, Value};
use deodar_runtime::{InputError, InvalidUid};

codes! {
    /// Not JSON.
    pub(crate) INVALID_JSON = Error "invalid-json", "a file is not JSON";
    /// Another form than the command reads.
    pub(crate) UNEXPECTED_JSON = Error "unexpected-json", "a JSON file has another form than expected";
    /// A member that must be there.
    pub(crate) MISSING_MEMBER = Error "missing-member", "a JSON object lacks a member";
    /// A value that should be an entity.
    pub(crate) JSON_NOT_AN_ENTITY = Error "request-not-an-entity", "a part of a request is not the name of an entity";
    /// A path that leads out of the folder of the tests.
    pub(crate) OUTSIDE_OF_TESTS = Error "outside-of-tests", "a test names a file outside of its folder";
}

pub(crate) fn invalid_json(error: &JsonError, source: SourceId) -> Diagnostic {
    let start = offset(error.offset);
    Diagnostic::new(INVALID_JSON, Span { source, start, end: start }, error.problem.to_string()).with_label("here")
}

pub(crate) fn unexpected_json(value: Value<'_>, source: SourceId, expected: &str) -> Diagnostic {
    let message = format!("expected {expected}, found {}", value.kind().describe());
    Diagnostic::new(UNEXPECTED_JSON, start_of(value, source), message)
}

pub(crate) fn missing_member(value: Value<'_>, source: SourceId, name: &str, what: &str) -> Diagnostic {
    let message = format!("this {what} has no `{name}`");
    Diagnostic::new(MISSING_MEMBER, start_of(value, source), message)
}

pub(crate) fn json_not_an_entity(value: Value<'_>, source: SourceId, error: &InvalidUid) -> Diagnostic {
    Diagnostic::new(JSON_NOT_AN_ENTITY, span(value, source), error.to_string())
        .with_help(r#"in JSON the quotes are escaped: "User::\"alice\"""#)
}

pub(crate) fn not_a_slot(key: Value<'_>, source: SourceId) -> Diagnostic {
    Diagnostic::new(UNEXPECTED_JSON, span(key, source), "the slots of a template are `?principal` and `?resource`")
}

/// Data that the run time refuses; `base` is where the data starts in the source.
pub(crate) fn input(error: &InputError, source: SourceId, base: usize) -> Diagnostic {
    let at = error.offset().and_then(|offset| usize::try_from(offset).ok()).unwrap_or(0);
    let start = offset(base.saturating_add(at));
    input_at(error, Span { source, start, end: start })
}

/// Data that the run time refuses, at a place in another text than the run time has read.
pub(crate) fn input_at(error: &InputError, span: Span) -> Diagnostic {
    let code = Code { name: error.code().name(), severity: Severity::Error, title: error.code().title() };
    let path = error.path().filter(|path| !path.is_empty());
    Diagnostic::new(code, span, error.message())
        .with_label(path.map_or_else(|| "here".to_owned(), |path| format!("at `{path}`")))
        .with_optional_help(error.help().map(str::to_owned))
}

/// A file of entities that a test names must lie beside the tests.
pub(crate) fn outside_of_tests(value: Value<'_>, source: SourceId) -> Diagnostic {
    Diagnostic::new(OUTSIDE_OF_TESTS, span(value, source), "this file lies outside of the folder of the tests")
        .with_help("keep entities beside the tests or below")
}

/// All of a value.
pub(crate) fn span(value: Value<'_>, source: SourceId) -> Span {
    let range = value.span();
    Span { source, start: offset(range.start), end: offset(range.end) }
}

/// The first byte of a value: objects and arrays may be long.
fn start_of(value: Value<'_>, source: SourceId) -> Span {
    let start = offset(value.span().start);
    Span { source, start, end: start.saturating_add(1) }
}

fn offset(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
