//! Checks an expression in one request environment.
//!
//! Each kind of expression has one rule (Cedar's validation guide has the same rules in words). A rule is asked again
//! after each operand that it wanted checked, so that it can decide by what it knows: whether the right side of `&&`
//! counts, and under which capabilities. The machine keeps the rules that wait on a stack of its own; nothing recurses.
//!
//! An answer has a type even where something is wrong, if the type is beyond doubt; then checking goes on with it, and
//! the answer is no success. What gave no type is not reported again by what contains it.

mod access;
mod boolean;
mod relation;
mod value;

use core::mem;

use deodar_grammar::ast::{
    BinaryOperator, Condition, ConditionKind, EntityRef, ExprId, ExprKind, Exprs, UnaryOperator, Variable,
};
use deodar_lexicon::name;

use super::{
    capability::{Capabilities, Given, Mark},
    finding::{Expected, Failure, FailureKind, Found, Problem, Role},
    form::Forms,
    model::{ActionIndex, Model},
    table::{ExprRange, TypeTable},
    types::{Kind, Mode, Ty, Types},
};

/// One kind of request: what the variables stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Environment {
    pub(crate) principal: Ty,
    pub(crate) action: ActionIndex,
    pub(crate) action_ty: Ty,
    pub(crate) resource: Ty,
    pub(crate) context: Ty,
}

impl Environment {
    /// Before the first one.
    const NONE: Self = Self {
        principal: Ty::ANY_ENTITY,
        action: ActionIndex::NONE,
        action_ty: Ty::ANY_ENTITY,
        resource: Ty::ANY_ENTITY,
        context: Ty::NEVER,
    };
}

/// What checking an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The type, if it is known in spite of a problem.
    pub(crate) ty: Option<Ty>,
    /// Whether there is no problem.
    pub(crate) ok: bool,
    /// What holds if the expression is true; nothing unless `ok`.
    pub(crate) given: Given,
}

impl Answer {
    pub(crate) const fn of(ty: Ty) -> Self {
        Self { ty: Some(ty), ok: true, given: Given::NOTHING }
    }

    const fn failure(ty: Option<Ty>) -> Self {
        Self { ty, ok: false, given: Given::NOTHING }
    }

    fn giving(self, given: Given) -> Self {
        if self.ok { Self { given, ..self } } else { self }
    }

    /// The same answer, and no success unless the condition holds.
    fn if_ok(self, ok: bool) -> Self {
        if ok { self } else { Self::failure(self.ty) }
    }
}

/// What a rule wants next.
enum Step {
    /// That this operand is checked.
    Check(ExprId),
    Done(Answer),
}

/// A rule that waits.
struct Frame {
    expr: ExprId,
    /// How many operands were checked.
    checked: usize,
    /// Where their answers begin.
    answers: usize,
    /// The capabilities in force before.
    mark: Mark,
    /// What a chain gives so far.
    chain: Answer,
}

/// What checking the conditions of a policy gives, in one environment.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) answer: Answer,
    pub(crate) found: Vec<Found>,
    pub(crate) table: TypeTable,
    pub(crate) failures: Vec<Failure>,
}

/// Checks the expressions of one source.
pub(crate) struct Checker<'c> {
    pub(crate) exprs: &'c Exprs,
    pub(crate) model: &'c Model<'c>,
    pub(crate) types: &'c mut Types,
    forms: Forms,
    capabilities: Capabilities,
    pub(crate) mode: Mode,
    environment: Environment,
    found: Vec<Found>,
    table: TypeTable,
    failures: Vec<Failure>,
    answers: Vec<Answer>,
}

impl<'c> Checker<'c> {
    pub(crate) fn new(exprs: &'c Exprs, model: &'c Model<'c>, types: &'c mut Types, mode: Mode) -> Self {
        Self {
            exprs,
            model,
            types,
            forms: Forms::new(exprs),
            capabilities: Capabilities::new(),
            mode,
            environment: Environment::NONE,
            found: Vec::new(),
            table: TypeTable::default(),
            failures: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Checks the conditions of a policy, which hold together: `c1 && (c2 && c3)`, with `unless` negated.
    pub(crate) fn conditions(
        &mut self,
        conditions: &[Condition],
        environment: Environment,
        range: ExprRange,
    ) -> Checked {
        self.environment = environment;
        self.table = TypeTable::new(range);
        self.capabilities.restart();
        let mut answers = Vec::new();
        for condition in conditions {
            let answer = self.check(condition.body);
            let answer = match condition.kind {
                ConditionKind::When => self.expect(answer, condition.body, Expected::Bool, Role::Truth),
                ConditionKind::Unless => self.not(answer, condition.body),
            };
            answers.push(answer);
            if answer.ty == Some(Ty::FALSE) {
                break;
            }
            self.capabilities.grant(answer.given);
        }
        let last = answers.pop().unwrap_or(Answer::of(Ty::TRUE));
        let answer = answers.into_iter().rev().fold(last, |rest, condition| self.join_and(condition, rest));
        let (found, failures) = (mem::take(&mut self.found), mem::take(&mut self.failures));
        Checked { answer, found, table: mem::take(&mut self.table), failures }
    }

    /// Checks an expression under the capabilities in force, and notes the types of all that is looked at.
    fn check(&mut self, root: ExprId) -> Answer {
        let mut frames = vec![self.frame(root)];
        while let Some(frame) = frames.last_mut() {
            match self.step(frame) {
                Step::Check(operand) => {
                    let frame = self.frame(operand);
                    frames.push(frame);
                }
                Step::Done(answer) => {
                    self.finish(frame, answer);
                    frames.pop();
                    if let Some(waiting) = frames.last_mut() {
                        waiting.checked += 1;
                    }
                }
            }
        }
        self.answers.pop().unwrap_or(Answer::failure(None))
    }

    fn frame(&self, expr: ExprId) -> Frame {
        let mark = self.capabilities.mark();
        Frame { expr, checked: 0, answers: self.answers.len(), mark, chain: Answer::failure(None) }
    }

    fn finish(&mut self, frame: &Frame, answer: Answer) {
        self.capabilities.revoke(frame.mark);
        self.answers.truncate(frame.answers);
        self.answers.push(answer);
        self.table.set(frame.expr, answer.ty);
    }

    /// The answer for the operand of that position.
    fn answer(&self, frame: &Frame, operand: usize) -> Answer {
        self.answers.get(frame.answers + operand).copied().unwrap_or(Answer::failure(None))
    }

    fn step(&mut self, frame: &mut Frame) -> Step {
        let exprs = self.exprs;
        match exprs.kind(frame.expr) {
            ExprKind::Error | ExprKind::Name(_) | ExprKind::UnknownCall { .. } => Step::Done(Answer::failure(None)),
            ExprKind::Bool(value) => Step::Done(Answer::of(Ty::of_bool(*value))),
            ExprKind::Long(_) => Step::Done(Answer::of(Ty::LONG)),
            ExprKind::String(_) => Step::Done(Answer::of(Ty::STRING)),
            ExprKind::Entity(entity) => Step::Done(self.entity(entity)),
            ExprKind::Variable(variable) => Step::Done(Answer::of(self.variable(*variable))),
            ExprKind::Slot(_) => Step::Done(Answer::of(Ty::ANY_ENTITY)),
            ExprKind::If { condition, then, otherwise } => self.conditional(frame, *condition, *then, *otherwise),
            ExprKind::And(operands) => self.and(frame, operands),
            ExprKind::Or(operands) => self.or(frame, operands),
            ExprKind::Sum { first, rest } => {
                let operand = |n: usize| match n.checked_sub(1) {
                    None => Some((*first, rest.first().map_or("+", |(operator, _)| operator.symbol()))),
                    Some(n) => rest.get(n).map(|(operator, operand)| (*operand, operator.symbol())),
                };
                self.arithmetic(frame, operand)
            }
            ExprKind::Product(operands) => self.arithmetic(frame, |n| operands.get(n).map(|operand| (*operand, "*"))),
            ExprKind::Unary(operator, base) => self.unary(frame, *operator, *base),
            ExprKind::Binary { operator, left, right } => self.binary(frame, *operator, *left, *right),
            ExprKind::Attribute { base, name } => self.attribute(frame, *base, name),
            ExprKind::Has { base, path } => match &**path {
                [name] => self.has(frame, *base, name),
                path => self.has_path(frame, *base, path),
            },
            ExprKind::Like { base, .. } => self.like(frame, *base),
            ExprKind::Is { base, ty, within } => self.is(frame, *base, &ty.name, *within),
            ExprKind::Call { builtin, arguments } => self.call(frame, *builtin, arguments),
            ExprKind::Set(elements) => self.set(frame, elements),
            ExprKind::Record(entries) => self.record(frame, entries),
        }
    }

    fn unary(&mut self, frame: &Frame, operator: UnaryOperator, base: ExprId) -> Step {
        if frame.checked == 0 {
            return Step::Check(base);
        }
        let answer = self.answer(frame, 0);
        Step::Done(match operator {
            UnaryOperator::Not => self.not(answer, base),
            UnaryOperator::Negate => {
                let answer = self.expect(answer, base, Expected::Long, Role::Operand(operator));
                self.may_fail(frame.expr, FailureKind::Overflow);
                Answer::of(Ty::LONG).if_ok(answer.ok)
            }
            UnaryOperator::IsEmpty => {
                let answer = self.expect(answer, base, Expected::Set, Role::Operand(operator));
                Answer::of(Ty::BOOL).if_ok(answer.ok)
            }
        })
    }

    /// Every rule for two operands looks at both before it decides.
    fn binary(&mut self, frame: &Frame, operator: BinaryOperator, left: ExprId, right: ExprId) -> Step {
        match frame.checked {
            0 => return Step::Check(left),
            1 => return Step::Check(right),
            _ => {}
        }
        let answers = [self.answer(frame, 0), self.answer(frame, 1)];
        let (expr, operands) = (frame.expr, [left, right]);
        Step::Done(match operator {
            BinaryOperator::Equal => self.equal(expr, operands, answers),
            BinaryOperator::NotEqual => Self::negated(self.equal(expr, operands, answers)),
            BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => self.compare(operator, operands, answers),
            BinaryOperator::In => self.is_in(operands, answers),
            BinaryOperator::Contains => self.contains(expr, operands, answers),
            BinaryOperator::ContainsAll | BinaryOperator::ContainsAny => {
                self.contains_set(operator, expr, operands, answers)
            }
            BinaryOperator::HasTag => self.has_tag(operands, answers),
            BinaryOperator::GetTag => self.get_tag(expr, operands, answers),
        })
    }

    fn variable(&self, variable: Variable) -> Ty {
        match variable {
            Variable::Principal => self.environment.principal,
            Variable::Action => self.environment.action_ty,
            Variable::Resource => self.environment.resource,
            Variable::Context => self.environment.context,
        }
    }

    /// What is not declared was reported when the literals were looked at.
    fn entity(&self, entity: &EntityRef) -> Answer {
        let ty = if name::is_action_type(&entity.ty.name) {
            self.model.find_action(entity).and_then(|action| self.model.action(action)).map(|action| action.ty)
        } else if self.model.is_known_entity_type(&entity.ty.name) {
            self.model.entity_type(&entity.ty.name)
        } else {
            None
        };
        ty.map_or(Answer::failure(None), |ty| Answer::of(self.model.entity_ty(ty)))
    }

    /// The answer, if its type is one of those that its place takes; otherwise that is reported.
    fn expect(&mut self, answer: Answer, expr: ExprId, expected: Expected, role: Role) -> Answer {
        match answer.ty {
            None => Answer::failure(None),
            Some(ty) if self.accepts(expected, ty) => answer,
            Some(found) => {
                self.unexpected(expr, expected, found, role);
                Answer::failure(None)
            }
        }
    }

    fn accepts(&self, expected: Expected, ty: Ty) -> bool {
        if ty == Ty::NEVER {
            return true;
        }
        match expected {
            Expected::Bool => ty.is_bool(),
            Expected::Long => ty == Ty::LONG,
            Expected::String => ty == Ty::STRING,
            Expected::Entity => self.types.is_entity(ty),
            Expected::EntityOrRecord => self.types.is_entity(ty) || matches!(self.types.kind(ty), Kind::Record(_)),
            Expected::EntityOrEntities => {
                let is_entity = |ty| ty == Ty::NEVER || self.types.is_entity(ty);
                self.types.is_entity(ty) || self.types.element(ty).is_some_and(is_entity)
            }
            Expected::Set => self.types.element(ty).is_some(),
            Expected::Extension(extension) => *self.types.kind(ty) == Kind::Extension(extension),
            Expected::Comparable => self.is_comparable(ty),
            Expected::LikeOther(other) => ty == other,
        }
    }

    /// Notes that evaluating the expression may fail although nothing is wrong with its types.
    fn may_fail(&mut self, expr: ExprId, kind: FailureKind) {
        self.failures.push(Failure { expr, kind });
    }

    fn unexpected(&mut self, expr: ExprId, expected: Expected, found: Ty, role: Role) {
        self.report(expr, Problem::UnexpectedType { expected, found, role });
    }

    /// The two parts of an expression whose types must agree.
    fn operands(&self, expr: ExprId) -> Box<[ExprId]> {
        if let ExprKind::Binary { left: one, right: other, .. } | ExprKind::If { then: one, otherwise: other, .. } =
            self.exprs.kind(expr)
        {
            return [*one, *other].into();
        }
        Box::default()
    }

    fn report(&mut self, expr: ExprId, problem: Problem) {
        self.found.push(Found { problem, span: self.exprs.span(expr) });
    }
}
