//! Operators between operands: which bind tighter, and what they make of their operands.
//!
//! The grammar reads operands and operators in a row. It could have a level for each strength, as most grammars do, but
//! then every operand, with operators around it or not, would pass through all of them. A complete row is sorted out
//! here, by climbing: what binds tighter is taken first.

use smol_str::SmolStr;

use super::{
    chain::ChainKind,
    expr::{self, HasPath, MultiplySign, RelationSign, Tail},
    operand::{Operand, Place},
    reader::{Reader, take},
};
use crate::{
    ast::{AddOperator, Spanned},
    report,
};

/// An operator between two operands, or before a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Infix {
    Or,
    And,
    Compare(RelationSign),
    Like,
    Is,
    Has,
    Add(AddOperator),
    Multiply(MultiplySign),
}

/// How tightly an operator binds, from loosest to tightest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Or,
    And,
    Relation,
    Sum,
    Product,
    Operand,
}

impl Strength {
    fn tighter(self) -> Self {
        match self {
            Self::Or => Self::And,
            Self::And => Self::Relation,
            Self::Relation => Self::Sum,
            Self::Sum => Self::Product,
            Self::Product | Self::Operand => Self::Operand,
        }
    }
}

impl Infix {
    fn strength(self) -> Strength {
        match self {
            Self::Or => Strength::Or,
            Self::And => Strength::And,
            Self::Compare(_) | Self::Like | Self::Is | Self::Has => Strength::Relation,
            Self::Add(_) => Strength::Sum,
            Self::Multiply(_) => Strength::Product,
        }
    }
}

/// An operand of a row, and what stands before it.
#[derive(Debug)]
pub(crate) struct Step {
    /// Absent before the first operand.
    infix: Option<(Infix, Place)>,
    /// An error behind `has`.
    operand: Operand,
    /// Where the operand stands, with enclosing parentheses.
    place: Place,
    /// What stands behind `has`, unless it was reported.
    path: Option<Box<[Spanned<SmolStr>]>>,
}

/// Starts a row.
pub(crate) fn start(reader: &mut Reader<'_>, operand: Operand, place: Place) -> u32 {
    reader.row.push(Step { infix: None, operand, place, path: None });
    1
}

/// Adds an operand to a row, of which there are `count`.
pub(crate) fn step(reader: &mut Reader<'_>, count: u32, infix: (Infix, Place), operand: Operand, place: Place) -> u32 {
    reader.row.push(Step { infix: Some(infix), operand, place, path: None });
    count + 1
}

/// Adds `has` and its path to a row.
pub(crate) fn has(reader: &mut Reader<'_>, count: u32, keyword: Place, path: HasPath, place: Place) -> u32 {
    let path = path.map(|count| take(&mut reader.path, count).collect());
    let infix = Some((Infix::Has, keyword));
    reader.row.push(Step { infix, operand: Operand::error(place), place, path });
    count + 1
}

/// Makes an operand of a complete row.
pub(crate) fn finish(reader: &mut Reader<'_>, count: u32) -> Operand {
    let start = reader.row.len().saturating_sub(count as usize);
    let mut next = start;
    let (operand, _) = climb(reader, &mut next, Strength::Or);
    reader.row.truncate(start);
    operand
}

/// The operand that the row starts with at `next`, as far as operators bind at least as tightly. Calls itself for
/// tighter ones only, so a few levels deep.
fn climb(reader: &mut Reader<'_>, next: &mut usize, loosest: Strength) -> (Operand, Place) {
    let Some(first) = reader.row.get(*next) else { return (Operand::error((0, 0)), (0, 0)) };
    let (mut left, mut place) = (first.operand, first.place);
    *next += 1;
    while let Some((infix, infix_place)) = reader.row.get(*next).and_then(|step| step.infix)
        && infix.strength() >= loosest
    {
        if infix.strength() == Strength::Relation {
            (left, place) = relation(reader, next, left, place);
            continue;
        }
        let (right, (_, end)) = climb(reader, next, infix.strength().tighter());
        place.1 = end;
        left = combine(reader, left, (infix, infix_place), right, place);
    }
    (left, place)
}

/// Everything that follows the first operand of a relation.
fn relation(reader: &mut Reader<'_>, next: &mut usize, first: Operand, mut place: Place) -> (Operand, Place) {
    let mut tails = 0;
    while let Some((infix, infix_place)) = reader.row.get(*next).and_then(|step| step.infix)
        && infix.strength() == Strength::Relation
    {
        let path = reader.row.get_mut(*next).and_then(|step| step.path.take());
        let (right, (_, end)) = climb(reader, next, Strength::Sum);
        place.1 = end;
        let tail = match infix {
            Infix::Compare(sign) => Tail::Compare(sign, right),
            Infix::Like => Tail::Like(right),
            Infix::Is => Tail::Is(right),
            Infix::Has | Infix::Or | Infix::And | Infix::Add(_) | Infix::Multiply(_) => Tail::Has(path),
        };
        reader.tails.push((infix_place, tail));
        tails += 1;
    }
    (expr::relation(reader, first, tails, place), place)
}

/// A chain with one more operand.
fn combine(
    reader: &mut Reader<'_>,
    left: Operand,
    (infix, infix_place): (Infix, Place),
    right: Operand,
    place: Place,
) -> Operand {
    let (kind, sign) = match infix {
        Infix::Or => (ChainKind::Or, None),
        Infix::And => (ChainKind::And, None),
        Infix::Add(sign) => (ChainKind::Sum, Some(sign)),
        Infix::Multiply(sign) => {
            report_division(reader, sign, infix_place);
            (ChainKind::Product, None)
        }
        Infix::Compare(_) | Infix::Like | Infix::Is | Infix::Has => return Operand::error(place),
    };
    expr::chain(reader, kind, left, sign, right, place)
}

fn report_division(reader: &mut Reader<'_>, sign: MultiplySign, place: Place) {
    let span = reader.span(place);
    match sign {
        MultiplySign::Times => {}
        MultiplySign::Divide => reader.report(report::expression::division(span)),
        MultiplySign::Modulo => reader.report(report::expression::remainder(span)),
    }
}
