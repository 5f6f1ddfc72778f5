//! The engine: a program linked to entities, which decides requests.
//!
//! Every policy whose scope matches is evaluated, also after a forbid was satisfied: errors and determining policies
//! are part of the answer. Testing a scope cannot fail, so a policy whose scope does not match can neither be
//! satisfied nor err, and leaving it out changes nothing; the [index](crate::index) does.
//!
//! An engine is a value. Deciding does not change it, so threads share one; a copy costs next to nothing, and changing
//! the copy (its entities, its links) costs what changes. So a service decides on one engine while it prepares the
//! next, and swaps them. Handles of one engine mean the same in all that were copied from it.

mod links;
mod policies;

use std::sync::Arc;

use crate::{InputError, instruction::Slot};
use crate::{
    bind,
    decide::Scratch,
    entities::{Entities, Entity},
    error::{EvalError, EvaluateError, Failure, Stop},
    index::{Index, Party},
    instruction::CodeAddress,
    link::{Linked, LinkedActions, LinkedScope},
    pool::{Interner, Lookup},
    program::{Condition, ConditionKind, Expression, LinkError, Program, ProgramParts},
    request::{EntityHandle, Question, Request},
    response::{Answer, Decision, Response},
    shape::Shapes,
    uid::EntityUid,
    value::Value,
    vm::{self, Executable, Machine, Memory, NoTrace, Trace},
};
use links::Links;
pub(crate) use policies::{Bodies, Body, PolicyView};

/// A program and entities, ready to decide requests.
#[derive(Debug, Clone)]
pub struct Engine {
    program: Arc<Program>,
    pub(crate) entities: Entities,
    linked: Arc<Linked>,
    /// For each policy of the program, and for each template behind them.
    scopes: Arc<[LinkedScope]>,
    pub(crate) bodies: Arc<Bodies>,
    pub(crate) index: Index,
    links: Links,
}

impl Engine {
    /// Links the program to the entities.
    pub fn new(program: Program, mut entities: Entities) -> Self {
        let pool = entities.pool_mut();
        pool.add_empty_record();
        let linked = Linked::new(program.parts(), pool);
        let policies = program.policies().iter().chain(program.templates());
        let scopes: Arc<[_]> = policies.map(|policy| LinkedScope::new(&policy.scope, pool)).collect();
        let bodies = Bodies::new(&program, &linked);
        let (of_policies, of_templates) = scopes.split_at_checked(program.policies().len()).unwrap_or_default();
        let mut index = Index::new(bodies.indexed(of_policies), &entities);
        index.prepare(of_templates, &entities);
        let (program, linked, bodies) = (Arc::new(program), Arc::new(linked), Arc::new(bodies));
        Self { program, entities, linked, scopes, bodies, index, links: Links::default() }
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The entities.
    pub fn entities(&self) -> &Entities {
        &self.entities
    }

    /// The program and the entities, to make another engine of them; links of the engine are not among them.
    pub fn into_parts(self) -> (Program, Entities) {
        (Arc::unwrap_or_clone(self.program), self.entities)
    }

    /// The handle of an entity name, which requests for this engine and all later copies can use instead of the name.
    pub fn intern(&mut self, uid: &EntityUid) -> EntityHandle {
        EntityHandle(self.entities.pool_mut().intern_entity(uid))
    }

    /// The handle of an entity name that entities or policies mention.
    pub fn handle(&self, uid: &EntityUid) -> Option<EntityHandle> {
        self.entities.pool().find_entity(uid).map(EntityHandle)
    }

    /// Adds an entity, or puts it in place of the one that has its name. With a schema, it must conform.
    ///
    /// # Errors
    /// The first mistake; the engine is unchanged then.
    pub fn upsert(&mut self, entity: &Entity, shapes: Option<&Shapes>) -> Result<(), InputError> {
        self.entities.upsert(entity, shapes)?;
        self.entity_changed(entity.uid());
        Ok(())
    }

    /// Removes an entity; says whether it was there.
    ///
    /// # Errors
    /// See [`Entities::remove`].
    pub fn remove(&mut self, uid: &EntityUid) -> Result<bool, InputError> {
        let was_there = self.entities.remove(uid)?;
        self.entity_changed(uid);
        Ok(was_there)
    }

    fn entity_changed(&mut self, uid: &EntityUid) {
        // Below an action there are only actions.
        if uid.entity_type().is_action() {
            self.index.look_up_actions(&self.entities);
        }
    }

    /// This engine with entities that only some requests bring along; they stand in place of those with their names.
    ///
    /// # Errors
    /// The first mistake in the entities.
    pub fn with_entities<'n>(&self, entities: impl IntoIterator<Item = &'n Entity>) -> Result<Self, InputError> {
        let mut engine = self.clone();
        entities.into_iter().try_for_each(|entity| engine.upsert(entity, None))?;
        Ok(engine)
    }

    /// Adds a policy made from a template of the program by filling its slots.
    ///
    /// # Errors
    /// See [`LinkError`]; the engine is unchanged then.
    pub fn link(&mut self, template: &str, id: &str, values: &[(Slot, EntityUid)]) -> Result<(), LinkError> {
        let (number, found) = self.program.numbered_template(template)?;
        if self.program.has_id(id) || self.links.find(id, self.entities.pool()).is_some() {
            return Err(LinkError::DuplicateId(id.into()));
        }
        let scope = found.scope.filled(template, values)?;
        let scope = LinkedScope::new(&scope, self.entities.pool_mut());
        let policy = self.links.add(self.program.policies().len(), id, number, &scope, self.entities.pool_mut());
        let body = self.bodies.of_template(number);
        self.index.add(policy, &self.bodies.one_indexed(&scope, body));
        Ok(())
    }

    /// Removes a policy that was added with [`link`](Self::link).
    ///
    /// # Errors
    /// [`LinkError::NotALink`] if there is none of that id.
    pub fn unlink(&mut self, id: &str) -> Result<(), LinkError> {
        let pool = self.entities.pool();
        let (policy, link) = self.links.take(id, pool).ok_or_else(|| LinkError::NotALink(id.into()))?;
        let policy = policy.saturating_add(u32::try_from(self.program.policies().len()).unwrap_or(u32::MAX));
        self.index.remove(policy, &LinkedScope { action: LinkedActions::Any, ..link });
        Ok(())
    }

    /// Decides a request.
    pub fn authorize(&self, request: &Request) -> Response {
        let mut scratch = Scratch::new();
        self.decide(&mut scratch, request).to_response()
    }

    /// Decides a request by looking at every policy, one after the other: the meaning of a decision in the simplest
    /// form, which [`decide`](Self::decide) is tested against.
    pub fn authorize_by_scan(&self, request: &Request) -> Response {
        let mut scratch = Scratch::new();
        scratch.scan(self, request.into());
        Answer::new(self, &scratch).to_response()
    }

    /// Decides a request. The answer lies in the scratch memory; where that has been used before, nothing is allocated.
    pub fn decide<'a>(&'a self, scratch: &'a mut Scratch, request: impl Into<Question<'a>>) -> Answer<'a> {
        scratch.decide(self, request.into());
        Answer::new(self, scratch)
    }

    /// Only whether a request is allowed; this may stop at the first policy that settles it. A decision that would
    /// exceed a limit behind that policy is the one that the policy settles.
    pub fn is_allowed<'a>(&self, scratch: &mut Scratch, request: impl Into<Question<'a>>) -> bool {
        scratch.settle(self, request.into()) == Decision::Allow
    }

    /// Decides many requests with the same scratch memory; `answer` is called with each answer, in order.
    pub fn decide_all<'a>(
        &self,
        scratch: &mut Scratch,
        requests: impl IntoIterator<Item = impl Into<Question<'a>>>,
        mut answer: impl FnMut(Answer<'_>),
    ) {
        for request in requests {
            scratch.decide(self, request.into());
            answer(Answer::new(self, scratch));
        }
    }

    /// Evaluates one expression; without a request, an expression that reads a part of it fails.
    ///
    /// # Errors
    /// The evaluation fails, or exceeds a limit.
    pub fn evaluate(&self, expression: &Expression, request: Option<&Request>) -> Result<Value, EvaluateError> {
        let mut memory = Memory::default();
        let mut machine = Machine::new(&self.entities, &mut memory);
        if let Some(request) = request {
            bind::whole_request(request, &mut machine);
        }
        let linked = Linked::new(expression.parts(), &mut machine.overlay);
        let executable = Executable { parts: expression.parts(), linked: &linked };
        match machine.run(executable, expression.code(), &mut NoTrace) {
            Ok(word) => Ok(Value::of(&machine.overlay, word)),
            Err(stop) => Err(match eval_error(stop, expression.parts(), &machine.overlay, &self.entities) {
                Ok(error) => EvaluateError::Eval(error),
                Err(failure) => failure.into(),
            }),
        }
    }

    pub(crate) fn executable(&self) -> Executable<'_> {
        Executable { parts: self.program.parts(), linked: &self.linked }
    }

    pub(crate) fn condition_holds(
        &self,
        condition: &Condition,
        machine: &mut Machine<'_>,
        trace: &mut impl Trace,
    ) -> Result<bool, Stop> {
        let value = machine.run(self.executable(), condition.code, trace)?;
        // V6: the last instruction is the return, whose place is that of the whole expression.
        let at_return = CodeAddress(condition.code.end.0.saturating_sub(1));
        let value = vm::as_bool(value).map_err(|fault| Stop::Fault(at_return, fault))?;
        Ok(match condition.kind {
            ConditionKind::When => value,
            ConditionKind::Unless => !value,
        })
    }
}

pub(crate) fn action_matches(constraint: &LinkedActions, action: Party<'_>) -> bool {
    match constraint {
        LinkedActions::Any => true,
        LinkedActions::Equal(expected) => action.id == *expected,
        LinkedActions::In(groups) => groups.iter().any(|group| action.is_in(*group)),
    }
}

/// The error of a policy; a limit is none of a policy.
#[cold]
pub(crate) fn eval_error(
    stop: Stop,
    parts: &ProgramParts,
    overlay: &impl Lookup,
    entities: &Entities,
) -> Result<EvalError, Failure> {
    match stop {
        Stop::Limit(limit) => Err(Failure::Limit(limit)),
        Stop::Defect => Err(Failure::Defect),
        Stop::Fault(at, fault) => {
            let kind = fault.resolve(overlay, entities)?;
            Ok(EvalError { kind, place: parts.places.get(at.0 as usize).copied() })
        }
    }
}

#[cfg(test)]
mod tests;
