//! The layout of policies: annotations, scopes and conditions.

use super::{
    FormatOptions,
    document::{Document, Part},
    tokens::{CommentedToken, Tokens},
};
use crate::token::Token;

/// Lays tokens out. Each method takes the tokens of one form; `None` if they have another one.
#[derive(Debug)]
pub(super) struct Layout<'t, 'l> {
    tokens: &'l [CommentedToken<'t>],
    rest: &'l [&'t str],
    pub(super) options: FormatOptions,
    pub(super) document: Document<'t>,
    /// The comments of tokens that were left out; they stand before the next one.
    carried: Vec<&'t str>,
    /// Whether the comments before the next token are in the document already.
    is_led: bool,
}

impl<'t, 'l> Layout<'t, 'l> {
    pub(super) fn new(tokens: &'l Tokens<'t>, options: FormatOptions) -> Self {
        Self {
            tokens: &tokens.tokens,
            rest: &tokens.rest,
            options,
            document: Document::default(),
            carried: Vec::new(),
            is_led: false,
        }
    }

    /// All policies, with an empty line between them, and the comments after the last.
    pub(super) fn policies(mut self) -> Option<String> {
        let mut policies = Vec::new();
        while !self.tokens.is_empty() {
            self.policy()?;
            policies.push(core::mem::take(&mut self.document).print(self.options.line_width));
        }
        let mut text = policies.join("\n\n");
        text.push('\n');
        for comment in self.rest {
            text.push_str(comment);
            text.push('\n');
        }
        Some(text)
    }

    fn policy(&mut self) -> Option<()> {
        while self.next() == Some(Token::At) {
            self.annotation()?;
        }
        self.lead();
        let start = self.document.position();
        self.word()?;
        self.document.push(Part::Line);
        self.expect(Token::LeftParenthesis)?;
        self.document.group_from(start);
        self.scope()?;
        self.expect(Token::RightParenthesis)?;
        while self.next() != Some(Token::Semicolon) {
            self.document.push(Part::HardLine);
            self.condition()?;
        }
        self.expect(Token::Semicolon)
    }

    fn annotation(&mut self) -> Option<()> {
        self.expect(Token::At)?;
        self.word()?;
        if self.next() == Some(Token::LeftParenthesis) {
            self.expect(Token::LeftParenthesis)?;
            self.string()?;
            self.expect(Token::RightParenthesis)?;
        }
        self.document.push(Part::HardLine);
        Some(())
    }

    fn scope(&mut self) -> Option<()> {
        let is_plain = self.is_plain_scope();
        let (separator, indent) = (if is_plain { Part::Text(" ") } else { Part::HardLine }, self.options.indent_width);
        self.document.push(Part::Indent(indent));
        for number in 0..3 {
            if number > 0 {
                self.expect(Token::Comma)?;
            }
            if number > 0 || !is_plain {
                self.document.push(separator);
            }
            self.element()?;
        }
        if self.next() == Some(Token::Comma) {
            self.leave_out();
        }
        if !is_plain {
            self.document.push(Part::HardLine);
        }
        self.document.push(Part::Dedent(indent));
        Some(())
    }

    /// Whether no variable of the scope is constrained.
    fn is_plain_scope(&self) -> bool {
        let end = self.tokens.iter().position(|token| token.token == Token::RightParenthesis);
        let elements = self.tokens.get(..end.unwrap_or(0)).unwrap_or_default();
        elements.iter().all(|token| {
            let is_comma = token.token == Token::Comma;
            is_comma || matches!(token.token, Token::Principal | Token::Action | Token::Resource)
        }) && elements.len() <= 6
    }

    /// A variable with its constraint.
    fn element(&mut self) -> Option<()> {
        self.lead();
        let indent = self.options.indent_width;
        let start = self.document.position();
        self.word()?;
        if self.next() == Some(Token::Is) {
            let is = self.document.position();
            self.document.push(Part::Indent(indent));
            let line = self.document.position();
            self.document.push(Part::Line);
            self.word()?;
            self.document.group_from(line);
            self.document.push(Part::Line);
            self.name()?;
            self.document.push(Part::Dedent(indent));
            self.document.group_from(is);
        }
        if matches!(self.next(), Some(Token::Equal | Token::In)) {
            self.document.push(Part::Line);
            self.bump();
            self.document.group_from(start);
            self.document.push(Part::Indent(indent));
            self.document.push(Part::Line);
            self.expression()?;
            self.document.push(Part::Dedent(indent));
            self.document.group_from(start);
        }
        Some(())
    }

    fn condition(&mut self) -> Option<()> {
        let indent = self.options.indent_width;
        self.lead();
        let start = self.document.position();
        self.word()?;
        self.document.push(Part::Line);
        self.expect(Token::LeftBrace)?;
        let block = self.document.position();
        self.document.push(Part::Indent(indent));
        self.document.push(Part::Line);
        self.lead();
        let body = self.document.position();
        self.expression()?;
        self.document.group_from(body);
        self.document.push(Part::Line);
        self.document.push(Part::Dedent(indent));
        self.expect(Token::RightBrace)?;
        self.document.group_from(block);
        self.document.group_from(start);
        Some(())
    }

    /// The next token.
    pub(super) fn next(&self) -> Option<Token> {
        self.tokens.first().map(|token| token.token)
    }

    /// The token after the next.
    pub(super) fn after_next(&self) -> Option<Token> {
        self.tokens.get(1).map(|token| token.token)
    }

    /// Puts the comments before the next token into the document.
    pub(super) fn lead(&mut self) {
        if core::mem::replace(&mut self.is_led, true) {
            return;
        }
        let leading = self.tokens.first().map(|token| token.leading.as_slice()).unwrap_or_default();
        let comments: Vec<_> = self.carried.drain(..).chain(leading.iter().copied()).collect();
        if comments.is_empty() {
            return;
        }
        for comment in comments {
            self.document.push(Part::HardLine);
            self.document.push(Part::Text(comment));
        }
        self.document.push(Part::HardLine);
    }

    /// Puts the next token with its comments into the document.
    pub(super) fn bump(&mut self) {
        self.lead();
        self.is_led = false;
        let Some((token, rest)) = self.tokens.split_first() else { return };
        self.tokens = rest;
        // As the reference does, write the number itself, not its leading zeros.
        let text = if token.token == Token::Integer {
            Some(token.text.trim_start_matches('0')).filter(|digits| !digits.is_empty()).unwrap_or("0")
        } else {
            token.text
        };
        self.document.push(Part::Text(text));
        if let Some(comment) = token.trailing {
            self.document.push(Part::Text(" "));
            self.document.push(Part::Text(comment));
            self.document.push(Part::HardLine);
        }
    }

    /// Leaves out the next token, but not its comments.
    pub(super) fn leave_out(&mut self) {
        self.lead();
        self.is_led = false;
        let Some((token, rest)) = self.tokens.split_first() else { return };
        self.tokens = rest;
        self.carried.extend(token.trailing);
    }

    pub(super) fn expect(&mut self, token: Token) -> Option<()> {
        (self.next()? == token).then(|| self.bump())
    }

    pub(super) fn word(&mut self) -> Option<()> {
        self.next()?.is_word().then(|| self.bump())
    }

    pub(super) fn string(&mut self) -> Option<()> {
        matches!(self.next()?, Token::String).then(|| self.bump())
    }
}
