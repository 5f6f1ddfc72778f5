//! Arithmetic on constants: what it gives, and where it is too large for a `Long`.

use deodar_grammar::ast::{AddOperator, ExprId, ExprKind, UnaryOperator};
use hashbrown::HashMap;

use super::{Findings, Subject};
use crate::report::lint as report;

/// The values of constant expressions; without one are those that overflow, and what contains them.
pub(super) type Constants = HashMap<ExprId, Option<i64>>;

/// Reports the innermost expressions that overflow, and gives all values.
pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) -> Constants {
    let mut constants = Constants::new();
    for expr in &subject.all {
        match fold(subject.exprs.kind(*expr), &constants) {
            Folded::Unknown => {}
            Folded::Constant(value) => {
                constants.insert(*expr, value);
            }
            Folded::Overflow => {
                findings.push(&subject.allowed, report::constant_overflow(subject.exprs.span(*expr)));
                constants.insert(*expr, None);
            }
        }
    }
    constants
}

enum Folded {
    /// It depends on the request.
    Unknown,
    Constant(Option<i64>),
    Overflow,
}

/// The operands' values are known if they are constants, since children come first.
fn fold(kind: &ExprKind, constants: &Constants) -> Folded {
    if let ExprKind::Long(value) = kind {
        Folded::Constant(Some(*value))
    } else if let ExprKind::Unary(UnaryOperator::Negate, base) = kind {
        chain(constants, *base, [].into_iter(), i64::checked_neg)
    } else if let ExprKind::Product(operands) = kind {
        let Some((first, rest)) = operands.split_first() else { return Folded::Unknown };
        chain(constants, *first, rest.iter().map(|operand| (Operation::Multiply, *operand)), Some)
    } else if let ExprKind::Sum { first, rest } = kind {
        let operation = |operator| match operator {
            AddOperator::Add => Operation::Add,
            AddOperator::Subtract => Operation::Subtract,
        };
        chain(constants, *first, rest.iter().map(|(operator, operand)| (operation(*operator), *operand)), Some)
    } else {
        Folded::Unknown
    }
}

enum Operation {
    Add,
    Subtract,
    Multiply,
}

/// Folds from left to right, as evaluation does; a chain overflows even if only its first operands are constants.
fn chain(
    constants: &Constants,
    first: ExprId,
    rest: impl Iterator<Item = (Operation, ExprId)>,
    last: fn(i64) -> Option<i64>,
) -> Folded {
    let mut value = match constants.get(&first) {
        None => return Folded::Unknown,
        Some(None) => return Folded::Constant(None),
        Some(Some(value)) => *value,
    };
    for (operation, operand) in rest {
        let operand = match constants.get(&operand) {
            None => return Folded::Unknown,
            Some(None) => return Folded::Constant(None),
            Some(Some(operand)) => *operand,
        };
        let result = match operation {
            Operation::Add => value.checked_add(operand),
            Operation::Subtract => value.checked_sub(operand),
            Operation::Multiply => value.checked_mul(operand),
        };
        let Some(result) = result else { return Folded::Overflow };
        value = result;
    }
    last(value).map_or(Folded::Overflow, |value| Folded::Constant(Some(value)))
}
