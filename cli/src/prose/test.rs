//! The words of expressions that are true or false, and of their negations.

use deodar_grammar::ast::{BinaryOperator, ExprId, ExprKind, Exprs, UnaryOperator};
use deodar_lexicon::Builtin;

use super::{code, list, noun::noun, quoted};

/// That an expression is true, or false.
pub(super) fn clause(exprs: &Exprs, id: ExprId, is: bool, levels: usize) -> String {
    let Some(levels) = levels.checked_sub(1) else {
        return format!("{} is {is}", quoted(exprs, id));
    };
    match exprs.kind(id) {
        ExprKind::And(operands) => chain(exprs, operands, is, true, levels),
        ExprKind::Or(operands) => chain(exprs, operands, is, false, levels),
        ExprKind::Unary(UnaryOperator::Not, operand) => clause(exprs, *operand, !is, levels),
        ExprKind::Unary(UnaryOperator::IsEmpty, operand) => {
            format!("{} is {}empty", noun(exprs, *operand, levels), not(is))
        }
        ExprKind::If { condition, then, otherwise } => {
            let [guard, then, otherwise] =
                [(condition, true), (then, is), (otherwise, is)].map(|(id, is)| clause(exprs, *id, is, levels));
            format!("(if {guard}, then {then}, otherwise {otherwise})")
        }
        ExprKind::Binary { operator, left, right } if *operator != BinaryOperator::GetTag => {
            let [left, right] = [left, right].map(|side| noun(exprs, *side, levels));
            format!("{left} {} {right}", relation(*operator, is))
        }
        ExprKind::Has { base, path } => {
            let names: Vec<&str> = path.iter().map(|name| name.value.as_str()).collect();
            let verb = if is { "has" } else { "does not have" };
            format!("{} {verb} {}", noun(exprs, *base, levels), code(&names.join(".")))
        }
        ExprKind::Like { base, pattern } => {
            let verb = if is { "is like" } else { "is not like" };
            format!("{} {verb} {}", noun(exprs, *base, levels), code(&format!("\"{pattern}\"")))
        }
        ExprKind::Is { base, ty, within } => {
            let within = within.map(|within| format!(" in {}", noun(exprs, within, levels))).unwrap_or_default();
            format!("{} is {}of type {}{within}", noun(exprs, *base, levels), not(is), code(&ty.name))
        }
        ExprKind::Call { builtin, arguments } => call(exprs, id, *builtin, arguments, is, levels),
        ExprKind::Bool(value) => (if *value == is { "always" } else { "never" }).to_owned(),
        ExprKind::Error
        | ExprKind::Long(_)
        | ExprKind::String(_)
        | ExprKind::Entity(_)
        | ExprKind::Variable(_)
        | ExprKind::Slot(_)
        | ExprKind::Name(_)
        | ExprKind::Sum { .. }
        | ExprKind::Product(_)
        | ExprKind::Unary(UnaryOperator::Negate, _)
        | ExprKind::Binary { .. }
        | ExprKind::Attribute { .. }
        | ExprKind::UnknownCall { .. }
        | ExprKind::Set(_)
        | ExprKind::Record(_) => format!("{} is {is}", noun(exprs, id, levels)),
    }
}

const fn not(is: bool) -> &'static str {
    if is { "" } else { "not " }
}

/// `a && b` is false if one of its operands is, `a || b` if all are.
fn chain(exprs: &Exprs, operands: &[ExprId], is: bool, is_and: bool, levels: usize) -> String {
    let joins = is == is_and;
    let parts: Vec<String> = operands
        .iter()
        .map(|operand| {
            let part = clause(exprs, *operand, is, levels);
            let is_chain = |id: &ExprId| matches!(exprs.kind(*id), ExprKind::And(_) | ExprKind::Or(_));
            let negated =
                if let ExprKind::Unary(UnaryOperator::Not, inner) = exprs.kind(*operand) { inner } else { operand };
            if is_chain(negated) { format!("({part})") } else { part }
        })
        .collect();
    list(&parts, if joins { "and" } else { "or" })
}

fn relation(operator: BinaryOperator, is: bool) -> &'static str {
    match (operator, is) {
        (BinaryOperator::Equal, true) | (BinaryOperator::NotEqual, false) => "is",
        (BinaryOperator::Equal, false) | (BinaryOperator::NotEqual, true) => "is not",
        (BinaryOperator::Less, true) => "is less than",
        (BinaryOperator::Less, false) => "is not less than",
        (BinaryOperator::LessOrEqual, true) => "is at most",
        (BinaryOperator::LessOrEqual, false) => "is not at most",
        (BinaryOperator::Greater, true) => "is greater than",
        (BinaryOperator::Greater, false) => "is not greater than",
        (BinaryOperator::GreaterOrEqual, true) => "is at least",
        (BinaryOperator::GreaterOrEqual, false) => "is not at least",
        (BinaryOperator::In, true) => "is in",
        (BinaryOperator::In, false) => "is not in",
        (BinaryOperator::Contains, true) => "contains",
        (BinaryOperator::Contains, false) => "does not contain",
        (BinaryOperator::ContainsAll, true) => "contains all of",
        (BinaryOperator::ContainsAll, false) => "does not contain all of",
        (BinaryOperator::ContainsAny, true) => "contains some of",
        (BinaryOperator::ContainsAny, false) => "contains none of",
        (BinaryOperator::HasTag, true) => "has the tag",
        (BinaryOperator::HasTag, false) => "does not have the tag",
        (BinaryOperator::GetTag, true | false) => "with the tag",
    }
}

/// A call that is true or false; one with a wrong number of arguments is quoted.
fn call(exprs: &Exprs, id: ExprId, builtin: Builtin, arguments: &[ExprId], is: bool, levels: usize) -> String {
    let words = match builtin {
        Builtin::LessThan => "less than",
        Builtin::LessThanOrEqual => "at most",
        Builtin::GreaterThan => "greater than",
        Builtin::GreaterThanOrEqual => "at least",
        Builtin::IsIpv4 => "an IPv4 address",
        Builtin::IsIpv6 => "an IPv6 address",
        Builtin::IsLoopback => "a loopback address",
        Builtin::IsMulticast => "a multicast address",
        Builtin::IsInRange => "in the range",
        Builtin::Decimal
        | Builtin::Ip
        | Builtin::Datetime
        | Builtin::Offset
        | Builtin::DurationSince
        | Builtin::ToDate
        | Builtin::ToTime
        | Builtin::Duration
        | Builtin::ToMilliseconds
        | Builtin::ToSeconds
        | Builtin::ToMinutes
        | Builtin::ToHours
        | Builtin::ToDays => return format!("{} is {is}", noun(exprs, id, levels)),
    };
    let not = not(is);
    match (arguments, builtin.signature().parameters.len()) {
        ([receiver], 1) => format!("{} is {not}{words}", noun(exprs, *receiver, levels)),
        ([receiver, argument], 2) => {
            let [receiver, argument] = [receiver, argument].map(|side| noun(exprs, *side, levels));
            format!("{receiver} is {not}{words} {argument}")
        }
        (_, _) => format!("{} is {is}", quoted(exprs, id)),
    }
}
