//! From bytes to tokens, without errors.
//!
//! lalrpop stops at the first error item of its lexer, and at the first token that no terminal matches. To report
//! several mistakes of a file, every byte becomes a token: what is none becomes [`Token::Unknown`], which each
//! grammar lists as a terminal and uses nowhere. Comments are collected on the side, for the formatter.
//!
//! Invariant I1: the lexer is total; it yields tokens in order, without overlaps.

pub(crate) mod run;
mod scan;

use logos::Logos;

use self::scan::Start;
use crate::{
    ast::Comment,
    source::{SourceId, Span, offset},
    token::{Token, Vocabulary},
};

/// A token with its place.
pub(crate) type Item = (u32, Token, u32);

/// The tokens of one text.
pub(crate) struct Lexer<'t> {
    source: SourceId,
    text: &'t str,
    words: &'static Vocabulary,
    position: usize,
    comments: Vec<Comment>,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str, source: SourceId, words: &'static Vocabulary) -> Self {
        Self { source, text, words, position: 0, comments: Vec::new() }
    }

    /// The comments that were met.
    pub(crate) fn into_comments(self) -> Vec<Comment> {
        self.comments
    }

    /// The next token by its definition, after any white space.
    #[cold]
    fn unusual(&mut self) -> Option<Item> {
        let mut tokens = Token::lexer(self.text);
        tokens.bump(self.position);
        let mut token = tokens.next()?.unwrap_or(Token::Unknown);
        let range = tokens.span();
        if token == Token::Identifier {
            token = self.words.word(self.text.as_bytes(), range.start, range.end);
        }
        self.position = range.end;
        Some((offset(range.start), token, offset(range.end)))
    }
}

impl Iterator for Lexer<'_> {
    type Item = Item;

    #[expect(clippy::inline_always, reason = "few callers, and each takes the item apart for each token")]
    #[inline(always)]
    fn next(&mut self) -> Option<Item> {
        loop {
            // One space or none stands before most tokens, and which of them cannot be foreseen: no branch for that.
            self.position += usize::from(self.text.as_bytes().get(self.position) == Some(&b' '));
            let (start, token, end) = match scan::start(self.text, self.position, self.words) {
                Start::Space(length) => {
                    self.position += length;
                    continue;
                }
                Start::Token(token, length) => {
                    let start = self.position;
                    self.position += length;
                    (offset(start), token, offset(self.position))
                }
                Start::Unusual => self.unusual()?,
                Start::End => return None,
            };
            if token != Token::Comment {
                return Some((start, token, end));
            }
            self.comments.push(Comment { span: Span { source: self.source, start, end } });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        source::Sources,
        token::{POLICIES, SCHEMAS},
    };

    fn lex(text: &str) -> (Vec<(Token, &str)>, usize) {
        lex_with(text, &POLICIES)
    }

    fn lex_with<'t>(text: &'t str, words: &'static Vocabulary) -> (Vec<(Token, &'t str)>, usize) {
        let source = Sources::new().add("t", text);
        let mut lexer = Lexer::new(text, source, words);
        let tokens = lexer
            .by_ref()
            .map(|(start, token, end)| (token, text.get(start as usize..end as usize).expect("characters")))
            .collect();
        (tokens, lexer.into_comments().len())
    }

    #[test]
    fn every_byte_becomes_a_token() {
        let (tokens, comments) = lex("a#\"x\\\"y\" // c\r?s ?\u{a0}07 \"open");
        assert_eq!(comments, 1);
        assert_eq!(
            tokens,
            [
                (Token::Identifier, "a"),
                (Token::Unknown, "#"),
                (Token::String, "\"x\\\"y\""),
                (Token::Slot, "?s"),
                (Token::Question, "?"),
                (Token::Integer, "07"),
                (Token::Unknown, "\"open"),
            ]
        );
    }

    /// All texts of up to three of these parts, and longer ones as chance has it.
    fn texts() -> impl Iterator<Item = String> {
        const PARTS: [&str; 38] = [
            "a", "Z", "_", "9", "0", "is", "\"", "\\", "/", " ", "\n", "\r", "\t", "\u{b}", "\u{a0}", "é", "😀", "\0",
            "?", "@", "(", "}", "[", ",", ";", ":", ".", "=", "!", "<", ">", "|", "&", "+", "-", "*", "%", "#",
        ];
        let count = PARTS.len();
        let part = move |index: usize| PARTS[index % count];
        let short = (0..(count + 1).pow(3)).map(move |mut number| {
            let mut text = String::new();
            while number > 0 {
                text.extend((number % (count + 1)).checked_sub(1).map(part));
                number /= count + 1;
            }
            text
        });
        // Numbers as they were drawn for xorshift.
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let long = (0..20_000).map(move |_| {
            (0..24)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    part((state >> 32) as usize)
                })
                .collect()
        });
        short.chain(long)
    }

    #[test]
    fn usual_tokens_are_those_of_the_definition() {
        for text in texts() {
            let defined: Vec<_> = Token::lexer(&text)
                .spanned()
                .map(|(token, range)| match (token, &text[range]) {
                    (Ok(Token::Identifier), "is") => (Token::Is, "is"),
                    (token, text) => (token.unwrap_or(Token::Unknown), text),
                })
                .collect();
            let comments = defined.iter().filter(|item| item.0 == Token::Comment).count();
            let defined: Vec<_> = defined.into_iter().filter(|item| item.0 != Token::Comment).collect();
            assert_eq!(lex(&text), (defined, comments), "{text:?}");
        }
    }

    #[test]
    fn known_words_are_told_apart() {
        let words = [
            ("in", Token::In, Token::In),
            ("is", Token::Is, Token::Identifier),
            ("appliesTo", Token::Identifier, Token::AppliesTo),
            ("iss", Token::Identifier, Token::Identifier),
            ("a_name_of_more_than_sixteen_bytes", Token::Identifier, Token::Identifier),
            ("\u{a0}when", Token::When, Token::Identifier),
        ];
        for (text, in_policies, in_schemas) in words {
            // Alone, and with something behind that is no part of the word.
            for end in ["", " ................"] {
                let text = format!("{text}{end}");
                for (words, token) in [(&POLICIES, in_policies), (&SCHEMAS, in_schemas)] {
                    assert_eq!(lex_with(&text, words).0.first().map(|item| item.0), Some(token), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_backslash_before_a_line_break_ends_a_string() {
        assert_eq!(lex("\"a\\\nb\"").0.first(), Some(&(Token::Unknown, "\"a\\")));
        assert_eq!(lex("\"a\nb\"").0, [(Token::String, "\"a\nb\"")]);
        assert_eq!(lex("\"\\é\"").0, [(Token::String, "\"\\é\"")]);
    }
}
