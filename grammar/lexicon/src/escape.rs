//! The escapes of string literals and of `like` patterns.
//!
//! They are those of Rust's string literals: `\n \r \t \\ \0 \' \"`, `\xNN` up to `7F`, and `\u{…}` with one to six
//! hexadecimal digits of a scalar value. A carriage return must be escaped, as in Rust; a line feed need not. A pattern
//! knows one more escape, `\*`, a literal asterisk; an asterisk by its code, `\x2A`, is a wildcard all the same. All
//! bad escapes of a literal are reported, not only the first.

use core::ops::Range;

use smol_str::{SmolStr, SmolStrBuilder};

use crate::pattern::{Pattern, PatternElement};

/// An escape that the language does not have, as a byte range of the literal's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscapeError {
    /// Where the escape stands, relative to the start of the body.
    pub range: Range<usize>,
    /// What is wrong with it.
    pub problem: EscapeProblem,
}

/// Why an escape is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EscapeProblem {
    /// No such escape, as in `\q`.
    Unknown,
    /// `\*` outside a `like` pattern.
    StarOutsidePattern,
    /// `\x` needs two hexadecimal digits, at most `7F`.
    BadHex,
    /// `\u{…}` needs one to six hexadecimal digits of a Unicode scalar value.
    BadUnicode,
    /// A backslash ends the text.
    Unfinished,
    /// A carriage return that is written as itself, perhaps as part of a line break of two characters.
    CarriageReturn,
}

/// The text that the body of a string literal (without its quotes) stands for.
///
/// # Errors
/// Every bad escape of the body.
pub fn unescape(body: &str) -> Result<SmolStr, Vec<EscapeError>> {
    // Bytes suffice, as both are ASCII, and are faster to look at than characters.
    if !body.bytes().any(|byte| matches!(byte, b'\\' | b'\r')) {
        return Ok(SmolStr::new(body));
    }
    let mut text = SmolStrBuilder::new();
    decode(body, false, |c| text.push(c.char()))?;
    Ok(text.finish())
}

/// The pattern that the body of a `like` literal (without its quotes) stands for.
///
/// # Errors
/// Every bad escape of the body.
pub fn unescape_pattern(body: &str) -> Result<Pattern, Vec<EscapeError>> {
    let mut elements = Vec::new();
    decode(body, true, |c| {
        elements.push(match c {
            Decoded::Char('*') => PatternElement::Wildcard,
            Decoded::Char(c) => PatternElement::Char(c),
            Decoded::Star => PatternElement::Char('*'),
        });
    })?;
    Ok(Pattern::new(elements))
}

/// The body of a string literal that stands for `text`: quotes, backslashes and characters that do not print are
/// escaped.
pub fn escape(text: &str) -> impl core::fmt::Display + '_ {
    text.escape_debug()
}

/// One character of a literal.
enum Decoded {
    /// However it is written.
    Char(char),
    /// `\*`
    Star,
}

impl Decoded {
    fn char(&self) -> char {
        match self {
            Self::Char(c) => *c,
            Self::Star => '*',
        }
    }
}

/// Calls `emit` with every character of the literal.
fn decode(body: &str, pattern: bool, mut emit: impl FnMut(Decoded)) -> Result<(), Vec<EscapeError>> {
    let mut errors = Vec::new();
    let mut rest = body;
    while let Some(c) = rest.chars().next() {
        let start = body.len() - rest.len();
        if c != '\\' {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            if c == '\r' {
                errors.push(EscapeError { range: start..start + 1, problem: EscapeProblem::CarriageReturn });
            }
            emit(Decoded::Char(c));
            continue;
        }
        let (length, outcome) = escape_at(rest, pattern);
        match outcome {
            Ok(c) => emit(c),
            Err(problem) => errors.push(EscapeError { range: start..start + length, problem }),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// The length of the escape that `text` starts with, and what it stands for.
fn escape_at(text: &str, pattern: bool) -> (usize, Result<Decoded, EscapeProblem>) {
    let Some(kind) = text.chars().nth(1) else { return (1, Err(EscapeProblem::Unfinished)) };
    let plain = |c| (2, Ok(Decoded::Char(c)));
    match kind {
        'n' => plain('\n'),
        'r' => plain('\r'),
        't' => plain('\t'),
        '\\' => plain('\\'),
        '0' => plain('\0'),
        '\'' => plain('\''),
        '"' => plain('"'),
        '*' if pattern => (2, Ok(Decoded::Star)),
        '*' => (2, Err(EscapeProblem::StarOutsidePattern)),
        'x' => hex_escape(text),
        'u' => unicode_escape(text),
        other => (1 + other.len_utf8(), Err(EscapeProblem::Unknown)),
    }
}

fn hex_escape(text: &str) -> (usize, Result<Decoded, EscapeProblem>) {
    let digits = text.get(2..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
    let code = digits.and_then(|d| u8::from_str_radix(d, 16).ok());
    match code {
        Some(code) if code <= 0x7F => (4, Ok(Decoded::Char(char::from(code)))),
        Some(_) => (4, Err(EscapeProblem::BadHex)),
        None => (2, Err(EscapeProblem::BadHex)),
    }
}

fn unicode_escape(text: &str) -> (usize, Result<Decoded, EscapeProblem>) {
    let inner = text.strip_prefix("\\u{").and_then(|rest| rest.split_once('}')).map(|(digits, _)| digits);
    let Some(digits) = inner else { return (2, Err(EscapeProblem::BadUnicode)) };
    let length = "\\u{}".len() + digits.len();
    // Rust's literals allow `_` between the digits, not before them.
    let plain: String = digits.chars().filter(|c| *c != '_').collect();
    let well_formed =
        !digits.starts_with('_') && (1..=6).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_hexdigit());
    let scalar = u32::from_str_radix(&plain, 16).ok().and_then(char::from_u32);
    match scalar {
        Some(c) if well_formed => (length, Ok(Decoded::Char(c))),
        _ => (length, Err(EscapeProblem::BadUnicode)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_escapes_of_rust_literals_are_understood() {
        assert_eq!(unescape(r#"a\n\r\t\\\0\'\"\x41\u{1F600}"#).as_deref(), Ok("a\n\r\t\\\0'\"A\u{1F600}"));
        assert_eq!(unescape("plain\nline").as_deref(), Ok("plain\nline"));
    }

    #[test]
    fn every_bad_escape_is_reported_where_it_stands() {
        let errors = unescape(r"\q ok \x80 \u{110000} \*").expect_err("four bad escapes");
        let found: Vec<_> = errors.into_iter().map(|e| (e.range, e.problem)).collect();
        assert_eq!(
            found,
            [
                (0..2, EscapeProblem::Unknown),
                (6..10, EscapeProblem::BadHex),
                (11..21, EscapeProblem::BadUnicode),
                (22..24, EscapeProblem::StarOutsidePattern),
            ]
        );
    }

    #[test]
    fn a_carriage_return_must_be_escaped() {
        assert_eq!(unescape("a\nb").as_deref(), Ok("a\nb"));
        let errors = unescape("a\r\nb").expect_err("a carriage return");
        assert_eq!(errors, [EscapeError { range: 1..2, problem: EscapeProblem::CarriageReturn }]);
    }

    #[test]
    fn only_the_star_escape_makes_a_literal_star_in_a_pattern() {
        let pattern = unescape_pattern(r"*\*\x2a\u{2A}").expect("a pattern");
        let star = PatternElement::Char('*');
        let wildcard = PatternElement::Wildcard;
        assert_eq!(pattern.elements(), [wildcard, star, wildcard, wildcard]);
    }

    #[test]
    fn printing_and_reading_a_literal_are_inverse() {
        for text in ["", "a", "\"quoted\" \\ back", "\u{0}\u{7f}\u{80}\n\r\t", "e\u{301} \u{202e} 🦀"] {
            assert_eq!(unescape(&escape(text).to_string()).as_deref(), Ok(text));
        }
    }
}
