//! Operators: conditionals, chains, relations, signs.

use deodar_lexicon::Pattern;
use smol_str::SmolStr;

use super::{
    chain::ChainKind,
    operand::{Operand, Piece, Place},
    reader::{Reader, take},
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

/// How many attributes follow `has`, unless one of them was reported.
pub(crate) type HasPath = Option<u32>;

/// What may follow the first operand of a relation.
#[derive(Debug)]
pub(crate) enum Tail {
    Compare(RelationSign, Operand),
    Has(Option<Box<[Spanned<SmolStr>]>>),
    Like(Operand),
    Is(Operand),
}

/// Adds to the elements of a list, of which there are `count`.
pub(crate) fn element(reader: &mut Reader<'_>, count: u32, operand: Operand) -> u32 {
    let id = operand.into_expr(reader);
    reader.elements.push(id);
    count + 1
}

pub(crate) fn conditional(
    reader: &mut Reader<'_>,
    condition: Operand,
    then: Operand,
    otherwise: Operand,
    place: Place,
) -> Operand {
    let condition = condition.into_expr(reader);
    let then = then.into_expr(reader);
    let otherwise = otherwise.into_expr(reader);
    node(reader, ExprKind::If { condition, then, otherwise }, place)
}

/// A chain with one more operand. A chain on its left, in parentheses or not, goes on.
pub(crate) fn chain(
    reader: &mut Reader<'_>,
    kind: ChainKind,
    left: Operand,
    sign: Option<AddOperator>,
    right: Operand,
    place: Place,
) -> Operand {
    let id = match left.piece {
        Piece::Chain(left_kind, id) if left_kind == kind => id,
        Piece::Chain(..)
        | Piece::Error
        | Piece::Expr(_)
        | Piece::Name { .. }
        | Piece::Entity(_)
        | Piece::String
        | Piece::Integer
        | Piece::Bool(_)
        | Piece::Attribute { .. } => {
            let first = left.into_expr(reader);
            reader.chains.start(first)
        }
    };
    let operand = right.into_expr(reader);
    reader.chains.extend(id, sign, operand);
    Operand { piece: Piece::Chain(kind, id), place }
}

pub(crate) fn has_text(reader: &mut Reader<'_>, text: Place) -> HasPath {
    let name = reader.unescape(text)?;
    reader.path.push(Spanned::new(name, reader.span(text)));
    Some(1)
}

pub(crate) fn has_start(reader: &mut Reader<'_>, word: Place) -> HasPath {
    let name = reader.attribute_name(word)?;
    reader.path.push(name);
    Some(1)
}

pub(crate) fn has_step(reader: &mut Reader<'_>, path: HasPath, word: Place) -> HasPath {
    let name = reader.attribute_name(word);
    let count = path?;
    let Some(name) = name else {
        drop(take(&mut reader.path, count));
        return None;
    };
    reader.path.push(name);
    Some(count + 1)
}

/// Relations do not associate: one tail, or `is` and then `in`.
pub(crate) fn relation(reader: &mut Reader<'_>, first: Operand, tails: u32, place: Place) -> Operand {
    let base = first.into_expr(reader);
    if tails == 1
        && let Some((keyword, tail)) = reader.tails.pop()
    {
        let kind = relation_kind(reader, base, (keyword, tail), None);
        return node(reader, kind, place);
    }
    let tails: Vec<_> = take(&mut reader.tails, tails).collect();
    several_tails(reader, base, tails, place)
}

fn several_tails(reader: &mut Reader<'_>, base: ExprId, tails: Vec<(Place, Tail)>, place: Place) -> Operand {
    let mut tails = tails.into_iter();
    let Some((keyword, tail)) = tails.next() else { return Operand::error(place) };
    let second = tails.next();
    let (within, third) = match (&tail, second) {
        (Tail::Is(_), Some((_, Tail::Compare(RelationSign::Operator(BinaryOperator::In), within)))) => {
            (Some(within.into_expr(reader)), tails.next())
        }
        (_, second) => (None, second),
    };
    if let Some((further, next)) = third {
        let (keyword, further) = (reader.span(keyword), reader.span(further));
        let starts_with_in = matches!(tail, Tail::Compare(RelationSign::Operator(BinaryOperator::In), _));
        let diagnostic = if starts_with_in && matches!(next, Tail::Is(_)) {
            report::policy::in_before_is(keyword, further)
        } else {
            report::expression::chained_relation(keyword, further)
        };
        reader.report(diagnostic);
        return Operand::error(place);
    }
    let kind = relation_kind(reader, base, (keyword, tail), within);
    node(reader, kind, place)
}

fn relation_kind(
    reader: &mut Reader<'_>,
    base: ExprId,
    (keyword, tail): (Place, Tail),
    within: Option<ExprId>,
) -> ExprKind {
    match tail {
        Tail::Compare(RelationSign::Operator(operator), right) => {
            let right = right.into_expr(reader);
            ExprKind::Binary { operator, left: base, right }
        }
        Tail::Compare(RelationSign::SingleEqual, right) => {
            right.into_expr(reader);
            reader.reject(report::expression::single_equal(reader.span(keyword)))
        }
        Tail::Has(Some(path)) => ExprKind::Has { base, path },
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

fn pattern(reader: &mut Reader<'_>, operand: Operand) -> Option<Pattern> {
    if let Piece::String = operand.piece {
        return reader.unescape_pattern(operand.place);
    }
    if !operand.is_error(reader) {
        reader.report(report::expression::like_operand(operand.span(reader)));
        operand.discard(reader);
    }
    None
}

/// The operand of `is`: a bare name.
pub(crate) fn entity_type(reader: &mut Reader<'_>, operand: Operand) -> Option<TypeName> {
    let span = operand.span(reader);
    if let Piece::Name { is_qualified } = operand.piece {
        return Some(TypeName { name: reader.name(operand.place, is_qualified), span });
    }
    if operand.is_error(reader) {
        return None;
    }
    let is_entity = |id| matches!(reader.exprs.kind(id), ExprKind::Entity(_));
    let diagnostic = if let Piece::String = operand.piece {
        report::expression::is_string(span, reader.string_body(operand.place))
    } else if matches!(operand.piece, Piece::Entity(_)) || matches!(operand.piece, Piece::Expr(id) if is_entity(id)) {
        report::expression::is_entity(span)
    } else {
        report::expression::is_operand(span)
    };
    reader.report(diagnostic);
    operand.discard(reader);
    None
}

/// Adds to a run of signs, of which there are `count`.
pub(crate) fn sign(reader: &mut Reader<'_>, count: u32, place: Place) -> u32 {
    reader.signs.push(place);
    count + 1
}

fn take_signs(reader: &mut Reader<'_>, count: u32) -> Vec<Place> {
    take(&mut reader.signs, count).collect()
}

pub(crate) fn not(reader: &mut Reader<'_>, signs: u32, operand: Operand, (_, end): Place) -> Operand {
    let signs = take_signs(reader, signs);
    if let Some((start, sign_end)) = too_many(&signs) {
        reader.report(report::expression::sign_run(reader.span((start, sign_end)), '!'));
        return Operand::error((start, end));
    }
    let inner = operand.into_expr(reader);
    apply(reader, UnaryOperator::Not, signs, inner, end)
}

pub(crate) fn negate(reader: &mut Reader<'_>, signs: u32, operand: Operand, (_, end): Place) -> Operand {
    let mut signs = take_signs(reader, signs);
    if let Some((start, sign_end)) = too_many(&signs) {
        reader.report(report::expression::sign_run(reader.span((start, sign_end)), '-'));
        return Operand::error((start, end));
    }
    let inner = if let Piece::Integer = operand.piece {
        // The sign before a literal belongs to it, so that the least integer can be written.
        let start = signs.pop().map_or(operand.place.0, |sign| sign.0);
        let literal = reader.span((start, operand.place.1));
        let kind = match negative(reader.slice(operand.place)) {
            Some(value) => ExprKind::Long(value),
            None => reader.reject(report::expression::negative_too_large(literal)),
        };
        reader.push(kind, literal)
    } else {
        operand.into_expr(reader)
    };
    apply(reader, UnaryOperator::Negate, signs, inner, end)
}

/// Where a run of signs is too long.
fn too_many(signs: &[Place]) -> Option<Place> {
    let (first, last) = (signs.first()?, signs.last()?);
    (signs.len() > MOST_SIGNS).then_some((first.0, last.1))
}

fn negative(digits: &str) -> Option<i64> {
    let magnitude: u64 = digits.parse().ok()?;
    0_i64.checked_sub_unsigned(magnitude)
}

/// Wraps the operand in one node for each sign, from the inside out.
fn apply(reader: &mut Reader<'_>, operator: UnaryOperator, signs: Vec<Place>, inner: ExprId, end: u32) -> Operand {
    let id = signs.into_iter().rev().fold(inner, |inner, (start, _)| {
        let span = reader.span((start, end));
        reader.push(ExprKind::Unary(operator, inner), span)
    });
    let Span { start, end, .. } = reader.exprs.span(id);
    Operand { piece: Piece::Expr(id), place: (start, end) }
}

/// A finished node.
pub(crate) fn node(reader: &mut Reader<'_>, kind: ExprKind, place: Place) -> Operand {
    let span = reader.span(place);
    Operand { piece: Piece::Expr(reader.push(kind, span)), place }
}
