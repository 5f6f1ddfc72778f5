//! `&&`, `||`, `!`, `if`: truth values, and what they show.
//!
//! A type of its own for what is always true or always false decides which operands count; an operand that cannot be
//! reached is not checked. Chains associate to the left, as in the language.

use deodar_grammar::ast::ExprId;

use super::{Answer, Checker, Frame, Step};
use crate::check::{
    capability::Given,
    finding::{Expected, Meeting, Problem, Role},
    types::Ty,
};

impl Checker<'_> {
    /// The answer for an operand of the chain that was just checked, as a truth value.
    fn last_operand(&mut self, frame: &Frame, operands: &[ExprId]) -> Option<Answer> {
        let last = frame.checked.checked_sub(1)?;
        let answer = self.answer(frame, last);
        Some(self.expect(answer, *operands.get(last)?, Expected::Bool, Role::Truth))
    }

    pub(super) fn and(&mut self, frame: &mut Frame, operands: &[ExprId]) -> Step {
        if let Some(answer) = self.last_operand(frame, operands) {
            let first = frame.checked == 1;
            frame.chain = if first { answer } else { self.join_and(frame.chain, answer) };
            if frame.chain.ty == Some(Ty::FALSE) {
                return Step::Done(Answer { given: Given::NOTHING, ..frame.chain });
            }
            // What earlier operands gave is in force already; it is not, if one of them is wrong.
            if frame.chain.ok {
                self.capabilities.grant(answer.given);
            } else {
                self.capabilities.revoke(frame.mark);
            }
        }
        match operands.get(frame.checked) {
            Some(operand) => Step::Check(*operand),
            None => Step::Done(frame.chain),
        }
    }

    /// `left && right`, if `left` is not always false.
    pub(super) fn join_and(&mut self, left: Answer, right: Answer) -> Answer {
        let ok = left.ok && right.ok;
        let (Some(left_ty), Some(right_ty)) = (left.ty, right.ty) else { return Answer::failure(Some(Ty::BOOL)) };
        if right_ty == Ty::FALSE {
            return Answer::of(Ty::FALSE).if_ok(ok);
        }
        if !ok {
            return Answer::failure(Some(and_type(left_ty, right_ty)));
        }
        // What is always true shows nothing that is not known.
        let given = match (left_ty, right_ty) {
            (Ty::TRUE, ty) if ty != Ty::TRUE => right.given,
            _ => self.capabilities.union(left.given, right.given),
        };
        Answer::of(and_type(left_ty, right_ty)).giving(given)
    }

    pub(super) fn or(&mut self, frame: &mut Frame, operands: &[ExprId]) -> Step {
        if let Some(answer) = self.last_operand(frame, operands) {
            let first = frame.checked == 1;
            frame.chain = if first { answer } else { self.join_or(frame.chain, answer) };
            if frame.chain.ty == Some(Ty::TRUE) {
                return Step::Done(frame.chain);
            }
        }
        match operands.get(frame.checked) {
            Some(operand) => Step::Check(*operand),
            None => Step::Done(frame.chain),
        }
    }

    /// `left || right`, if `left` is not always true.
    fn join_or(&mut self, left: Answer, right: Answer) -> Answer {
        let ok = left.ok && right.ok;
        let (ty, given) = match (left.ty, right.ty) {
            (Some(_), Some(Ty::TRUE)) => (Ty::TRUE, right.given),
            (Some(ty), Some(Ty::FALSE)) => (ty, left.given),
            (Some(Ty::FALSE), Some(ty)) => (ty, right.given),
            (Some(_), Some(_)) => (Ty::BOOL, self.capabilities.intersection(left.given, right.given)),
            (None, _) | (_, None) => return Answer::failure(Some(Ty::BOOL)),
        };
        Answer::of(ty).giving(given).if_ok(ok)
    }

    pub(super) fn not(&mut self, answer: Answer, base: ExprId) -> Answer {
        let answer = self.expect(answer, base, Expected::Bool, Role::Truth);
        Self::negated(answer)
    }

    /// The negation of a truth value; it shows nothing.
    pub(super) fn negated(answer: Answer) -> Answer {
        let ty = match answer.ty {
            Some(Ty::TRUE) => Ty::FALSE,
            Some(Ty::FALSE) => Ty::TRUE,
            Some(_) | None => Ty::BOOL,
        };
        Answer::of(ty).if_ok(answer.ok)
    }

    pub(super) fn conditional(
        &mut self,
        frame: &mut Frame,
        condition: ExprId,
        then: ExprId,
        otherwise: ExprId,
    ) -> Step {
        if frame.checked == 0 {
            return Step::Check(condition);
        }
        if frame.checked == 1 {
            let guard = self.answer(frame, 0);
            frame.chain = self.expect(guard, condition, Expected::Bool, Role::Truth);
            if frame.chain.ty == Some(Ty::FALSE) {
                return Step::Check(otherwise);
            }
            self.capabilities.grant(frame.chain.given);
            return Step::Check(then);
        }
        let guard = frame.chain;
        let first = self.answer(frame, 1);
        match (guard.ty, frame.checked) {
            (Some(Ty::FALSE), _) => Step::Done(first.if_ok(guard.ok)),
            (Some(Ty::TRUE), _) => {
                let given = self.capabilities.union(first.given, guard.given);
                Step::Done(first.giving(given).if_ok(guard.ok))
            }
            (_, 2) => {
                self.capabilities.revoke(frame.mark);
                Step::Check(otherwise)
            }
            (_, _) => {
                let second = self.answer(frame, 2);
                Step::Done(self.branches(frame.expr, guard, first, second))
            }
        }
    }

    fn branches(&mut self, expr: ExprId, guard: Answer, then: Answer, otherwise: Answer) -> Answer {
        let (Some(one), Some(other)) = (then.ty, otherwise.ty) else { return Answer::failure(None) };
        match self.types.least_upper_bound(one, other, self.mode) {
            Ok(ty) => {
                let then_given =
                    if then.ok { self.capabilities.union(then.given, guard.given) } else { Given::NOTHING };
                let given = self.capabilities.intersection(otherwise.given, then_given);
                Answer::of(ty).giving(given).if_ok(guard.ok && then.ok && otherwise.ok)
            }
            Err(mismatch) => {
                let types = [one, other].into();
                let (exprs, meeting) = (self.operands(expr), Meeting::Branches);
                self.report(expr, Problem::IncompatibleTypes { types, exprs, mismatch, meeting });
                Answer::failure(None)
            }
        }
    }
}

/// The type of a conjunction of which the right side is not always false.
fn and_type(left: Ty, right: Ty) -> Ty {
    match (left, right) {
        (left, Ty::TRUE) => left,
        (Ty::TRUE, right) => right,
        (_, _) => Ty::BOOL,
    }
}
