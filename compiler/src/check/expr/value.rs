//! Sets, records, calls, `like` and `is`.

use deodar_grammar::ast::{ExprId, ExprKind, RecordEntry};
use deodar_lexicon::{Builtin, builtin::ParameterType};
use deodar_runtime::check_constructor;

use hashbrown::HashSet;

use super::{Answer, Checker, Frame, Step};
use crate::check::{
    finding::{Expected, FailureKind, Meeting, Problem, Role},
    types::{Attribute, Mode, Ty},
};

impl Checker<'_> {
    pub(super) fn set(&mut self, frame: &Frame, elements: &[ExprId]) -> Step {
        if let Some(element) = elements.get(frame.checked) {
            return Step::Check(*element);
        }
        let answers = self.answers.get(frame.answers..).unwrap_or_default();
        let types: Option<Vec<Ty>> = answers.iter().map(|answer| answer.ty).collect();
        let ok = answers.iter().all(|answer| answer.ok);
        if elements.is_empty() && self.mode == Mode::Strict {
            self.report(frame.expr, Problem::EmptySet);
            return Step::Done(Answer::failure(None));
        }
        let Some(types) = types else { return Step::Done(Answer::failure(None)) };
        Step::Done(match self.types.bound_of_all(types.iter().copied(), self.mode) {
            Ok(element) => Answer::of(self.types.set(element)).if_ok(ok),
            Err(mismatch) => {
                let (types, exprs) = first_of_each(&types, elements);
                let meeting = Meeting::Elements;
                self.report(frame.expr, Problem::IncompatibleTypes { types, exprs, mismatch, meeting });
                Answer::failure(None)
            }
        })
    }

    pub(super) fn record(&mut self, frame: &Frame, entries: &[RecordEntry]) -> Step {
        if let Some(entry) = entries.get(frame.checked) {
            return Step::Check(entry.value);
        }
        let answers = self.answers.get(frame.answers..).unwrap_or_default();
        let ok = answers.iter().all(|answer| answer.ok);
        let attributes = entries
            .iter()
            .zip(answers)
            .map(|(entry, answer)| Some((entry.key.value.clone(), Attribute { ty: answer.ty?, required: true })));
        let attributes: Option<Vec<_>> = attributes.collect();
        Step::Done(match attributes {
            Some(attributes) => Answer::of(self.types.record(attributes)).if_ok(ok),
            None => Answer::failure(None),
        })
    }

    pub(super) fn call(&mut self, frame: &Frame, builtin: Builtin, arguments: &[ExprId]) -> Step {
        if let Some(argument) = arguments.get(frame.checked) {
            return Step::Check(*argument);
        }
        let result = self.parameter_type(builtin.signature().result);
        // The types of arguments count only in a call that is right in itself.
        if !self.call_is_right(frame.expr, builtin, arguments) {
            return Step::Done(Answer::failure(Some(result)));
        }
        let mut ok = true;
        for (n, (argument, parameter)) in arguments.iter().zip(builtin.signature().parameters).enumerate() {
            let expected = match parameter {
                ParameterType::Bool => Expected::Bool,
                ParameterType::Long => Expected::Long,
                ParameterType::String => Expected::String,
                ParameterType::Extension(extension) => Expected::Extension(*extension),
            };
            let answer = self.answer(frame, n);
            ok &= self.expect(answer, *argument, expected, Role::Argument(builtin)).ok;
        }
        if builtin.may_overflow() || (builtin.constructs().is_some() && !arguments.iter().all(|a| self.is_literal(*a)))
        {
            self.may_fail(frame.expr, FailureKind::Extension);
        }
        Step::Done(Answer::of(result).if_ok(ok))
    }

    fn call_is_right(&mut self, expr: ExprId, builtin: Builtin, arguments: &[ExprId]) -> bool {
        let before = self.found.len();
        if arguments.len() != builtin.signature().parameters.len() {
            self.report(expr, Problem::ArgumentCount { builtin, found: arguments.len() });
        }
        if builtin.constructs().is_none() {
            return self.found.len() == before;
        }
        if let [argument] = arguments
            && let ExprKind::String(text) = self.exprs.kind(*argument)
            && let Err(reason) = check_constructor(builtin, text)
        {
            self.report(*argument, Problem::InvalidArgument { builtin, text: text.clone(), reason });
        }
        if self.mode == Mode::Strict && !arguments.iter().all(|argument| self.is_literal(*argument)) {
            self.report(expr, Problem::NonLiteralArgument { builtin });
        }
        self.found.len() == before
    }

    fn is_literal(&self, expr: ExprId) -> bool {
        self.forms.get(self.forms.of(expr)).is_literal()
    }

    fn parameter_type(&mut self, ty: ParameterType) -> Ty {
        match ty {
            ParameterType::Bool => Ty::BOOL,
            ParameterType::Long => Ty::LONG,
            ParameterType::String => Ty::STRING,
            ParameterType::Extension(extension) => self.types.extension(extension),
        }
    }

    pub(super) fn like(&mut self, frame: &Frame, base: ExprId) -> Step {
        if frame.checked == 0 {
            return Step::Check(base);
        }
        let answer = self.expect(self.answer(frame, 0), base, Expected::String, Role::LikeBase);
        Step::Done(Answer::of(Ty::BOOL).if_ok(answer.ok))
    }

    /// `base is T`, or `base is T in within`: both hold, and the second counts only where the first can.
    pub(super) fn is(&mut self, frame: &mut Frame, base: ExprId, ty: &str, within: Option<ExprId>) -> Step {
        if frame.checked == 0 {
            return Step::Check(base);
        }
        if frame.checked == 1 {
            frame.chain = self.is_type(self.answer(frame, 0), base, ty);
            return match within {
                Some(within) if frame.chain.ty != Some(Ty::FALSE) => Step::Check(within),
                Some(_) | None => Step::Done(frame.chain),
            };
        }
        let Some(within) = within else { return Step::Done(frame.chain) };
        // A base that `is` has reported is not reported once more by `in`.
        let base_answer = self.answer(frame, 0);
        let is_entity = base_answer.ty.is_some_and(|ty| self.types.is_entity(ty));
        let base_answer = if is_entity { base_answer } else { Answer::failure(None) };
        let answers = [base_answer, self.answer(frame, 1)];
        let is_in = self.is_in([base, within], answers);
        Step::Done(self.join_and(frame.chain, is_in))
    }

    fn is_type(&mut self, base_answer: Answer, base: ExprId, ty: &str) -> Answer {
        let answer = self.expect(base_answer, base, Expected::Entity, Role::IsBase);
        let Some(found) = answer.ty else { return Answer::failure(Some(Ty::BOOL)) };
        let Some(entity_types) = self.types.entity_types(found) else { return Answer::of(Ty::BOOL).if_ok(answer.ok) };
        let asked = self.model.entity_type(ty);
        let ty = match (entity_types, asked) {
            ([single], Some(asked)) if *single == asked => Ty::TRUE,
            (several, Some(asked)) if several.contains(&asked) => Ty::BOOL,
            (_, _) => Ty::FALSE,
        };
        Answer::of(ty).if_ok(answer.ok)
    }
}

/// The types without repetition, each with the first element that has it.
fn first_of_each(types: &[Ty], elements: &[ExprId]) -> (Box<[Ty]>, Box<[ExprId]>) {
    let mut seen = HashSet::new();
    let firsts = types.iter().copied().zip(elements.iter().copied()).filter(|(ty, _)| seen.insert(*ty));
    let (types, elements): (Vec<_>, Vec<_>) = firsts.unzip();
    (types.into(), elements.into())
}
