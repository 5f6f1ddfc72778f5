//! How policies are written: names, scopes that say little, conditions that belong into the scope.
//!
//! These lints report on demand only, since projects differ in what they want.

use deodar_grammar::ast::{
    ActionConstraintKind, BinaryOperator, ConditionKind, Effect, EntityConstraint, EntityConstraintKind, ExprId,
    ExprKind, Policy, PolicySet, Variable,
};
use hashbrown::HashSet;

use super::{Findings, Subject};
use crate::report::habit as report;

/// Looks at all policies.
pub(super) fn check(sets: &[&PolicySet], subjects: &[Subject<'_>], findings: &mut Findings<'_>) {
    let linked: HashSet<&str> =
        sets.iter().flat_map(|set| &set.links).map(|link| link.template.value.as_str()).collect();
    for subject in subjects {
        scopes(subject, findings);
        names(subject, findings);
        conditions(subject, findings);
        let policy = subject.policy;
        if policy.is_template() && !linked.contains(policy.id.as_str()) {
            findings.push(&subject.allowed, report::unlinked_template(policy));
        }
    }
}

fn is_open(constraint: &EntityConstraint) -> bool {
    constraint.kind == EntityConstraintKind::All
}

/// Whether the scope names no entity, so that only types are known.
fn names_none(constraint: &EntityConstraint) -> bool {
    match constraint.kind {
        EntityConstraintKind::All | EntityConstraintKind::Is(_) => true,
        EntityConstraintKind::Equal(_) | EntityConstraintKind::In(_) | EntityConstraintKind::IsIn(..) => false,
    }
}

fn scopes(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Policy { scope, conditions, effect, .. } = subject.policy;
    let any_action = scope.action.kind == ActionConstraintKind::All;
    let is_open_to_all = is_open(&scope.principal) && is_open(&scope.resource) && any_action;
    if effect.value == Effect::Permit {
        if conditions.is_empty() && is_open_to_all {
            findings.push(&subject.allowed, report::over_broad_permit(subject.policy));
        } else if conditions.is_empty() && names_none(&scope.principal) {
            findings.push(&subject.allowed, report::unconditional_permit(subject.policy));
        }
        if is_open(&scope.principal) {
            findings.push(&subject.allowed, report::untyped_principal(subject.policy));
        }
    }
    if any_action && names_none(&scope.principal) && names_none(&scope.resource) {
        findings.push(&subject.allowed, report::unindexable_policy(subject.policy));
    }
}

fn names(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    match subject.policy.annotation("id") {
        Some(id)
            if id.text().chars().any(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_:/".contains(c))) =>
        {
            findings.push(&subject.allowed, report::id_naming(id.span, id.text()));
        }
        Some(id) if !id.text().is_empty() => {}
        Some(_) | None => findings.push(&subject.allowed, report::missing_id(subject.policy)),
    }
}

/// Tests that the scope could make, where it makes none.
fn conditions(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let exprs = subject.exprs;
    for condition in &subject.policy.conditions {
        if condition.kind != ConditionKind::When {
            continue;
        }
        let alone = [condition.body];
        let operands: &[ExprId] =
            if let ExprKind::And(operands) = exprs.kind(condition.body) { operands } else { &alone };
        for operand in operands {
            if let Some((variable, span)) = scope_test(subject, *operand) {
                let finding = report::scope_test_in_condition(exprs.span(*operand), variable, span);
                findings.push(&subject.allowed, finding);
            }
        }
    }
}

/// The variable that the expression says something of that its open scope could say, and the place for it.
fn scope_test(subject: &Subject<'_>, expr: ExprId) -> Option<(Variable, deodar_grammar::Span)> {
    let exprs = subject.exprs;
    let kind = exprs.kind(expr);
    let base = if let ExprKind::Binary { operator: BinaryOperator::Equal | BinaryOperator::In, left, right } = kind {
        matches!(exprs.kind(*right), ExprKind::Entity(_)).then_some(*left)
    } else if let ExprKind::Is { base, within: None, .. } = kind {
        Some(*base)
    } else {
        None
    }?;
    let ExprKind::Variable(variable) = exprs.kind(base) else { return None };
    let scope = &subject.policy.scope;
    let (open, span) = match variable {
        Variable::Principal => (is_open(&scope.principal), scope.principal.span),
        Variable::Resource => (is_open(&scope.resource), scope.resource.span),
        Variable::Action => (scope.action.kind == ActionConstraintKind::All, scope.action.span),
        Variable::Context => return None,
    };
    open.then_some((*variable, span))
}
