//! Forbids that are skipped when their evaluation fails.
//!
//! A policy whose evaluation fails does not apply. For a permit that is the safe side; a forbid lets through what it
//! was written to stop. Types rule out most failures, but not that an entity is missing from the store, that a number
//! leaves 64 bits, or that an extension function has no result.

use deodar_grammar::{
    Span,
    ast::{ConditionKind, Effect, ExprId, ExprKind, UnaryOperator},
    print_expression,
};
use deodar_lexicon::Builtin;
use hashbrown::HashSet;

use super::{Findings, Subject, arithmetic::Constants};
use crate::{
    check::{Failure, FailureKind},
    report::lint::{self as report, Fallible, Reason},
};

/// Reports a forbid that can fail, once. What always overflows was reported on its own.
pub(super) fn check(subject: &Subject<'_>, constants: &Constants, findings: &mut Findings<'_>) {
    let Some(check) = subject.sound() else { return };
    if subject.policy.effect.value != Effect::Forbid || check.is_impossible {
        return;
    }
    let live = check.classes.iter().filter(|class| !class.is_false);
    let mut failures: Vec<Failure> = live.flat_map(|class| &class.failures).copied().collect();
    // A missing entity is what happens most, and what is guarded against most easily.
    let is_other = |kind| kind != FailureKind::MissingEntity;
    failures.sort_unstable_by_key(|failure| (is_other(failure.kind), subject.exprs.span(failure.expr)));
    failures.dedup();
    let guards = guards(subject);
    let mut entities = HashSet::new();
    let places: Vec<Fallible> = failures
        .into_iter()
        .filter(|failure| !constants.contains_key(&failure.expr))
        .filter_map(|failure| place(subject, failure))
        // One guard is enough for an entity.
        .filter(|place| match &place.reason {
            Reason::MissingEntity { entity, .. } => {
                !guards.iter().any(|guard| guard.shows(entity, place.span)) && entities.insert(entity.clone())
            }
            Reason::Overflow | Reason::Extension(_) => true,
        })
        .collect();
    if let Some((first, others)) = places.split_first() {
        let condition = condition_around(subject, first.span);
        findings.push(&subject.allowed, report::fallible_forbid(first, others, condition));
    }
}

fn place(subject: &Subject<'_>, failure: Failure) -> Option<Fallible> {
    let span = subject.exprs.span(failure.expr);
    let reason = match failure.kind {
        FailureKind::Overflow => Reason::Overflow,
        FailureKind::Extension => Reason::Extension(builtin(subject, failure.expr)?),
        FailureKind::MissingEntity => missing_entity(subject, failure.expr)?,
    };
    Some(Fallible { span, reason })
}

fn missing_entity(subject: &Subject<'_>, expr: ExprId) -> Option<Reason> {
    let ExprKind::Attribute { base, name } = subject.exprs.kind(expr) else { return None };
    let entity = print_expression(subject.exprs, *base);
    Some(Reason::MissingEntity { entity, attribute: name.value.clone() })
}

fn builtin(subject: &Subject<'_>, expr: ExprId) -> Option<Builtin> {
    let ExprKind::Call { builtin, .. } = subject.exprs.kind(expr) else { return None };
    Some(*builtin)
}

/// An entity that is in the store wherever a part of a condition is evaluated.
///
/// The checker learns from what is true. In `!(e has a) || …`, the way to fail closed, the rest is evaluated if `e has a`
/// is not false.
struct Guard {
    entity: String,
    span: Span,
}

impl Guard {
    fn shows(&self, entity: &str, span: Span) -> bool {
        self.entity == entity && covers(self.span, span)
    }
}

/// What `!(e has a)` shows for the operands of `||` behind it.
fn guards(subject: &Subject<'_>) -> Vec<Guard> {
    let mut guards = Vec::new();
    for expr in &subject.all {
        let ExprKind::Or(operands) = subject.exprs.kind(*expr) else { continue };
        for (index, operand) in operands.iter().enumerate() {
            let rest = operands.get(index + 1..).unwrap_or_default();
            if let ExprKind::Unary(UnaryOperator::Not, asked) = subject.exprs.kind(*operand)
                && let ExprKind::Has { base, path } = subject.exprs.kind(*asked)
                && let (Some(first), Some(last)) = (rest.first(), rest.last())
            {
                let span = subject.exprs.span(*first).to(subject.exprs.span(*last));
                let mut entity = print_expression(subject.exprs, *base);
                for name in path {
                    guards.push(Guard { entity: entity.clone(), span });
                    entity = format!("{entity}.{}", name.value);
                }
            }
        }
    }
    guards
}

fn covers(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The kind of the condition in which the place lies.
fn condition_around(subject: &Subject<'_>, span: Span) -> ConditionKind {
    let condition = subject.policy.conditions.iter().find(|condition| covers(condition.span, span));
    condition.map_or(ConditionKind::When, |condition| condition.kind)
}
