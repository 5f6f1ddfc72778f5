//! One decision: the candidates of the index, evaluated into memory that the caller keeps.
//!
//! What a decision finds is positions of policies, addresses and handles. Names and texts are made of them when
//! somebody reads the [`Answer`](crate::Answer).

use crate::{
    engine::{Body, Engine, action_matches, bind_request, party},
    error::{Failure, Fault, Stop},
    index::Entry,
    instruction::CodeAddress,
    program::{ConditionKind, Effect},
    quick::Asked,
    request::Question,
    response::Decision,
    vm::{self, Machine, Memory, NoTrace, RequestHandles},
};

/// Memory for decisions. Who keeps one for each thread decides without allocating, once it has seen the largest
/// request; it may be used with any number of engines.
#[derive(Debug, Default)]
pub struct Scratch {
    memory: Memory,
    pub(crate) found: Found,
    memo: Memo,
    /// Room for the action constraints that an unknown action satisfies.
    room: Vec<u32>,
}

/// What a decision found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) permits: Vec<u32>,
    pub(crate) forbids: Vec<u32>,
    pub(crate) errors: Vec<Failed>,
    pub(crate) failure: Option<Failure>,
}

/// A policy that could not be evaluated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failed {
    pub(crate) policy: u32,
    pub(crate) place: FailedPlace,
    pub(crate) fault: Fault,
}

/// Where in the conditions of a policy an evaluation failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FailedPlace {
    pub(crate) condition: u32,
    /// Instructions from the start of the condition.
    pub(crate) offset: u32,
}

/// What became of a body.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    Satisfied,
    Unsatisfied,
    Failed(FailedPlace, Fault),
}

/// Outcomes of shared bodies, valid for one decision.
#[derive(Debug, Default)]
struct Memo {
    /// By body: the decision that it belongs to, and the outcome.
    outcomes: Vec<(u64, Outcome)>,
    decision: u64,
}

impl Memo {
    fn begin(&mut self, bodies: usize) {
        self.decision = self.decision.wrapping_add(1);
        if self.outcomes.len() < bodies {
            self.outcomes.resize(bodies, (0, Outcome::Unsatisfied));
        }
    }

    fn get(&self, body: u32) -> Option<Outcome> {
        let (decision, outcome) = self.outcomes.get(body as usize)?;
        (*decision == self.decision).then_some(*outcome)
    }

    fn set(&mut self, body: u32, outcome: Outcome) {
        if let Some(place) = self.outcomes.get_mut(body as usize) {
            *place = (self.decision, outcome);
        }
    }
}

impl Found {
    fn clear(&mut self) {
        self.permits.clear();
        self.forbids.clear();
        self.errors.clear();
        self.failure = None;
    }

    fn note(&mut self, policy: u32, effect: Effect, outcome: Outcome) {
        match (outcome, effect) {
            (Outcome::Unsatisfied, _) => {}
            (Outcome::Satisfied, Effect::Permit) => self.permits.push(policy),
            (Outcome::Satisfied, Effect::Forbid) => self.forbids.push(policy),
            (Outcome::Failed(place, fault), _) => self.errors.push(Failed { policy, place, fault }),
        }
    }

    /// Puts policies into the order of reports, which is that of the program.
    fn sort(&mut self) {
        if self.permits.len() > 1 {
            self.permits.sort_unstable();
        }
        if self.forbids.len() > 1 {
            self.forbids.sort_unstable();
        }
        if self.errors.len() > 1 {
            self.errors.sort_unstable_by_key(|failed| failed.policy);
        }
    }

    pub(crate) fn decision(&self) -> Decision {
        let allows = self.failure.is_none() && self.forbids.is_empty() && !self.permits.is_empty();
        if allows { Decision::Allow } else { Decision::Deny }
    }

    /// The policies that decided.
    pub(crate) fn determining(&self) -> &[u32] {
        match (self.failure, self.forbids.is_empty()) {
            (Some(_), _) => &[],
            (None, true) => &self.permits,
            (None, false) => &self.forbids,
        }
    }
}

/// When a decision may stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// When all is known.
    Full,
    /// When it is settled.
    Settled,
}

impl Scratch {
    /// Memory that is not used yet.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn layer(&self) -> &crate::pool::Layer {
        &self.memory.layer
    }

    pub(crate) fn decide(&mut self, engine: &Engine, question: Question<'_>) {
        self.visit(engine, question, Extent::Full);
        self.found.sort();
    }

    pub(crate) fn settle(&mut self, engine: &Engine, question: Question<'_>) -> Decision {
        self.visit(engine, question, Extent::Settled);
        self.found.decision()
    }

    fn visit(&mut self, engine: &Engine, question: Question<'_>, extent: Extent) {
        let Self { memory, found, memo, room } = self;
        found.clear();
        memo.begin(engine.bodies.len());
        let mut machine = Machine::new(&engine.entities, memory);
        let Some(handles) = bind(question, engine, &mut machine) else {
            found.failure = Some(Failure::Defect);
            return;
        };
        let RequestHandles { principal, action, resource, context } = handles;
        let principal = party(&engine.entities, &machine.overlay, principal);
        let resource = party(&engine.entities, &machine.overlay, resource);
        let asked = Asked { entities: &engine.entities, principal, action, resource, context };
        let mut candidate = |entry: &Entry| {
            let Some(body) = engine.bodies.get(entry.body) else {
                found.failure = Some(Failure::Defect);
                return false;
            };
            let known = if body.shared { memo.get(entry.body) } else { None };
            let outcome = match known {
                Some(outcome) => outcome,
                None => match outcome(engine, body, Some(&asked), &mut machine) {
                    Ok(outcome) => outcome,
                    Err(failure) => {
                        found.failure = Some(failure);
                        return false;
                    }
                },
            };
            if body.shared {
                memo.set(entry.body, outcome);
            }
            found.note(entry.policy, body.effect, outcome);
            extent == Extent::Full || !is_settled(found, engine)
        };
        engine.index.visit((principal, action, resource), &engine.entities, room, &mut candidate);
    }

    /// Every policy, one after the other.
    pub(crate) fn scan(&mut self, engine: &Engine, question: Question<'_>) {
        let Self { memory, found, .. } = self;
        found.clear();
        let mut machine = Machine::new(&engine.entities, memory);
        let Some(RequestHandles { principal, action, resource, .. }) = bind(question, engine, &mut machine) else {
            found.failure = Some(Failure::Defect);
            return;
        };
        let parties = [principal, action, resource].map(|id| party(&engine.entities, &machine.overlay, id));
        let [principal, action, resource] = parties;
        for view in engine.policies() {
            let matches = principal.satisfies(view.principal)
                && action_matches(view.action, action)
                && resource.satisfies(view.resource);
            if !matches {
                continue;
            }
            let (effect, conditions) = (view.policy.effect, view.policy.conditions.clone());
            let body = Body { effect, conditions, quick: [].into(), shared: false };
            match outcome(engine, &body, None, &mut machine) {
                Ok(outcome) => found.note(view.number, effect, outcome),
                Err(failure) => {
                    found.failure = Some(failure);
                    return;
                }
            }
        }
    }
}

/// Whether no further policy can change the decision.
fn is_settled(found: &Found, engine: &Engine) -> bool {
    !found.forbids.is_empty() || (!engine.bodies.some_forbid && !found.permits.is_empty())
}

/// Evaluates the conditions; the first one that does not hold ends the evaluation.
#[inline]
fn outcome(
    engine: &Engine,
    body: &Body,
    asked: Option<&Asked<'_>>,
    machine: &mut Machine<'_>,
) -> Result<Outcome, Failure> {
    for (number, condition) in (0u32..).zip(&body.conditions) {
        if let (Some(asked), Some(Some(quick))) = (asked, body.quick.get(number as usize))
            && let Some(value) = quick.holds(asked, &machine.overlay)
        {
            if value == (condition.kind == ConditionKind::When) {
                continue;
            }
            return Ok(Outcome::Unsatisfied);
        }
        let failed = |at: CodeAddress, fault| {
            let offset = at.0.saturating_sub(condition.code.start.0);
            Outcome::Failed(FailedPlace { condition: number, offset }, fault)
        };
        let value = match machine.run(engine.executable(), condition.code, &mut NoTrace) {
            Ok(value) => vm::as_bool(value),
            Err(Stop::Fault(at, fault)) => return Ok(failed(at, fault)),
            Err(Stop::Limit(limit)) => return Err(Failure::Limit(limit)),
            Err(Stop::Defect) => return Err(Failure::Defect),
        };
        match value {
            Ok(value) if value == (condition.kind == ConditionKind::When) => {}
            Ok(_) => return Ok(Outcome::Unsatisfied),
            // V6: the last instruction is the return, whose place is that of the whole expression.
            Err(fault) => return Ok(failed(CodeAddress(condition.code.end.0.saturating_sub(1)), fault)),
        }
    }
    Ok(Outcome::Satisfied)
}

/// The request in handles, unless they are of another engine.
fn bind(question: Question<'_>, engine: &Engine, machine: &mut Machine<'_>) -> Option<RequestHandles> {
    match question {
        Question::Named(request) => Some(bind_request(request, machine)),
        Question::Handles(request) => {
            let [principal, action, resource] =
                [request.principal, request.action, request.resource].map(|handle| handle.0);
            let pool = engine.entities.pool();
            if !(pool.knows(principal) && pool.knows(action) && pool.knows(resource)) {
                return None;
            }
            let context = machine.bind_context(request.context);
            let handles = RequestHandles { principal, action, resource, context };
            machine.set_request(handles);
            Some(handles)
        }
    }
}
