//! From bytes to tokens, without errors.
//!
//! lalrpop stops at the first error item of its lexer, and at the first token that no terminal matches. To report
//! several mistakes of a file, every byte becomes a token: what is none becomes [`Token::Unknown`], which each
//! grammar lists as a terminal and uses nowhere. Comments are collected on the side, for the formatter.
//!
//! Invariant I1: the lexer is total; it yields tokens in order, without overlaps.

use logos::Logos;

use crate::{
    ast::Comment,
    source::{SourceId, Span, offset},
    token::Token,
};

/// A token with its place.
pub(crate) type Item = (u32, Token, u32);

/// The tokens of one text.
pub(crate) struct Lexer<'t> {
    source: SourceId,
    tokens: logos::Lexer<'t, Token>,
    comments: Vec<Comment>,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str, source: SourceId) -> Self {
        Self { source, tokens: Token::lexer(text), comments: Vec::new() }
    }

    /// Goes over the usual white space. The tokens leave out any kind, but start their state machine for it.
    fn skip_space(&mut self) {
        let rest = self.tokens.remainder().as_bytes();
        let space = rest.iter().position(|byte| !matches!(byte, b' ' | b'\n')).unwrap_or(rest.len());
        if space > 0 {
            self.tokens.bump(space);
        }
    }

    /// The comments that were met.
    pub(crate) fn into_comments(self) -> Vec<Comment> {
        self.comments
    }
}

impl Iterator for Lexer<'_> {
    type Item = Item;

    #[inline]
    fn next(&mut self) -> Option<Item> {
        loop {
            self.skip_space();
            let token = self.tokens.next()?;
            let range = self.tokens.span();
            let (start, end) = (offset(range.start), offset(range.end));
            match token {
                Ok(Token::Comment) => {
                    self.comments.push(Comment { span: Span { source: self.source, start, end } });
                }
                Ok(token) => return Some((start, token, end)),
                Err(error) => return Some((start, Token::Unknown(error), end)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        source::Sources,
        token::{LexError, Word},
    };

    fn lex(text: &str) -> (Vec<(Token, &str)>, usize) {
        let source = Sources::new().add("t", text);
        let mut lexer = Lexer::new(text, source);
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
                (Token::Word(Word::Other), "a"),
                (Token::Unknown(LexError::Character), "#"),
                (Token::String, "\"x\\\"y\""),
                (Token::Slot, "?s"),
                (Token::Question, "?"),
                (Token::Integer, "07"),
                (Token::Unknown(LexError::UnterminatedString), "\"open"),
            ]
        );
    }

    #[test]
    fn known_words_are_told_apart() {
        let words =
            [("is", Word::Is), ("appliesTo", Word::AppliesTo), ("iss", Word::Other), ("__cedar", Word::Internal)];
        for (text, word) in words {
            assert_eq!(lex(text).0, [(Token::Word(word), text)]);
        }
    }

    #[test]
    fn a_backslash_before_a_line_break_ends_a_string() {
        let unterminated = Token::Unknown(LexError::UnterminatedString);
        assert_eq!(lex("\"a\\\nb\"").0.first(), Some(&(unterminated, "\"a\\")));
        assert_eq!(lex("\"a\nb\"").0, [(Token::String, "\"a\nb\"")]);
        assert_eq!(lex("\"\\é\"").0, [(Token::String, "\"\\é\"")]);
    }
}
