//! The engine: a program linked to entities, which decides requests.
//!
//! Every policy whose scope matches is evaluated, also after a forbid was satisfied: errors and determining policies
//! are part of the answer. Testing a scope cannot fail, so a policy whose scope does not match can neither be
//! satisfied nor err, and leaving it out changes nothing.
//!
//! An engine does not change once it is made, so threads share one.

use std::sync::Arc;

use crate::{
    entities::Entities,
    error::{EvalError, EvaluateError, Failure, Stop},
    instruction::CodeAddress,
    link::{Linked, LinkedActions, LinkedConstraint, LinkedScope},
    pool::{EntityId, Interner, Lookup},
    program::{Condition, ConditionKind, Effect, Expression, Policy, Program, ProgramParts},
    request::Request,
    response::{PolicyError, Response, Satisfied},
    value::Value,
    vm::{self, Executable, Machine, Memory, NoTrace, RequestHandles, Trace},
};

/// A program and entities, ready to decide requests.
#[derive(Debug, Clone)]
pub struct Engine {
    program: Arc<Program>,
    entities: Entities,
    linked: Arc<Linked>,
    /// For each policy of the program.
    scopes: Arc<[LinkedScope]>,
}

impl Engine {
    /// Links the program to the entities.
    pub fn new(program: Program, mut entities: Entities) -> Self {
        let pool = entities.pool_mut();
        let linked = Linked::new(program.parts(), pool);
        let scopes = program.policies().iter().map(|policy| LinkedScope::new(&policy.scope, pool)).collect();
        Self { program: Arc::new(program), entities, linked: Arc::new(linked), scopes }
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The entities.
    pub fn entities(&self) -> &Entities {
        &self.entities
    }

    /// The program and the entities, to make another engine of them.
    pub fn into_parts(self) -> (Program, Entities) {
        (Arc::unwrap_or_clone(self.program), self.entities)
    }

    /// Decides a request.
    pub fn authorize(&self, request: &Request) -> Response {
        let mut memory = Memory::default();
        let mut machine = Machine::new(&self.entities, &mut memory);
        let handles = bind_request(request, &mut machine);
        let mut satisfied = Satisfied::default();
        let mut errors = Vec::new();
        for (policy, scope) in self.policies() {
            if !scope_matches(scope, handles, &machine) {
                continue;
            }
            match self.conditions_hold(policy, &mut machine) {
                Ok(true) => match policy.effect {
                    Effect::Permit => satisfied.permits.push(policy.id.clone()),
                    Effect::Forbid => satisfied.forbids.push(policy.id.clone()),
                },
                Ok(false) => {}
                Err(stop) => match eval_error(stop, self.program.parts(), &machine) {
                    Ok(error) => errors.push(PolicyError { policy: policy.id.clone(), error }),
                    Err(failure) => return Response::failed(failure),
                },
            }
        }
        Response::new(satisfied, errors)
    }

    /// Evaluates one expression; without a request, an expression that reads a part of it fails.
    ///
    /// # Errors
    /// The evaluation fails, or exceeds a limit.
    pub fn evaluate(&self, expression: &Expression, request: Option<&Request>) -> Result<Value, EvaluateError> {
        let mut memory = Memory::default();
        let mut machine = Machine::new(&self.entities, &mut memory);
        if let Some(request) = request {
            bind_request(request, &mut machine);
        }
        let linked = Linked::new(expression.parts(), &mut machine.overlay);
        let executable = Executable { parts: expression.parts(), linked: &linked };
        match machine.run(executable, expression.code(), &mut NoTrace) {
            Ok(word) => Ok(Value::of(&machine.overlay, word)),
            Err(stop) => Err(match eval_error(stop, expression.parts(), &machine) {
                Ok(error) => EvaluateError::Eval(error),
                Err(failure) => failure.into(),
            }),
        }
    }

    /// The policies with their linked scopes, in order.
    pub(crate) fn policies(&self) -> impl Iterator<Item = (&Policy, &LinkedScope)> {
        self.program.policies().iter().zip(self.scopes.iter())
    }

    /// Whether all conditions of the policy hold; the first one that does not ends the evaluation.
    fn conditions_hold(&self, policy: &Policy, machine: &mut Machine<'_>) -> Result<bool, Stop> {
        for condition in &policy.conditions {
            if !self.condition_holds(condition, machine, &mut NoTrace)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(crate) fn condition_holds(
        &self,
        condition: &Condition,
        machine: &mut Machine<'_>,
        trace: &mut impl Trace,
    ) -> Result<bool, Stop> {
        let executable = Executable { parts: self.program.parts(), linked: &self.linked };
        let value = machine.run(executable, condition.code, trace)?;
        // V6: the last instruction is the return, whose place is that of the whole expression.
        let at_return = CodeAddress(condition.code.end.0.saturating_sub(1));
        let value = vm::as_bool(value).map_err(|fault| Stop::Fault(at_return, fault))?;
        Ok(match condition.kind {
            ConditionKind::When => value,
            ConditionKind::Unless => !value,
        })
    }
}

/// Copies the request into the machine.
pub(crate) fn bind_request(request: &Request, machine: &mut Machine<'_>) -> RequestHandles {
    let overlay = &mut machine.overlay;
    let handles = RequestHandles {
        principal: overlay.intern_entity(request.principal()),
        action: overlay.intern_entity(request.action()),
        resource: overlay.intern_entity(request.resource()),
        context: machine.bind_context(request.context()),
    };
    machine.set_request(handles);
    handles
}

/// Whether the policy speaks about the request.
pub(crate) fn scope_matches(scope: &LinkedScope, request: RequestHandles, machine: &Machine<'_>) -> bool {
    constraint_matches(scope.principal, request.principal, machine)
        && action_matches(&scope.action, request.action, machine)
        && constraint_matches(scope.resource, request.resource, machine)
}

pub(crate) fn constraint_matches(constraint: LinkedConstraint, entity: EntityId, machine: &Machine<'_>) -> bool {
    let is_of_type = |ty| machine.overlay.entity_parts(entity).0 == ty;
    match constraint {
        LinkedConstraint::Any => true,
        LinkedConstraint::Equal(expected) => entity == expected,
        LinkedConstraint::In(group) => machine.is_member(entity, group),
        LinkedConstraint::Is(ty) => is_of_type(ty),
        LinkedConstraint::IsIn(ty, group) => is_of_type(ty) && machine.is_member(entity, group),
        LinkedConstraint::Nothing => false,
    }
}

pub(crate) fn action_matches(constraint: &LinkedActions, action: EntityId, machine: &Machine<'_>) -> bool {
    match constraint {
        LinkedActions::Any => true,
        LinkedActions::Equal(expected) => action == *expected,
        LinkedActions::In(groups) => groups.iter().any(|group| machine.is_member(action, *group)),
    }
}

/// The error of a policy; a limit is none of a policy.
#[cold]
pub(crate) fn eval_error(stop: Stop, parts: &ProgramParts, machine: &Machine<'_>) -> Result<EvalError, Failure> {
    match stop {
        Stop::Limit(limit) => Err(Failure::Limit(limit)),
        Stop::Defect => Err(Failure::Defect),
        Stop::Fault(at, fault) => {
            let kind = fault.resolve(&machine.overlay, machine.entities)?;
            Ok(EvalError { kind, place: parts.places.get(at.0 as usize).copied() })
        }
    }
}

#[cfg(test)]
mod tests;
