//! Conditions, operands and guards whose value is always the same, and what is never evaluated for that reason.
//!
//! "Always" means in every kind of request in which the expression is evaluated at all: a guard that only some of the
//! actions need is fine. Each mistake is reported once, at the smallest expression that shows it; if something is never
//! evaluated because of it, that is what is reported, with the reason.

use deodar_grammar::{
    Diagnostic, Span,
    ast::{BinaryOperator, ExprId, ExprKind, Exprs},
};

use super::{Findings, Subject};
use crate::{
    check::{ConditionClass, Ty},
    report::lint::{self as report, Cause, Place},
};

/// Reports what is always the same in the conditions of a policy. One that never applies is reported by the checker.
pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if subject.check.is_some_and(|check| check.is_impossible) {
        return;
    }
    let classes = subject.sound().map_or(&[][..], |check| &check.classes);
    let mut walk = Walk { exprs: subject.exprs, classes, open: Vec::new(), found: Vec::new() };
    for condition in &subject.policy.conditions {
        walk.truth(condition.body, Place::Condition(condition.kind));
    }
    while let Some(expr) = walk.open.pop() {
        walk.visit(expr);
    }
    for found in walk.found {
        findings.push(&subject.allowed, found);
    }
}

struct Walk<'w> {
    exprs: &'w Exprs,
    /// None without a schema; then only literals are known.
    classes: &'w [ConditionClass],
    /// Expressions whose value varies, still to be looked into.
    open: Vec<ExprId>,
    found: Vec<Diagnostic>,
}

impl Walk<'_> {
    /// The value that the expression always has.
    fn value(&self, expr: ExprId) -> Option<bool> {
        if let ExprKind::Bool(value) = self.exprs.kind(expr) {
            return Some(*value);
        }
        let live = self.classes.iter().filter(|class| !class.table.is_dead(expr));
        let types: Vec<Option<Ty>> = live.map(|class| class.table.ty(expr)).collect();
        let first = (*types.first()?)?;
        let is_same = types.iter().all(|ty| *ty == Some(first));
        let is_certain = types.len() == self.classes.len() || self.asks_for_presence(expr);
        ((first == Ty::TRUE || first == Ty::FALSE) && is_same && is_certain).then_some(first == Ty::TRUE)
    }

    /// Whether the expression asks for an attribute or a tag. That is the same however one gets there. A test for a type
    /// is not: the last one of several is always true, and still says what the author thinks of.
    fn asks_for_presence(&self, expr: ExprId) -> bool {
        matches!(
            self.exprs.kind(expr),
            ExprKind::Has { .. } | ExprKind::Binary { operator: BinaryOperator::HasTag, .. }
        )
    }

    /// Whether the expression is never evaluated.
    fn is_dead(&self, expr: ExprId) -> bool {
        !self.classes.is_empty() && self.classes.iter().all(|class| class.table.is_dead(expr))
    }

    /// An expression that decides something.
    fn truth(&mut self, expr: ExprId, place: Place) {
        match self.value(expr) {
            Some(value) => self.constant(expr, value, place),
            None => self.open.push(expr),
        }
    }

    /// Looks into an expression whose value varies.
    fn visit(&mut self, expr: ExprId) {
        let kind = self.exprs.kind(expr);
        if let ExprKind::And(operands) = kind {
            operands.iter().for_each(|operand| self.truth(*operand, Place::And));
        } else if let ExprKind::Or(operands) = kind {
            operands.iter().for_each(|operand| self.truth(*operand, Place::Or));
        } else if let ExprKind::If { condition, then, otherwise } = kind {
            let dead = self.value(*condition).and_then(|_| self.dead_branch(*condition, *then, *otherwise));
            match dead {
                Some((dead, cause)) => self.found.push(report::unreachable_expression(dead, cause)),
                None => self.truth(*condition, Place::Guard),
            }
            let branches = [*then, *otherwise].map(|branch| (!self.is_dead(branch)).then_some(branch));
            self.open.extend(branches.into_iter().flatten());
        } else {
            kind.for_each_child(|child| self.open.push(child));
        }
    }

    /// Reports an expression that is always the same, or the part of it that makes it so.
    fn constant(&mut self, mut expr: ExprId, value: bool, place: Place) {
        while let Some(part) = self.culprit(expr, value) {
            expr = part;
        }
        let dead = if let ExprKind::If { condition, then, otherwise } = self.exprs.kind(expr) {
            self.dead_branch(*condition, *then, *otherwise)
        } else {
            self.dead_tail(expr, value)
        };
        let span = self.exprs.span(expr);
        self.found.push(match dead {
            Some((dead, cause)) => report::unreachable_expression(dead, cause),
            None if value => report::always_true(span, place),
            None => report::always_false(span, place),
        });
    }

    /// The operands of a chain that one operand of this value decides.
    fn deciding_chain(&self, expr: ExprId, value: bool) -> Option<&[ExprId]> {
        if let (ExprKind::And(operands), false) | (ExprKind::Or(operands), true) = (self.exprs.kind(expr), value) {
            return Some(operands);
        }
        None
    }

    /// The operand of a chain that decides, if it leaves nothing behind it without effect.
    fn culprit(&self, expr: ExprId, value: bool) -> Option<ExprId> {
        let operands = self.deciding_chain(expr, value)?;
        if operands.iter().any(|operand| self.is_dead(*operand)) {
            return None;
        }
        operands.iter().find(|operand| self.value(**operand) == Some(value)).copied()
    }

    /// The operands of a chain that are never evaluated, and why.
    fn dead_tail(&self, expr: ExprId, value: bool) -> Option<(Span, Cause)> {
        let operands = self.deciding_chain(expr, value)?;
        let first_dead = operands.iter().position(|operand| self.is_dead(*operand))?;
        let (live, dead) = operands.split_at_checked(first_dead)?;
        let span = |operands: &[ExprId]| {
            let (first, last) = (operands.first()?, operands.last()?);
            Some(self.exprs.span(*first).to(self.exprs.span(*last)))
        };
        let cause = match live.iter().find(|operand| self.value(**operand) == Some(value)) {
            Some(operand) => Cause::One { span: self.exprs.span(*operand), value },
            None => Cause::Several { span: span(live)?, value },
        };
        Some((span(dead)?, cause))
    }

    /// The branch of an `if` that is never evaluated, and why.
    fn dead_branch(&self, guard: ExprId, then: ExprId, otherwise: ExprId) -> Option<(Span, Cause)> {
        let dead = [then, otherwise].into_iter().find(|branch| self.is_dead(*branch))?;
        let cause = Cause::One { span: self.exprs.span(guard), value: dead == otherwise };
        Some((self.exprs.span(dead), cause))
    }
}
