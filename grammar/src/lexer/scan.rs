//! The usual tokens, told by their first bytes.
//!
//! The state machine that logos makes of [`Token`] is started for each token, and takes its input byte by byte. Nearly
//! all of a text is ASCII words, marks, comments and spaces, which one match and tight loops tell apart several times
//! faster (bench `parse`). The definition is still the one of [`Token`]: what is not obvious here is left to it, and a
//! test compares both.

use super::run;
use crate::token::{self, Token, Word};

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
pub(super) fn start(text: &str, position: usize) -> Start {
    let bytes = text.as_bytes();
    let Some(first) = bytes.get(position) else { return Start::End };
    let second = || bytes.get(position + 1).copied();
    let mark = |token| Start::Token(token, 1);
    let pair = |last, token, short| match second() {
        Some(byte) if byte == last => Start::Token(token, 2),
        Some(_) | None => short,
    };
    match *first {
        b' ' | b'\n' | b'\t' | b'\r' => Start::Space(short_run(bytes, position, |byte| matches!(byte, b' ' | b'\n'))),
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
            let end = run::word(bytes, position + 1);
            let word = Word::new(bytes.get(position..end).unwrap_or_default());
            Start::Token(Token::Word(word), end - position)
        }
        b'0'..=b'9' => Start::Token(Token::Integer, short_run(bytes, position, |byte| byte.is_ascii_digit())),
        b'"' => match token::string_rest(bytes, position + 1) {
            Ok(end) => Start::Token(Token::String, end - position),
            Err(_) => Start::Unusual,
        },
        b'/' if second() == Some(b'/') => {
            Start::Token(Token::Comment, run::until::<b'\n', b'\r'>(bytes, position + 2) - position)
        }
        b'/' => mark(Token::Slash),
        b'@' => mark(Token::At),
        b'(' => mark(Token::LeftParenthesis),
        b')' => mark(Token::RightParenthesis),
        b'{' => mark(Token::LeftBrace),
        b'}' => mark(Token::RightBrace),
        b'[' => mark(Token::LeftBracket),
        b']' => mark(Token::RightBracket),
        b',' => mark(Token::Comma),
        b';' => mark(Token::Semicolon),
        b'.' => mark(Token::Dot),
        b':' => pair(b':', Token::PathSeparator, mark(Token::Colon)),
        b'=' => pair(b'=', Token::Equal, mark(Token::Assign)),
        b'!' => pair(b'=', Token::NotEqual, mark(Token::Bang)),
        b'<' => pair(b'=', Token::LessOrEqual, mark(Token::Less)),
        b'>' => pair(b'=', Token::GreaterOrEqual, mark(Token::Greater)),
        b'&' => pair(b'&', Token::And, Start::Unusual),
        b'|' => pair(b'|', Token::Or, Start::Unusual),
        b'+' => mark(Token::Plus),
        b'-' => mark(Token::Minus),
        b'*' => mark(Token::Star),
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
