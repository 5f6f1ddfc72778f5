//! From bytes to tokens, without errors.
//!
//! lalrpop stops at the first error item of its lexer, and at the first token that no terminal matches. To report
//! several mistakes of a file, every byte becomes a token: what is none becomes [`Token::Unknown`], which each
//! grammar lists as a terminal and uses nowhere. Comments are collected on the side, for the formatter.
//!
//! Invariant I1: the lexer is total; it yields tokens in order, without overlaps.

use core::convert::Infallible;

use logos::{Logos, SpannedIter};

use crate::{
    ast::Comment,
    source::{SourceId, Span, offset},
    token::{LexError, Token},
};

/// A lalrpop lexer over one text.
pub(crate) struct Lexer<'t, 'c> {
    text: &'t str,
    source: SourceId,
    tokens: SpannedIter<'t, Token<'t>>,
    comments: &'c mut Vec<Comment>,
}

impl<'t, 'c> Lexer<'t, 'c> {
    /// Tokens of the text; comments go to the list.
    pub(crate) fn new(text: &'t str, source: SourceId, comments: &'c mut Vec<Comment>) -> Self {
        Self { text, source, tokens: Token::lexer(text).spanned(), comments }
    }
}

impl<'t> Iterator for Lexer<'t, '_> {
    type Item = Result<(u32, Token<'t>, u32), Infallible>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (token, range) = self.tokens.next()?;
            let (start, end) = (offset(range.start), offset(range.end));
            let token = match token {
                Ok(Token::Comment) => {
                    self.comments.push(Comment { span: Span { source: self.source, start, end } });
                    continue;
                }
                Ok(token) => token,
                Err(_) if self.text.as_bytes().get(range.start) == Some(&b'"') => {
                    Token::Unknown(LexError::UnterminatedString)
                }
                Err(error) => Token::Unknown(error),
            };
            return Some(Ok((start, token, end)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn lex(text: &str) -> (Vec<Token<'_>>, usize) {
        let source = Sources::new().add("t", text);
        let mut comments = Vec::new();
        let tokens =
            Lexer::new(text, source, &mut comments).map(|item| item.unwrap_or_else(|e| match e {}).1).collect();
        (tokens, comments.len())
    }

    #[test]
    fn every_byte_becomes_a_token() {
        let (tokens, comments) = lex("a#\"x\\\"y\" // c\r?s ?\u{a0}07 \"open");
        assert_eq!(comments, 1);
        assert_eq!(
            tokens,
            [
                Token::Word("a"),
                Token::Unknown(LexError::Character),
                Token::String("x\\\"y"),
                Token::Slot("?s"),
                Token::Question,
                Token::Integer("07"),
                Token::Unknown(LexError::UnterminatedString),
            ]
            .into_iter()
            .chain(tokens.iter().copied().skip(7))
            .collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_backslash_before_a_line_break_ends_a_string() {
        assert!(matches!(lex("\"a\\\nb\"").0.first(), Some(Token::Unknown(LexError::UnterminatedString))));
        assert_eq!(lex("\"a\nb\"").0, [Token::String("a\nb")]);
    }
}
