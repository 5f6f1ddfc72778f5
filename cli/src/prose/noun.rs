//! The words of expressions that are values.

use deodar_grammar::ast::{AddOperator, BinaryOperator, ExprId, ExprKind, Exprs, UnaryOperator};
use deodar_lexicon::Builtin;

use super::{code, list, quoted, scope::uid, test::clause};

/// A value.
pub(super) fn noun(exprs: &Exprs, id: ExprId, levels: usize) -> String {
    let Some(levels) = levels.checked_sub(1) else { return quoted(exprs, id) };
    match exprs.kind(id) {
        ExprKind::Variable(variable) => format!("the {}", variable.name()),
        ExprKind::Attribute { base, name } => format!("the {} of {}", code(&name.value), noun(exprs, *base, levels)),
        ExprKind::Entity(entity) => uid(entity),
        ExprKind::Slot(slot) => format!("the entity of the link ({})", code(slot.name())),
        ExprKind::Sum { first, rest } => {
            let mut words = noun(exprs, *first, levels);
            for (operator, operand) in rest {
                words += match operator {
                    AddOperator::Add => " plus ",
                    AddOperator::Subtract => " minus ",
                };
                words += &noun(exprs, *operand, levels);
            }
            format!("({words})")
        }
        ExprKind::Product(operands) => {
            let operands: Vec<String> = operands.iter().map(|operand| noun(exprs, *operand, levels)).collect();
            format!("({})", operands.join(" times "))
        }
        ExprKind::Unary(UnaryOperator::Negate, operand) => format!("minus {}", noun(exprs, *operand, levels)),
        ExprKind::Binary { operator: BinaryOperator::GetTag, left, right } => {
            format!("the tag {} of {}", noun(exprs, *right, levels), noun(exprs, *left, levels))
        }
        ExprKind::Set(elements) => set(exprs, elements, levels),
        ExprKind::If { condition, then, otherwise } => {
            let [then, otherwise] = [then, otherwise].map(|value| noun(exprs, *value, levels));
            format!("({then} if {}, otherwise {otherwise})", clause(exprs, *condition, true, levels))
        }
        ExprKind::Call { builtin, arguments } => call(exprs, id, *builtin, arguments, levels),
        ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Unary(UnaryOperator::Not | UnaryOperator::IsEmpty, _)
        | ExprKind::Binary { .. }
        | ExprKind::Has { .. }
        | ExprKind::Like { .. }
        | ExprKind::Is { .. } => format!("whether {}", clause(exprs, id, true, levels)),
        ExprKind::Error
        | ExprKind::Bool(_)
        | ExprKind::Long(_)
        | ExprKind::String(_)
        | ExprKind::Name(_)
        | ExprKind::UnknownCall { .. }
        | ExprKind::Record(_) => quoted(exprs, id),
    }
}

fn set(exprs: &Exprs, elements: &[ExprId], levels: usize) -> String {
    if elements.is_empty() {
        return "the empty set".to_owned();
    }
    let elements: Vec<String> = elements.iter().map(|element| noun(exprs, *element, levels)).collect();
    format!("the set of {}", list(&elements, "and"))
}

fn call(exprs: &Exprs, id: ExprId, builtin: Builtin, arguments: &[ExprId], levels: usize) -> String {
    let words = |id: &ExprId| noun(exprs, *id, levels);
    match (builtin, arguments) {
        (Builtin::Decimal, [text]) => format!("the number {}", words(text)),
        (Builtin::Ip, [text]) => format!("the address {}", words(text)),
        (Builtin::Datetime, [text]) => format!("the time {}", words(text)),
        (Builtin::Duration, [text]) => format!("the time span {}", words(text)),
        (Builtin::Offset, [time, span]) => format!("({} plus {})", words(time), words(span)),
        (Builtin::DurationSince, [end, start]) => format!("the time from {} to {}", words(start), words(end)),
        (Builtin::ToDate, [time]) => format!("the day of {}", words(time)),
        (Builtin::ToTime, [time]) => format!("the time of day of {}", words(time)),
        (Builtin::ToMilliseconds, [span]) => format!("the milliseconds of {}", words(span)),
        (Builtin::ToSeconds, [span]) => format!("the seconds of {}", words(span)),
        (Builtin::ToMinutes, [span]) => format!("the minutes of {}", words(span)),
        (Builtin::ToHours, [span]) => format!("the hours of {}", words(span)),
        (Builtin::ToDays, [span]) => format!("the days of {}", words(span)),
        (
            Builtin::LessThan
            | Builtin::LessThanOrEqual
            | Builtin::GreaterThan
            | Builtin::GreaterThanOrEqual
            | Builtin::IsIpv4
            | Builtin::IsIpv6
            | Builtin::IsLoopback
            | Builtin::IsMulticast
            | Builtin::IsInRange,
            _,
        ) => format!("whether {}", clause(exprs, id, true, levels)),
        // A wrong number of arguments.
        (
            Builtin::Decimal
            | Builtin::Ip
            | Builtin::Datetime
            | Builtin::Duration
            | Builtin::Offset
            | Builtin::DurationSince
            | Builtin::ToDate
            | Builtin::ToTime
            | Builtin::ToMilliseconds
            | Builtin::ToSeconds
            | Builtin::ToMinutes
            | Builtin::ToHours
            | Builtin::ToDays,
            _,
        ) => quoted(exprs, id),
    }
}
