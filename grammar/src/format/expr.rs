//! The layout of expressions.
//!
//! Tokens are taken in order; open brackets and conditionals lie on a stack of contexts. A group often begins before
//! its operator is seen, as in `principal.name like …`, so a context remembers where its current relation, sum, product
//! and member began, and they become groups when they end.

use super::{clause::Layout, document::Part};
use crate::token::Token;

/// Something open in which operands and operators follow each other.
#[derive(Debug)]
struct Context {
    kind: Kind,
    relation: Extent,
    sum: Extent,
    product: Extent,
    member: Member,
}

/// What a context is the inside of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The whole expression.
    Whole,
    /// `( … )`, which began there.
    Parentheses(usize),
    /// `[ … ]`
    List,
    /// `{ … }`, whose group began there.
    Record(usize),
    /// The arguments of a call.
    Arguments,
    /// `e[ … ]`
    Index,
    /// `if … then … else …`, which began there.
    If(usize),
}

/// Where a form began, and whether it is more than one operand.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    start: usize,
    is_group: bool,
    /// Whether the right side is indented.
    is_indented: bool,
}

/// An operand with its accesses.
#[derive(Debug, Clone, Copy, Default)]
struct Member {
    start: usize,
    accesses: usize,
    ends_in_field: bool,
}

/// What is expected next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Operand,
    Operator,
    Done,
}

impl Context {
    fn new(kind: Kind, position: usize) -> Self {
        let mut context = Self {
            kind,
            relation: Extent::default(),
            sum: Extent::default(),
            product: Extent::default(),
            member: Member::default(),
        };
        context.start_relation(position);
        context
    }

    fn start_relation(&mut self, position: usize) {
        self.relation = Extent { start: position, ..Extent::default() };
        self.start_sum(position);
    }

    fn start_sum(&mut self, position: usize) {
        self.sum = Extent { start: position, ..Extent::default() };
        self.start_product(position);
    }

    fn start_product(&mut self, position: usize) {
        self.product = Extent { start: position, ..Extent::default() };
        self.start_member(position);
    }

    fn start_member(&mut self, position: usize) {
        self.member = Member { start: position, ..Member::default() };
    }
}

impl Layout<'_, '_> {
    /// An expression, up to a token that cannot continue it.
    pub(super) fn expression(&mut self) -> Option<()> {
        let mut contexts = vec![Context::new(Kind::Whole, self.document.position())];
        let mut next = Next::Operand;
        while next != Next::Done {
            next = match next {
                Next::Operand => self.operand(&mut contexts)?,
                Next::Operator | Next::Done => self.operator(&mut contexts)?,
            };
        }
        Some(())
    }

    /// The start of an operand.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other tokens are alike")]
    fn operand(&mut self, contexts: &mut Vec<Context>) -> Option<Next> {
        let position = self.document.position();
        match self.next()? {
            Token::If => {
                self.keyword();
                contexts.push(Context::new(Kind::If(position), self.document.position()));
                Some(Next::Operand)
            }
            Token::Bang | Token::Minus => {
                self.bump();
                contexts.last_mut()?.start_member(self.document.position());
                Some(Next::Operand)
            }
            Token::LeftParenthesis => {
                self.bump();
                self.document.push(Part::Indent(1));
                contexts.push(Context::new(Kind::Parentheses(position), self.document.position()));
                Some(Next::Operand)
            }
            Token::LeftBracket => {
                self.bump();
                self.document.push(Part::Indent(1));
                if self.next() == Some(Token::RightBracket) {
                    self.document.push(Part::Dedent(1));
                    self.bump();
                    return Some(Next::Operator);
                }
                contexts.push(Context::new(Kind::List, self.document.position()));
                Some(Next::Operand)
            }
            Token::LeftBrace => self.record(contexts),
            Token::Integer | Token::String | Token::Slot => {
                self.bump();
                Some(Next::Operator)
            }
            token if token.is_word() => self.name().map(|()| Next::Operator),
            _ => None,
        }
    }

    /// `if`, `then` or `else`, behind which lines are indented.
    fn keyword(&mut self) {
        self.bump();
        self.document.push(Part::Indent(self.options.indent_width));
        self.document.push(Part::Line);
    }

    /// A path, and the id if it is an entity.
    pub(super) fn name(&mut self) -> Option<()> {
        self.word()?;
        while self.next() == Some(Token::PathSeparator) {
            self.bump();
            self.next().is_some_and(|token| token.is_word() || token == Token::String).then(|| self.bump())?;
        }
        Some(())
    }

    fn record(&mut self, contexts: &mut Vec<Context>) -> Option<Next> {
        self.bump();
        let start = self.document.position();
        if self.next() == Some(Token::RightBrace) {
            self.bump();
            return Some(Next::Operator);
        }
        self.document.push(Part::Indent(self.options.indent_width));
        self.document.push(Part::Line);
        self.key()?;
        contexts.push(Context::new(Kind::Record(start), self.document.position()));
        Some(Next::Operand)
    }

    fn key(&mut self) -> Option<()> {
        self.next().is_some_and(|token| token.is_word() || token == Token::String).then(|| self.bump())?;
        self.expect(Token::Colon)?;
        self.document.push(Part::Text(" "));
        Some(())
    }

    /// What follows an operand.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other tokens are alike")]
    fn operator(&mut self, contexts: &mut Vec<Context>) -> Option<Next> {
        let context = contexts.last_mut()?;
        match self.next()? {
            token @ (Token::Dot | Token::LeftBracket | Token::LeftParenthesis) => self.access(token, contexts),
            Token::Star => {
                self.end_member(context);
                context.product.is_group = true;
                self.infix(Part::Line);
                context.start_member(self.document.position());
                Some(Next::Operand)
            }
            Token::Plus | Token::Minus => {
                self.end_product(context);
                context.sum.is_group = true;
                self.infix(Part::Line);
                context.start_product(self.document.position());
                Some(Next::Operand)
            }
            Token::And | Token::Or => {
                self.end_relation(context);
                self.infix(Part::Line);
                context.start_relation(self.document.position());
                Some(Next::Operand)
            }
            token => match relation(token) {
                Some(relation) => {
                    self.relation(context, relation);
                    Some(Next::Operand)
                }
                None => self.close(contexts),
            },
        }
    }

    /// An operator behind a space.
    fn infix(&mut self, after: Part<'static>) {
        self.document.push(Part::Text(" "));
        self.bump();
        self.document.push(after);
    }

    fn relation(&mut self, context: &mut Context, relation: Relation) {
        let space = Part::Text(" ");
        let indent = self.options.indent_width;
        self.end_sum(context);
        // `in` behind `is T`.
        if core::mem::take(&mut context.relation.is_indented) {
            self.document.push(Part::Dedent(indent));
        }
        let within = context.relation.is_group;
        context.relation.is_group |= relation != Relation::Common;
        match relation {
            Relation::Common if !within => self.infix(space),
            Relation::Is => self.infix(space),
            Relation::Common => {
                self.document.push(Part::Line);
                self.bump();
                self.document.push(space);
            }
            Relation::Test => {
                self.document.push(Part::Line);
                self.bump();
                self.document.push(Part::Line);
            }
        }
        if context.relation.is_group {
            self.document.push(Part::Indent(indent));
            context.relation.is_indented = true;
        }
        context.start_sum(self.document.position());
    }

    /// `.name`, `[…]` or `(…)` behind an operand.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other tokens are alike")]
    fn access(&mut self, token: Token, contexts: &mut Vec<Context>) -> Option<Next> {
        let indent = self.options.indent_width;
        let member = &mut contexts.last_mut()?.member;
        if member.accesses == 0 {
            self.document.push(Part::Indent(indent));
        } else if !(member.ends_in_field && token == Token::LeftParenthesis) {
            // A method's name and its arguments stay together.
            self.document.push(Part::SoftLine);
        }
        member.accesses += 1;
        member.ends_in_field = token == Token::Dot;
        self.bump();
        match token {
            Token::Dot => {
                self.word()?;
                return Some(Next::Operator);
            }
            Token::LeftParenthesis if self.next() == Some(Token::RightParenthesis) => {
                self.bump();
                return Some(Next::Operator);
            }
            Token::LeftParenthesis => {
                self.document.push(Part::Indent(indent));
                self.document.push(Part::SoftLine);
                contexts.push(Context::new(Kind::Arguments, self.document.position()));
            }
            _ => contexts.push(Context::new(Kind::Index, self.document.position())),
        }
        Some(Next::Operand)
    }

    /// The end of what the innermost context holds, or of an element of it.
    fn close(&mut self, contexts: &mut Vec<Context>) -> Option<Next> {
        let context = contexts.last_mut()?;
        self.end_relation(context);
        let (kind, indent) = (context.kind, self.options.indent_width);
        match (kind, self.next()?) {
            (Kind::Whole, _) => return Some(Next::Done),
            (Kind::If(_), Token::Then | Token::Else) => {
                self.document.push(Part::Dedent(indent));
                self.document.push(Part::Line);
                self.keyword();
                context.start_relation(self.document.position());
                return Some(Next::Operand);
            }
            (Kind::If(start), _) => {
                self.document.push(Part::Dedent(indent));
                self.document.group_from(start);
            }
            (Kind::List | Kind::Record(_) | Kind::Arguments, Token::Comma) if !self.is_last_comma(kind) => {
                self.bump();
                self.document.push(Part::Line);
                if matches!(kind, Kind::Record(_)) {
                    self.key()?;
                }
                context.start_relation(self.document.position());
                return Some(Next::Operand);
            }
            (Kind::List | Kind::Record(_) | Kind::Arguments, Token::Comma) => {
                self.leave_out();
                return Some(Next::Operator);
            }
            (Kind::Parentheses(start), Token::RightParenthesis) => {
                self.document.push(Part::Dedent(1));
                self.bump();
                self.document.group_from(start);
            }
            (Kind::List, Token::RightBracket) => {
                self.document.push(Part::Dedent(1));
                self.bump();
            }
            (Kind::Record(start), Token::RightBrace) => {
                self.document.push(Part::Line);
                self.document.push(Part::Dedent(indent));
                self.document.group_from(start);
                self.bump();
            }
            (Kind::Arguments, Token::RightParenthesis) => {
                self.document.push(Part::Dedent(indent));
                self.document.push(Part::SoftLine);
                self.bump();
            }
            (Kind::Index, Token::RightBracket) => self.bump(),
            _ => return None,
        }
        contexts.pop();
        Some(Next::Operator)
    }

    /// Whether the comma stands before the closing bracket; such a comma is left out.
    fn is_last_comma(&self, kind: Kind) -> bool {
        let closing = match kind {
            Kind::List | Kind::Index => Token::RightBracket,
            Kind::Record(_) => Token::RightBrace,
            Kind::Arguments | Kind::Parentheses(_) | Kind::Whole | Kind::If(_) => Token::RightParenthesis,
        };
        self.after_next() == Some(closing)
    }

    fn end_member(&mut self, context: &mut Context) {
        if core::mem::take(&mut context.member.accesses) > 0 {
            self.document.push(Part::Dedent(self.options.indent_width));
        }
        self.document.group_from(context.member.start);
    }

    fn end_product(&mut self, context: &mut Context) {
        self.end_member(context);
        self.end(context.product);
    }

    fn end_sum(&mut self, context: &mut Context) {
        self.end_product(context);
        self.end(context.sum);
    }

    fn end_relation(&mut self, context: &mut Context) {
        self.end_sum(context);
        if core::mem::take(&mut context.relation.is_indented) {
            self.document.push(Part::Dedent(self.options.indent_width));
        }
        self.end(context.relation);
        // An element that is followed by a comma which is left out ends twice.
        context.start_relation(self.document.position());
    }

    fn end(&mut self, extent: Extent) {
        if extent.is_group {
            self.document.group_from(extent.start);
        }
    }
}

/// How a relation is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// Between spaces.
    Common,
    /// `is`, between spaces; `in` may follow on a line of its own.
    Is,
    /// `has` and `like`, where lines may break.
    Test,
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other tokens are alike")]
fn relation(token: Token) -> Option<Relation> {
    match token {
        Token::Equal
        | Token::NotEqual
        | Token::Less
        | Token::LessOrEqual
        | Token::Greater
        | Token::GreaterOrEqual
        | Token::In => Some(Relation::Common),
        Token::Is => Some(Relation::Is),
        Token::Has | Token::Like => Some(Relation::Test),
        _ => None,
    }
}
