//! Operators: conditionals, chains, relations, signs.

use deodar_lexicon::Pattern;
use smol_str::SmolStr;

use super::{
    operand::{Chain, Operand, Piece},
    reader::Reader,
};
use crate::{
    ast::{AddOperator, BinaryOperator, ExprId, ExprKind, Spanned, TypeName, UnaryOperator},
    report,
    source::Span,
};

/// How many signs of one kind may stand in a row.
const MOST_SIGNS: usize = 4;

/// What stands between the operands of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RelationSign {
    /// An operator.
    Operator(BinaryOperator),
    /// `=`, which is none.
    SingleEqual,
}

/// What stands between factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MultiplySign {
    /// `*`
    Times,
    /// `/`, which Cedar does not have.
    Divide,
    /// `%`, which Cedar does not have.
    Modulo,
}

/// The path behind `has`, unless a part of it was reported.
pub(crate) type HasPath = Option<Vec<Spanned<SmolStr>>>;

/// What may follow the first operand of a relation.
#[derive(Debug)]
pub(crate) enum Tail<'t> {
    Compare(RelationSign, Operand<'t>),
    Has(HasPath),
    Like(Operand<'t>),
    Is(Operand<'t>),
}

/// A list with an optional comma at the end.
pub(crate) fn list<T>(mut items: Vec<T>, last: Option<T>) -> Vec<T> {
    items.extend(last);
    items
}

pub(crate) fn conditional<'t>(
    reader: &mut Reader,
    condition: Operand<'t>,
    then: Operand<'t>,
    otherwise: Operand<'t>,
    place: (u32, u32),
) -> Operand<'t> {
    let condition = condition.into_expr(reader);
    let then = then.into_expr(reader);
    let otherwise = otherwise.into_expr(reader);
    node(reader, ExprKind::If { condition, then, otherwise }, place)
}

pub(crate) fn or<'t>(
    reader: &mut Reader,
    first: Operand<'t>,
    rest: Vec<Operand<'t>>,
    place: (u32, u32),
) -> Operand<'t> {
    if rest.is_empty() {
        return first;
    }
    let mut operands =
        if let Piece::Chain(Chain::Or(operands)) = first.piece { operands } else { vec![first.into_expr(reader)] };
    operands.extend(rest.into_iter().map(|operand| operand.into_expr(reader)));
    Operand { piece: Piece::Chain(Chain::Or(operands)), span: reader.span(place) }
}

pub(crate) fn and<'t>(
    reader: &mut Reader,
    first: Operand<'t>,
    rest: Vec<Operand<'t>>,
    place: (u32, u32),
) -> Operand<'t> {
    if rest.is_empty() {
        return first;
    }
    let mut operands =
        if let Piece::Chain(Chain::And(operands)) = first.piece { operands } else { vec![first.into_expr(reader)] };
    operands.extend(rest.into_iter().map(|operand| operand.into_expr(reader)));
    Operand { piece: Piece::Chain(Chain::And(operands)), span: reader.span(place) }
}

pub(crate) fn sum<'t>(
    reader: &mut Reader,
    first: Operand<'t>,
    rest: Vec<(AddOperator, Operand<'t>)>,
    place: (u32, u32),
) -> Operand<'t> {
    if rest.is_empty() {
        return first;
    }
    let (start, mut terms) = if let Piece::Chain(Chain::Sum(start, terms)) = first.piece {
        (start, terms)
    } else {
        (first.into_expr(reader), Vec::new())
    };
    terms.extend(rest.into_iter().map(|(sign, operand)| (sign, operand.into_expr(reader))));
    Operand { piece: Piece::Chain(Chain::Sum(start, terms)), span: reader.span(place) }
}

pub(crate) fn product<'t>(
    reader: &mut Reader,
    first: Operand<'t>,
    rest: Vec<((MultiplySign, Span), Operand<'t>)>,
    place: (u32, u32),
) -> Operand<'t> {
    if rest.is_empty() {
        return first;
    }
    let mut factors =
        if let Piece::Chain(Chain::Product(factors)) = first.piece { factors } else { vec![first.into_expr(reader)] };
    for ((sign, span), operand) in rest {
        match sign {
            MultiplySign::Times => {}
            MultiplySign::Divide => reader.report(report::expression::division(span)),
            MultiplySign::Modulo => reader.report(report::expression::remainder(span)),
        }
        factors.push(operand.into_expr(reader));
    }
    Operand { piece: Piece::Chain(Chain::Product(factors)), span: reader.span(place) }
}

pub(crate) fn comparison((sign, span): (RelationSign, Span), right: Operand<'_>) -> (Span, Tail<'_>) {
    (span, Tail::Compare(sign, right))
}

pub(crate) fn has<'t>((_, keyword): (impl Sized, Span), path: HasPath) -> (Span, Tail<'t>) {
    (keyword, Tail::Has(path))
}

pub(crate) fn has_text<'t>(
    reader: &mut Reader,
    (_, keyword): (impl Sized, Span),
    (body, span): (&str, Span),
) -> (Span, Tail<'t>) {
    let name = reader.unescape(body, span);
    (keyword, Tail::Has(name.map(|name| vec![Spanned::new(name, span)])))
}

pub(crate) fn has_start(reader: &mut Reader, word: (&str, Span)) -> HasPath {
    reader.attribute_name(word).map(|name| vec![name])
}

pub(crate) fn has_step(reader: &mut Reader, path: HasPath, word: (&str, Span)) -> HasPath {
    let name = reader.attribute_name(word);
    let mut path = path?;
    path.push(name?);
    Some(path)
}

pub(crate) fn like((_, keyword): (impl Sized, Span), right: Operand<'_>) -> (Span, Tail<'_>) {
    (keyword, Tail::Like(right))
}

pub(crate) fn is((_, keyword): (impl Sized, Span), right: Operand<'_>) -> (Span, Tail<'_>) {
    (keyword, Tail::Is(right))
}

/// Relations do not associate: one tail, or `is` and then `in`.
pub(crate) fn relation<'t>(
    reader: &mut Reader,
    first: Operand<'t>,
    tails: Vec<(Span, Tail<'t>)>,
    place: (u32, u32),
) -> Operand<'t> {
    let mut tails = tails.into_iter();
    let Some((keyword, tail)) = tails.next() else { return first };
    let base = first.into_expr(reader);
    let second = tails.next();
    let (within, third) = match (&tail, second) {
        (Tail::Is(_), Some((_, Tail::Compare(RelationSign::Operator(BinaryOperator::In), within)))) => {
            (Some(within.into_expr(reader)), tails.next())
        }
        (_, second) => (None, second),
    };
    if let Some((further, next)) = third {
        let starts_with_in = matches!(tail, Tail::Compare(RelationSign::Operator(BinaryOperator::In), _));
        let diagnostic = if starts_with_in && matches!(next, Tail::Is(_)) {
            report::policy::in_before_is(keyword, further)
        } else {
            report::expression::chained_relation(keyword, further)
        };
        reader.report(diagnostic);
        return Operand::error(reader.span(place));
    }
    let kind = relation_kind(reader, base, (keyword, tail), within);
    node(reader, kind, place)
}

fn relation_kind(
    reader: &mut Reader,
    base: ExprId,
    (keyword, tail): (Span, Tail<'_>),
    within: Option<ExprId>,
) -> ExprKind {
    match tail {
        Tail::Compare(RelationSign::Operator(operator), right) => {
            let right = right.into_expr(reader);
            ExprKind::Binary { operator, left: base, right }
        }
        Tail::Compare(RelationSign::SingleEqual, right) => {
            right.into_expr(reader);
            reader.reject(report::expression::single_equal(keyword))
        }
        Tail::Has(Some(path)) => ExprKind::Has { base, path: path.into() },
        Tail::Has(None) => ExprKind::Error,
        Tail::Like(right) => match pattern(reader, right) {
            Some(pattern) => ExprKind::Like { base, pattern },
            None => ExprKind::Error,
        },
        Tail::Is(right) => match entity_type(reader, right) {
            Some(ty) => ExprKind::Is { base, ty, within },
            None => ExprKind::Error,
        },
    }
}

fn pattern(reader: &mut Reader, operand: Operand<'_>) -> Option<Pattern> {
    if let Piece::String(body) = operand.piece {
        return reader.unescape_pattern(body, operand.span);
    }
    if !operand.is_error(reader) {
        reader.report(report::expression::like_operand(operand.span));
        operand.discard(reader);
    }
    None
}

/// The operand of `is`: a bare name.
pub(crate) fn entity_type(reader: &mut Reader, operand: Operand<'_>) -> Option<TypeName> {
    let span = operand.span;
    if let Piece::Name(name) = operand.piece {
        return Some(TypeName { name, span });
    }
    if operand.is_error(reader) {
        return None;
    }
    let is_entity = |id| matches!(reader.exprs.kind(id), ExprKind::Entity(_));
    let diagnostic = if let Piece::String(body) = operand.piece {
        report::expression::is_string(span, body)
    } else if matches!(operand.piece, Piece::Expr(id) if is_entity(id)) {
        report::expression::is_entity(span)
    } else {
        report::expression::is_operand(span)
    };
    reader.report(diagnostic);
    operand.discard(reader);
    None
}

/// The places of a run of signs.
pub(crate) fn signs<T>(signs: Vec<(T, Span)>) -> Vec<Span> {
    signs.into_iter().map(|(_, span)| span).collect()
}

pub(crate) fn not<'t>(
    reader: &mut Reader,
    signs: Vec<Span>,
    operand: Operand<'t>,
    (_, end): (u32, u32),
) -> Operand<'t> {
    if let Some(span) = too_many(&signs) {
        reader.report(report::expression::sign_run(span, '!'));
        return Operand::error(Span { end, ..span });
    }
    let inner = operand.into_expr(reader);
    apply(reader, UnaryOperator::Not, signs, inner, end)
}

pub(crate) fn negate<'t>(
    reader: &mut Reader,
    mut signs: Vec<Span>,
    operand: Operand<'t>,
    (_, end): (u32, u32),
) -> Operand<'t> {
    if let Some(span) = too_many(&signs) {
        reader.report(report::expression::sign_run(span, '-'));
        return Operand::error(Span { end, ..span });
    }
    let inner = if let Piece::Integer(digits) = operand.piece {
        // The sign before a literal belongs to it, so that the least integer can be written.
        let sign = signs.pop().map_or(operand.span, |sign| sign.to(operand.span));
        let kind = match negative(digits) {
            Some(value) => ExprKind::Long(value),
            None => reader.reject(report::expression::negative_too_large(sign)),
        };
        reader.push(kind, sign)
    } else {
        operand.into_expr(reader)
    };
    apply(reader, UnaryOperator::Negate, signs, inner, end)
}

/// Where a run of signs is too long.
fn too_many(signs: &[Span]) -> Option<Span> {
    let (first, last) = (signs.first()?, signs.last()?);
    (signs.len() > MOST_SIGNS).then(|| first.to(*last))
}

fn negative(digits: &str) -> Option<i64> {
    let magnitude: u64 = digits.parse().ok()?;
    0_i64.checked_sub_unsigned(magnitude)
}

/// Wraps the operand in one node for each sign, from the inside out.
fn apply<'t>(reader: &mut Reader, operator: UnaryOperator, signs: Vec<Span>, inner: ExprId, end: u32) -> Operand<'t> {
    let id = signs.into_iter().rev().fold(inner, |inner, sign| {
        let span = Span { end, ..sign };
        reader.push(ExprKind::Unary(operator, inner), span)
    });
    Operand { piece: Piece::Expr(id), span: reader.exprs.span(id) }
}

/// A finished node.
pub(crate) fn node<'t>(reader: &mut Reader, kind: ExprKind, place: (u32, u32)) -> Operand<'t> {
    let span = reader.span(place);
    Operand { piece: Piece::Expr(reader.push(kind, span)), span }
}
