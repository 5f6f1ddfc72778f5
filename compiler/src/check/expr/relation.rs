//! `==`, `<`, `in` and arithmetic.

use deodar_grammar::ast::{BinaryOperator, ExprId, ExprKind, Variable};
use deodar_lexicon::builtin::ExtensionType;

use super::{Answer, Checker, Frame, Step};
use crate::check::{
    finding::{Expected, FailureKind, Meeting, Problem, Role},
    form::Form,
    model::ActionIndex,
    types::{Kind, Mode, Ty},
};

impl Checker<'_> {
    pub(super) fn equal(&mut self, expr: ExprId, operands: [ExprId; 2], [left, right]: [Answer; 2]) -> Answer {
        let ty = self.type_of_equality(operands, [left.ty, right.ty]);
        let answer = self.must_agree(expr, Answer::of(ty), [left.ty, right.ty], Meeting::Equality);
        answer.if_ok(left.ok && right.ok)
    }

    /// Entities of different types are never equal, and literals are compared at once.
    fn type_of_equality(&self, [left, right]: [ExprId; 2], types: [Option<Ty>; 2]) -> Ty {
        if let [Some(left), Some(right)] = types
            && self.types.are_disjoint_entities(left, right)
        {
            return Ty::FALSE;
        }
        match (self.literal(left), self.literal(right)) {
            (Some(left), Some(right)) => Ty::of_bool(left == right),
            (Some(_) | None, _) => Ty::BOOL,
        }
    }

    /// The expression as a literal; the action of the environment is one.
    fn literal(&self, expr: ExprId) -> Option<Form> {
        if let ExprKind::Variable(Variable::Action) = self.exprs.kind(expr) {
            let uid = self.model.action(self.environment.action)?.uid;
            return Some(Form::Entity(uid.entity_type().as_str().into(), uid.id().into()));
        }
        let form = self.forms.get(self.forms.of(expr));
        form.is_literal().then(|| form.clone())
    }

    /// Strictly, what is compared has types with an upper bound, unless the outcome is decided already.
    fn must_agree(&mut self, expr: ExprId, answer: Answer, types: [Option<Ty>; 2], meeting: Meeting) -> Answer {
        let [Some(left), Some(right)] = types else { return answer };
        if self.mode == Mode::Permissive || matches!(answer.ty, Some(Ty::TRUE | Ty::FALSE)) {
            return answer;
        }
        match self.types.least_upper_bound(left, right, self.mode) {
            Ok(_) => answer,
            Err(mismatch) => {
                let (types, exprs) = ([left, right].into(), self.operands(expr));
                self.report(expr, Problem::IncompatibleTypes { types, exprs, mismatch, meeting });
                Answer::failure(answer.ty)
            }
        }
    }

    pub(super) fn is_comparable(&self, ty: Ty) -> bool {
        match self.types.kind(ty) {
            Kind::Long | Kind::Extension(ExtensionType::Datetime | ExtensionType::Duration) => true,
            Kind::Never
            | Kind::True
            | Kind::False
            | Kind::Bool
            | Kind::String
            | Kind::AnyEntity
            | Kind::Entity(_)
            | Kind::Extension(ExtensionType::Decimal | ExtensionType::IpAddr)
            | Kind::Set(_)
            | Kind::Record(_) => false,
        }
    }

    /// Both operands have the same type, and it has an order; what is wrong is said of the operand that is.
    pub(super) fn compare(
        &mut self,
        operator: BinaryOperator,
        [left, right]: [ExprId; 2],
        answers: [Answer; 2],
    ) -> Answer {
        let answer = Answer::of(Ty::BOOL).if_ok(answers.iter().all(|answer| answer.ok));
        let [Some(one), Some(other)] = answers.map(|answer| answer.ty) else { return answer.if_ok(false) };
        let (left_role, right_role) = (Role::Left(operator), Role::Right(operator));
        let is_comparable = [one, other].map(|ty| self.is_comparable(ty));
        match (one, other, is_comparable) {
            (Ty::NEVER, Ty::NEVER, _) => return answer.if_ok(false),
            (Ty::NEVER, _, [_, true]) | (_, Ty::NEVER, [true, _]) => return answer,
            (one, other, [true, _]) if one == other => return answer,
            (_, Ty::LONG, [_, _]) if one != Ty::LONG => self.unexpected(left, Expected::Long, one, left_role),
            (_, _, [true, _]) => self.unexpected(right, Expected::LikeOther(one), other, right_role),
            (_, _, [false, true]) => self.unexpected(left, Expected::LikeOther(other), one, left_role),
            (_, _, [false, false]) => {
                if one != Ty::NEVER {
                    self.unexpected(left, Expected::Comparable, one, left_role);
                }
                if other != Ty::NEVER {
                    self.unexpected(right, Expected::Comparable, other, right_role);
                }
            }
        }
        answer.if_ok(false)
    }

    pub(super) fn arithmetic(
        &mut self,
        frame: &mut Frame,
        operand: impl Fn(usize) -> Option<(ExprId, &'static str)>,
    ) -> Step {
        let last = frame.checked.checked_sub(1);
        if let Some((expr, symbol)) = last.and_then(&operand) {
            let answer = self.answer(frame, frame.checked - 1);
            let answer = self.expect(answer, expr, Expected::Long, Role::Term(symbol));
            let ok = answer.ok && (frame.checked == 1 || frame.chain.ok);
            frame.chain = Answer::of(Ty::LONG).if_ok(ok);
        }
        if let Some((expr, _)) = operand(frame.checked) {
            return Step::Check(expr);
        }
        self.may_fail(frame.expr, FailureKind::Overflow);
        Step::Done(frame.chain)
    }

    pub(super) fn is_in(&mut self, [left, right]: [ExprId; 2], [below, above]: [Answer; 2]) -> Answer {
        let below = self.expect(below, left, Expected::Entity, Role::Left(BinaryOperator::In));
        let above = self.expect(above, right, Expected::EntityOrEntities, Role::Right(BinaryOperator::In));
        if !below.ok || !above.ok {
            return Answer::failure(Some(Ty::BOOL));
        }
        if let Some(decided) = self.action_is_in(left, right) {
            return Answer::of(Ty::of_bool(decided));
        }
        let below = below.ty.and_then(|ty| self.types.entity_types(ty));
        let above = above.ty.and_then(|ty| self.types.entity_types(self.types.element(ty).unwrap_or(ty)));
        match (below, above) {
            (Some(below), Some(above)) if !self.model.any_may_be_in(below, above) => Answer::of(Ty::FALSE),
            (Some(_) | None, _) => Answer::of(Ty::BOOL),
        }
    }

    /// An action in literals: the hierarchy of actions is known.
    fn action_is_in(&self, left: ExprId, right: ExprId) -> Option<bool> {
        let action = self.action_literal(left)??;
        let groups: Vec<_> = if let ExprKind::Set(elements) = self.exprs.kind(right) {
            elements.iter().map(|element| self.action_literal(*element)).collect::<Option<_>>()?
        } else {
            vec![self.action_literal(right)?]
        };
        Some(groups.into_iter().flatten().any(|group| self.model.action_is_in(action, group)))
    }

    /// Of an entity literal, the action that it names; of the action variable, that of the environment.
    #[expect(clippy::option_option, reason = "no literal, or a literal that is no action")]
    fn action_literal(&self, expr: ExprId) -> Option<Option<ActionIndex>> {
        if let ExprKind::Variable(Variable::Action) = self.exprs.kind(expr) {
            return Some(Some(self.environment.action));
        }
        let ExprKind::Entity(entity) = self.exprs.kind(expr) else { return None };
        Some(self.model.find_action(entity))
    }

    pub(super) fn contains(&mut self, expr: ExprId, [left, _]: [ExprId; 2], [set, element]: [Answer; 2]) -> Answer {
        let set = self.expect(set, left, Expected::Set, Role::Left(BinaryOperator::Contains));
        let of_set = set.ty.and_then(|ty| self.types.element(ty));
        let answer = self.must_agree(expr, Answer::of(Ty::BOOL), [of_set, element.ty], Meeting::Contains);
        answer.if_ok(set.ok && element.ok)
    }

    pub(super) fn contains_set(
        &mut self,
        operator: BinaryOperator,
        expr: ExprId,
        [left, right]: [ExprId; 2],
        [one, other]: [Answer; 2],
    ) -> Answer {
        let one = self.expect(one, left, Expected::Set, Role::Left(operator));
        let other = self.expect(other, right, Expected::Set, Role::Right(operator));
        let answer = self.must_agree(expr, Answer::of(Ty::BOOL), [one.ty, other.ty], Meeting::ContainsSet);
        answer.if_ok(one.ok && other.ok)
    }
}
