//! Problems in files that people write for the command: the manifest and files of tests.

use std::ops::Range;

use deodar_grammar::{Code, Diagnostic, SourceId, Span, codes};
use deodar_runtime::InvalidUid;

codes! {
    /// Not YAML.
    pub(crate) INVALID_YAML = Error "invalid-yaml", "a file is not YAML";
    /// Not TOML.
    pub(crate) INVALID_TOML = Error "invalid-toml", "a file is not TOML";
    /// A key that is not known there.
    pub(crate) UNKNOWN_KEY = Error "unknown-key", "a key that means nothing where it stands";
    /// A key that stands twice.
    pub(crate) REPEATED_KEY = Error "repeated-key", "a key stands twice in one object";
    /// Another kind of value than is read there.
    pub(crate) UNEXPECTED_VALUE = Error "unexpected-value", "a value is of another kind than expected";
    /// A key that must be there.
    pub(crate) MISSING_KEY = Error "missing-key", "a key is missing";
}

fn at(source: SourceId, range: &Range<usize>) -> Span {
    let offset = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
    Span { source, start: offset(range.start), end: offset(range.end) }
}

fn did_you_mean(similar: &str) -> String {
    format!("did you mean `{similar}`?")
}

fn listed(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

fn invalid(code: Code, message: &str, source: SourceId, range: &Range<usize>) -> Diagnostic {
    let message = message.replace('\n', " ");
    Diagnostic::new(code, at(source, range), message).with_label("here")
}

pub(crate) fn invalid_yaml(message: &str, source: SourceId, range: Range<usize>) -> Diagnostic {
    invalid(INVALID_YAML, message, source, &range)
        .with_help("put texts with `: `, `#`, quotes or brackets into single quotes: 'User::\"alice\"'")
}

pub(crate) fn second_document(source: SourceId, range: Range<usize>) -> Diagnostic {
    invalid(INVALID_YAML, "a second document begins here", source, &range).with_help("write it to a file of its own")
}

pub(crate) fn document_too_large(source: SourceId, range: Range<usize>) -> Diagnostic {
    invalid(INVALID_YAML, "with its aliases written out, this file exceeds 64 MiB", source, &range)
}

pub(crate) fn key_is_no_text(source: SourceId, range: Range<usize>) -> Diagnostic {
    invalid(INVALID_YAML, "a key is a text, not a list or an object", source, &range)
}

pub(crate) fn invalid_toml(message: &str, source: SourceId, range: Range<usize>) -> Diagnostic {
    invalid(INVALID_TOML, message, source, &range)
}

pub(crate) fn unreadable_value(span: Span, problem: &str) -> Diagnostic {
    Diagnostic::new(UNEXPECTED_VALUE, span, problem)
}

pub(crate) fn unknown_key(span: Span, key: &str, similar: Option<&str>, keys: &[&str]) -> Diagnostic {
    let help = similar.map_or_else(|| format!("the keys here are {}", listed(keys)), did_you_mean);
    Diagnostic::new(UNKNOWN_KEY, span, format!("there is no key `{key}` here")).with_label("unknown").with_help(help)
}

pub(crate) fn repeated_key(span: Span, key: &str) -> Diagnostic {
    Diagnostic::new(REPEATED_KEY, span, format!("`{key}` stands twice")).with_help("leave one of them out")
}

pub(crate) fn unexpected_value(span: Span, expected: &str, found: &str) -> Diagnostic {
    Diagnostic::new(UNEXPECTED_VALUE, span, format!("expected {expected}, found {found}"))
}

pub(crate) fn missing_key(span: Span, key: &str, what: &str) -> Diagnostic {
    let first = Span { end: span.start.saturating_add(1).min(span.end.max(span.start)), ..span };
    Diagnostic::new(MISSING_KEY, first, format!("this {what} has no `{key}`"))
}

/// A value that is one of a few words.
pub(crate) fn unknown_word(span: Span, word: &str, what: &str, words: &[&str]) -> Diagnostic {
    let similar = deodar_grammar::closest(word, words.iter().copied());
    let help = similar.map_or_else(|| format!("expected one of {}", listed(words)), did_you_mean);
    Diagnostic::new(UNEXPECTED_VALUE, span, format!("`{word}` is no {what}")).with_help(help)
}

pub(crate) fn both_keys(span: Span, one: &str, several: &str) -> Diagnostic {
    Diagnostic::new(UNEXPECTED_VALUE, span, format!("both `{one}` and `{several}` are given"))
        .with_help("leave one of them out")
}

/// Neither a name of the file nor an entity.
pub(crate) fn no_entity(span: Span, text: &str, error: &InvalidUid, similar: Option<&str>) -> Diagnostic {
    let problem =
        Diagnostic::new(UNEXPECTED_VALUE, span, format!("`{text}` is neither a name in this file nor an entity"));
    match similar {
        Some(similar) => problem.with_help(format!("did you mean `{similar}`?")),
        // That says how an entity is written.
        None => problem.with_optional_note(Some(error.to_string())),
    }
}

pub(crate) fn no_context(span: Span, name: &str, similar: Option<&str>) -> Diagnostic {
    let help = similar.map_or_else(
        || "name contexts under `contexts`, or write the context itself, an object".to_owned(),
        |similar| format!("did you mean `{similar}`?"),
    );
    Diagnostic::new(UNEXPECTED_VALUE, span, format!("there is no context `{name}` in this file")).with_help(help)
}

pub(crate) fn fixture_unreadable(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(UNEXPECTED_VALUE, span, format!("the entities in `{name}` cannot be read"))
        .with_help("paths in a file of tests start from the folder that it lies in")
}

pub(crate) fn row_about_nothing(span: Span) -> Diagnostic {
    Diagnostic::new(UNEXPECTED_VALUE, span, "this row is about no case of the table").with_help(
        "principal, action, resource and context are called as in the table, and an earlier row may have them",
    )
}
