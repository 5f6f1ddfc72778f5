//! Cuts the tokens of a file into policies.
//!
//! A semicolon ends a policy and stands nowhere else, so each policy is read by itself: a syntax error costs one
//! policy, and errors of several policies are independent. A forgotten semicolon is noticed where the next policy must
//! have started, so that it costs no second policy. What is cut there is an error in any case, as the part before the
//! cut has no semicolon.

use deodar_lexicon::{limits, name};

use crate::token::Token;

/// A token with its place.
pub(crate) type Item<'t> = (u32, Token<'t>, u32);

/// The tokens of one policy, or what is there of it.
#[derive(Debug)]
pub(crate) struct Chunk<'t> {
    pub(crate) tokens: Vec<Item<'t>>,
    /// Why it ends.
    pub(crate) end: End,
}

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

/// The chunks of a file.
#[derive(Debug)]
pub(crate) struct Chunks<'t, Tokens> {
    tokens: Tokens,
    /// The start of a chunk that was recognised by its first tokens.
    carried: Vec<Item<'t>>,
}

impl<'t, Tokens: Iterator<Item = Item<'t>>> Chunks<'t, Tokens> {
    pub(crate) fn new(tokens: Tokens) -> Self {
        Self { tokens, carried: Vec::new() }
    }

    /// Everything up to the end of the text.
    pub(crate) fn whole(mut self) -> Chunk<'t> {
        let mut cutter = Cutter::default();
        for item in self.tokens.by_ref() {
            cutter.take(item);
        }
        cutter.finish(End::Text)
    }
}

impl Chunk<'_> {
    /// Adds the semicolon that a policy lacks, as an empty token, so that the rest of the policy can be read.
    pub(crate) fn close(&mut self) {
        let end = self.tokens.last().map_or(0, |item| item.2);
        self.tokens.push((end, Token::Semicolon, end));
    }
}

impl<'t, Tokens: Iterator<Item = Item<'t>>> Iterator for Chunks<'t, Tokens> {
    type Item = Chunk<'t>;

    fn next(&mut self) -> Option<Chunk<'t>> {
        let mut cutter = Cutter::default();
        for item in core::mem::take(&mut self.carried) {
            cutter.take(item);
        }
        for item in self.tokens.by_ref() {
            if let Some(carried) = cutter.next_policy(item) {
                self.carried = carried;
                return Some(cutter.finish(End::NextPolicy));
            }
            cutter.take(item);
            if item.1 == Token::Semicolon {
                return Some(cutter.finish(End::Semicolon));
            }
        }
        (cutter.previous.is_some()).then(|| cutter.finish(End::Text))
    }
}

/// What is known of the chunk so far.
#[derive(Debug, Default)]
struct Cutter<'t> {
    tokens: Vec<Item<'t>>,
    previous: Option<Token<'t>>,
    before_previous: Option<Token<'t>>,
    /// Whether the parenthesis of the scope was met.
    in_policy: bool,
    open: usize,
    overflow: Option<(u32, u32)>,
}

impl<'t> Cutter<'t> {
    fn take(&mut self, item: Item<'t>) {
        let (start, token, end) = item;
        if token.opens() {
            self.open += 1;
        } else if token.closes() {
            self.open = self.open.saturating_sub(1);
        }
        if self.open > limits::OPEN_BRACKETS.as_usize() && self.overflow.is_none() {
            self.overflow = Some((start, end));
            self.tokens = Vec::new();
        }
        if self.overflow.is_none() {
            self.tokens.push(item);
        }
        let annotation = self.before_previous == Some(Token::At);
        if token == Token::LeftParenthesis && matches!(self.previous, Some(Token::Word(_))) && !annotation {
            self.in_policy = true;
        }
        self.before_previous = self.previous.replace(token);
    }

    /// The first tokens of the next policy, if the token shows that one has started: an annotation, or an effect with
    /// its parenthesis behind something that no word can follow.
    fn next_policy(&mut self, item: Item<'t>) -> Option<Vec<Item<'t>>> {
        if !self.in_policy || self.overflow.is_some() {
            return None;
        }
        if item.1 == Token::At {
            return Some(vec![item]);
        }
        let effect = matches!(self.previous, Some(Token::Word("permit" | "forbid")));
        if item.1 == Token::LeftParenthesis && effect && self.before_previous.is_some_and(ends_operand) {
            let word = self.tokens.pop()?;
            return Some(vec![word, item]);
        }
        None
    }

    fn finish(self, end: End) -> Chunk<'t> {
        let end = self.overflow.map_or(end, |(start, stop)| End::TooManyBrackets(start, stop));
        Chunk { tokens: self.tokens, end }
    }
}

/// Whether the token can be the last one of an operand, so that no word can follow it.
fn ends_operand(token: Token<'_>) -> bool {
    if let Token::Word(word) = token {
        return matches!(word, "true" | "false") || !name::is_reserved(word);
    }
    token.closes() || matches!(token, Token::Integer(_) | Token::String(_) | Token::Slot(_))
}
