//! The usual tokens, told by their first bytes.
//!
//! The state machine that logos makes of [`Token`] is started for each token, and takes its input byte by byte. Nearly
//! all of a text is ASCII words, marks, comments and spaces, which a table and tight loops tell apart several times
//! faster (bench `parse`). What comes next is what a processor cannot foresee, so marks of all kinds take one path, which
//! a table steers, instead of a jump for each. The definition is still the one of [`Token`]: what is not obvious here is
//! left to it, and a test compares both.

use super::run;
use crate::token::{self, Token, Vocabulary};

/// What a text starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// White space of so many bytes, after which there may be more.
    Space(usize),
    /// A token of so many bytes.
    Token(Token, usize),
    /// Something else: the state machine knows.
    Unusual,
    /// Nothing.
    End,
}

/// What the text, which goes on at the position, starts with there.
#[expect(clippy::inline_always, reason = "the answer is taken apart at once, and this is done for each token")]
#[inline(always)]
pub(super) fn start(text: &str, position: usize, words: &Vocabulary) -> Start {
    let bytes = text.as_bytes();
    let Some(first) = bytes.get(position).copied() else { return Start::End };
    if first.is_ascii_alphabetic() || first == b'_' {
        let end = run::word(bytes, position + 1);
        return Start::Token(words.word(bytes, position, end), end - position);
    }
    let mark = MARKS.get(usize::from(first)).copied().unwrap_or(NO_MARK);
    let is_long = bytes.get(position + 1) == Some(&mark.second);
    let token = if is_long { mark.long } else { mark.short };
    if token == Token::Unknown {
        return other(bytes, position, first);
    }
    if token == Token::Comment {
        return Start::Token(token, run::until::<b'\n', b'\r'>(bytes, position + 2) - position);
    }
    Start::Token(token, 1 + usize::from(is_long))
}

/// What starts with neither letter nor mark.
#[expect(clippy::inline_always, reason = "as above")]
#[inline(always)]
fn other(bytes: &[u8], position: usize, first: u8) -> Start {
    match first {
        b' ' | b'\n' | b'\t' | b'\r' => Start::Space(short_run(bytes, position, |byte| matches!(byte, b' ' | b'\n'))),
        b'"' => match token::string_rest(bytes, position + 1) {
            Ok(end) => Start::Token(Token::String, end - position),
            Err(_) => Start::Unusual,
        },
        b'0'..=b'9' => Start::Token(Token::Integer, short_run(bytes, position, |byte| byte.is_ascii_digit())),
        _ => Start::Unusual,
    }
}

/// The length of a run, mostly short, of such bytes; the first one belongs to it in any case.
fn short_run(bytes: &[u8], start: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let mut end = start + 1;
    while bytes.get(end).is_some_and(|byte| belongs(*byte)) {
        end += 1;
    }
    end - start
}

/// What a byte is alone, and before a certain other one; [`Token::Unknown`] if it is no token then.
#[derive(Debug, Clone, Copy)]
struct Mark {
    short: Token,
    second: u8,
    long: Token,
}

/// No text has this byte, so nothing is before it.
const NO_BYTE: u8 = 0xff;

const NO_MARK: Mark = Mark { short: Token::Unknown, second: NO_BYTE, long: Token::Unknown };

/// The marks by their first byte.
const MARKS: [Mark; 256] = {
    const fn one(first: u8, short: Token) -> (u8, Mark) {
        (first, Mark { short, ..NO_MARK })
    }
    const fn two(first: u8, short: Token, second: u8, long: Token) -> (u8, Mark) {
        (first, Mark { short, second, long })
    }
    let mut rest: &[(u8, Mark)] = &[
        one(b'@', Token::At),
        one(b'(', Token::LeftParenthesis),
        one(b')', Token::RightParenthesis),
        one(b'{', Token::LeftBrace),
        one(b'}', Token::RightBrace),
        one(b'[', Token::LeftBracket),
        one(b']', Token::RightBracket),
        one(b',', Token::Comma),
        one(b';', Token::Semicolon),
        one(b'.', Token::Dot),
        one(b'+', Token::Plus),
        one(b'-', Token::Minus),
        one(b'*', Token::Star),
        two(b':', Token::Colon, b':', Token::PathSeparator),
        two(b'=', Token::Assign, b'=', Token::Equal),
        two(b'!', Token::Bang, b'=', Token::NotEqual),
        two(b'<', Token::Less, b'=', Token::LessOrEqual),
        two(b'>', Token::Greater, b'=', Token::GreaterOrEqual),
        two(b'&', Token::Unknown, b'&', Token::And),
        two(b'|', Token::Unknown, b'|', Token::Or),
        two(b'/', Token::Slash, b'/', Token::Comment),
    ];
    let mut marks = [NO_MARK; 256];
    while let Some(((first, mark), others)) = rest.split_first() {
        #[expect(clippy::indexing_slicing, reason = "every byte has a place among 256")]
        let place = &mut marks[*first as usize];
        *place = *mark;
        rest = others;
    }
    marks
};
