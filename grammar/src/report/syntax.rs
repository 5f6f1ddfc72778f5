//! What policies and schemas have in common: tokens, names, literals, annotations, limits.

use deodar_lexicon::{escape::EscapeProblem, limits::Limit};

use crate::{codes, diagnostic::Diagnostic, source::Span};

codes! {
    /// A token that cannot stand where it stands.
    pub(crate) UNEXPECTED_TOKEN = Error "unexpected-token", "a token that cannot stand here";
    /// The text ends too early.
    pub(crate) UNEXPECTED_END = Error "unexpected-end", "the text ends too early";
    /// A character that no token starts with.
    pub(crate) INVALID_CHARACTER = Error "invalid-character", "a character that the language does not use";
    /// A string without an end.
    pub(crate) UNTERMINATED_STRING = Error "unterminated-string", "a string without a closing quote";
    /// A comment between `/*` and `*/`.
    pub(crate) BLOCK_COMMENT = Error "block-comment", "a block comment";
    /// A backslash sequence that does not exist.
    pub(crate) INVALID_ESCAPE = Error "invalid-escape", "an escape that does not exist";
    /// A reserved word as part of a name.
    pub(crate) RESERVED_WORD = Error "reserved-word", "a reserved word as part of a name";
    /// `__cedar` in a name.
    pub(crate) INTERNAL_NAME = Error "internal-name", "a name that Cedar keeps for itself";
    /// An annotation that stands twice.
    pub(crate) DUPLICATE_ANNOTATION = Error "duplicate-annotation", "an annotation that stands twice";
    /// A size limit.
    pub(crate) LIMIT = Error "limit-exceeded", "a text beyond a limit";
    /// More errors than are shown.
    pub(crate) TOO_MANY = Error "too-many-errors", "more errors than are shown";
}

/// A token where others are expected; `expected` is a phrase such as "an expression or `)`".
#[cold]
pub(crate) fn unexpected_token(span: Span, token: &str, expected: &str) -> Diagnostic {
    Diagnostic::new(UNEXPECTED_TOKEN, span, format!("unexpected `{token}`{}", expecting(expected)))
        .with_label(expected_label(expected))
}

/// The end of the text where more is expected; `opened` is the innermost bracket without a counterpart.
#[cold]
pub(crate) fn unexpected_end(span: Span, expected: &str, opened: Option<(Span, &str)>) -> Diagnostic {
    let diagnostic = Diagnostic::new(UNEXPECTED_END, span, format!("unexpected end of input{}", expecting(expected)))
        .with_label(expected_label(expected));
    match opened {
        Some((place, bracket)) => diagnostic.with_place(place, format!("this `{bracket}` is not closed")),
        None => diagnostic,
    }
}

fn expecting(expected: &str) -> String {
    if expected.is_empty() { String::new() } else { format!(", expected {expected}") }
}

fn expected_label(expected: &str) -> String {
    if expected.is_empty() { String::new() } else { format!("expected {expected}") }
}

/// Text that is no token.
#[cold]
pub(crate) fn unknown(span: Span, text: &str) -> Diagnostic {
    if text.starts_with('"') { unterminated_string(span, text.ends_with('\\')) } else { invalid_character(span, text) }
}

/// A character that no token starts with.
fn invalid_character(span: Span, text: &str) -> Diagnostic {
    let help = match text.chars().next() {
        Some('\'' | '`' | '‘' | '’' | '“' | '”' | '„' | '«' | '»') => {
            Some("strings stand between double quotes: `\"text\"`".to_owned())
        }
        Some('&') => Some("write `&&` for \"and\"".to_owned()),
        Some('|') => Some("write `||` for \"or\"".to_owned()),
        Some('#') => Some("comments start with `//`".to_owned()),
        Some('≠') => Some("write `!=` for \"is not equal to\"".to_owned()),
        Some('≤') => Some("write `<=` for \"is at most\"".to_owned()),
        Some('≥') => Some("write `>=` for \"is at least\"".to_owned()),
        Some(c) if c.is_alphabetic() => {
            Some("names consist of ASCII letters, digits and `_`; other text stands between double quotes".to_owned())
        }
        Some(c) if c.is_control() || !c.is_ascii() && !c.is_alphanumeric() => {
            Some(format!("the character is U+{:04X}; remove it, or put it into a string", u32::from(c)))
        }
        _ => None,
    };
    Diagnostic::new(INVALID_CHARACTER, span, format!("`{}` is no part of the language", printable(text)))
        .with_optional_help(help)
}

/// A string without an end.
fn unterminated_string(span: Span, backslash_before_line_break: bool) -> Diagnostic {
    let help = if backslash_before_line_break {
        "a backslash cannot stand before a line break: remove it, or write `\\n` for a line break in the string"
    } else {
        "close the string with `\"`; a quote inside a string is written `\\\"`"
    };
    Diagnostic::new(UNTERMINATED_STRING, span, "this string is not closed").with_help(help)
}

/// A comment between `/*` and `*/`.
#[cold]
pub(crate) fn block_comment(span: Span) -> Diagnostic {
    Diagnostic::new(BLOCK_COMMENT, span, "comments between `/*` and `*/` are not supported")
        .with_help("start each line of the comment with `//`")
}

/// A backslash sequence that does not exist.
#[cold]
pub(crate) fn invalid_escape(span: Span, text: &str, problem: EscapeProblem) -> Diagnostic {
    if problem == EscapeProblem::CarriageReturn {
        return Diagnostic::new(
            INVALID_ESCAPE,
            span,
            "a string contains a carriage return, expected `\\r` in its place",
        )
        .with_help("end lines with a line feed alone, or write `\\r\\n` on one line");
    }
    let help = match problem {
        EscapeProblem::Unknown | EscapeProblem::Unfinished | EscapeProblem::CarriageReturn => {
            "the escapes are `\\n`, `\\r`, `\\t`, `\\\\`, `\\0`, `\\'`, `\\\"`, `\\x41` and `\\u{1F600}`; a backslash is written `\\\\`"
        }
        EscapeProblem::StarOutsidePattern => {
            "`\\*` is an escape only in the pattern of `like`; elsewhere an asterisk needs no backslash"
        }
        EscapeProblem::BadHex => {
            "`\\x` takes two hexadecimal digits, at most `\\x7F`; use `\\u{…}` for other characters"
        }
        EscapeProblem::BadUnicode => {
            "`\\u{…}` takes one to six hexadecimal digits of a character, at most `\\u{10FFFF}`, without `\\u{D800}` to `\\u{DFFF}`"
        }
    };
    Diagnostic::new(INVALID_ESCAPE, span, format!("`{}` is not a valid escape", printable(text))).with_help(help)
}

/// The text with invisible characters as escapes; quotes and backslashes stay.
fn printable(text: &str) -> String {
    let is_plain = |c: char| matches!(c, '\'' | '"' | '\\');
    text.chars().map(|c| if is_plain(c) { c.to_string() } else { c.escape_debug().to_string() }).collect()
}

/// A reserved word as part of a name.
#[cold]
pub(crate) fn reserved_word(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(RESERVED_WORD, span, format!("`{word}` is a reserved word and cannot be part of a name"))
}

/// `__cedar` in a name (Cedar RFC 52).
#[cold]
pub(crate) fn internal_name(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(INTERNAL_NAME, span, format!("the name `{name}` contains `__cedar`, which is reserved"))
        .with_help("choose another name; `__cedar` stands for the types that are built in")
}

/// An annotation that stands twice.
#[cold]
pub(crate) fn duplicate_annotation(span: Span, key: &str, first: Span) -> Diagnostic {
    Diagnostic::new(DUPLICATE_ANNOTATION, span, format!("the annotation `@{key}` stands twice"))
        .with_label("again here")
        .with_place(first, "first here")
        .with_help("an annotation can have one value; join several in one string")
}

/// A text beyond a limit.
#[cold]
pub(crate) fn limit(span: Span, limit: Limit) -> Diagnostic {
    let Limit { name, value, unit, .. } = limit;
    Diagnostic::new(LIMIT, span, format!("the text exceeds the limit `{name}` of {value} {unit}"))
}

/// More errors than are shown.
#[cold]
pub(crate) fn too_many(span: Span, dropped: usize) -> Diagnostic {
    let noun = if dropped == 1 { "error is" } else { "errors are" };
    Diagnostic::new(TOO_MANY, span, format!("{dropped} further {noun} not shown"))
}
