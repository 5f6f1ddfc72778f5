//! Cuts the tokens of a file into policies.
//!
//! A semicolon ends a policy and stands nowhere else, so each policy is cut before it is read: a syntax error costs one
//! policy, and errors of several policies are independent. A forgotten semicolon is noticed where the next policy must
//! have started, so that it costs no second policy. What is cut there is an error in any case, as the part before the
//! cut has no semicolon.
//!
//! One parser reads all chunks, until an error ends it: [`Token::StartPolicy`] before each chunk tells it that the policy
//! before is complete, whatever follows.

use deodar_lexicon::limits;

use crate::{
    ast::Comment,
    lexer::{Item, Lexer},
    token::Token,
};

/// Why a chunk ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The text does.
    Text,
    /// A semicolon.
    Semicolon,
    /// Another policy starts.
    NextPolicy,
    /// Too many brackets were open at the place; the tokens are left out.
    TooManyBrackets(u32, u32),
}

/// The tokens of a file for the parser, chunk by chunk.
///
/// As an iterator it ends with the file, and once behind a chunk with too many brackets; it goes on after that.
pub(crate) struct Chunks<'t> {
    lexer: Lexer<'t>,
    /// The tokens of this chunk. If it has no semicolon, the last is [`Token::Missing`], at the place of the one before.
    tokens: Vec<Item>,
    /// Why this chunk ends.
    end: End,
    /// How many of the tokens the parser has.
    position: usize,
    /// The start of the next chunk, if it was recognised by its first tokens.
    carried: Vec<Item>,
}

impl<'t> Chunks<'t> {
    pub(crate) fn new(lexer: Lexer<'t>) -> Self {
        Self { lexer, tokens: Vec::new(), end: End::Text, position: 0, carried: Vec::new() }
    }

    /// Takes everything up to the end of the text for one chunk.
    pub(crate) fn join(&mut self) {
        let mut cutter = Cutter::default();
        for item in self.lexer.by_ref() {
            cutter.take(item, &mut self.tokens);
        }
        self.end = cutter.end(End::Text);
    }

    /// The tokens of this chunk.
    pub(crate) fn tokens(&self) -> &[Item] {
        &self.tokens
    }

    /// Why this chunk ends.
    pub(crate) fn end(&self) -> End {
        self.end
    }

    /// Leaves out what the parser has not seen of this chunk.
    pub(crate) fn skip_rest(&mut self) {
        self.position = self.tokens.len();
    }

    pub(crate) fn into_comments(self) -> Vec<Comment> {
        self.lexer.into_comments()
    }

    /// Cuts the next chunk, which is empty at the end of the text.
    fn advance(&mut self) {
        self.position = 0;
        self.tokens.clear();
        let mut cutter = Cutter::default();
        for item in core::mem::take(&mut self.carried) {
            cutter.take(item, &mut self.tokens);
        }
        let end = self.cut(&mut cutter);
        self.end = cutter.end(end);
        if matches!(self.end, End::Text | End::NextPolicy)
            && let Some((start, _, end)) = self.tokens.last().copied()
        {
            self.tokens.push((start, Token::Missing, end));
        }
    }

    fn cut(&mut self, cutter: &mut Cutter) -> End {
        for item in self.lexer.by_ref() {
            if matches!(item.1, Token::At | Token::LeftParenthesis) && cutter.starts_policy(item.1, &self.tokens) {
                if item.1 == Token::LeftParenthesis {
                    self.carried.extend(self.tokens.pop());
                }
                self.carried.push(item);
                return End::NextPolicy;
            }
            cutter.take(item, &mut self.tokens);
            if item.1 == Token::Semicolon {
                return End::Semicolon;
            }
        }
        End::Text
    }
}

impl Iterator for Chunks<'_> {
    type Item = Item;

    #[inline]
    fn next(&mut self) -> Option<Item> {
        if let Some(item) = self.tokens.get(self.position) {
            self.position += 1;
            return Some(*item);
        }
        self.advance();
        let start = self.tokens.first()?.0;
        Some((start, Token::StartPolicy, start))
    }
}

/// What is known of the chunk so far.
#[derive(Debug, Default)]
struct Cutter {
    /// Whether the parenthesis of the scope was met.
    in_policy: bool,
    /// Brackets that are open.
    open: usize,
    overflow: Option<(u32, u32)>,
}

impl Cutter {
    #[inline]
    fn take(&mut self, item: Item, tokens: &mut Vec<Item>) {
        let (start, token, end) = item;
        if token.opens() {
            self.open += 1;
            self.in_policy |= token == Token::LeftParenthesis && follows_effect(tokens);
            if self.open > limits::OPEN_BRACKETS.as_usize() && self.overflow.is_none() {
                self.overflow = Some((start, end));
                *tokens = Vec::new();
            }
        } else if token.closes() {
            self.open = self.open.saturating_sub(1);
        }
        if self.overflow.is_none() {
            tokens.push(item);
        }
    }

    /// Whether `@` or `(` shows that the next policy has started: as an annotation, or as the parenthesis of an effect
    /// behind something that no word can follow.
    fn starts_policy(&self, token: Token, tokens: &[Item]) -> bool {
        if !self.in_policy || self.overflow.is_some() {
            return false;
        }
        token == Token::At
            || matches!(tokens, [.., (_, before, _), (_, Token::Permit | Token::Forbid, _)]
                if ends_operand(*before))
    }

    fn end(&self, end: End) -> End {
        self.overflow.map_or(end, |(start, stop)| End::TooManyBrackets(start, stop))
    }
}

/// Whether the last token may be an effect: a word that is not that of an annotation.
fn follows_effect(tokens: &[Item]) -> bool {
    matches!(tokens, [.., (_, word, _)] if word.is_word()) && !matches!(tokens, [.., (_, Token::At, _), _])
}

/// Whether the token can be the last one of an operand, so that no word can follow it.
fn ends_operand(token: Token) -> bool {
    if token.is_word() {
        return matches!(token, Token::True | Token::False) || !token.is_reserved();
    }
    token.closes() || matches!(token, Token::Integer | Token::String | Token::Slot)
}
