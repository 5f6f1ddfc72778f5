//! What would change the verdict on a policy, in words: for a policy that is not satisfied what it lacks, for one that
//! is what would keep it from applying.
//!
//! The words follow the structure of the conditions: of `a && b` all must be true, of `a || b` one. What stands behind
//! a part that is false was not evaluated; it is looked at here, so that all that is lacking is said at once. Where it
//! has no value as things are (`context has mfa && context.mfa`), it is said to come after.

use deodar_grammar::ast::{self, BinaryOperator, ConditionKind, ExprId, ExprKind, UnaryOperator};
use deodar_runtime::{
    EvalErrorKind, EvaluateError, Request,
    program::{ActionConstraint, EntityConstraint, EntityOrSlot, Policy},
};

use super::{
    Verdicts,
    probe::{Found, Probe},
};
use crate::explanation::{Mismatch, shorten};

/// How deep the structure of a condition is followed; what is deeper is one part.
const LEVELS: usize = 12;

/// How many operands of a chain are named; more say nothing new, and nobody reads them.
const NAMED: usize = 50;

/// What must be otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// One thing, as in «`context.mfa` were true».
    One(String),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// What would change the verdict on a policy; nothing if that is not known.
pub(super) fn of_policy(
    probe: &mut Probe<'_>,
    tree: &ast::Policy,
    policy: &Policy,
    outcome: Verdicts,
    mismatches: &[Mismatch],
    request: &Request,
) -> Option<Need> {
    if outcome == Verdicts::Satisfied {
        let others = tree
            .conditions
            .iter()
            .map(|condition| need(probe, condition.body, condition.kind != ConditionKind::When, LEVELS));
        return any(others.collect());
    }
    let mut needs: Vec<Need> = mismatches.iter().map(|mismatch| of_scope(mismatch.part, policy, request)).collect();
    if outcome != Verdicts::ScopeMismatch {
        for condition in &tree.conditions {
            let wanted = condition.kind == ConditionKind::When;
            if probe.bool(condition.body) != Some(wanted) {
                needs.push(need(probe, condition.body, wanted, LEVELS));
            }
        }
    }
    all(needs)
}

fn all(mut needs: Vec<Need>) -> Option<Need> {
    if needs.len() > 1 { Some(Need::All(needs)) } else { needs.pop() }
}

fn any(mut needs: Vec<Need>) -> Option<Need> {
    if needs.len() > 1 { Some(Need::Any(needs)) } else { needs.pop() }
}

/// What the scope asks of a part of the request.
fn of_scope(part: &str, policy: &Policy, request: &Request) -> Need {
    let entity = |entity: &EntityOrSlot| match entity {
        EntityOrSlot::Entity(uid) => uid.to_string(),
        EntityOrSlot::Slot(slot) => slot.name().to_owned(),
    };
    let constraint = match part {
        "principal" => &policy.scope.principal,
        "resource" => &policy.scope.resource,
        _ => return Need::One(of_action(&policy.scope.action)),
    };
    let found = if part == "principal" { request.principal() } else { request.resource() };
    Need::One(match constraint {
        EntityConstraint::Any => format!("the {part} were another"),
        EntityConstraint::Equal(uid) => format!("the {part} were {}", entity(uid)),
        EntityConstraint::In(uid) => format!("the {part} were in {}", entity(uid)),
        EntityConstraint::Is(ty) => format!("the {part} were of the type `{ty}`"),
        EntityConstraint::IsIn(ty, uid) if found.entity_type() == ty => format!("the {part} were in {}", entity(uid)),
        EntityConstraint::IsIn(ty, uid) => format!("the {part} were of the type `{ty}` and in {}", entity(uid)),
    })
}

fn of_action(constraint: &ActionConstraint) -> String {
    match constraint {
        ActionConstraint::Any => "the action were another".to_owned(),
        ActionConstraint::Equal(uid) => format!("the action were {uid}"),
        ActionConstraint::In(groups) => {
            let groups: Vec<_> = groups.iter().map(ToString::to_string).collect();
            format!("the action were in {}", shorten(&groups.join(" or in ")))
        }
    }
}

/// What must be otherwise so that an expression has this value.
fn need(probe: &mut Probe<'_>, id: ExprId, wanted: bool, levels: usize) -> Need {
    let kind = probe.kind(id);
    if levels > 0 {
        if let ExprKind::Unary(UnaryOperator::Not, operand) = kind {
            return need(probe, *operand, !wanted, levels - 1);
        }
        if let ExprKind::And(operands) = kind {
            return of_chain(probe, operands, true, wanted, levels - 1);
        }
        if let ExprKind::Or(operands) = kind {
            return of_chain(probe, operands, false, wanted, levels - 1);
        }
        if let ExprKind::If { condition, then, otherwise } = kind
            && let Some(taken) = probe.bool(*condition)
        {
            return need(probe, if taken { *then } else { *otherwise }, wanted, levels - 1);
        }
    }
    Need::One(of_part(probe, id, wanted))
}

/// A chain has the value of `joins` only if all operands have it; the other value takes one operand that has that.
fn of_chain(probe: &mut Probe<'_>, operands: &[ExprId], joins: bool, wanted: bool, levels: usize) -> Need {
    let mut needs = Vec::new();
    let mut is_behind = false;
    for (position, operand) in operands.iter().enumerate() {
        if needs.len() >= NAMED {
            let which = if wanted == joins { "all" } else { "one" };
            let rest = operands.len() - position;
            needs.push(Need::One(format!("{which} of the {rest} operands behind these were {wanted}")));
            break;
        }
        match probe.bool(*operand) {
            Some(value) if value == wanted => {}
            None if is_behind => {
                let text = probe.text(*operand);
                needs.push(Need::One(format!("`{text}` were then {wanted}")));
            }
            Some(_) | None => needs.push(need(probe, *operand, wanted, levels)),
        }
        is_behind |= probe.bool(*operand) != Some(joins);
    }
    let joined = if wanted == joins { all(needs) } else { any(needs) };
    joined.unwrap_or_else(|| Need::One("one of its parts came out otherwise".to_owned()))
}

/// What must be otherwise so that a comparison, or whatever has no operands to follow, has this value.
fn of_part(probe: &mut Probe<'_>, id: ExprId, wanted: bool) -> String {
    if let Found::Failed(error) = probe.found(id) {
        return of_failure(probe, id, &error, wanted);
    }
    let kind = probe.kind(id);
    if let ExprKind::Binary { operator, left, right } = kind
        && *operator != BinaryOperator::GetTag
    {
        let (left, right) = (shown(probe, *left), shown(probe, *right));
        return format!("{left} {} {right}", relation(*operator, wanted));
    }
    if let ExprKind::Has { base, path } = kind {
        let names: Vec<&str> = path.iter().map(|name| name.value.as_str()).collect();
        let how = if wanted { "had the attribute" } else { "did not have the attribute" };
        return format!("`{}` {how} `{}`", probe.text(*base), names.join("."));
    }
    if let ExprKind::Is { base, ty, within } = kind {
        let (base, not) = (shown(probe, *base), if wanted { "" } else { "not " });
        let within = within.map(|within| format!(" in {}", shown(probe, within))).unwrap_or_default();
        return format!("{base} were {not}of the type `{}`{within}", ty.name);
    }
    if let ExprKind::Like { base, pattern } = kind {
        let how = if wanted { "matched" } else { "did not match" };
        return format!("{} {how} \"{pattern}\"", shown(probe, *base));
    }
    if let ExprKind::Unary(UnaryOperator::IsEmpty, base) = kind {
        return format!("{} were {}empty", shown(probe, *base), if wanted { "" } else { "not " });
    }
    if let ExprKind::Bool(value) = kind {
        return format!("the policy did not say `{value}`");
    }
    format!("`{}` were {wanted}", probe.text(id))
}

fn relation(operator: BinaryOperator, wanted: bool) -> &'static str {
    match (operator, wanted) {
        (BinaryOperator::Equal, true) | (BinaryOperator::NotEqual, false) => "were equal to",
        (BinaryOperator::Equal, false) | (BinaryOperator::NotEqual, true) => "were not equal to",
        (BinaryOperator::Less, true) | (BinaryOperator::GreaterOrEqual, false) => "were less than",
        (BinaryOperator::LessOrEqual, true) | (BinaryOperator::Greater, false) => "were at most",
        (BinaryOperator::Greater, true) | (BinaryOperator::LessOrEqual, false) => "were greater than",
        (BinaryOperator::GreaterOrEqual, true) | (BinaryOperator::Less, false) => "were at least",
        (BinaryOperator::In, true) => "were in",
        (BinaryOperator::In, false) => "were not in",
        (BinaryOperator::Contains, true) => "contained",
        (BinaryOperator::Contains, false) => "did not contain",
        (BinaryOperator::ContainsAll, true) => "contained all of",
        (BinaryOperator::ContainsAll, false) => "did not contain all of",
        (BinaryOperator::ContainsAny, true) => "contained any of",
        (BinaryOperator::ContainsAny, false) => "contained none of",
        (BinaryOperator::HasTag, true) => "had the tag",
        (BinaryOperator::HasTag, false) => "did not have the tag",
        (BinaryOperator::GetTag, true | false) => "with the tag",
    }
}

/// What would let a part have a value at all.
fn of_failure(probe: &Probe<'_>, id: ExprId, error: &EvaluateError, wanted: bool) -> String {
    let text = probe.text(id);
    let kind = match error {
        EvaluateError::Eval(error) => &error.kind,
        EvaluateError::Limit(_) | EvaluateError::Defect => return format!("`{text}` could be evaluated"),
    };
    match kind {
        EvalErrorKind::EntityDoesNotExist(uid) => format!("the entity {uid} were there, and `{text}` {wanted}"),
        EvalErrorKind::EntityAttributeDoesNotExist(uid, missing) => {
            format!("{uid} had the attribute `{}`, and `{text}` were {wanted}", missing.name)
        }
        EvalErrorKind::TagDoesNotExist(uid, missing) => {
            format!("{uid} had the tag `{}`, and `{text}` were {wanted}", missing.name)
        }
        EvalErrorKind::RecordAttributeDoesNotExist(missing) => {
            format!("there were an attribute `{}`, and `{text}` were {wanted}", missing.name)
        }
        EvalErrorKind::Type { .. }
        | EvalErrorKind::WrongNumberOfArguments { .. }
        | EvalErrorKind::Overflow(_)
        | EvalErrorKind::Extension { .. }
        | EvalErrorKind::UnlinkedSlot(_)
        | EvalErrorKind::NoRequest(_) => format!("`{text}` could be evaluated ({kind}), and were {wanted}"),
    }
}

/// An operand, with its value if it does not stand there.
fn shown(probe: &mut Probe<'_>, id: ExprId) -> String {
    let text = probe.text(id);
    if probe.is_literal(id) {
        return text;
    }
    match probe.found(id) {
        Found::Value(value) => {
            let value = shorten(&value.to_string());
            if value == text { text } else { format!("`{text}` ({value})") }
        }
        Found::Failed(_) => format!("`{text}`"),
    }
}
