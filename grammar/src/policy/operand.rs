//! What a piece of expression text stands for before its use is known.
//!
//! `"a"` may be a string, an attribute name, a pattern or a record key; `User` a variable, a type or a function; `x.y`
//! an attribute or half of a method call; `a && b` a whole chain or the start of a longer one. So the grammar passes
//! operands, and a node is added to the arena only when its meaning is settled. That keeps the arena free of nodes that
//! nothing refers to, and makes a chain cost one node however it is parenthesised on the left.

use deodar_lexicon::name;
use smol_str::SmolStr;

use super::reader::Reader;
use crate::{
    ast::{AddOperator, ExprId, ExprKind, Spanned, TypeName, Variable},
    report,
    source::Span,
};

/// A piece of text with its place, which includes no enclosing parentheses.
#[derive(Debug)]
pub(crate) struct Operand<'t> {
    pub(crate) piece: Piece<'t>,
    pub(crate) span: Span,
}

/// The forms of an [`Operand`]. Only the form counts: `("a")` is an `Expr`, not a `String`.
#[derive(Debug)]
pub(crate) enum Piece<'t> {
    /// Reported already.
    Error,
    /// In the arena.
    Expr(ExprId),
    /// A bare name, perhaps a variable.
    Name(SmolStr),
    /// The body of a string literal, its escapes not yet resolved.
    String(&'t str),
    /// The digits of an integer literal.
    Integer(&'t str),
    /// `true` or `false`.
    Bool(bool),
    /// An attribute, or the receiver and name of a method.
    Attribute { base: ExprId, name: Spanned<SmolStr> },
    /// A chain that may grow.
    Chain(Chain),
}

/// A chain of operands of one level.
#[derive(Debug)]
pub(crate) enum Chain {
    And(Vec<ExprId>),
    Or(Vec<ExprId>),
    Sum(ExprId, Vec<(AddOperator, ExprId)>),
    Product(Vec<ExprId>),
}

impl Operand<'_> {
    pub(crate) fn error(span: Span) -> Self {
        Self { piece: Piece::Error, span }
    }

    /// Gives the operand up, after it was reported as a whole: what is in it needs no further remark.
    pub(crate) fn discard(self, reader: &mut Reader) {
        match self.piece {
            Piece::Error | Piece::Name(_) | Piece::String(_) | Piece::Integer(_) | Piece::Bool(_) => {}
            Piece::Expr(id) | Piece::Attribute { base: id, .. } => reader.discard(vec![id]),
            Piece::Chain(Chain::And(operands) | Chain::Or(operands) | Chain::Product(operands)) => {
                reader.discard(operands);
            }
            Piece::Chain(Chain::Sum(first, rest)) => {
                reader.discard(core::iter::once(first).chain(rest.into_iter().map(|(_, operand)| operand)).collect());
            }
        }
    }

    /// Whether something was reported that makes a remark about the form needless.
    pub(crate) fn is_error(&self, reader: &Reader) -> bool {
        match self.piece {
            Piece::Error => true,
            Piece::Expr(id) => matches!(reader.exprs.kind(id), ExprKind::Error),
            Piece::Name(_)
            | Piece::String(_)
            | Piece::Integer(_)
            | Piece::Bool(_)
            | Piece::Attribute { .. }
            | Piece::Chain(_) => false,
        }
    }

    /// The operand as a node of the arena.
    pub(crate) fn into_expr(self, reader: &mut Reader) -> ExprId {
        let span = self.span;
        let kind = match self.piece {
            Piece::Error => return reader.push_error(span),
            Piece::Expr(id) => return id,
            Piece::Name(name) => name_kind(name, span),
            Piece::String(body) => match reader.unescape(body, span) {
                Some(text) => ExprKind::String(text),
                None => ExprKind::Error,
            },
            Piece::Integer(digits) => match integer(digits) {
                Some(value) => ExprKind::Long(value),
                None => reader.reject(report::expression::integer_too_large(span)),
            },
            Piece::Bool(value) => ExprKind::Bool(value),
            Piece::Attribute { base, name } => ExprKind::Attribute { base, name },
            Piece::Chain(Chain::And(operands)) => ExprKind::And(operands.into()),
            Piece::Chain(Chain::Or(operands)) => ExprKind::Or(operands.into()),
            Piece::Chain(Chain::Sum(first, rest)) => ExprKind::Sum { first, rest: rest.into() },
            Piece::Chain(Chain::Product(operands)) => ExprKind::Product(operands.into()),
        };
        reader.push(kind, span)
    }
}

fn name_kind(name: SmolStr, span: Span) -> ExprKind {
    match Variable::from_name(&name) {
        Some(variable) => ExprKind::Variable(variable),
        None => ExprKind::Name(TypeName { name, span }),
    }
}

/// The value of the digits, if it is a 64-bit integer.
fn integer(digits: &str) -> Option<i64> {
    digits.parse().ok()
}

/// A qualified name on the way.
#[derive(Debug)]
pub(crate) struct Path<'t> {
    first: &'t str,
    /// All of it, once there is more than one component.
    joined: Option<String>,
    span: Span,
    /// Whether a component is `__cedar`.
    internal: bool,
    /// Whether something was reported.
    broken: bool,
}

impl<'t> Path<'t> {
    pub(crate) fn new(_: &mut Reader, (first, span): (&'t str, Span)) -> Self {
        Self { first, joined: None, span, internal: first == INTERNAL, broken: false }
    }

    pub(crate) fn step(mut self, reader: &mut Reader, (word, span): (&'t str, Span)) -> Self {
        if word == INTERNAL {
            self.internal = true;
        } else if name::is_reserved(word) {
            reader.report(report::syntax::reserved_word(span, word));
            self.broken = true;
        }
        let joined = self.joined.get_or_insert_with(|| self.first.to_owned());
        joined.push_str("::");
        joined.push_str(word);
        self.span = self.span.to(span);
        self
    }

    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// The name, unless it was reported.
    pub(crate) fn finish(self, reader: &mut Reader) -> Option<TypeName> {
        let text = self.joined.as_deref().unwrap_or(self.first);
        if self.internal {
            reader.report(report::syntax::internal_name(self.span, text));
        }
        (!self.internal && !self.broken).then(|| TypeName { name: SmolStr::new(text), span: self.span })
    }
}

/// The component that Cedar keeps for itself (Cedar RFC 52).
const INTERNAL: &str = "__cedar";
