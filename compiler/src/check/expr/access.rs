//! Attributes and tags: reading them, and asking whether they are there.

use deodar_grammar::ast::{BinaryOperator, ExprId, Spanned};
use smol_str::SmolStr;

use super::{Answer, Checker, Frame, Step};
use crate::check::{
    capability::{CapabilityId, Given},
    finding::{Expected, FailureKind, Found, Meeting, Problem, Role},
    form::{Form, FormId},
    types::{Attribute, Kind, Ty},
};

impl Checker<'_> {
    pub(super) fn attribute(&mut self, frame: &Frame, base: ExprId, name: &Spanned<SmolStr>) -> Step {
        if frame.checked == 0 {
            return Step::Check(base);
        }
        let answer = self.expect(self.answer(frame, 0), base, Expected::EntityOrRecord, Role::AttributeBase);
        let Some(on) = answer.ty else { return Step::Done(Answer::failure(None)) };
        let is_known = !self.capabilities.is_idle() && {
            let capability = self.attribute_capability(self.forms.of(base), &name.value);
            self.capabilities.is_in_force(capability)
        };
        if self.types.is_entity(on) && !is_known && !self.exists(base) {
            self.may_fail(frame.expr, FailureKind::MissingEntity);
        }
        let read = self.read(on, base, name, is_known);
        Step::Done(match read {
            Ok(attribute) => Answer::of(attribute.ty).if_ok(answer.ok),
            Err(ty) => Answer::failure(ty),
        })
    }

    /// The attribute, if it is known to be there or must be; reports if not, with the type that it would have.
    fn read(&mut self, on: Ty, base: ExprId, name: &Spanned<SmolStr>, is_known: bool) -> Result<Attribute, Option<Ty>> {
        let model = self.model;
        let problem = match model.attribute(self.types, on, &name.value) {
            Some(attribute) if attribute.required || is_known => return Ok(attribute),
            Some(attribute) => {
                let problem = Problem::OptionalAttribute { on, name: name.value.clone(), base };
                self.found.push(Found { problem, span: name.span });
                return Err(Some(attribute.ty));
            }
            None => {
                let may_exist = model.may_have_attribute(self.types, on, &name.value);
                Problem::UnknownAttribute { on, name: name.value.clone(), base, may_exist }
            }
        };
        self.found.push(Found { problem, span: name.span });
        Err(None)
    }

    fn attribute_capability(&mut self, base: FormId, name: &SmolStr) -> CapabilityId {
        self.capabilities.attribute(&mut self.forms, base, name)
    }

    pub(super) fn has(&mut self, frame: &Frame, base: ExprId, name: &Spanned<SmolStr>) -> Step {
        if frame.checked == 0 {
            return Step::Check(base);
        }
        let answer = self.expect(self.answer(frame, 0), base, Expected::EntityOrRecord, Role::HasBase);
        let Some(on) = answer.ty else { return Step::Done(Answer::failure(Some(Ty::BOOL))) };
        let model = self.model;
        let Some(attribute) = model.attribute(self.types, on, &name.value) else {
            let ty = self.type_of_has_unknown(on, &name.value);
            return Step::Done(Answer::of(ty).if_ok(answer.ok));
        };
        let capability = self.attribute_capability(self.forms.of(base), &name.value);
        // An entity may be missing from the store, and then has no attribute; a record is there.
        let certain = attribute.required && self.is_record(on);
        let ty = if certain || self.capabilities.is_in_force(capability) { Ty::TRUE } else { Ty::BOOL };
        let given = self.shown(on, self.forms.of(base), capability);
        Step::Done(Answer::of(ty).giving(given).if_ok(answer.ok))
    }

    /// Whether it was shown that the entity is in the store.
    fn exists(&mut self, entity: ExprId) -> bool {
        !self.capabilities.is_idle() && {
            let existence = self.capabilities.existence(self.forms.of(entity));
            self.capabilities.is_in_force(existence)
        }
    }

    /// What is known once an attribute or tag is there: of an entity also that it is in the store.
    fn shown(&mut self, on: Ty, base: FormId, capability: CapabilityId) -> Given {
        let given = self.capabilities.one(capability);
        if !self.types.is_entity(on) {
            return given;
        }
        let existence = self.capabilities.existence(base);
        let existence = self.capabilities.one(existence);
        self.capabilities.union(given, existence)
    }

    fn type_of_has_unknown(&self, on: Ty, name: &str) -> Ty {
        if self.model.may_have_attribute(self.types, on, name) { Ty::BOOL } else { Ty::FALSE }
    }

    fn is_record(&self, ty: Ty) -> bool {
        matches!(self.types.kind(ty), Kind::Record(_))
    }

    /// `base has a.b.c`: each step is checked under what the steps before have shown.
    pub(super) fn has_path(&mut self, frame: &Frame, base: ExprId, path: &[Spanned<SmolStr>]) -> Step {
        if frame.checked == 0 {
            return Step::Check(base);
        }
        let answer = self.expect(self.answer(frame, 0), base, Expected::EntityOrRecord, Role::HasBase);
        let outcome = match answer.ty {
            Some(on) => self.has_steps(on, base, path),
            None => None,
        };
        self.capabilities.revoke(frame.mark);
        Step::Done(match outcome {
            Some((ty, given)) => Answer::of(ty).giving(given).if_ok(answer.ok),
            None => Answer::failure(Some(Ty::BOOL)),
        })
    }

    fn has_steps(&mut self, mut on: Ty, base: ExprId, path: &[Spanned<SmolStr>]) -> Option<(Ty, Given)> {
        let mut form = self.forms.of(base);
        let mut given = Given::NOTHING;
        let mut ty = Ty::TRUE;
        for (index, name) in path.iter().enumerate() {
            let capability = self.attribute_capability(form, &name.value);
            let (step, shown) = self.has_step(on, base, form, name, capability)?;
            if step == Ty::FALSE {
                return Some((Ty::FALSE, Given::NOTHING));
            }
            ty = if ty == Ty::TRUE { step } else { ty };
            given = self.capabilities.union(given, shown);
            if index + 1 < path.len() {
                self.capabilities.grant(shown);
                let is_known = self.capabilities.is_in_force(capability);
                on = self.read(on, base, name, is_known).ok()?.ty;
                form = self.forms.intern(Form::Attribute(form, name.value.clone()));
            }
        }
        Some((ty, given))
    }

    fn has_step(
        &mut self,
        on: Ty,
        base: ExprId,
        form: FormId,
        name: &Spanned<SmolStr>,
        capability: CapabilityId,
    ) -> Option<(Ty, Given)> {
        if !self.types.is_entity(on) && !self.is_record(on) {
            let problem =
                Problem::UnexpectedType { expected: Expected::EntityOrRecord, found: on, role: Role::HasBase };
            // The path is wrong where it goes on, not at its base.
            let span = self.exprs.span(base).to(name.span);
            self.found.push(Found { problem, span });
            return None;
        }
        let model = self.model;
        let Some(attribute) = model.attribute(self.types, on, &name.value) else {
            return Some((self.type_of_has_unknown(on, &name.value), Given::NOTHING));
        };
        if self.capabilities.is_in_force(capability) || (attribute.required && self.is_record(on)) {
            return Some((Ty::TRUE, Given::NOTHING));
        }
        Some((Ty::BOOL, self.shown(on, form, capability)))
    }

    /// The entity and the key of a tag operation, checked.
    fn tag_operands(&mut self, operator: BinaryOperator, operands: [ExprId; 2], answers: [Answer; 2]) -> [Answer; 2] {
        let entity = self.expect(answers[0], operands[0], Expected::Entity, Role::Left(operator));
        let key = self.expect(answers[1], operands[1], Expected::String, Role::Right(operator));
        [entity, key]
    }

    fn tag_capability(&mut self, [entity, key]: [ExprId; 2]) -> CapabilityId {
        self.capabilities.tag(self.forms.of(entity), self.forms.of(key))
    }

    pub(super) fn has_tag(&mut self, operands: [ExprId; 2], answers: [Answer; 2]) -> Answer {
        let [entity, key] = self.tag_operands(BinaryOperator::HasTag, operands, answers);
        let Some(on) = entity.ty else { return Answer::failure(None) };
        let capability = self.tag_capability(operands);
        let ty = if self.model.tag_types(self.types, on).is_empty() {
            Ty::FALSE
        } else if self.capabilities.is_in_force(capability) {
            Ty::TRUE
        } else {
            Ty::BOOL
        };
        let given = self.shown(on, self.forms.of(operands[0]), capability);
        Answer::of(ty).giving(given).if_ok(entity.ok && key.ok)
    }

    pub(super) fn get_tag(&mut self, expr: ExprId, operands: [ExprId; 2], answers: [Answer; 2]) -> Answer {
        let [entity, key] = self.tag_operands(BinaryOperator::GetTag, operands, answers);
        let Some(on) = entity.ty else { return Answer::failure(None) };
        let capability = self.tag_capability(operands);
        if !self.capabilities.is_in_force(capability) {
            let [base, key] = operands;
            self.report(expr, Problem::UncheckedTag { on, base, key });
            return Answer::failure(None);
        }
        let types = self.model.tag_types(self.types, on);
        if types.is_empty() {
            self.report(expr, Problem::NoTags { on });
            return Answer::failure(None);
        }
        match self.types.bound_of_all(types.iter().copied(), self.mode) {
            Ok(ty) => Answer::of(ty).if_ok(entity.ok && key.ok),
            Err(mismatch) => {
                let types = types.into();
                let exprs = Box::default();
                self.report(expr, Problem::IncompatibleTypes { types, exprs, mismatch, meeting: Meeting::Tags });
                Answer::failure(None)
            }
        }
    }
}
