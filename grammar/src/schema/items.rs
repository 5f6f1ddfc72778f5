//! Cuts the tokens of a schema into items.
//!
//! An item is a declaration with its `;`, the head of a namespace with its `{`, or a lone `}`. Two cuts serve texts
//! with mistakes only: before a `}` that closes nothing inside the item, and before the keyword of a declaration that
//! stands where none can, since the `;` before it was probably forgotten. Text without mistakes is never cut there.

use core::iter::Peekable;

use crate::{lexer::Item, token::Token};

/// The words that start a declaration or a namespace, after annotations.
pub(crate) const STARTERS: [(Token, &str); 5] = [
    (Token::Action, "action"),
    (Token::Entity, "entity"),
    (Token::External, "external"),
    (Token::Namespace, "namespace"),
    (Token::Type, "type"),
];

/// The other words that are followed by a name, which may be any word.
const INTRODUCERS: [Token; 2] = [Token::In, Token::Tags];

fn is_starter(token: Token) -> bool {
    STARTERS.iter().any(|(starter, _)| *starter == token)
}

/// Iterates over items, one buffer for all.
pub(crate) struct Items<I: Iterator<Item = Item>> {
    rest: Peekable<I>,
    item: Vec<Item>,
}

impl<I: Iterator<Item = Item>> Items<I> {
    /// The items of these tokens.
    pub(crate) fn new(tokens: I) -> Self {
        Self { rest: tokens.peekable(), item: Vec::new() }
    }

    /// The tokens of the current item.
    pub(crate) fn tokens(&self) -> &[Item] {
        &self.item
    }

    /// Whether nothing follows the current item.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.rest.peek().is_none()
    }

    /// Gives the current item a `;` if it was cut before its end, as an empty token; says whether it did.
    pub(crate) fn close(&mut self) -> bool {
        let (_, last, end) = self.last_written();
        let is_closed = matches!(last, Token::Semicolon | Token::LeftBrace) || self.is_only(Token::RightBrace);
        if !is_closed {
            self.item.push((end, Token::Semicolon, end));
        }
        !is_closed
    }

    /// The last token of the current item that is in the text.
    pub(crate) fn last_written(&self) -> Item {
        let mut written = self.item.iter().rev().filter(|(start, _, end)| start < end);
        written.next().copied().unwrap_or((0, Token::Semicolon, 0))
    }

    /// Whether the current item opens a namespace, broken or not: nothing else is cut after a `{`.
    pub(crate) fn opens_namespace(&self) -> bool {
        self.item.last().is_some_and(|(_, token, _)| *token == Token::LeftBrace)
    }

    /// Whether the current item is this token alone.
    pub(crate) fn is_only(&self, token: Token) -> bool {
        matches!(self.item.as_slice(), [(_, only, _)] if *only == token)
    }

    /// Where the current item starts and ends.
    pub(crate) fn bounds(&self) -> (u32, u32) {
        let start = self.item.first().map_or(0, |(start, _, _)| *start);
        (start, self.item.last().map_or(start, |(_, _, end)| *end))
    }

    /// Goes to the next item; `false` at the end.
    pub(crate) fn advance(&mut self) -> bool {
        self.item.clear();
        let mut state = State::default();
        while let Some(&(_, token, _)) = self.rest.peek() {
            if state.ends_before(token) {
                break;
            }
            self.item.extend(self.rest.next());
            if state.ends_after(token) {
                break;
            }
        }
        !self.item.is_empty()
    }
}

/// What was seen of an item.
#[derive(Debug, Default)]
struct State {
    /// The word that says what the item is.
    starter: Option<Token>,
    previous: Option<Token>,
    /// Brackets that are open.
    depth: usize,
}

impl State {
    fn ends_before(&self, token: Token) -> bool {
        if self.depth > 0 {
            return false;
        }
        if token == Token::RightBrace {
            return self.previous.is_some();
        }
        is_starter(token) && self.starter.is_some() && self.is_complete()
    }

    /// Whether a name cannot follow.
    fn is_complete(&self) -> bool {
        let Some(previous) = self.previous else { return false };
        if previous.is_word() {
            return !is_starter(previous) && !INTRODUCERS.contains(&previous);
        }
        matches!(previous, Token::RightBrace | Token::RightBracket | Token::Greater | Token::String)
    }

    fn ends_after(&mut self, token: Token) -> bool {
        let previous = self.previous.replace(token);
        if token.is_word() && previous != Some(Token::At) {
            self.starter = self.starter.or(Some(token));
        }
        if matches!(token, Token::LeftBrace | Token::LeftBracket | Token::LeftParenthesis | Token::Less) {
            self.depth += 1;
        }
        if matches!(token, Token::RightBrace | Token::RightBracket | Token::RightParenthesis | Token::Greater) {
            self.depth = self.depth.saturating_sub(1);
        }
        token == Token::Semicolon
            || token == Token::RightBrace && previous.is_none()
            || token == Token::LeftBrace && self.starter == Some(Token::Namespace)
    }
}
